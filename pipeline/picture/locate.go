package picture

import "math"

// ellipse is where the subject roughly lies: the first two moments of its saliency, in pixels.
type ellipse struct {
	x, y       float64
	xx, xy, yy float64
}

// locate fits an ellipse to the salient mass near the middle of the picture, and then to what lies in that ellipse: of
// several things it settles on the middle one, and on its direction.
func locate(likely []float64, s *superpixels, w, h int) ellipse {
	weight := make([]float64, len(likely))
	for i, v := range likely {
		weight[i] = v * v * middle(s.at[i][0], s.at[i][1], w, h) * float64(s.pixels[i])
	}
	e := moments(weight, s)
	for range 4 {
		for i, v := range likely {
			weight[i] = v * v * e.near(s.at[i][0], s.at[i][1], 0.25) * float64(s.pixels[i])
		}
		f := moments(weight, s)
		// A bell of this width over an evenly filled ellipse takes a quarter off its variance.
		f.xx, f.xy, f.yy = f.xx*1.3, f.xy*1.3, f.yy*1.3
		e = f
	}
	return e
}

func moments(weight []float64, s *superpixels) (e ellipse) {
	var n float64
	for i, v := range weight {
		n += v
		e.x += v * s.at[i][0]
		e.y += v * s.at[i][1]
	}
	n = max(n, 1e-9)
	e.x, e.y = e.x/n, e.y/n
	for i, v := range weight {
		x, y := s.at[i][0]-e.x, s.at[i][1]-e.y
		e.xx += v * x * x / n
		e.xy += v * x * y / n
		e.yy += v * y * y / n
	}
	return e
}

// near is one at the ellipse's centre and a third at the rim of an evenly filled ellipse of these moments.
func (e ellipse) near(x, y, width float64) float64 {
	x, y = x-e.x, y-e.y
	xx, yy := e.xx+16, e.yy+16
	det := max(xx*yy-e.xy*e.xy, 1)
	m := (yy*x*x - 2*e.xy*x*y + xx*y*y) / det
	return math.Exp(-width * m)
}
