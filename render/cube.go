package render

import (
	"cmp"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// cubeFace is a side of the cube that shows where the camera is: its name, and the directions out of it and, for who reads
// the name, right and up.
type cubeFace struct {
	name           string
	out, right, up [3]float32
}

var cubeFaces = []cubeFace{
	{"FRONT", [3]float32{0, -1, 0}, [3]float32{1, 0, 0}, [3]float32{0, 0, 1}},
	{"BACK", [3]float32{0, 1, 0}, [3]float32{-1, 0, 0}, [3]float32{0, 0, 1}},
	{"LEFT", [3]float32{-1, 0, 0}, [3]float32{0, -1, 0}, [3]float32{0, 0, 1}},
	{"RIGHT", [3]float32{1, 0, 0}, [3]float32{0, 1, 0}, [3]float32{0, 0, 1}},
	{"TOP", [3]float32{0, 0, 1}, [3]float32{1, 0, 0}, [3]float32{0, 1, 0}},
	{"BOTTOM", [3]float32{0, 0, -1}, [3]float32{1, 0, 0}, [3]float32{0, -1, 0}},
}

const cubeHalf = 0.27 // of the picture's side, so that its corners stay inside from everywhere
const cubeRim = 0.6   // beyond this share of a side its edges and corners are meant

// CubeLook is how the view cube looks.
type CubeLook struct {
	Words [6]string // on its front, back, left, right, top and bottom; English where they are empty
	Light bool      // it stands on a light ground
}

// Cube draws the view cube as a camera sees it, on a transparent ground. hot is the direction [CubeAt] gives for the pointer,
// which is marked; zero for none.
func Cube(c Camera, side int, hot [3]int, look CubeLook) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	p := newPen(img, float32(side)/96)
	if p == nil {
		return img
	}
	body, edge, letters := [3]uint8{0x46, 0x4e, 0x5e}, [3]uint8{0x8a, 0x95, 0xa8}, inkColor
	if look.Light {
		body, edge, letters = [3]uint8{0xee, 0xf1, 0xf7}, [3]uint8{0x74, 0x7e, 0x92}, color.NRGBA{0x1b, 0x1f, 0x29, 0xff}
	}
	for i, f := range cubeFaces {
		t, seen := newTile(f, c, float32(side))
		if !seen {
			continue
		}
		shade := 0.60 + 0.22*t.facing + 0.18*max(f.out[2], 0)
		if look.Light {
			shade = 0.5 + 0.5*shade
		}
		p.fill(gray(body, shade), t.quad(-1, 1, -1, 1)...)
		for cell := range 9 {
			u, v := cell%3-1, cell/3-1
			if hot != [3]int{} && f.cell(u, v) == hot {
				p.fill(color.NRGBA{0x4d, 0x8d, 0xff, 0xd0}, t.quad(cellFrom(u), cellTo(u), cellFrom(v), cellTo(v))...)
			}
		}
		q := t.quad(-1, 1, -1, 1)
		for k := range q {
			p.line(gray(edge, shade), 1, q[k], q[(k+1)%4])
		}
		if t.facing > 0.25 {
			ink := letters
			ink.A = uint8(255 * min((t.facing-0.25)*4, 1))
			p.lettering(ink, t, cmp.Or(look.Words[i], f.name))
		}
	}
	return img
}

func gray(c [3]uint8, k float32) color.NRGBA {
	return color.NRGBA{uint8(float32(c[0]) * k), uint8(float32(c[1]) * k), uint8(float32(c[2]) * k), 0xf0}
}

// CubeAt returns the direction from which the part of the cube at a pixel of its picture wants to be looked at: a side, an
// edge or a corner, each component -1, 0 or 1. It is zero beside the cube.
func CubeAt(c Camera, side, x, y float32) [3]int {
	for _, f := range cubeFaces {
		t, seen := newTile(f, c, side)
		if !seen {
			continue
		}
		det := t.right[0]*t.up[1] - t.right[1]*t.up[0]
		dx, dy := x-t.mid[0], y-t.mid[1]
		u, v := (dx*t.up[1]-dy*t.up[0])/det, (t.right[0]*dy-t.right[1]*dx)/det
		if abs(u) <= 1 && abs(v) <= 1 {
			return f.cell(cellOf(u), cellOf(v))
		}
	}
	return [3]int{}
}

// Toward returns the camera turned to look from a direction.
func (c Camera) Toward(from [3]int) Camera {
	x, y, z := float64(from[0]), float64(from[1]), float64(from[2])
	flat := math.Hypot(x, y)
	if flat > 0 {
		c.Yaw = float32(math.Atan2(-x, -y))
	} else {
		c.Yaw = 0
	}
	c.Pitch = min(max(float32(math.Atan2(z, flat)), -maxPitch), maxPitch)
	return c
}

func cellOf(u float32) int {
	switch {
	case u > cubeRim:
		return 1
	case u < -cubeRim:
		return -1
	}
	return 0
}

func cellFrom(i int) float32 { return []float32{-1, -cubeRim, cubeRim}[i+1] }
func cellTo(i int) float32   { return []float32{-cubeRim, cubeRim, 1}[i+1] }

// cell is the direction of one of nine parts of a face.
func (f cubeFace) cell(u, v int) (d [3]int) {
	for k := range d {
		d[k] = int(f.out[k] + float32(u)*f.right[k] + float32(v)*f.up[k])
	}
	return d
}

// tile is a face on the screen, in pixels, y down: its middle and the ways to its right and upper edge.
type tile struct {
	mid, right, up [2]float32
	facing         float32 // cosine of the angle to the viewer
}

func newTile(f cubeFace, c Camera, side float32) (tile, bool) {
	right, up, back := c.axes()
	flat := func(d [3]float32) [2]float32 {
		return [2]float32{dot(d, right) * cubeHalf * side, -dot(d, up) * cubeHalf * side}
	}
	t := tile{flat(f.out), flat(f.right), flat(f.up), dot(f.out, back)}
	t.mid[0] += side / 2
	t.mid[1] += side / 2
	return t, t.facing > 0.02
}

func (t tile) at(u, v float32) [2]float32 {
	return [2]float32{t.mid[0] + u*t.right[0] + v*t.up[0], t.mid[1] + u*t.right[1] + v*t.up[1]}
}

func (t tile) quad(u0, u1, v0, v1 float32) [][2]float32 {
	return [][2]float32{t.at(u0, v0), t.at(u1, v0), t.at(u1, v1), t.at(u0, v1)}
}

// lettering writes a word on a face, its outlines turned with it.
func (p *pen) lettering(c color.NRGBA, t tile, word string) {
	f, err := letters()
	if err != nil {
		return
	}
	const em = 1000
	var buffer sfnt.Buffer
	var glyphs []sfnt.Segments
	var starts []float32
	width := float32(0)
	for _, r := range word {
		i, err := f.GlyphIndex(&buffer, r)
		if err != nil {
			return
		}
		segments, err := f.LoadGlyph(&buffer, i, fixed.I(em), nil)
		if err != nil {
			return
		}
		glyphs, starts = append(glyphs, append(sfnt.Segments(nil), segments...)), append(starts, width)
		advance, err := f.GlyphAdvance(&buffer, i, fixed.I(em), 0)
		if err != nil {
			return
		}
		width += float32(advance) / 64
	}
	k := min(1.5/width, 0.48/em*1.0) // of the face's half a letter's unit
	p.path(c, t.quad(-1, 1, -1, 1), func(r *vector.Rasterizer, x, y float32) {
		to := func(start float32, q fixed.Point26_6) (float32, float32) {
			at := t.at((start+float32(q.X)/64-width/2)*k, (-float32(q.Y)/64-0.36*em)*k)
			return at[0] - x, at[1] - y
		}
		for i, g := range glyphs {
			for _, s := range g {
				ax, ay := to(starts[i], s.Args[0])
				bx, by := to(starts[i], s.Args[1])
				cx, cy := to(starts[i], s.Args[2])
				switch s.Op {
				case sfnt.SegmentOpMoveTo:
					r.ClosePath()
					r.MoveTo(ax, ay)
				case sfnt.SegmentOpLineTo:
					r.LineTo(ax, ay)
				case sfnt.SegmentOpQuadTo:
					r.QuadTo(ax, ay, bx, by)
				case sfnt.SegmentOpCubeTo:
					r.CubeTo(ax, ay, bx, by, cx, cy)
				}
			}
		}
		r.ClosePath()
	})
}
