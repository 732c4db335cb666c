package gpu

import (
	"math"
	"slices"
)

// Direction is where a series is going.
type Direction string

// The directions. Unknown is a series of fewer than three points.
const (
	Unknown    Direction = "unknown"
	Stable     Direction = "stable"
	Increasing Direction = "increasing"
	Decreasing Direction = "decreasing"
)

// Trend is a straight line through a series. It is Theil's and Sen's: the median of the slopes between all pairs of points,
// which single odd points do not move (P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, 1968).
type Trend struct {
	Direction Direction `json:"direction"`
	Slope     float64   `json:"slope"`     // per unit of x
	Rise      float64   `json:"rise"`      // over the whole series, by the line
	Agreement float64   `json:"agreement"` // Kendall's tau-a: 1 when every later point is higher, -1 when lower
	Points    int       `json:"points"`
}

// agreed is the share of pairs, up less down, from which on a series has a direction; the sawtooth of jobs that come and go
// stays below it.
const agreed = 0.5

// dense is how many points a trend looks at; of more, evenly spaced ones are taken.
const dense = 256

// TrendOf finds the direction of y over x, which rises. A rise smaller than least is none.
func TrendOf(x, y []float64, least float64) Trend {
	x, y = thin(x), thin(y)
	n := len(x)
	t := Trend{Direction: Unknown, Points: n}
	if n < 3 {
		return t
	}
	slopes := make([]float64, 0, n*(n-1)/2)
	pairs, way := 0, 0
	for i := range x {
		for k := range i {
			pairs++
			switch {
			case y[i] > y[k]:
				way++
			case y[i] < y[k]:
				way--
			}
			if dx := x[i] - x[k]; dx > 0 {
				slopes = append(slopes, (y[i]-y[k])/dx)
			}
		}
	}
	t.Slope = median(slopes)
	t.Rise = t.Slope * (x[n-1] - x[0])
	t.Agreement = float64(way) / float64(pairs)
	switch {
	case t.Rise >= least && t.Agreement >= agreed && t.Rise > 0:
		t.Direction = Increasing
	case -t.Rise >= least && -t.Agreement >= agreed && t.Rise < 0:
		t.Direction = Decreasing
	default:
		t.Direction = Stable
	}
	return t
}

func thin(v []float64) []float64 {
	if len(v) <= dense {
		return v
	}
	out := make([]float64, dense)
	for i := range out {
		out[i] = v[i*(len(v)-1)/(dense-1)]
	}
	return out
}

// median of any number of values; 0 of none.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// spread is the standard deviation that normal values with this median absolute deviation have.
func spread(v []float64) float64 {
	m := median(v)
	away := make([]float64, len(v))
	for i, x := range v {
		away[i] = math.Abs(x - m)
	}
	return 1.4826 * median(away)
}
