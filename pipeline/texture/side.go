package texture

import (
	"context"
	"math"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// View is a picture of another side than the front, and the camera that lays it over the mesh. When the front is seen from
// +z of the model frame, the left is seen from +x, the right from -x and the back from -z.
type View struct {
	picture.View
	Camera  Camera
	Overlap float64 // of the outlines under it, 0 to 1
}

// turn is by how much the eye goes from the front to a side round the upright axis, in radians, from +z to +x.
func turn(s picture.Side) float64 {
	switch s {
	case picture.Left:
		return math.Pi / 2
	case picture.Right:
		return -math.Pi / 2
	}
	return math.Pi
}

const (
	astray     = 20  // degrees that a picture may be taken from beside where it should be
	strayStep  = 10  // between the poses tried
	strayNear  = 0.2 // and so much nearer or farther, as pose.near; parallel rays stay parallel
	stretching = 1.6 // the most a picture is stretched along one axis
)

// RegisterSide is Register for a picture of another side. It was taken from about where the front's camera comes to by the
// turn of that side round the upright axis; poses up to 20 degrees off are tried when that is not near enough. The picture
// may be stretched, for engines that see the front only guess how deep a shape is, and shifted, for what sticks out of the two
// outlines need not be the same. ok is false when either outline is empty. The only error is that of ctx.
func RegisterSide(ctx context.Context, m *mesh.Mesh, v picture.View, front Camera) (c Camera, overlap float64, ok bool, err error) {
	lo, hi := m.Bounds()
	if picture.Covered(v.Subject.Matte).Empty() || !(hi[0] > lo[0] && hi[1] > lo[1] && hi[2] > lo[2]) {
		return c, 0, false, ctx.Err()
	}
	r := newRegistration(m, v.Subject)
	r.lay = func(p pose) Camera { return r.laid(p, r.coarse.Vertices) }
	exact := func(p pose) Camera { return r.fitted(ctx, r.laid(p, m.Vertices)) }
	home := pose{math.Atan2(front.Back[0], front.Back[2]) + turn(v.Side), math.Asin(min(max(front.Back[1], -1), 1)), front.Near * r.half}
	c = exact(home)
	if overlap = r.overlap(&c); overlap >= keepsPromise {
		return c, overlap, true, ctx.Err()
	}
	const degree = math.Pi / 180
	var found []placed
	for pitch := -astray; pitch <= astray; pitch += strayStep {
		for yaw := -astray; yaw <= astray; yaw += strayStep {
			if err := ctx.Err(); err != nil {
				return c, overlap, true, err
			}
			p := pose{home.yaw + float64(yaw)*degree, home.pitch + float64(pitch)*degree, home.near}
			found = append(found, placed{p, r.posed(p) - 0.0004*(math.Abs(float64(yaw))+math.Abs(float64(pitch)))})
		}
	}
	within := func(p pose) bool {
		return math.Abs(p.yaw-home.yaw) <= astray*degree && math.Abs(p.pitch-home.pitch) <= astray*degree &&
			(p.near == home.near || home.near > 0 && math.Abs(p.near-home.near) <= strayNear)
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
	if k := sy / sx; k > stretching || k < 1/stretching {
		sx = math.Sqrt(sx * sy)
		sy = sx
	}
	c = c.stretched(sx, sy)
	c.X = float64(r.box.Min.X+r.box.Max.X)/2 - sx*(lo[0]+hi[0])/2
	c.Y = float64(r.box.Min.Y+r.box.Max.Y)/2 - sy*(lo[1]+hi[1])/2
	return c
}

// stretched magnifies by x along the picture's rows and by y along its columns, about the pixel (0,0).
func (c Camera) stretched(x, y float64) Camera {
	c.X, c.Y, c.Scale = c.X*x, c.Y*y, c.Scale*x
	for k := range c.Up {
		c.Up[k] *= y / x
	}
	return c
}

// fitted shifts and stretches a little, in ever smaller steps, for the most overlap.
func (r *registration) fitted(ctx context.Context, c Camera) Camera {
	x, y := float64(r.box.Min.X+r.box.Max.X)/2, float64(r.box.Min.Y+r.box.Max.Y)/2
	most := r.overlap(&c)
	for step := 0.04; step > 0.002; step /= 2 {
		for improved := true; improved && ctx.Err() == nil; {
			improved = false
			for _, d := range [][4]float64{{1, 0, 0, 0}, {-1, 0, 0, 0}, {0, 1, 0, 0}, {0, -1, 0, 0}, {0, 0, 1, 1}, {0, 0, -1, -1}, {0, 0, 1, 0}, {0, 0, -1, 0}, {0, 0, 0, 1}, {0, 0, 0, -1}} {
				q := c
				q.X, q.Y = q.X-x, q.Y-y
				q = q.stretched(1+step*d[2], 1+step*d[3])
				q.X, q.Y = q.X+x+step*d[0]*float64(r.box.Dx()), q.Y+y+step*d[1]*float64(r.box.Dy())
				if k := dot(q.Up, q.Up); k > stretching*stretching || k < 1/(stretching*stretching) {
					continue
				}
				if o := r.overlap(&q); o > most+1e-4 {
					c, most, improved = q, o, true
				}
			}
		}
	}
	return c
}
