package picture

import "math"

// lanczosBits are the bits behind the point of Pillow's weights for 8-bit samples.
const lanczosBits = 32 - 8 - 2

// lanczos scales 8-bit samples [h, w, channels] as Pillow does with LANCZOS, bit for bit: a windowed sinc of three lobes,
// widened where the picture becomes smaller, first along the rows, rounded, then along the columns.
func lanczos(pix []uint8, w, h, channels, toW, toH int) []uint8 {
	if w != toW {
		narrow := make([]uint8, h*toW*channels)
		kernels := lanczosKernels(w, toW)
		rows(h, func(y int) {
			for x, k := range kernels {
				for c := range channels {
					narrow[(y*toW+x)*channels+c] = k.apply(pix[(y*w+k.first)*channels+c:], channels)
				}
			}
		})
		pix = narrow
	}
	if h == toH {
		return pix
	}
	out, row := make([]uint8, toH*toW*channels), toW*channels
	kernels := lanczosKernels(h, toH)
	rows(toH, func(y int) {
		for i := range row {
			out[y*row+i] = kernels[y].apply(pix[kernels[y].first*row+i:], row)
		}
	})
	return out
}

// kernel weighs the samples from first on for one sample of the result.
type kernel struct {
	first   int
	weights []int32
}

// apply takes every step-th sample.
func (k *kernel) apply(samples []uint8, step int) uint8 {
	sum := int32(1) << (lanczosBits - 1)
	for i, f := range k.weights {
		sum += f * int32(samples[i*step])
	}
	return uint8(min(max(sum>>lanczosBits, 0), 255))
}

func lanczosKernels(n, to int) []kernel {
	const lobes = 3
	scale := float64(n) / float64(to)
	wide := max(scale, 1)
	support := lobes * wide
	out := make([]kernel, to)
	for i := range out {
		centre := (float64(i) + 0.5) * scale
		first, last := max(int(centre-support+0.5), 0), min(int(centre+support+0.5), n)
		raw, sum := make([]float64, last-first), 0.0
		for k := range raw {
			x := (float64(first+k) - centre + 0.5) / wide
			if x >= -lobes && x < lobes {
				raw[k] = sinc(x) * sinc(x/lobes)
			}
			sum += raw[k]
		}
		out[i] = kernel{first, make([]int32, len(raw))}
		for k, v := range raw {
			out[i].weights[k] = int32(math.Round(v / sum * (1 << lanczosBits)))
		}
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}
