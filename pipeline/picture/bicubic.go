package picture

import "math"

// bicubic scales samples [h, w, channels] as OpenCV does with INTER_CUBIC: A = -0.75, the border repeated, corners not
// aligned, and not widened where the picture becomes smaller.
func bicubic(x []float32, w, h, channels, toW, toH int) []float32 {
	narrow := make([]float32, h*toW*channels)
	columns := cubicTaps(w, toW)
	rows(h, func(y int) {
		for i, t := range columns {
			for c := range channels {
				var sum float32
				for k, f := range t.weights {
					sum += f * x[(y*w+t.at[k])*channels+c]
				}
				narrow[(y*toW+i)*channels+c] = sum
			}
		}
	})
	row := toW * channels
	out := make([]float32, toH*row)
	lines := cubicTaps(h, toH)
	rows(toH, func(y int) {
		for k, f := range lines[y].weights {
			for i, v := range narrow[lines[y].at[k]*row:][:row] {
				out[y*row+i] += f * v
			}
		}
	})
	return out
}

// cubicTap weighs four samples for one.
type cubicTap struct {
	at      [4]int
	weights [4]float32
}

func cubicTaps(n, to int) []cubicTap {
	out := make([]cubicTap, to)
	for o := range out {
		x := (float64(o)+0.5)*float64(n)/float64(to) - 0.5
		base := math.Floor(x)
		for k := range 4 {
			out[o].at[k] = min(max(int(base)-1+k, 0), n-1)
			out[o].weights[k] = float32(cubicKernel(math.Abs(x - base + 1 - float64(k))))
		}
	}
	return out
}

// cubicKernel is cubic convolution (Keys 1981).
func cubicKernel(d float64) float64 {
	const a = -0.75
	if d <= 1 {
		return ((a+2)*d-(a+3))*d*d + 1
	}
	return ((a*d-5*a)*d+8*a)*d - 4*a
}
