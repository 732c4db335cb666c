package render

import (
	"fmt"
	"image"
)

// annotate draws over a frame what is not part of the scene. lo and hi bound the mesh.
func annotate(img *image.NRGBA, c Camera, s Shading, lo, hi [3]float32) {
	if s.Compare != nil {
		s.Compare.draw(img, c, s, lo, hi)
	}
	legend := s.Legend && (s.Mode == Overhang || s.Mode == Thickness)
	if !s.Dimensions && !legend {
		return
	}
	p := newPen(img, s.scale())
	if p == nil {
		return
	}
	if s.Dimensions && lo != hi {
		p.dimensions(c, lo, hi, s.Unit)
	}
	if legend && s.Mode == Overhang {
		p.overhangLegend(s.limit())
	} else if legend {
		p.thicknessLegend()
	}
}

// dimensions draws the edges of a box that its inside cannot hide, and names the length of one in each direction. An edge is
// seen when one of its two sides is, and is on the outline when the other is not.
func (p *pen) dimensions(c Camera, lo, hi [3]float32, unit Unit) {
	w, h := float32(p.img.Rect.Dx()), float32(p.img.Rect.Dy())
	_, _, back := c.axes()
	eye := c.Eye()
	seen := func(axis, side int) bool { // whether a side of the box, 0 low or 1 high, looks at the eye
		at, sign := lo[axis], float32(-1)
		if side == 1 {
			at, sign = hi[axis], 1
		}
		if c.Orthographic {
			return sign*back[axis] > 1e-4
		}
		return sign*(eye[axis]-at) > 0
	}
	for k := range 3 {
		i, j := (k+1)%3, (k+2)%3
		var best [2][2]float32
		found := false
		for n := range 4 {
			a, b := seen(i, n&1), seen(j, n>>1)
			if !a && !b {
				continue
			}
			from := (n&1)<<i | (n>>1)<<j
			var ends [2][2]float32
			behind := false
			for e := range 2 {
				x, y, depth := c.Project(corner(lo, hi, from|e<<k), w, h)
				ends[e] = [2]float32{x, y}
				behind = behind || depth <= 0 && !c.Orthographic
			}
			if behind {
				continue
			}
			faint := axisColors[k]
			faint.A = 0x70
			p.line(faint, 1, ends[0], ends[1])
			// The lowest edge, for the height the rightmost, carries the number.
			rank := func(e [2][2]float32) float32 {
				if k == 2 {
					return e[0][0] + e[1][0]
				}
				return e[0][1] + e[1][1]
			}
			if a != b && (!found || rank(ends) > rank(best)+0.5) {
				best, found = ends, true
			}
		}
		if found {
			p.dimension(k, best, unit.length(hi[k]-lo[k]))
		}
	}
}

// dimension writes a length beside an edge, on the side away from the middle of the frame.
func (p *pen) dimension(axis int, e [2][2]float32, text string) {
	p.line(axisColors[axis], 1.6, e[0], e[1])
	x, y := (e[0][0]+e[1][0])/2, (e[0][1]+e[1][1])/2
	if axis == 2 {
		x += p.width(text)/2 + 12*p.scale
	} else {
		y += 17 * p.scale
	}
	p.label(x, y, text)
}

const legendWidth, legendHeight = 232, 58 // points

// legend draws a plate with a title in the lower left corner and returns where the scale begins, in pixels, and how many
// a point is.
func (p *pen) legend(title string) (x, y, k float32) {
	k = p.scale
	x, y = 12*k, float32(p.img.Rect.Dy())-(legendHeight+12)*k
	p.plate(plateColor, x, y, legendWidth*k, legendHeight*k, 7*k)
	p.text(inkColor, x+12*k, y+14*k, title)
	return x + 12*k, y + 25*k, k
}

const barWidth, barHeight = 208, 9

// bar draws a scale: color says what is at a share of its length.
func (p *pen) bar(x, y, k float32, color func(t float32) [3]float32) {
	n := int(barWidth * k)
	for i := range n {
		at := x + float32(i)
		p.fill(opaque(color((float32(i)+0.5)/float32(n))), [2]float32{at, y}, [2]float32{at + 1, y}, [2]float32{at + 1, y + barHeight*k}, [2]float32{at, y + barHeight*k})
	}
}

func (p *pen) tick(x, y, k, t float32, text string) {
	at := x + t*barWidth*k
	p.line(inkColor, 1, [2]float32{at, y + barHeight*k}, [2]float32{at, y + (barHeight+3)*k})
	w := p.width(text)
	p.text(faintColor, min(max(at-w/2, x), x+barWidth*k-w), y+(barHeight+13)*k, text)
}

func (p *pen) thicknessLegend() {
	x, y, k := p.legend("Wall thickness in mm")
	p.bar(x, y, k, thicknessRamp.color)
	for _, mm := range []float64{0.2, 0.4, 0.8, 2, 5, 10, 20} {
		p.tick(x, y, k, thicknessAt(mm), fmt.Sprintf("%g", mm))
	}
}

func (p *pen) overhangLegend(limit float32) {
	x, y, k := p.legend(fmt.Sprintf("Overhang: over %g° needs support", limit))
	share := limit / 90
	p.bar(x, y, k, func(t float32) [3]float32 {
		if t > share {
			return overhangRamp.color((t - share) / (1 - share))
		}
		return ramp{{0, noOverhang}, {1, someLean}}.color(t / share)
	})
	for _, degrees := range []float32{0, limit, 90} {
		p.tick(x, y, k, degrees/90, fmt.Sprintf("%g°", degrees))
	}
	p.plate(opaque(onTheBed), x+barWidth*k-70*k, y+(barHeight+9)*k, 8*k, 8*k, 2*k)
	p.text(faintColor, x+barWidth*k-58*k, y+(barHeight+13)*k, "bed")
}
