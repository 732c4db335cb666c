package engine

import (
	"math"
)

// relieved adds surface detail to the squared heights: what is darker than its surroundings lies deeper. It is the
// band-passed brightness of the picture, at most an eighth of the local height, and fades out toward the outline.
func relieved(s *silhouette, square []float64, in Input) []float64 {
	light := brightness(s, in)
	weight := make([]float64, len(light))
	for p, c := range s.cover {
		if c > 0 {
			weight[p] = 1
		}
	}
	side := max(s.w, s.h)
	scale := in.number("relief-scale") * float64(side)
	fine := spread(light, weight, s, max(1, int(scale/300)))
	coarse := spread(light, weight, s, max(3, int(scale/24)))
	out := make([]float64, len(square))
	for p, q := range square {
		h := math.Sqrt(q)
		detail := math.Tanh(4*(fine[p]-coarse[p])) * 0.125 * in.number("relief")
		// The fade keeps the rim where it is: a cell from the outline there is nothing to displace.
		h *= 1 + detail*min(1, h/8)
		out[p] = h * h
	}
	return out
}

// brightness samples the subject's luma (Rec. 709, gamma-encoded, 0 to 1) at the grid's nodes.
func brightness(s *silhouette, in Input) []float64 {
	c := in.Subject.Color
	out := make([]float64, s.w*s.h)
	for j := range s.h {
		for i := range s.w {
			x, y := s.pixel(i, j)
			u := min(max(int(x), 0), c.Rect.Dx()-1)
			v := min(max(int(y), 0), c.Rect.Dy()-1)
			p := c.Pix[v*c.Stride+4*u:]
			out[j*s.w+i] = (0.2126*float64(p[0]) + 0.7152*float64(p[1]) + 0.0722*float64(p[2])) / 255
		}
	}
	return out
}
