package engine

import (
	"context"
	"math"
	"slices"

	"orfeas/pipeline/picture"
)

// flatten makes a bas-relief of heights: it attenuates great gradients, by an amount from 0 to 1, and stretches the result
// to 0 to 1, but never a range to more than four times what it was, which would turn the noise of an even picture into a
// relief.
//
// As in Weyrich, Deng, Barnes, Rusinkiewicz and Finkelstein, Digital Bas-Relief from 3D Scenes (2007), the gradients are
// compressed and the heights found that fit them best. The factor is that of Fattal, Lischinski and Werman, Gradient Domain
// High Dynamic Range Compression (2002), (m/a)^(b-1) for a gradient of m, with the mean for a and with m averaged over a
// window of a fiftieth of the side, so that it does not depend on the number of cells; what is below the mean is left as it
// is.
func (s samples) flatten(ctx context.Context, amount float64) error {
	low, high := s.range99()
	fill := min(1, 4*(high-low))
	if fill > 0 && amount > 0 {
		u, err := fitGradients(ctx, s.divergence(s.attenuation(amount)), s.w, s.h, poissonSteps)
		if err != nil {
			return err
		}
		for i, v := range u {
			s.v[i] = float32(v)
		}
		low, high = s.range99()
	}
	for i, v := range s.v {
		if high > low {
			s.v[i] = float32(fill * min(max((float64(v)-low)/(high-low), 0), 1))
		} else {
			s.v[i] = 0
		}
	}
	return nil
}

// range99 is the range of the values but for the lowest and the highest two thousandths.
func (s samples) range99() (low, high float64) {
	const enough = 1 << 16
	stride := max(1, len(s.v)/enough)
	var v []float32
	for i := 0; i < len(s.v); i += stride {
		v = append(v, s.v[i])
	}
	slices.Sort(v)
	n := len(v) / 500
	return float64(v[n]), float64(v[len(v)-1-n])
}

// attenuation is the factor for the gradients at every cell.
func (s samples) attenuation(amount float64) []float32 {
	steep := make([]float32, len(s.v))
	var sum float64
	for j := range s.h {
		for i := range s.w {
			p := j*s.w + i
			var dx, dy float64
			if i+1 < s.w {
				dx = float64(s.v[p+1]) - float64(s.v[p])
			}
			if j+1 < s.h {
				dy = float64(s.v[p+s.w]) - float64(s.v[p])
			}
			g := math.Hypot(dx, dy)
			steep[p] = float32(g)
			sum += g
		}
	}
	mean := sum / float64(len(steep))
	steep = picture.BoxMean(steep, s.w, s.h, max(1, max(s.w, s.h)/100))
	for p, m := range steep {
		steep[p] = 1
		if mean > 0 && float64(m) > mean {
			steep[p] = float32(math.Pow(float64(m)/mean, -amount))
		}
	}
	return steep
}

// divergence is the sum of the attenuated steps from a cell to its neighbours.
func (s samples) divergence(factor []float32) []float64 {
	out := make([]float64, len(s.v))
	flow := func(p, q int) {
		g := (float64(s.v[q]) - float64(s.v[p])) * (float64(factor[p]) + float64(factor[q])) / 2
		out[p] -= g
		out[q] += g
	}
	for j := range s.h {
		for i := range s.w {
			p := j*s.w + i
			if i+1 < s.w {
				flow(p, p+1)
			}
			if j+1 < s.h {
				flow(p, p+s.w)
			}
		}
	}
	return out
}

// raise lets only the subject stand out from level ground: swell is the share of the height that follows the roundness of
// its outline, as in [inflate], the rest is that of the picture. s must be a grid over the subject's frame.
func (s samples) raise(ctx context.Context, subject *picture.Subject, swell float64) error {
	const side = 400
	o := outline(subject.Matte, min(side, max(s.w, s.h, minSide)))
	u, err := poisson(ctx, o, poissonSteps)
	if err != nil {
		return err
	}
	cover := sampler(subject.Matte, float64(subject.Matte.Rect.Dx())/float64(s.w))
	top := slices.Max(u)
	for j := range s.h {
		for i := range s.w {
			x := (float64(i) + 0.5) * float64(subject.Matte.Rect.Dx()) / float64(s.w)
			y := (float64(j) + 0.5) * float64(subject.Matte.Rect.Dy()) / float64(s.h)
			// The square root of the height of a ball: steep at the rim and level on top, as reliefs are.
			round := 1.0 // of what is too thin for the grid
			if top > 0 {
				round = math.Pow(max(0, o.value(u, x, y))/top, 0.25)
			}
			p := j*s.w + i
			s.v[p] = float32(cover(x, y) / 255 * (swell*round + (1-swell)*float64(s.v[p])))
		}
	}
	return nil
}

// value reads a field over the silhouette at a point in pixels of the matte; there is nothing outside its grid.
func (s *silhouette) value(v []float64, x, y float64) float64 {
	i, j := (x-float64(s.box.Min.X))/s.scale+frameCells, (y-float64(s.box.Min.Y))/s.scale+frameCells
	if i < 0 || j < 0 || i > float64(s.w-1) || j > float64(s.h-1) {
		return 0
	}
	return bilinear(v, s.w, s.h, i, j)
}
