package engine

import (
	"fmt"
	"image"
	"math"
)

// layout is where the base plate and the keyring tab of an extrusion lie. Lengths and coordinates are matte pixels, from the
// lower left corner of its box, y up.
type layout struct {
	perMM  float64 // pixels in a millimetre of the result
	shape  string  // of the base plate
	plate  bool    // there is one
	grow   float64 // how far it reaches beyond the subject
	border float64 // width of its raised border
	half   [2]float64
	radius float64      // of the circle round the subject's box's middle with all of the subject
	hole   float64      // radius of the keyring hole, 0 for none
	wall   float64      // of the ring round it
	at     [2]float64   // its middle
	around [][2]float64 // the subject's outline
}

const (
	mostExtra   = 0.6 // margins and tabs shrink before they take more of the size
	leastWall   = 1.6 // mm, of a keyring tab
	wallPerHole = 0.45
)

// layOut finds how many pixels a millimetre is, so that the longest side of the whole has the size asked for: what has a size in
// millimetres leaves the rest to the subject.
func layOut(in Input, around [][2]float64, size [2]float64) *layout {
	l := &layout{around: around, shape: in.choice("base-shape"), plate: in.number("base") > 0}
	l.half = [2]float64{size[0] / 2, size[1] / 2}
	for _, q := range around {
		l.radius = max(l.radius, gap(q, l.half))
	}
	var margin, border float64
	if l.plate {
		margin, border = in.number("margin"), in.number("border")
	}
	hole, wall := in.number("keyring")/2, 0.0
	if hole > 0 {
		wall = max(leastWall, 2*wallPerHole*hole)
	}
	extra := 2*(margin+border) + 2*(hole+wall)
	shrink := min(1, mostExtra*in.SizeMM/max(extra, 1e-9))
	if shrink < 1 && in.Note != nil {
		in.Note(fmt.Sprintf("margin, border and keyring hole have %.0f %% of the size asked for: there is no more room", 100*shrink), false)
	}
	l.perMM = max(size[0], size[1]) / in.SizeMM
	for range 40 {
		s := shrink * l.perMM
		l.grow, l.border, l.hole, l.wall = (margin+border)*s, border*s, hole*s, wall*s
		if hole > 0 {
			l.hang()
		}
		lo, hi := l.bounds()
		was := l.perMM
		l.perMM = max(hi[0]-lo[0], hi[1]-lo[1]) / in.SizeMM
		if math.Abs(l.perMM/was-1) < 1e-6 {
			break
		}
	}
	return l
}

// bounds is the box of the whole.
func (l *layout) bounds() (lo, hi [2]float64) {
	for k := range 2 {
		reach := l.half[k]
		if l.plate {
			if reach += l.grow; l.shape == discBase {
				reach = l.radius + l.grow
			}
		}
		lo[k], hi[k] = l.half[k]-reach, l.half[k]+reach
		if l.hole > 0 {
			lo[k], hi[k] = min(lo[k], l.at[k]-l.hole-l.wall), max(hi[k], l.at[k]+l.hole+l.wall)
		}
	}
	return lo, hi
}

// body is the signed distance from the base plate, or from the subject where there is none, given that from the subject, which
// holds outside what the plate encloses.
func (l *layout) body(p [2]float64, subject float64) float64 {
	x, y := math.Abs(p[0]-l.half[0]), math.Abs(p[1]-l.half[1])
	switch {
	case !l.plate:
		return subject
	case l.shape == discBase:
		return math.Hypot(x, y) - l.radius - l.grow
	case l.shape == boxBase: // with corners as round as the margin
		x, y = x-l.half[0], y-l.half[1]
		return math.Hypot(max(x, 0), max(y, 0)) + min(max(x, y), 0) - l.grow
	}
	return subject - l.grow
}

// hang puts the ring as low over the middle of the body as it goes with half of its wall overlapping.
func (l *layout) hang() {
	target := l.hole + l.wall/2
	fall := func(x float64) bool {
		top := 2*l.half[1] + l.grow + l.radius + target
		l.at = [2]float64{x, top}
		for l.at[1] > 0 {
			subject := math.Inf(1)
			if !l.plate || l.shape == outlineBase {
				for _, q := range l.around {
					subject = min(subject, gap(q, l.at))
				}
			}
			d := l.body(l.at, subject) - target
			if d < 1e-4*target {
				return true
			}
			l.at[1] -= d
		}
		return false
	}
	if fall(l.half[0]) {
		return
	}
	// Nothing below: over the topmost point, of several the one nearest to the middle.
	best := l.around[0]
	for _, q := range l.around {
		if q[1] > best[1]+0.5 || q[1] > best[1]-0.5 && math.Abs(q[0]-l.half[0]) < math.Abs(best[0]-l.half[0]) {
			best = q
		}
	}
	fall(best[0])
}

// tab is the signed distance from the body with the ring's disc, which it runs into with a fillet as wide as the wall.
func (l *layout) tab(p [2]float64, body float64) float64 {
	ring := gap(p, l.at) - l.hole - l.wall
	d := min(body, ring)
	if h := l.wall - math.Abs(body-ring); h > 0 {
		d -= h * h / l.wall / 4
	}
	return d
}

// The regions of a board; the colours follow.
const (
	nothing = iota
	basePlate
	firstColour
)

// regions labels the board: the subject firstColour, or the colours that paint put there, round it the base and the tab, and
// the base's border again firstColour. It returns where the borders between them cross. outline is the distance from the
// subject, or from the base where that follows it; nil where there is neither base nor tab.
func (l *layout) regions(b *board, outline []float32) (cover func(p, q int) float64) {
	signed := make([]float32, len(b.label)) // within what is solid; positive, in cells, at most a half
	copy(signed, b.matte)
	rim := make([]float32, len(b.label))
	for p := range b.label {
		if b.matte[p] > 0 && b.label[p] == nothing {
			b.label[p] = firstColour
		}
		if outline == nil {
			continue
		}
		x, y := b.place(p%b.w, p/b.w)
		q := [2]float64{x * b.scale, y * b.scale}
		body := float64(outline[p]) * b.scale
		if l.plate && l.shape != outlineBase {
			body = l.body(q, body)
		}
		solid, hole := body, math.Inf(1)
		if l.hole > 0 {
			solid, hole = l.tab(q, body), gap(q, l.at)-l.hole
		}
		clamp := func(d float64) float32 { return float32(min(max(d/b.scale, -0.5), 0.5)) }
		signed[p] = min(max(signed[p], clamp(-solid)), clamp(hole))
		rim[p] = clamp(body + l.border)
		if body > 0 {
			rim[p] = min(rim[p], clamp(-body))
		}
		if i, j := p%b.w, p/b.w; i == 0 || j == 0 || i == b.w-1 || j == b.h-1 {
			signed[p] = -0.5
		}
		switch {
		case signed[p] <= 0:
			b.label[p] = nothing
		case b.matte[p] > 0:
		case !l.plate:
			b.label[p] = firstColour
		case l.border > 0 && rim[p] > 0:
			b.label[p] = firstColour
		default:
			b.label[p] = basePlate
		}
	}
	return func(p, q int) float64 {
		switch a, c := b.label[p], b.label[q]; {
		case a == nothing || c == nothing:
			return zeroAt(signed[p], signed[q])
		case (b.matte[p] > 0) != (b.matte[q] > 0):
			return zeroAt(b.matte[p], b.matte[q])
		}
		return zeroAt(rim[p], rim[q])
	}
}

// outlinePixels is the subject's outline, in matte pixels from its box's lower left corner.
func outlinePixels(matte *image.Gray, box image.Rectangle) (around [][2]float64) {
	b := newBoard(matte, box, [2]float64{}, [2]float64{float64(box.Dx()), float64(box.Dy())})
	for _, q := range b.contour(b.matte) {
		around = append(around, [2]float64{q[0] * b.scale, q[1] * b.scale})
	}
	return around
}
