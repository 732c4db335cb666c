package mesh

import (
	"context"
	"math"
	"sync/atomic"
)

// SelfIntersections counts the pairs of faces that cross: those that have a stretch of a line in common that runs
// through the inside of both planes' sides, and those that lie in one plane and cover each other there, like a flap that
// is folded flat, a face that is there twice, or the sides on which two solids stand together. Faces that only touch do
// not count, in a corner, along an edge, or with a corner or an edge on the other one's side. Whether corners are shared
// by index or only by position makes no difference. Faces that are broken or have no area are left out.
//
// Lying in one plane and covering each other is judged to within what float32 coordinates leave open, see [coplanar].
//
// Candidates come from a bounding-volume hierarchy, searched on all cores; the count does not depend on their number. It
// stops at a million, for faces that lie over each other by the thousand make pairs by the million: so many or more.
func (m *Mesh) SelfIntersections() int {
	return m.crossings(context.Background(), newBVH(m, m.facesWithArea()), maxCrossings, func(_, _ uint32) {})
}

const maxCrossings = 1_000_000

func (m *Mesh) facesWithArea() []uint32 {
	faces := make([]uint32, 0, len(m.Triangles))
	for f, t := range m.Triangles {
		if m.sound(t) && m.faceCross(t) != [3]float64{} {
			faces = append(faces, uint32(f))
		}
	}
	return faces
}

// crossings counts the pairs that cross among the faces of a tree, which all have an area, up to a number at which it stops.
// see is told of each, from several goroutines. The count means nothing once ctx is done, which stops it too.
func (m *Mesh) crossings(ctx context.Context, t *bvh, most int, see func(f, g uint32)) int {
	if len(t.faces) < 2 {
		return 0
	}
	c := newCrosser(m, t)
	top := min(t.leaf, 256) // each node of that level is a piece of work
	var total atomic.Int64
	going := func() bool { return ctx.Err() == nil && total.Load() < int64(most) }
	inChunks(top, 1, func(i, _ int) {
		pairs := 0
		do := func(a, b int) bool {
			if c.crosses(&c.facets[a], &c.facets[b]) {
				total.Add(1)
				see(t.faces[a], t.faces[b])
			}
			pairs++
			return pairs%4096 != 0 || going()
		}
		_ = going() && t.within(top+i, do) && t.rightOf(top+i, do)
	})
	return int(min(total.Load(), int64(most)))
}

// crosser tells whether two faces cross.
type crosser struct {
	mesh   *Mesh
	facets []facet // in the order of the tree
	near   float64 // what rounding to float32 may move a corner by, several times over
}

// facet is a face with its plane.
type facet struct {
	corners [3]uint32
	normal  [3]float64 // of length one
	offset  float64    // the plane's distance from the origin, along the normal
	slack   float64    // bounds the error of a corner's distance from the plane
}

func newCrosser(m *Mesh, t *bvh) *crosser {
	far := 0.0
	for k := range 3 {
		far = max(far, math.Abs(float64(t.nodes[1].lo[k])), math.Abs(float64(t.nodes[1].hi[k])))
	}
	// Half a unit in the last place is 2^-24 of the largest coordinate.
	c := &crosser{mesh: m, facets: make([]facet, len(t.faces)), near: 4 * far / (1 << 24)}
	inChunks(len(t.faces), 4096, func(from, to int) {
		for i := from; i < to; i++ {
			c.facets[i] = m.facet(m.Triangles[t.faces[i]], far)
		}
	})
	return c
}

// facet computes the plane of a face of a mesh none of whose coordinates is larger than far.
func (m *Mesh) facet(t [3]uint32, far float64) facet {
	a, b, c := &m.Vertices[t[0]], &m.Vertices[t[1]], &m.Vertices[t[2]]
	ax, ay, az := float64(a[0]), float64(a[1]), float64(a[2])
	ux, uy, uz := float64(b[0])-ax, float64(b[1])-ay, float64(b[2])-az
	vx, vy, vz := float64(c[0])-ax, float64(c[1])-ay, float64(c[2])-az
	x, y, z := uy*vz-uz*vy, uz*vx-ux*vz, ux*vy-uy*vx
	l := 1 / math.Sqrt(x*x+y*y+z*z)
	x, y, z = x*l, y*l, z*l
	// The less the sides spread, the more of the normal is rounding.
	slack := 4 * rounding * far * l * math.Sqrt((ux*ux+uy*uy+uz*uz)*(vx*vx+vy*vy+vz*vz))
	return facet{t, [3]float64{x, y, z}, x*ax + y*ay + z*az, slack}
}

// crosses tells whether two faces cross. Most pairs are neighbours that bend away from each other, which their planes tell.
func (c *crosser) crosses(a, b *facet) bool {
	cosine := a.normal[0]*b.normal[0] + a.normal[1]*b.normal[1] + a.normal[2]*b.normal[2]
	alike := cosine > parallel || cosine < -parallel
	ofA, ofB := common(&a.corners, &b.corners)
	edge := false
	switch ofB {
	case 0, 1, 2, 4: // a corner at most
		if c.beside(a, b, ofB, alike) || c.beside(b, a, ofA, alike) || ofB != 0 && !alike && c.apart(a, b, ofA, ofB) {
			return false
		}
	case 7:
	default:
		edge = true
		if !alike || !folded(a, b, ofA, ofB, cosine) {
			return false
		}
	}
	p, q := c.places(a), c.places(b)
	if alike && c.coplanar(a, b, &p, &q) {
		return covers(a.normal, &p, &q, c.near) && covers(a.normal, &q, &p, c.near)
	}
	return !edge && cross3(p, q)
}

// apart reports whether two faces that share a corner lie for certain on two sides of it: the line in which their planes
// meet runs through the corner, and each face covers a stretch of it that begins there.
func (c *crosser) apart(a, b *facet, ofA, ofB uint) bool {
	x, fuzzX, ok := c.stretch(a, b, ofA)
	if !ok {
		return false
	}
	y, fuzzY, ok := c.stretch(b, a, ofB)
	if !ok {
		return false
	}
	ahead := x[0]*y[0] + x[1]*y[1] + x[2]*y[2]
	return ahead < -2*(fuzzX*(math.Abs(y[0])+math.Abs(y[1])+math.Abs(y[2]))+fuzzY*(math.Abs(x[0])+math.Abs(x[1])+math.Abs(x[2])))
}

// stretch returns the way from the corner that a shares with b to where a's far side meets b's plane, times some length,
// and a bound of its error; ok is false when that side does not run through the plane for certain.
func (c *crosser) stretch(a, b *facet, of uint) (way [3]float64, fuzz float64, ok bool) {
	i := of >> 1 // 1, 2 or 4 to 0, 1 or 2
	v, p, q := &c.mesh.Vertices[a.corners[i]], &c.mesh.Vertices[a.corners[(i+1)%3]], &c.mesh.Vertices[a.corners[(i+2)%3]]
	dp, dq := -b.offset, -b.offset
	for k := range 3 {
		dp += b.normal[k] * float64(p[k])
		dq += b.normal[k] * float64(q[k])
	}
	if !(dp > b.slack && dq < -b.slack) && !(dp < -b.slack && dq > b.slack) {
		return way, 0, false
	}
	dp, dq = math.Abs(dp), math.Abs(dq)
	long := 0.0
	for k := range 3 {
		x, y := float64(p[k])-float64(v[k]), float64(q[k])-float64(v[k])
		way[k] = x*dq + y*dp
		long += math.Abs(x) + math.Abs(y)
	}
	return way, b.slack * long, true
}

// folded reports whether two like faces that share an edge lie on the same side of it: their normals look one way when
// they run through it in the same direction, else opposite ways.
func folded(a, b *facet, ofA, ofB uint, cosine float64) bool {
	// The edge of the corners 0 and 1 starts in 0, that of 1 and 2 in 1, that of 2 and 0 in 2.
	start := [8]uint8{3: 0, 6: 1, 5: 2}
	same := a.corners[start[ofA&7]] == b.corners[start[ofB&7]]
	return same == (cosine > 0)
}

// common tells which corners of two faces are shared, as bits.
func common(a, b *[3]uint32) (ofA, ofB uint) {
	a0, a1, a2 := a[0], a[1], a[2]
	for j, v := range b {
		switch v {
		case a0:
			ofA |= 1
		case a1:
			ofA |= 2
		case a2:
			ofA |= 4
		default:
			continue
		}
		ofB |= 1 << j
	}
	return ofA, ofB
}

// beside reports whether all corners of b but those that a has too lie for certain on one side of a's plane, and, when
// the planes are alike, not all of them so close that the two may count as coplanar.
func (c *crosser) beside(a, b *facet, shared uint, alike bool) bool {
	x, y, z, offset := a.normal[0], a.normal[1], a.normal[2], a.offset
	lo, hi := math.MaxFloat64, -math.MaxFloat64
	for i, v := range b.corners {
		if shared>>i&1 != 0 {
			continue
		}
		p := &c.mesh.Vertices[v]
		d := x*float64(p[0]) + y*float64(p[1]) + z*float64(p[2]) - offset
		if d < lo {
			lo = d
		}
		if d > hi {
			hi = d
		}
	}
	if lo > a.slack {
		return !alike || hi > c.near
	}
	return hi < -a.slack && (!alike || lo < -c.near)
}

func (c *crosser) places(f *facet) [3][3]float64 {
	v := c.mesh.Vertices
	return [3][3]float64{wide(v[f.corners[0]]), wide(v[f.corners[1]]), wide(v[f.corners[2]])}
}
