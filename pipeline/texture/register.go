package texture

import (
	"cmp"
	"context"
	"image"
	"math"
	"slices"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

const (
	keepsPromise = 0.95 // the overlap of outlines from which the straight camera is believed without a look at others
	better       = 0.02 // how much more overlap another camera must have
	outlineSide  = 96   // pixels along the longer side of the outlines that are compared
	starts       = 4    // of the grid's cameras are refined
	cluster      = 1.0 / 80
)

// Register finds the camera under which the outline of the mesh is that of the subject, and the overlap of the two
// (intersection over union). The straight camera, which engines without a network promise, is tried first; a mesh that
// does not keep the promise is turned up to 75 degrees to the sides and 45 up and down, with parallel rays and in
// perspective, and the best of that grid is refined. ok is false when either outline is empty. The only error is that of
// ctx.
func Register(ctx context.Context, m *mesh.Mesh, s *picture.Subject) (c Camera, overlap float64, ok bool, err error) {
	c, ok = Straight(m, picture.Covered(s.Matte))
	if !ok {
		return c, 0, false, ctx.Err()
	}
	r := newRegistration(m, s)
	overlap = r.overlap(&c)
	if overlap >= keepsPromise {
		return c, overlap, true, ctx.Err()
	}
	var found []placed
	for _, near := range []float64{0, 0.35} {
		for pitch := -30.0; pitch <= 45; pitch += 15 {
			for yaw := -75.0; yaw <= 75; yaw += 15 {
				if err := ctx.Err(); err != nil {
					return c, overlap, true, err
				}
				p := pose{yaw * math.Pi / 180, pitch * math.Pi / 180, near}
				// Of poses that look alike the plainer one is meant.
				found = append(found, placed{p, r.posed(p) - 0.0004*(math.Abs(yaw)+math.Abs(pitch))})
			}
		}
	}
	straight := overlap
	turned, more, err := r.best(ctx, found, overlap+better, func(pose) bool { return true }, r.camera)
	if err != nil || more == 0 {
		return c, straight, true, err
	}
	return turned, more, true, nil
}

// placed is a pose with how well it does.
type placed struct {
	pose    pose
	overlap float64
}

// best refines the best few of what was found, without leaving what is within, and returns the camera with the most overlap of
// those that have more than least; overlap is 0 when there is none.
func (r *registration) best(ctx context.Context, found []placed, least float64, within func(pose) bool, camera func(pose) Camera) (c Camera, overlap float64, err error) {
	slices.SortStableFunc(found, func(a, b placed) int { return cmp.Compare(b.overlap, a.overlap) })
	for _, f := range found[:starts] {
		p, err := r.refined(ctx, f.pose, within)
		if err != nil {
			return c, 0, err
		}
		turned := camera(p)
		if o := r.overlap(&turned); o > least {
			c, overlap, least = turned, o, o
		}
	}
	return c, overlap, nil
}

// pose is a direction to look from, in radians, and one over the distance of the eye in half sizes of the mesh.
type pose struct{ yaw, pitch, near float64 }

type registration struct {
	coarse *mesh.Mesh
	box    image.Rectangle // of the subject, in its pixels
	shrink float64         // pixels of the outline to one of the subject
	matte  []bool          // the outline's pixels
	w, h   int
	centre [3]float64
	half   float64 // of the mesh's longest side
	lay    func(pose) Camera
}

func newRegistration(m *mesh.Mesh, s *picture.Subject) *registration {
	r := &registration{coarse: clustered(m), box: picture.Covered(s.Matte)}
	r.lay = r.camera
	size := s.Matte.Rect.Size()
	r.shrink = outlineSide / float64(max(size.X, size.Y))
	r.w, r.h = int(math.Ceil(float64(size.X)*r.shrink)), int(math.Ceil(float64(size.Y)*r.shrink))
	r.matte = make([]bool, r.w*r.h)
	for i := range r.matte {
		x, y := int((float64(i%r.w)+0.5)/r.shrink), int((float64(i/r.w)+0.5)/r.shrink)
		r.matte[i] = x < size.X && y < size.Y && s.Matte.Pix[y*s.Matte.Stride+x] >= 128
	}
	lo, hi := m.Bounds()
	for k := range r.centre {
		r.centre[k] = (float64(lo[k]) + float64(hi[k])) / 2
		r.half = max(r.half, float64(hi[k]-lo[k])/2)
	}
	return r
}

// clustered is a coarse mesh of much the same outline: vertices in one cell of a grid become one (Rossignac and Borrel
// 1993).
func clustered(m *mesh.Mesh) *mesh.Mesh {
	lo, hi := m.Bounds()
	cell := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2]) * cluster
	out, known := &mesh.Mesh{}, map[[3]int16]uint32{}
	number := make([]uint32, len(m.Vertices))
	for i, v := range m.Vertices {
		var key [3]int16
		for k := range key {
			key[k] = int16((v[k] - lo[k]) / cell)
		}
		n, ok := known[key]
		if !ok {
			n = uint32(len(out.Vertices))
			known[key] = n
			out.Vertices = append(out.Vertices, v)
		}
		number[i] = n
	}
	for _, t := range m.Triangles {
		if t = [3]uint32{number[t[0]], number[t[1]], number[t[2]]}; t[0] != t[1] && t[1] != t[2] && t[2] != t[0] {
			out.Triangles = append(out.Triangles, t)
		}
	}
	return out
}

// camera looks from a pose and lays the middle and the size of the box of what it sees over those of the subject's.
func (r *registration) camera(p pose) Camera {
	c, lo, hi := r.aimed(p, r.coarse.Vertices)
	w, h := float64(r.box.Dx()), float64(r.box.Dy())
	c.Scale = math.Sqrt(w * h / max((hi[0]-lo[0])*(hi[1]-lo[1]), 1e-12))
	c.X = float64(r.box.Min.X+r.box.Max.X)/2 - c.Scale*(lo[0]+hi[0])/2
	c.Y = float64(r.box.Min.Y+r.box.Max.Y)/2 - c.Scale*(lo[1]+hi[1])/2
	return c
}

// aimed looks from a pose, one pixel to a unit, and returns the box of the points it sees.
func (r *registration) aimed(p pose, points [][3]float32) (c Camera, lo, hi [2]float64) {
	sy, cy := math.Sincos(p.yaw)
	sp, cp := math.Sincos(p.pitch)
	c = Camera{
		Right: [3]float64{cy, 0, -sy}, Up: [3]float64{-sy * sp, cp, -cy * sp}, Back: [3]float64{sy * cp, sp, cy * cp},
		Target: r.centre, Scale: 1, Near: p.near / max(r.half, 1e-9),
	}
	lo, hi = [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, v := range points {
		x, y, _ := c.project(v)
		lo, hi = [2]float64{min(lo[0], x), min(lo[1], y)}, [2]float64{max(hi[0], x), max(hi[1], y)}
	}
	return c, lo, hi
}

func (r *registration) posed(p pose) float64 {
	c := r.lay(p)
	return r.overlap(&c)
}

// overlap is the intersection over the union of the two outlines.
func (r *registration) overlap(c *Camera) float64 {
	at := make([][3]float32, len(r.coarse.Vertices))
	for i, v := range r.coarse.Vertices {
		x, y, _ := c.project(v)
		at[i] = [3]float32{float32(x * r.shrink), float32(y * r.shrink)}
	}
	seen := make([]bool, r.w*r.h)
	for _, t := range r.coarse.Triangles {
		cover(at[t[0]], at[t[1]], at[t[2]], r.w, r.h, func(p int, _, _, _ float32) { seen[p] = true })
	}
	both, either := 0, 0
	for i, m := range r.matte {
		if m && seen[i] {
			both++
		}
		if m || seen[i] {
			either++
		}
	}
	return float64(both) / float64(max(either, 1))
}

// refined climbs from a pose in ever smaller steps, through poses that are within.
func (r *registration) refined(ctx context.Context, p pose, within func(pose) bool) (pose, error) {
	most := r.posed(p)
	turn, near := 8*math.Pi/180, 0.12
	for range 5 {
		for improved := true; improved; {
			improved = false
			for _, d := range []pose{{turn, 0, 0}, {-turn, 0, 0}, {0, turn, 0}, {0, -turn, 0}, {0, 0, near}, {0, 0, -near}} {
				if err := ctx.Err(); err != nil {
					return p, err
				}
				q := pose{p.yaw + d.yaw, p.pitch + d.pitch, min(max(p.near+d.near, 0), 0.6)}
				if !within(q) {
					continue
				}
				if o := r.posed(q); o > most+1e-4 {
					p, most, improved = q, o, true
				}
			}
		}
		turn, near = turn/2, near/2
	}
	return p, nil
}
