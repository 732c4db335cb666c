package texture

import (
	"image"
	"math"

	"orfeas/pipeline/picture"
)

const (
	frontal   = 0.68 // from this likeness of its two halves on, a picture is taken for a view from the front
	patterned = 5.0  // from this mean detail on, in steps of 256, there is a pattern to continue
)

// choose says how the back is best filled, and why.
//
// A thing that is the same left and right is seen from the front or the back, where it usually differs (a face, and the
// back of a head), while the far side of something seen from its side usually is its mirror image.
func (p *Painting) choose() (Unseen, string) {
	through := plane{normal: p.view.camera.Back}
	through.offset = dot(through.normal, p.centre())
	why := ": the picture shows a front, for its left and right halves are alike"
	switch {
	case likeness(p.subject) >= frontal:
	case eyes(p.subject):
		why = ": the picture shows a face, for it has a pair of eyes"
	case p.fits(p.occupied(), &through) > symmetric:
		return Mirror, ": the picture shows a side, for its left and right halves differ"
	default:
		why = ": the shape is not the same front and back"
	}
	if detail(p.subject) < patterned {
		return Spread, why
	}
	return Continue, why
}

// halves is the width in pixels at which the halves of a picture are compared.
const halves = 48

// likeness compares a subject with its mirror image over the best upright axis, 0 to 1: of the whole and of its upper
// half, where heads are, the greater one. Outlines count, and so do edges within, for a plain area is like any other.
func likeness(s *picture.Subject) float64 {
	box := picture.Covered(s.Matte)
	if box.Empty() {
		return 0
	}
	w, h := halves, max(1, halves*box.Dy()/box.Dx())
	w, h = min(w, 4*halves), min(h, 4*halves)
	across, inside := edgesAcross(s, box, w, h)
	best := 0.0
	for _, bottom := range []int{h, (h + 1) / 2} {
		for axis := w * 3 / 8 * 2; axis <= w*5/8*2; axis++ { // twice the axis, so that it may lie on a pixel or between two
			best = max(best, alikeAbout(across, inside, w, bottom, axis))
		}
	}
	return best
}

// edgesAcross is how brightness changes from left to right, and the coverage, in a w x h grid over the box.
func edgesAcross(s *picture.Subject, box image.Rectangle, w, h int) (across, inside []float64) {
	light, inside := brightness(s, box, w, h)
	across = make([]float64, w*h)
	for y := range h {
		for x := 1; x < w-1; x++ {
			across[y*w+x] = light[y*w+x+1] - light[y*w+x-1]
		}
	}
	return across, inside
}

// brightness, 0 to 255, and coverage, 0 to 1, in a w x h grid over the box.
func brightness(s *picture.Subject, box image.Rectangle, w, h int) (light, inside []float64) {
	light, inside = make([]float64, w*h), make([]float64, w*h)
	const each = 4
	for y := range h {
		for x := range w {
			for i := range each * each {
				px := float64(box.Min.X) + (float64(x)+(float64(i%each)+0.5)/each)*float64(box.Dx())/float64(w)
				py := float64(box.Min.Y) + (float64(y)+(float64(i/each)+0.5)/each)*float64(box.Dy())/float64(h)
				c := s.At(px, py)
				light[y*w+x] += (0.3*float64(c[0]) + 0.6*float64(c[1]) + 0.1*float64(c[2])) / each / each
				inside[y*w+x] += float64(s.Matte.Pix[int(py)*s.Matte.Stride+int(px)]) / 255 / each / each
			}
		}
	}
	return light, inside
}

// alikeAbout is the product of how the outlines and how the edges within agree over an axis.
func alikeAbout(across, inside []float64, w, h, axis int) float64 {
	var both, either, same, all float64
	for y := range h {
		for x := range w {
			m := axis - 1 - x
			a, ea := inside[y*w+x], across[y*w+x]
			b, eb := 0.0, 0.0
			if m >= 0 && m < w {
				b, eb = inside[y*w+m], -across[y*w+m] // mirrored, an edge goes the other way
			}
			both += min(a, b)
			either += max(a, b)
			// An edge may lie a pixel off.
			if m > 0 && m < w-1 {
				for _, d := range []int{-1, 1} {
					if e := -across[y*w+m+d]; math.Abs(e-ea) < math.Abs(eb-ea) {
						eb = e
					}
				}
			}
			if ea*eb > 0 {
				same += min(math.Abs(ea), math.Abs(eb))
			}
			all += math.Abs(ea)
		}
	}
	if either == 0 {
		return 0
	}
	return both / either * (0.5 + 0.5*same/max(all, 1e-9))
}

// detail is the mean difference between the picture's pixels and their blurred neighbourhood, away from the rim.
func detail(s *picture.Subject) float64 {
	w, h := s.Matte.Rect.Dx(), s.Matte.Rect.Dy()
	r := max(3, max(w, h)/64)
	sum, n := 0.0, 0
	for y := 2 * r; y < h-2*r; y += 2 {
		for x := 2 * r; x < w-2*r; x += 2 {
			inside, mean := true, 0.0
			for _, d := range [8][2]int{{r, 0}, {-r, 0}, {0, r}, {0, -r}, {r, r}, {-r, -r}, {r, -r}, {-r, r}} {
				i := (y+d[1])*w + x + d[0]
				inside = inside && s.Matte.Pix[(y+2*d[1])*w+x+2*d[0]] > 128
				mean += float64(s.Color.Pix[4*i+1]) / 8
			}
			if inside {
				sum += math.Abs(float64(s.Color.Pix[4*(y*w+x)+1]) - mean)
				n++
			}
		}
	}
	return sum / float64(max(n, 1))
}
