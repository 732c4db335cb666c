package render

import (
	"image"
	"image/color"
	"math"
)

// Overlay is the picture a mesh was made of, laid over the left part of a frame. It is where the mesh is when the camera
// looks as the picture does, see [Overlay.View]: engines promise that the mesh's box is that of the subject.
type Overlay struct {
	Image *image.NRGBA    // with the subject cut out
	Box   image.Rectangle // of the subject in it
	Lies  bool            // the mesh lies on its back: the picture is seen from above
	Split float32         // share of the frame's width that shows the picture, 0 to 1
}

// NewOverlay takes a picture with its subject cut out, and the box of the mesh made of it; nil for a picture without a subject.
// The mesh lies on its back when its depth goes with the subject's height better than its height does.
func NewOverlay(img *image.NRGBA, lo, hi [3]float32) *Overlay {
	box := image.Rectangle{}
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		first, last := -1, -1
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			if img.Pix[img.PixOffset(x, y)+3] >= 128 {
				if first < 0 {
					first = x
				}
				last = x
			}
		}
		if first >= 0 {
			box = box.Union(image.Rect(first, y, last+1, y+1))
		}
	}
	if box.Empty() {
		return nil
	}
	off := func(up float32) float64 {
		return math.Abs(math.Log(float64(box.Dx()) * float64(up) / (float64(box.Dy()) * float64(hi[0]-lo[0]))))
	}
	return &Overlay{Image: img, Box: box, Lies: off(hi[1]-lo[1]) < off(hi[2]-lo[2])-1e-3, Split: 0.5}
}

// View turns a camera to look as the picture does.
func (o *Overlay) View(c Camera) Camera {
	c.Yaw, c.Pitch, c.Orthographic = 0, 0, true
	if o.Lies {
		c.Pitch = maxPitch
	}
	return c
}

// draw lays the picture over the frame up to the split, and a line there.
func (o *Overlay) draw(img *image.NRGBA, c Camera, s Shading, lo, hi [3]float32) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	mid := [3]float32{(lo[0] + hi[0]) / 2, (lo[1] + hi[1]) / 2, (lo[2] + hi[2]) / 2}
	up := 2
	if o.Lies {
		up = 1
	}
	low, high := mid, mid
	low[0], low[up], high[0], high[up] = lo[0], lo[up], hi[0], hi[up]
	x0, y1, _ := c.Project(low, float32(w), float32(h))
	x1, y0, _ := c.Project(high, float32(w), float32(h))
	kx, ky := float32(o.Box.Dx())/(x1-x0), float32(o.Box.Dy())/(y1-y0)
	if kx-kx != 0 || ky-ky != 0 {
		return
	}
	edge := int(min(max(o.Split, 0), 1)*float32(w) + 0.5)
	for y := range h {
		v := float32(o.Box.Min.Y) + (float32(y)+0.5-y0)*ky - 0.5
		row := img.Pix[y*img.Stride:]
		ground := s.groundAt(float32(y) / float32(h))
		for x := range edge {
			u := float32(o.Box.Min.X) + (float32(x)+0.5-x0)*kx - 0.5
			r := o.sample(u, v)
			for k := range 3 {
				row[4*x+k] = uint8(r[k] + (1-r[3])*float32(ground[k]) + 0.5)
			}
			row[4*x+3] = 255
		}
	}
	if p := newPen(img, s.scale()); p != nil && edge > 0 && edge < w {
		x, k := float32(edge), p.scale
		p.line(inkColor, 1.5, [2]float32{x, 0}, [2]float32{x, float32(h)})
		y := float32(h) / 2
		p.plate(inkColor, x-11*k, y-11*k, 22*k, 22*k, 11*k)
		for _, side := range []float32{-1, 1} {
			p.fill(plateColor, [2]float32{x + side*7*k, y}, [2]float32{x + side*3*k, y - 4*k}, [2]float32{x + side*3*k, y + 4*k})
		}
	}
}

// groundAt is the ground's colour at a share of the frame's height from above.
func (s Shading) groundAt(t float32) [3]uint8 {
	g := s.Background
	if g == [2]color.NRGBA{} {
		g = darkGround
	}
	mix := func(a, b uint8) uint8 { return uint8(float32(a) + t*(float32(b)-float32(a)) + 0.5) }
	return [3]uint8{mix(g[0].R, g[1].R), mix(g[0].G, g[1].G), mix(g[0].B, g[1].B)}
}

// sample reads the picture bilinearly, multiplied by its alpha: colours 0 to 255, alpha 0 to 1.
func (o *Overlay) sample(u, v float32) (out [4]float32) {
	x, y := int(math.Floor(float64(u))), int(math.Floor(float64(v)))
	for n := range 4 {
		i, j := x+n%2, y+n/2
		if !(image.Pt(i, j).In(o.Image.Rect)) {
			continue
		}
		weight := (1 - abs(u-float32(i))) * (1 - abs(v-float32(j)))
		p := o.Image.Pix[o.Image.PixOffset(i, j):][:4]
		a := weight * float32(p[3]) / 255
		for k := range 3 {
			out[k] += a * float32(p[k])
		}
		out[3] += a
	}
	return out
}
