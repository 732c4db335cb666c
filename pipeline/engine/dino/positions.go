package dino

import "math"

// Resampled resizes a table of positions [1 + from², width], the first row for the class token, to a grid of h x w. It is
// bicubic (A = -0.75, the border repeated), also where the grid becomes smaller.
//
// The samples are from / (h + extra) apart. Networks made with older releases of the transformers library need an extra
// of 0.1, which was there against a rounding error and moves every sample a little; the others 0.
func Resampled(table []float32, from, h, w, width int, extra float64) []float32 {
	if from == h && from == w {
		return table
	}
	lines, columns := cubics(from, h, extra), cubics(from, w, extra)
	out := make([]float32, (1+h*w)*width)
	copy(out, table[:width])
	sum := make([]float64, width)
	for y, line := range lines {
		for x, column := range columns {
			row := out[(1+y*w+x)*width:][:width]
			clear(sum)
			for j := range 4 {
				for i := range 4 {
					f := line.weights[j] * column.weights[i]
					for c, t := range table[(1+line.at[j]*from+column.at[i])*width:][:width] {
						sum[c] += f * float64(t)
					}
				}
			}
			for c, s := range sum {
				row[c] = float32(s)
			}
		}
	}
	return out
}

// cubic weighs four samples for one.
type cubic struct {
	at      [4]int
	weights [4]float64
}

func cubics(from, to int, extra float64) []cubic {
	step := float64(from) / (float64(to) + extra)
	out := make([]cubic, to)
	for o := range out {
		x := (float64(o)+0.5)*step - 0.5
		base := math.Floor(x)
		t := x - base
		for k := range 4 {
			out[o].at[k] = min(max(int(base)-1+k, 0), from-1)
			out[o].weights[k] = keys(math.Abs(t+1-float64(k)), -0.75)
		}
	}
	return out
}

// keys is the cubic convolution kernel (Keys 1981) at a distance d, for its parameter a.
func keys(d, a float64) float64 {
	switch {
	case d <= 1:
		return ((a+2)*d-(a+3))*d*d + 1
	case d < 2:
		return ((a*d-5*a)*d+8*a)*d - 4*a
	}
	return 0
}
