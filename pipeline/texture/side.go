package texture

import (
	"context"
	"math"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// Side is where a picture of an object was taken from, in the object's own frame: with the front picture the viewer faces
// it, so that its left is on the viewer's right. In a picture of its left a figure looks to the picture's left. This is
// how Hunyuan3D's several views are named too.
type Side string

// The sides beside the front.
const (
	Left  Side = "left"  // seen from +x of the model frame when the front is seen from +z
	Right Side = "right" // from -x
	Back  Side = "back"  // from -z
)

// turn is by how much the eye goes round the upright axis from the front, counterclockwise seen from above, in radians.
func (s Side) turn() float64 {
	switch s {
	case Left:
		return math.Pi / 2
	case Right:
		return -math.Pi / 2
	}
	return math.Pi
}

// Opposite is the side across.
func (s Side) Opposite() Side {
	switch s {
	case Left:
		return Right
	case Right:
		return Left
	}
	return s
}

// View is a picture of another side than the front, and the camera that lays it over the mesh.
type View struct {
	Side    Side
	Subject *picture.Subject
	Camera  Camera
}

const (
	astray     = 20 // degrees that a picture may be taken from beside where it should be
	strayStep  = 10 // between the poses tried
	stretching = 1.6
)

// RegisterSide is Register for a picture of another side. It was taken from about where the front's camera comes to by the
// turn of that side round the upright axis, at a distance of its own; poses up to 20 degrees off are tried. Engines that
// see the front only guess how deep a shape is, so that the picture may also be stretched, up to 1.6 times. ok is false
// when either outline is empty. The only error is that of ctx.
func RegisterSide(ctx context.Context, m *mesh.Mesh, s *picture.Subject, front Camera, side Side) (c Camera, overlap float64, ok bool, err error) {
	lo, hi := m.Bounds()
	if picture.Covered(s.Matte).Empty() || !(hi[0] > lo[0] && hi[1] > lo[1] && hi[2] > lo[2]) {
		return c, 0, false, ctx.Err()
	}
	r := newRegistration(m, s)
	yaw := math.Atan2(front.Back[0], front.Back[2]) + side.turn()
	pitch, near := math.Asin(min(max(front.Back[1], -1), 1)), front.Near*r.half
	home := pose{yaw, pitch, near}
	r.lay = func(p pose) Camera { return r.laid(p, r.coarse.Vertices) }
	exact := func(p pose) Camera { return r.laid(p, m.Vertices) }
	c = exact(home)
	if overlap = r.overlap(&c); overlap >= keepsPromise {
		return c, overlap, true, ctx.Err()
	}
	const degree = math.Pi / 180
	var found []placed
	for _, near := range []float64{near, 0.35} {
		for dp := -astray; dp <= astray; dp += strayStep {
			for dy := -astray; dy <= astray; dy += strayStep {
				if err := ctx.Err(); err != nil {
					return c, overlap, true, err
				}
				p := pose{yaw + float64(dy)*degree, pitch + float64(dp)*degree, near}
				found = append(found, placed{p, r.posed(p) - 0.0004*(math.Abs(float64(dy))+math.Abs(float64(dp)))})
			}
		}
	}
	within := func(p pose) bool {
		return math.Abs(p.yaw-yaw) <= astray*degree && math.Abs(p.pitch-pitch) <= astray*degree
	}
	turned, more, err := r.best(ctx, found, overlap+better, within, exact)
	if err != nil || more == 0 {
		return c, overlap, true, err
	}
	return turned, more, true, nil
}

// laid looks from a pose and lays the box of the points it sees over that of the subject's: exactly, unless that would
// stretch the picture too much.
func (r *registration) laid(p pose, points [][3]float32) Camera {
	c, lo, hi := r.aimed(p, points)
	sx := float64(r.box.Dx()) / max(hi[0]-lo[0], 1e-9)
	sy := float64(r.box.Dy()) / max(hi[1]-lo[1], 1e-9)
	c.Scale = sx
	if k := sy / sx; k < stretching && k > 1/stretching {
		for i := range c.Up {
			c.Up[i] *= k
		}
	} else {
		c.Scale, sy = math.Sqrt(sx*sy), math.Sqrt(sx*sy)
	}
	c.X = float64(r.box.Min.X+r.box.Max.X)/2 - c.Scale*(lo[0]+hi[0])/2
	c.Y = float64(r.box.Min.Y+r.box.Max.Y)/2 - sy*(lo[1]+hi[1])/2
	return c
}
