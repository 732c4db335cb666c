package picture

import (
	"image"
	"math"
)

// Scribble draws the strokes for [CutOptions]: in the frame of an edited picture of so many pixels, though not finer than is
// of use. It is nil when there are none.
func (e Edit) Scribble(edited image.Rectangle) *image.Gray {
	if len(e.Strokes) == 0 || edited.Empty() {
		return nil
	}
	w, h := edited.Dx(), edited.Dy()
	if f := float64(defaultMaxSide) / float64(max(w, h)); f < 1 {
		w, h = max(1, int(f*float64(w)+0.5)), max(1, int(f*float64(h)+0.5))
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	for i := range out.Pix {
		out.Pix[i] = 128
	}
	// The crop, turned: shares of the whole picture.
	c := e.Crop
	if c == (Box{}) {
		c.W, c.H = Whole, Whole
	}
	x0, y0 := e.Turned(float64(c.X)/Whole, float64(c.Y)/Whole)
	x1, y1 := e.Turned(float64(c.X+c.W)/Whole, float64(c.Y+c.H)/Whole)
	x0, y0, x1, y1 = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
	sx, sy := float64(w)/(x1-x0), float64(h)/(y1-y0) // pixels the whole picture would have
	for _, s := range e.Strokes {
		b := brush{out, max(float64(s.Radius)/Whole*max(sx, sy), 0.75), 0}
		if s.Keep {
			b.value = 255
		}
		var last [2]float64
		for i, p := range s.Line {
			x, y := e.Turned(float64(p.X)/Whole, float64(p.Y)/Whole)
			at := [2]float64{(x - x0) * sx, (y - y0) * sy}
			if i == 0 {
				last = at
			}
			b.line(last, at)
			last = at
		}
	}
	return out
}

type brush struct {
	on     *image.Gray
	radius float64 // pixels
	value  uint8
}

// line paints the pixels whose centres are within the radius of the line from a to b.
func (b brush) line(a, c [2]float64) {
	w, h, r := b.on.Rect.Dx(), b.on.Rect.Dy(), b.radius
	clamp := func(v float64, n int) int { return int(min(max(v, 0), float64(n))) }
	x0, x1 := clamp(min(a[0], c[0])-r, w), clamp(max(a[0], c[0])+r+1, w)
	y0, y1 := clamp(min(a[1], c[1])-r, h), clamp(max(a[1], c[1])+r+1, h)
	dx, dy := c[0]-a[0], c[1]-a[1]
	long := dx*dx + dy*dy
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			u, v := float64(x)+0.5-a[0], float64(y)+0.5-a[1]
			t := 0.0
			if long > 0 {
				t = min(max((u*dx+v*dy)/long, 0), 1)
			}
			if u, v = u-t*dx, v-t*dy; u*u+v*v <= r*r {
				b.on.Pix[y*b.on.Stride+x] = b.value
			}
		}
	}
}

// Simplified leaves out the corners of a line that lie within a distance, in its units, of what stays (Douglas and Peucker 1973).
func (l Polyline) Simplified(within float64) Polyline {
	if len(l) < 3 {
		return l
	}
	a, b := l[0], l[len(l)-1]
	dx, dy := float64(b.X-a.X), float64(b.Y-a.Y)
	at, far := 0, within
	for i := 1; i < len(l)-1; i++ {
		u, v := float64(l[i].X-a.X), float64(l[i].Y-a.Y)
		t := 0.0
		if n := dx*dx + dy*dy; n > 0 {
			t = min(max((u*dx+v*dy)/n, 0), 1)
		}
		if d := math.Hypot(u-t*dx, v-t*dy); d > far {
			at, far = i, d
		}
	}
	if at == 0 {
		return Polyline{a, b}
	}
	left, right := l[:at+1].Simplified(within), l[at:].Simplified(within)
	return append(left[:len(left):len(left)], right[1:]...)
}
