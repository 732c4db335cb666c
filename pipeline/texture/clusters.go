package texture

import (
	"context"
	"math"
	"slices"
)

// gathered joins the colours that lie in one cell, two units wide, into their mean.
func gathered(colours [][3]float64, weight []float64) (cells [][3]float64, weights []float64) {
	const width = 2
	number := map[[3]int16]int{}
	for i, c := range colours {
		key := [3]int16{int16(math.Floor(c[0] / width)), int16(math.Floor(c[1] / width)), int16(math.Floor(c[2] / width))}
		n, ok := number[key]
		if !ok {
			n = len(cells)
			number[key] = n
			cells, weights = append(cells, [3]float64{}), append(weights, 0)
		}
		for k := range c {
			cells[n][k] += weight[i] * c[k]
		}
		weights[n] += weight[i]
	}
	for n := range cells {
		for k := range cells[n] {
			cells[n][k] /= max(weights[n], 1e-300)
		}
	}
	return cells, weights
}

func nearestOf(centres [][3]float64, p [3]float64) (label uint8, far float64) {
	far = math.Inf(1)
	for n, c := range centres {
		if d := sub(p, c); dot(d, d) < far {
			label, far = uint8(n), dot(d, d)
		}
	}
	return label, far
}

// clusters finds k centres of weighted points, or fewer when there are not so many different ones. They begin one by one
// where weight and distance from those before are together greatest, and settle in between.
func clusters(ctx context.Context, points [][3]float64, weight []float64, k int) ([][3]float64, error) {
	label, far := make([]uint8, len(points)), make([]float64, len(points))
	centres := [][3]float64{{}}
	for {
		rounds := 4
		if len(centres) == k {
			rounds = 24
		}
		for range rounds {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for i, p := range points {
				label[i], far[i] = nearestOf(centres, p)
			}
			centres = means(points, weight, label, centres)
		}
		next, ok := farthest(points, weight, far)
		if len(centres) == k || !ok {
			return centres, nil
		}
		centres = append(centres, next)
	}
}

// means moves the centres to the means of their points; one without points stays.
func means(points [][3]float64, weight []float64, label []uint8, centres [][3]float64) [][3]float64 {
	sum := make([][4]float64, len(centres))
	for i, p := range points {
		s := &sum[label[i]]
		for c := range p {
			s[c] += weight[i] * p[c]
		}
		s[3] += weight[i]
	}
	out := slices.Clone(centres)
	for n, s := range sum {
		if s[3] > 0 {
			out[n] = [3]float64{s[0] / s[3], s[1] / s[3], s[2] / s[3]}
		}
	}
	return out
}

// farthest is the mean of the cell of colours, 12 units wide, whose points are together farthest from their centres. ok is
// false when all points are at their centres.
func farthest(points [][3]float64, weight, far []float64) ([3]float64, bool) {
	const width = 12
	type cell struct {
		sum    [3]float64
		weight float64
		far    float64
	}
	cells, order := map[[3]int]*cell{}, [][3]int(nil)
	for i, p := range points {
		key := [3]int{int(math.Floor(p[0] / width)), int(math.Floor(p[1] / width)), int(math.Floor(p[2] / width))}
		c := cells[key]
		if c == nil {
			c = &cell{}
			cells[key] = c
			order = append(order, key)
		}
		for k := range p {
			c.sum[k] += weight[i] * p[k]
		}
		c.weight += weight[i]
		c.far += weight[i] * far[i]
	}
	best := &cell{}
	for _, key := range order { // the order of the points, not that of the map
		if c := cells[key]; c.far > best.far {
			best = c
		}
	}
	if best.far < 1e-9 {
		return [3]float64{}, false
	}
	return [3]float64{best.sum[0] / best.weight, best.sum[1] / best.weight, best.sum[2] / best.weight}, true
}
