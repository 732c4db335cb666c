package dino

// Bilinear scales a picture [h, w, channels] bilinearly with corners not aligned. Where it becomes smaller the triangle
// is as wide as the step, as torch's antialiasing and Pillow have it.
func Bilinear(x []float32, w, h, channels, toW, toH int) []float32 {
	columns, lines := triangles(w, toW), triangles(h, toH)
	narrow := make([]float32, h*toW*channels)
	for y := range h {
		for i, t := range columns {
			to := narrow[(y*toW+i)*channels:][:channels]
			for k, f := range t.weights {
				from := x[(y*w+t.first+k)*channels:][:channels]
				for c := range to {
					to[c] += f * from[c]
				}
			}
		}
	}
	out := make([]float32, toH*toW*channels)
	row := toW * channels
	for j, t := range lines {
		to := out[j*row:][:row]
		for k, f := range t.weights {
			for i, v := range narrow[(t.first+k)*row:][:row] {
				to[i] += f * v
			}
		}
	}
	return out
}

// triangle weighs the samples from first on for one sample of a resized row.
type triangle struct {
	first   int
	weights []float32
}

func triangles(n, to int) []triangle {
	scale := float64(n) / float64(to)
	support := max(scale, 1)
	out := make([]triangle, to)
	for i := range out {
		centre := scale * (float64(i) + 0.5)
		first, last := max(int(centre-support+0.5), 0), min(int(centre+support+0.5), n)
		raw, sum := make([]float64, last-first), 0.0
		for k := range raw {
			d := (float64(first+k) - centre + 0.5) / support
			raw[k] = max(0, 1-max(d, -d))
			sum += raw[k]
		}
		out[i] = triangle{first, make([]float32, len(raw))}
		for k, v := range raw {
			out[i].weights[k] = float32(v / sum)
		}
	}
	return out
}
