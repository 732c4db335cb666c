package texture

import (
	"image"
	"math"

	"orfeas/pipeline/mesh"
)

// Camera takes points of the model frame to pixels of a subject, x right and y down from the upper left corner.
type Camera struct {
	Right, Up, Back [3]float64 // unit, at right angles to each other; Back points at the eye
	Target          [3]float64 // a point of the model frame ...
	X, Y            float64    // ... and the pixel it shows at
	Scale           float64    // pixels to a unit of the model frame, at the target
	Near            float64    // one over the distance from the target to the eye; 0 for parallel rays
}

// Straight returns the camera that engines promise (see package engine): it looks along -z with parallel rays and lays the
// box of the mesh in x and y over the rectangle. ok is false when either has no extent.
func Straight(m *mesh.Mesh, r image.Rectangle) (c Camera, ok bool) {
	lo, hi := m.Bounds()
	if r.Empty() || !(hi[0] > lo[0] && hi[1] > lo[1]) {
		return c, false
	}
	c = Camera{Right: [3]float64{1, 0, 0}, Up: [3]float64{0, 1, 0}, Back: [3]float64{0, 0, 1}}
	for k := range c.Target {
		c.Target[k] = (float64(lo[k]) + float64(hi[k])) / 2
	}
	sx, sy := float64(r.Dx())/float64(hi[0]-lo[0]), float64(r.Dy())/float64(hi[1]-lo[1])
	// Rounding to whole pixels makes the two differ by a little; a camera has one scale, but the box is laid exactly.
	c.Scale = sx
	c.Up[1] = sy / sx
	c.X, c.Y = float64(r.Min.X+r.Max.X)/2, float64(r.Min.Y+r.Max.Y)/2
	return c, true
}

// project returns the pixel of a point and how near it is: larger is nearer, linear on the screen.
func (c *Camera) project(p [3]float32) (x, y, nearness float64) {
	d := sub(wide(p), c.Target)
	z := dot(d, c.Back)
	f := 1 / max(1-z*c.Near, 1e-3)
	return c.X + c.Scale*f*dot(d, c.Right), c.Y - c.Scale*f*dot(d, c.Up), z * f
}

// toEye returns the unit direction from a point to the eye.
func (c *Camera) toEye(p [3]float32) [3]float64 {
	if c.Near == 0 {
		return c.Back
	}
	d := sub(wide(p), c.Target)
	for k := range d {
		d[k] = c.Back[k]/c.Near - d[k]
	}
	l := math.Sqrt(dot(d, d))
	return [3]float64{d[0] / l, d[1] / l, d[2] / l}
}
