package mesh

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// Orientation is a way to lay a mesh on the bed. Lengths are in the mesh's units.
type Orientation struct {
	Down     [3]float64 `json:"down"`     // unit vector of the mesh that points to the bed
	Overhang float64    `json:"overhang"` // area that needs support
	Contact  float64    `json:"contact"`  // area on the bed
	Height   float64    `json:"height"`
	Stable   bool       `json:"stable"` // the centre of mass lies over what stands on the bed
	Score    float64    `json:"score"`  // the lower the better
}

// String says it in words, taking the unit for the millimetre.
func (o Orientation) String() string {
	return fmt.Sprintf("laid on the bed with (%.2f, %.2f, %.2f) down: overhang %.1f cm², on the bed %.1f cm², %.1f mm high",
		o.Down[0], o.Down[1], o.Down[2], o.Overhang/100, o.Contact/100, o.Height)
}

// maxOrientations bounds how many ways are tried: the six along the axes, those of the largest flat sides, and a few
// between.
const maxOrientations = 48

// Orientations tries ways to lay the mesh on the bed and returns them, the best first. The score adds the overhang as a
// share of the surface and a fifth of the height as a share of the size, and takes off the contact, which counts up to
// a tenth of the surface; what would tip over comes last. The only error is that of ctx.
func (m *Mesh) Orientations(ctx context.Context, p Printer) ([]Orientation, error) {
	if len(m.Triangles) == 0 {
		return nil, ctx.Err()
	}
	downs := m.candidates()
	out := make([]Orientation, len(downs))
	area, centre := m.Area(), m.centroid()
	lo, hi := m.Bounds()
	size := norm([3]float64{float64(hi[0] - lo[0]), float64(hi[1] - lo[1]), float64(hi[2] - lo[2])})
	err := inParallel(ctx, len(downs), func(i int) {
		o := Orientation{Down: downs[i]}
		o.Overhang, o.Contact = m.overhang(o.Down, p)
		lowest, highest := math.Inf(-1), math.Inf(1)
		for _, v := range m.Vertices {
			d := dot(wide(v), o.Down)
			lowest, highest = max(lowest, d), min(highest, d)
		}
		o.Height = lowest - highest
		o.Stable = m.stands(o.Down, lowest-p.LayerMM, centre)
		o.Score = o.Overhang/area + 0.2*o.Height/size - min(o.Contact/area, 0.1)
		if !o.Stable {
			o.Score++
		}
		out[i] = o
	}, func(float64) {})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b Orientation) int { return cmp.Compare(a.Score, b.Score) })
	return out, nil
}

// candidates are distinct directions: as the mesh stands, along the axes, the normals of the largest flat sides, and the
// diagonals.
func (m *Mesh) candidates() [][3]float64 {
	var out [][3]float64
	add := func(d [3]float64) {
		for _, o := range out {
			if dot(o, d) > 0.9995 { // less than two degrees
				return
			}
		}
		if len(out) < maxOrientations {
			out = append(out, d)
		}
	}
	for _, d := range [][3]float64{{0, 0, -1}, {0, 0, 1}, {1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}} {
		add(d)
	}
	// Flat sides are found on a lattice of the octahedron, a cell of which is about two degrees wide.
	type side struct {
		sum  [3]float64
		area float64
	}
	const cells = 48
	sides := make([]side, 2*(cells+1)*(cells+1))
	for _, t := range m.Triangles {
		n := m.faceCross(t)
		one := math.Abs(n[0]) + math.Abs(n[1]) + math.Abs(n[2])
		if !(one > 0) {
			continue
		}
		i, j := int((n[0]/one+1)/2*cells+0.5), int((n[1]/one+1)/2*cells+0.5)
		c := (i*(cells+1) + j) * 2
		if n[2] > 0 {
			c++
		}
		s := &sides[c]
		s.area += norm(n)
		for k := range n {
			s.sum[k] += n[k]
		}
	}
	slices.SortStableFunc(sides, func(a, b side) int { return cmp.Compare(b.area, a.area) })
	for _, s := range sides[:20] {
		if l := norm(s.sum); l > 0 {
			add([3]float64{s.sum[0] / l, s.sum[1] / l, s.sum[2] / l})
		}
	}
	for i := range 27 {
		d := [3]float64{float64(i%3 - 1), float64(i/3%3 - 1), float64(i/9 - 1)}
		if l := norm(d); l > 0 {
			add([3]float64{d[0] / l, d[1] / l, d[2] / l})
		}
	}
	return out
}

// centroid is the centre of mass of a closed mesh, and the middle of the box of one that encloses nothing.
func (m *Mesh) centroid() [3]float64 {
	lo, hi := m.Bounds()
	var o, sum [3]float64
	for k := range o {
		o[k] = (float64(lo[k]) + float64(hi[k])) / 2
	}
	var volume float64
	for _, t := range m.Triangles {
		a, b, c := m.from(t[0], o), m.from(t[1], o), m.from(t[2], o)
		v := dot(a, cross(b, c))
		volume += v
		for k := range sum {
			sum[k] += v * (a[k] + b[k] + c[k]) / 4
		}
	}
	if volume != 0 {
		for k := range o {
			o[k] += sum[k] / volume
		}
	}
	return o
}

// stands reports whether the centre lies over the convex hull of the vertices beyond a depth toward the bed.
func (m *Mesh) stands(down [3]float64, depth float64, centre [3]float64) bool {
	u, v := across(down)
	c := [2]float64{dot(centre, u), dot(centre, v)}
	// It does unless all the points lie on one side of a line through it: unless a gap between their directions, seen
	// from it, is half a turn or more.
	var angles []float64
	for _, p := range m.Vertices {
		if w := wide(p); dot(w, down) >= depth {
			angles = append(angles, math.Atan2(dot(w, v)-c[1], dot(w, u)-c[0]))
		}
	}
	slices.Sort(angles)
	for i, a := range angles {
		next := angles[0] + 2*math.Pi
		if i+1 < len(angles) {
			next = angles[i+1]
		}
		if next-a >= math.Pi-1e-9 {
			return false
		}
	}
	return len(angles) > 0
}

// across returns two unit vectors at right angles to d and to each other, u, v and d right-handed.
func across(d [3]float64) (u, v [3]float64) {
	axis := [3]float64{1, 0, 0}
	if math.Abs(d[0]) > 0.6 {
		axis = [3]float64{0, 1, 0}
	}
	u = cross(axis, d)
	l := norm(u)
	u = [3]float64{u[0] / l, u[1] / l, u[2] / l}
	return u, cross(d, u)
}

// Laid returns the mesh turned so that down, a unit vector, points to the bed, standing on it.
func (m *Mesh) Laid(down [3]float64) *Mesh {
	// The shortest turn from down to -z, so that the front stays the front where it can (Rodrigues).
	axis := [3]float64{-down[1], down[0], 0} // down x -z
	s, c := norm(axis), -down[2]
	if s > 1e-12 {
		axis = [3]float64{axis[0] / s, axis[1] / s, 0}
	} else {
		axis, s = [3]float64{1, 0, 0}, 0 // nothing, or half a turn about x
	}
	out := m.moved()
	for i, v := range m.Vertices {
		p := wide(v)
		a, along := cross(axis, p), dot(axis, p)*(1-c)
		out.Vertices[i] = narrow([3]float64{p[0]*c + a[0]*s + axis[0]*along, p[1]*c + a[1]*s + axis[1]*along, p[2]*c + a[2]*s + axis[2]*along})
	}
	return out.onBed()
}
