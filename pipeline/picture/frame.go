package picture

import (
	"image"
	"math"
)

// frame crops picture and matte to the box and a margin, and fills the background with the subject's own colours, so
// that nothing of the background shows at the rim of a mesh.
func frame(img *image.NRGBA, matte *image.Gray, box image.Rectangle, scale, margin float64) *Subject {
	m := int(math.Ceil(margin * float64(max(box.Dx(), box.Dy()))))
	crop := box.Inset(-max(m, 2))
	s := &Subject{
		Color: image.NewNRGBA(image.Rect(0, 0, crop.Dx(), crop.Dy())),
		Matte: image.NewGray(image.Rect(0, 0, crop.Dx(), crop.Dy())),
	}
	up := func(v int) int { return int(math.Round(float64(v) * scale)) }
	s.Crop = image.Rect(up(crop.Min.X), up(crop.Min.Y), up(crop.Max.X), up(crop.Max.Y))
	inner := crop.Intersect(img.Rect)
	for y := inner.Min.Y; y < inner.Max.Y; y++ {
		at := inner.Min.Sub(crop.Min)
		copy(s.Matte.Pix[s.Matte.PixOffset(at.X, y-crop.Min.Y):][:inner.Dx()], matte.Pix[matte.PixOffset(inner.Min.X, y):])
		copy(s.Color.Pix[s.Color.PixOffset(at.X, y-crop.Min.Y):][:4*inner.Dx()], img.Pix[img.PixOffset(inner.Min.X, y):])
	}
	bleed(s)
	return s
}

// fit scales the subject down until its longer side is at most side. The margin can take it over.
func (s *Subject) fit(side int) {
	r := s.Color.Rect
	if max(r.Dx(), r.Dy()) <= side {
		return
	}
	// The matte travels as the colours' alpha, but must not weigh them.
	opaque, _ := shrink(s.Color, side)
	for i, v := range s.Matte.Pix {
		s.Color.Pix[4*i+3] = v
	}
	covered, _ := shrink(s.Color, side)
	s.Color, s.Matte = opaque, alphaOf(covered)
}

// bleed gives every pixel that is not surely subject the colour of the nearest one that is: two sweeps of a chamfer
// distance that carry the colour along (Borgefors 1986).
func bleed(s *Subject) {
	w, h := s.Matte.Rect.Dx(), s.Matte.Rect.Dy()
	solid := uint8(240)
	for solid > 128 && !anyAtLeast(s.Matte.Pix, solid) {
		solid -= 16
	}
	dist := make([]int32, w*h)
	for i, c := range s.Matte.Pix {
		if c < solid {
			dist[i] = math.MaxInt32 / 2
		}
	}
	pull := func(p, q int, d int32) {
		if dist[q]+d < dist[p] {
			dist[p] = dist[q] + d
			copy(s.Color.Pix[4*p:4*p+3], s.Color.Pix[4*q:4*q+3])
		}
	}
	sweep := func(p, x, y, back, up int) {
		if x+back >= 0 && x+back < w {
			pull(p, p+back, 3)
		}
		if y+up < 0 || y+up >= h {
			return
		}
		q := p + up*w
		pull(p, q, 3)
		if x > 0 {
			pull(p, q-1, 4)
		}
		if x < w-1 {
			pull(p, q+1, 4)
		}
	}
	for p := range dist {
		sweep(p, p%w, p/w, -1, -1)
	}
	for p := len(dist) - 1; p >= 0; p-- {
		sweep(p, p%w, p/w, 1, 1)
	}
	for i := 3; i < len(s.Color.Pix); i += 4 {
		s.Color.Pix[i] = 255
	}
}

func anyAtLeast(pix []uint8, v uint8) bool {
	for _, p := range pix {
		if p >= v {
			return true
		}
	}
	return false
}
