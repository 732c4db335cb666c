package gpu

import (
	"math"
	"testing"
)

func TestTrendOf(t *testing.T) {
	series := func(n int, f func(i int) float64) (y []float64) {
		for i := range n {
			y = append(y, f(i))
		}
		return y
	}
	for _, c := range []struct {
		name  string
		y     []float64
		least float64
		want  Direction
		slope float64
	}{
		{"nothing", nil, 1, Unknown, 0},
		{"two points", []float64{1, 9}, 1, Unknown, 0},
		{"flat", series(20, func(int) float64 { return 5 }), 1, Stable, 0},
		{"flat, least 0", series(20, func(int) float64 { return 5 }), 0, Stable, 0},
		{"up", series(20, func(i int) float64 { return 3 * float64(i) }), 1, Increasing, 3},
		{"down", series(20, func(i int) float64 { return -2 * float64(i) }), 1, Decreasing, -2},
		{"up, but little", series(20, func(i int) float64 { return float64(i) / 100 }), 1, Stable, 0.01},
		{"up with one odd point", append(series(19, func(i int) float64 { return 3 * float64(i) }), -1000), 1, Increasing, 3},
		{"sawtooth", series(600, func(i int) float64 { return float64(i % 30) }), 1, Stable, 0},
		{"one step early", append([]float64{0}, series(9, func(int) float64 { return 5 })...), 1, Stable, 0},
		{"up, thinned", series(10_000, func(i int) float64 { return float64(i) }), 1, Increasing, 1},
	} {
		x := series(len(c.y), func(i int) float64 { return float64(i) })
		got := TrendOf(x, c.y, c.least)
		if got.Direction != c.want || math.Abs(got.Slope-c.slope) > 0.02 || got.Points > dense {
			t.Errorf("%s: %+v, want %s by %g", c.name, got, c.want, c.slope)
		}
	}
}

func TestMedianAndSpread(t *testing.T) {
	for _, c := range []struct {
		v      []float64
		m, dev float64
	}{
		{nil, 0, 0}, {[]float64{7}, 7, 0}, {[]float64{1, 2}, 1.5, 0.7413}, {[]float64{3, 1, 2, 1000}, 2.5, 1.4826},
	} {
		if m, s := median(c.v), spread(c.v); m != c.m || math.Abs(s-c.dev) > 1e-9 {
			t.Errorf("%v: %g ± %g, want %g ± %g", c.v, m, s, c.m, c.dev)
		}
	}
}
