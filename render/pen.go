package render

import (
	"image"
	"image/color"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// pen draws lines and letters over a frame, smooth and as sharp as its pixels.
type pen struct {
	img   *image.NRGBA
	scale float32 // pixels per point
	face  font.Face
}

var letters = sync.OnceValues(func() (*sfnt.Font, error) { return opentype.Parse(gomedium.TTF) })

const letterSize = 11.5 // points

// newPen returns nil where the font cannot be read, which has been seen not to happen.
func newPen(img *image.NRGBA, scale float32) *pen {
	f, err := letters()
	if err != nil {
		return nil
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(letterSize * scale), DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil
	}
	return &pen{img, scale, face}
}

// fill paints a polygon of pixels.
func (p *pen) fill(c color.NRGBA, points ...[2]float32) {
	p.path(c, points, func(r *vector.Rasterizer, x, y float32) {
		for i, q := range points {
			if i == 0 {
				r.MoveTo(q[0]-x, q[1]-y)
			} else {
				r.LineTo(q[0]-x, q[1]-y)
			}
		}
		r.ClosePath()
	})
}

// path paints what draw adds to a rasteriser whose corner lies at (x,y); the points bound it.
func (p *pen) path(c color.NRGBA, bound [][2]float32, draw func(r *vector.Rasterizer, x, y float32)) {
	lo, hi := [2]float32{1e9, 1e9}, [2]float32{-1e9, -1e9}
	for _, q := range bound {
		if q[0]-q[0] != 0 || q[1]-q[1] != 0 {
			return
		}
		for k := range q {
			lo[k], hi[k] = min(lo[k], q[k]), max(hi[k], q[k])
		}
	}
	b := p.img.Rect
	within := image.Rect(int(max(lo[0], float32(b.Min.X)))-1, int(max(lo[1], float32(b.Min.Y)))-1, int(min(hi[0], float32(b.Max.X)))+2, int(min(hi[1], float32(b.Max.Y)))+2).Intersect(b)
	if within.Empty() {
		return
	}
	r := vector.NewRasterizer(within.Dx(), within.Dy())
	draw(r, float32(within.Min.X), float32(within.Min.Y))
	r.Draw(p.img, within, image.NewUniform(c), image.Point{})
}

// line paints a stroke of a width in points.
func (p *pen) line(c color.NRGBA, width float32, a, b [2]float32) {
	d := [2]float32{b[0] - a[0], b[1] - a[1]}
	l := float32(math.Hypot(float64(d[0]), float64(d[1])))
	if !(l > 0) {
		return
	}
	k := width * p.scale / 2 / l
	n := [2]float32{-d[1] * k, d[0] * k}
	p.fill(c, [2]float32{a[0] + n[0], a[1] + n[1]}, [2]float32{b[0] + n[0], b[1] + n[1]}, [2]float32{b[0] - n[0], b[1] - n[1]}, [2]float32{a[0] - n[0], a[1] - n[1]})
}

// plate paints a rectangle with round corners; all in pixels.
func (p *pen) plate(c color.NRGBA, x, y, w, h, radius float32) {
	var points [][2]float32
	for i := range 4 {
		cx, cy := x+radius, y+radius
		if i == 0 || i == 3 {
			cx = x + w - radius
		}
		if i < 2 {
			cy = y + h - radius
		}
		for k := range 7 {
			s, co := math.Sincos(math.Pi / 2 * (float64(i) + float64(k)/6))
			points = append(points, [2]float32{cx + radius*float32(co), cy + radius*float32(s)})
		}
	}
	p.fill(c, points...)
}

func (p *pen) width(s string) float32 { return float32(font.MeasureString(p.face, s)) / 64 }

// text writes with its left end at x and its line around y, in pixels.
func (p *pen) text(c color.NRGBA, x, y float32, s string) {
	m := p.face.Metrics()
	base := y + float32(m.CapHeight)/128
	d := font.Drawer{Dst: p.img, Src: image.NewUniform(c), Face: p.face, Dot: fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6(base * 64)}}
	d.DrawString(s)
}

// label writes in the middle of a dark plate around (x,y).
func (p *pen) label(x, y float32, s string) {
	w, h := p.width(s)+12*p.scale, 20*p.scale
	x, y = min(max(x-w/2, 2), float32(p.img.Rect.Dx())-w-2), min(max(y-h/2, 2), float32(p.img.Rect.Dy())-h-2)
	p.plate(plateColor, x, y, w, h, 5*p.scale)
	p.text(inkColor, x+6*p.scale, y+h/2, s)
}

var (
	plateColor = color.NRGBA{0x16, 0x19, 0x20, 0xd8}
	inkColor   = color.NRGBA{0xe8, 0xea, 0xf0, 0xff}
	faintColor = color.NRGBA{0x9a, 0xa2, 0xb2, 0xff}
	axisColors = [3]color.NRGBA{{0xe0, 0x5c, 0x5c, 0xff}, {0x62, 0xc0, 0x6c, 0xff}, {0x5c, 0x92, 0xf0, 0xff}}
)

func opaque(c [3]float32) color.NRGBA {
	return color.NRGBA{uint8(255*c[0] + 0.5), uint8(255*c[1] + 0.5), uint8(255*c[2] + 0.5), 255}
}
