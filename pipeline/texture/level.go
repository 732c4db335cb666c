package texture

import (
	"context"
	"math"
	"slices"
)

// match finds the gain that brings a picture's colours to those already there, per channel: the median of the ratios
// where both are shown well. It is wholly believed about the tint, and by half, in decibels, about the brightness, for
// where two pictures overlap they see the surface under another light each. None is used when too little is shown twice, or
// when it brings the colours no nearer.
func (p *Painting) match(trust []float64, shown []rgb) rgb {
	none, gain := rgb{1, 1, 1}, [3]float64{}
	light := 0.0
	for k := range gain {
		var ratios []float64
		for i, w := range trust {
			// Nothing is learnt from what is black or burnt out.
			if a, b := p.shown[i][k], shown[i][k]; min(w, p.trust[i]) > 0.9 && min(a, b) > 12 && max(a, b) < 250 {
				ratios = append(ratios, float64(a)/float64(b))
			}
		}
		if float64(len(ratios)) < leastBoth*float64(len(trust)) {
			return none
		}
		slices.Sort(ratios)
		gain[k] = math.Log(ratios[len(ratios)/2])
		light += gain[k] / 3
	}
	var out rgb
	for k := range out {
		out[k] = float32(min(max(math.Exp(gain[k]-light/2), 1/mostGain), mostGain))
	}
	var before, after float64
	for i, w := range trust {
		if min(w, p.trust[i]) > 0.9 {
			for k := range out {
				before += math.Abs(float64(p.shown[i][k] - shown[i][k]))
				after += math.Abs(float64(p.shown[i][k] - out[k]*shown[i][k]))
			}
		}
	}
	if after > 0.95*before {
		return none
	}
	return out
}

// level works out what is to be added to a picture's colours so that they meet those already there where both are shown,
// and are its own away from there: smooth, so that only the light is changed (a screened Poisson equation, as for the
// filling). Where the two show different things nothing is asked of it. The only error is that of ctx.
func (p *Painting) level(ctx context.Context, trust []float64, shown []rgb) ([]rgb, error) {
	const reach, meets = 0.15, 12
	n := len(trust)
	own := float32(2 * math.Pow(p.length/(reach*max(p.size, 1e-9)), 2))
	q := &problem{p.graph, make([]uint8, n), make([]float32, n), make([]rgb, n)}
	for i, w := range trust {
		q.pull[i] = own
		w = min(w, p.trust[i])
		d := rgb{}
		for k := range d {
			d[k] = p.shown[i][k] - shown[i][k]
			if d[k] > sameThing || d[k] < -sameThing {
				w = 0
			}
		}
		w *= meets * float64(own)
		q.pull[i] += float32(w)
		for k := range d {
			q.toward[i][k] = float32(w) * d[k]
		}
	}
	return q.solve(ctx)
}
