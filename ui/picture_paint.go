//go:build !headless

package ui

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"

	"orfeas/pipeline/picture"
)

const shine = 0.3 // of what is left out, when it shines through the checkerboard

// compose lays the subject on a checkerboard.
func (s *sheet) compose() {
	s.composed = nil
	if s.whole != nil {
		s.composed = s.painted()
	}
	s.Refresh()
}

func (s *sheet) painted() *image.RGBA {
	w, h := s.whole.Rect.Dx(), s.whole.Rect.Dy()
	out := image.NewRGBA(s.whole.Rect)
	crop := boxIn(turnedBox(s.edit, s.edit.Crop), s.whole.Rect)
	matte := s.matte
	if matte != nil && matte.Rect.Size() != crop.Size() {
		scaled := image.NewGray(image.Rect(0, 0, crop.Dx(), crop.Dy()))
		draw.ApproxBiLinear.Scale(scaled, scaled.Rect, matte, matte.Rect, draw.Src, nil)
		matte = scaled
	}
	cell := max(max(w, h)/48, 4)
	boards := checkerboard()
	var through float32
	if s.dimmed {
		through = shine
	}
	for y := range h {
		for x := range w {
			board := boards[(x/cell+y/cell)%2]
			from, to := s.whole.Pix[s.whole.PixOffset(x, y):][:4], out.Pix[out.PixOffset(x, y):][:4]
			cover := float32(1)
			if in := image.Pt(x, y).In(crop); in && matte != nil {
				cover = float32(matte.Pix[(y-crop.Min.Y)*matte.Stride+x-crop.Min.X]) / 255
			}
			cover = max(cover, through) * float32(from[3]) / 255
			for k := range 3 {
				to[k] = uint8(cover*float32(from[k]) + (1-cover)*board + 0.5)
			}
			to[3] = 255
		}
	}
	return out
}

// checkerboard is the brightness of its fields, in the theme of the moment.
func checkerboard() [2]float32 {
	if r, _, _, _ := ground.RGBA(); r > 0x8000 {
		return [2]float32{214, 240}
	}
	return [2]float32{44, 58}
}

// veil is what is laid over a part that does not count.
func veil() color.NRGBA {
	r, g, b, _ := ground.RGBA()
	return color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xc8}
}

// turnedBox is a crop on the picture as it is turned and flipped; the whole of it for none.
func turnedBox(e picture.Edit, b picture.Box) picture.Box {
	if b == (picture.Box{}) {
		return picture.Box{W: picture.Whole, H: picture.Whole}
	}
	return mappedBox(b, e.Turned)
}

// backBox is its inverse: the zero box for the whole picture.
func backBox(e picture.Edit, b picture.Box) picture.Box {
	if b.W >= picture.Whole && b.H >= picture.Whole {
		return picture.Box{}
	}
	return mappedBox(b, e.Back)
}

func mappedBox(b picture.Box, place func(x, y float64) (float64, float64)) picture.Box {
	x0, y0 := place(float64(b.X)/picture.Whole, float64(b.Y)/picture.Whole)
	x1, y1 := place(float64(b.X+b.W)/picture.Whole, float64(b.Y+b.H)/picture.Whole)
	x, y := tenThousandths(min(x0, x1)), tenThousandths(min(y0, y1))
	return picture.Box{X: x, Y: y, W: tenThousandths(max(x0, x1)) - x, H: tenThousandths(max(y0, y1)) - y}
}

func boxIn(b picture.Box, r image.Rectangle) image.Rectangle {
	at := func(v, n int) int { return int(math.Round(float64(v) * float64(n) / picture.Whole)) }
	return image.Rect(r.Min.X+at(b.X, r.Dx()), r.Min.Y+at(b.Y, r.Dy()), r.Min.X+at(b.X+b.W, r.Dx()), r.Min.Y+at(b.Y+b.H, r.Dy()))
}

// pen draws over a picture that is shown in a part of the screen.
type pen struct {
	on   *image.RGBA
	to   image.Rectangle // where the whole picture is
	edit picture.Edit
	k    float64 // pixels of the screen per pixel of the canvas
}

var (
	keepInk   = color.NRGBA{0x4f, 0xc9, 0x7c, 0xb0}
	removeInk = color.NRGBA{0xff, 0x6b, 0x6b, 0xb0}
)

func inkOf(keep bool) color.NRGBA {
	if keep {
		return keepInk
	}
	return removeInk
}

// stroke draws it as the brush would have left it, whatever its colour hides shining through.
func (p pen) stroke(s picture.Stroke) {
	if len(s.Line) == 0 {
		return
	}
	mask := image.NewAlpha(p.on.Rect)
	r := float64(s.Radius) / picture.Whole * float64(max(p.to.Dx(), p.to.Dy()))
	var from [2]float64
	for i, m := range s.Line {
		x, y := p.edit.Turned(float64(m.X)/picture.Whole, float64(m.Y)/picture.Whole)
		at := [2]float64{float64(p.to.Min.X) + x*float64(p.to.Dx()), float64(p.to.Min.Y) + y*float64(p.to.Dy())}
		if i == 0 {
			from = at
		}
		capsule(mask, from, at, r)
		from = at
	}
	draw.DrawMask(p.on, p.on.Rect, image.NewUniform(inkOf(s.Keep)), image.Point{}, mask, image.Point{}, draw.Over)
}

// capsule fills what is within r of a line, with a soft edge.
func capsule(m *image.Alpha, a, b [2]float64, r float64) {
	box := image.Rect(int(min(a[0], b[0])-r)-1, int(min(a[1], b[1])-r)-1, int(max(a[0], b[0])+r)+2, int(max(a[1], b[1])+r)+2).Intersect(m.Rect)
	dx, dy := b[0]-a[0], b[1]-a[1]
	long := max(dx*dx+dy*dy, 1e-9)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			u, v := float64(x)+0.5-a[0], float64(y)+0.5-a[1]
			t := min(max((u*dx+v*dy)/long, 0), 1)
			d := r - math.Hypot(u-t*dx, v-t*dy) + 0.5
			if d > 0 {
				i := m.PixOffset(x, y)
				m.Pix[i] = max(m.Pix[i], uint8(255*min(d, 1)))
			}
		}
	}
}

// crop darkens what is cut away, and with handles shows where it can be gripped.
func (p pen) crop(b picture.Box, handles bool) {
	in := boxIn(b, p.to)
	if in != p.to {
		dark := image.NewUniform(veil())
		for _, r := range around(p.to, in) {
			draw.Draw(p.on, r, dark, image.Point{}, draw.Over)
		}
	}
	if !handles {
		return
	}
	line := max(int(1.5*p.k), 1)
	edge := image.NewUniform(accent)
	for _, r := range around(in.Inset(-line), in) {
		draw.Draw(p.on, r, edge, image.Point{}, draw.Src)
	}
	size := int(gripSize / 2 * p.k)
	for _, g := range grips[:8] {
		c := image.Pt(in.Min.X+int(g.x*float64(in.Dx())), in.Min.Y+int(g.y*float64(in.Dy())))
		draw.Draw(p.on, image.Rectangle{c, c}.Inset(-size), image.NewUniform(ground), image.Point{}, draw.Src)
		draw.Draw(p.on, image.Rectangle{c, c}.Inset(line-size), edge, image.Point{}, draw.Src)
	}
}

// around is what a rectangle has beyond the one inside it.
func around(out, in image.Rectangle) [4]image.Rectangle {
	return [4]image.Rectangle{
		image.Rect(out.Min.X, out.Min.Y, out.Max.X, in.Min.Y), image.Rect(out.Min.X, in.Max.Y, out.Max.X, out.Max.Y),
		image.Rect(out.Min.X, in.Min.Y, in.Min.X, in.Max.Y), image.Rect(in.Max.X, in.Min.Y, out.Max.X, in.Max.Y)}
}
