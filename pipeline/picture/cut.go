package picture

import (
	"context"
	"fmt"
	"image"
	"math"

	"golang.org/x/image/draw"
)

// CutOptions say how the subject is found. The zero value is right for most pictures.
type CutOptions struct {
	Margin         float64     // space round the subject, as a share of its longer side; 0 means 4 %
	KeepBackground bool        // the whole picture is the subject
	Scribble       *image.Gray // 255 keep, 0 remove, 128 undecided, of the picture's size; nil for none
	MaxSide        int         // the longer side the picture is worked on at most; 0 means 1024
}

const (
	defaultMargin  = 0.04
	defaultMaxSide = 1024
)

// Cut finds the subject, by the picture's own alpha or by a segmentation of its colours, and frames it. It returns
// [ErrNoSubject] when there is none.
func Cut(ctx context.Context, p *Picture, o CutOptions, step func(text string, fraction float64)) (*Subject, error) {
	if step == nil {
		step = func(string, float64) {}
	}
	if o.Margin == 0 {
		o.Margin = defaultMargin
	}
	if o.MaxSide == 0 {
		o.MaxSide = defaultMaxSide
	}
	img, scale := shrink(p.Image, o.MaxSide)
	var matte *image.Gray
	var how string
	var err error
	switch {
	case o.KeepBackground:
		matte, how = image.NewGray(img.Rect), "the whole picture"
		for i := range matte.Pix {
			matte.Pix[i] = 255
		}
	case p.Alpha:
		matte, how = alphaOf(img), "the picture's own alpha"
	default:
		matte, how, err = segment(ctx, img, scribbleFor(o.Scribble, img.Rect), step)
	}
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	box := Covered(matte)
	if box.Empty() {
		return nil, fmt.Errorf("%w: %s leaves nothing", ErrNoSubject, how)
	}
	step("framing", 0.9)
	return frame(img, matte, box, scale, o.Margin, how), nil
}

// shrink scales the picture so that its longer side is at most side; scale is picture pixels per pixel of the result.
func shrink(img *image.NRGBA, side int) (*image.NRGBA, float64) {
	long := max(img.Rect.Dx(), img.Rect.Dy())
	if long <= side {
		return img, 1
	}
	scale := float64(long) / float64(side)
	out := image.NewNRGBA(image.Rect(0, 0, max(1, int(float64(img.Rect.Dx())/scale)), max(1, int(float64(img.Rect.Dy())/scale))))
	draw.BiLinear.Scale(out, out.Rect, img, img.Rect, draw.Src, nil)
	return out, scale
}

func scribbleFor(s *image.Gray, r image.Rectangle) *image.Gray {
	if s == nil || s.Rect == r {
		return s
	}
	out := image.NewGray(r)
	draw.NearestNeighbor.Scale(out, r, s, s.Rect, draw.Src, nil)
	return out
}

func alphaOf(img *image.NRGBA) *image.Gray {
	out := image.NewGray(img.Rect)
	for i := range out.Pix {
		out.Pix[i] = img.Pix[4*i+3]
	}
	return out
}

// frame crops picture and matte to the box and a margin, and fills the background with the subject's own colours, so
// that nothing of the background shows at the rim of a mesh.
func frame(img *image.NRGBA, matte *image.Gray, box image.Rectangle, scale, margin float64, how string) *Subject {
	m := int(math.Ceil(margin * float64(max(box.Dx(), box.Dy()))))
	crop := box.Inset(-max(m, 2))
	s := &Subject{
		Color: image.NewNRGBA(image.Rect(0, 0, crop.Dx(), crop.Dy())),
		Matte: image.NewGray(image.Rect(0, 0, crop.Dx(), crop.Dy())),
		How:   how,
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
