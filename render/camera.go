package render

import "math"

// Camera orbits a target. It is a value, and its methods return new ones.
type Camera struct {
	Target       [3]float32 // what it looks at, in the print frame
	Yaw, Pitch   float32    // radians; yaw 0 looks at the front, from -y; pitch above 0 looks down
	Distance     float32    // from the target, in mm
	FOV          float32    // vertical field of view in radians; 0 for 35 degrees
	Orthographic bool       // parallel; what lies at the target is as large as in perspective
}

const (
	fieldOfView = 35 * math.Pi / 180
	nearest     = 0.5                // mm; nothing smaller is printed
	farthest    = 1_000_000          // mm
	maxPitch    = 89 * math.Pi / 180 // short of the pole, where left and right would swap
)

// ThreeQuarter is the direction a mesh is first seen from.
var ThreeQuarter = Camera{Yaw: -0.6, Pitch: 0.38}

// StandardViews are the six sides and the three-quarter view, by name, in the order they are offered.
var StandardViews = []struct {
	Name       string
	Yaw, Pitch float32
}{
	{"Front", 0, 0}, {"Back", math.Pi, 0}, {"Left", math.Pi / 2, 0}, {"Right", -math.Pi / 2, 0},
	{"Top", 0, maxPitch}, {"Bottom", 0, -maxPitch}, {"Three-quarter", ThreeQuarter.Yaw, ThreeQuarter.Pitch},
}

// tan is the tangent of half the field of view: half a frame's height at distance one.
func (c Camera) tan() float32 {
	if c.FOV <= 0 || c.FOV >= 3 {
		c.FOV = fieldOfView
	}
	return float32(math.Tan(float64(c.FOV) / 2))
}

// axes returns the directions right, up and toward the eye.
func (c Camera) axes() (right, up, back [3]float32) {
	sy, cy := sincos(c.Yaw)
	sp, cp := sincos(c.Pitch)
	right = [3]float32{cy, -sy, 0}
	back = [3]float32{-sy * cp, -cy * cp, sp}
	up = [3]float32{sy * sp, cy * sp, cp}
	return right, up, back
}

func sincos(a float32) (float32, float32) {
	s, c := math.Sincos(float64(a))
	return float32(s), float32(c)
}

// Eye returns where the camera is.
func (c Camera) Eye() [3]float32 {
	_, _, back := c.axes()
	return along(c.Target, back, c.Distance)
}

func along(p, dir [3]float32, t float32) [3]float32 {
	return [3]float32{p[0] + t*dir[0], p[1] + t*dir[1], p[2] + t*dir[2]}
}

func dot(a, b [3]float32) float32 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// Fit aims the camera at a box and steps back until all of it shows in a frame of the given width over height.
func (c Camera) Fit(lo, hi [3]float32, aspect float32) Camera {
	const margin = 1.08
	right, up, back := c.axes()
	for k := range 3 {
		c.Target[k] = (lo[k] + hi[k]) / 2
	}
	tan := c.tan()
	c.Distance = nearest
	if !(aspect > 0) {
		aspect = 1
	}
	for i := range 8 {
		p := along(corner(lo, hi, i), c.Target, -1)
		side := max(abs(dot(p, up)), abs(dot(p, right))/aspect) * margin / tan
		if !c.Orthographic {
			side += dot(p, back)
		}
		c.Distance = max(c.Distance, side)
	}
	return c
}

func abs(x float32) float32 { return max(x, -x) }

// Orbit turns about the target, short of the poles.
func (c Camera) Orbit(yaw, pitch float32) Camera {
	c.Yaw = float32(math.Remainder(float64(c.Yaw+yaw), 2*math.Pi))
	c.Pitch = min(max(c.Pitch+pitch, -maxPitch), maxPitch)
	return c
}

// Pan moves so that what lies in the target's plane follows a pointer that went (dx,dy) pixels, y down, in a frame of
// the given height.
func (c Camera) Pan(dx, dy, height float32) Camera {
	right, up, _ := c.axes()
	k := 2 * c.Distance * c.tan() / max(height, 1)
	c.Target = along(along(c.Target, right, -dx*k), up, dy*k)
	return c
}

// Zoom multiplies the distance by a factor, below 1 to come nearer, so that what lies in the target's plane at pixel (x,y) of a frame of w x h
// stays where it is.
func (c Camera) Zoom(factor, x, y, w, h float32) Camera {
	if !(factor > 0) || c.Distance <= 0 {
		return c
	}
	factor = min(max(c.Distance*factor, nearest), farthest) / c.Distance
	dx, dy := x-w/2, y-h/2
	c = c.Pan(-dx*(1-factor), -dy*(1-factor), h)
	c.Distance *= factor
	return c
}

// View returns the world-to-camera matrix, column-major.
func (c Camera) View() [16]float32 {
	r, u, b := c.axes()
	e := c.Eye()
	return [16]float32{
		r[0], u[0], b[0], 0, r[1], u[1], b[1], 0, r[2], u[2], b[2], 0, -dot(r, e), -dot(u, e), -dot(b, e), 1}
}

// Projection returns the camera-to-clip matrix of OpenGL, column-major, for a frame of the given width over height and
// a scene that goes reach mm from the target.
func (c Camera) Projection(aspect, reach float32) [16]float32 {
	far := c.Distance + 2*reach + 1
	near := max(c.Distance-2*reach, far/2000)
	if c.Orthographic {
		near = -far
	}
	return c.projection(aspect, near, far)
}

func (c Camera) projection(aspect, near, far float32) [16]float32 {
	tan := c.tan()
	if c.Orthographic {
		s := 1 / (tan * c.Distance)
		return [16]float32{0: s / aspect, 5: s, 10: -2 / (far - near), 14: -(far + near) / (far - near), 15: 1}
	}
	return [16]float32{0: 1 / (tan * aspect), 5: 1 / tan, 10: -(far + near) / (far - near), 11: -1, 14: -2 * far * near / (far - near)}
}

// planes returns the near and far distances between which a box lies, tight, so that depth keeps its precision.
func (c Camera) planes(lo, hi [3]float32) (near, far float32) {
	near, far = math.MaxFloat32, -math.MaxFloat32
	_, _, back := c.axes()
	e := c.Eye()
	for i := range 8 {
		p := corner(lo, hi, i)
		d := -dot(along(p, e, -1), back)
		near, far = min(near, d), max(far, d)
	}
	pad := 0.01*(far-near) + 0.1
	near, far = near-pad, far+pad
	if !c.Orthographic {
		far = max(far, c.Distance/10)
		near = max(near, far/5000, c.Distance/200)
	}
	return near, max(far, near+1e-3)
}

// corner returns corner i of a box, 0 to 7.
func corner(lo, hi [3]float32, i int) [3]float32 {
	for k := range lo {
		if i>>k&1 == 1 {
			lo[k] = hi[k]
		}
	}
	return lo
}

// Project returns the pixel at which a point shows in a frame of w x h, y down, and its depth from the eye.
func (c Camera) Project(p [3]float32, w, h float32) (x, y, depth float32) {
	r, u, b := c.axes()
	e := c.Eye()
	d := [3]float32{p[0] - e[0], p[1] - e[1], p[2] - e[2]}
	depth = -dot(d, b)
	s := h / 2 / c.tan()
	if c.Orthographic {
		s /= c.Distance
	} else {
		s /= depth
	}
	return w/2 + dot(d, r)*s, h/2 - dot(d, u)*s, depth
}
