package engine

import (
	"cmp"
	"math"
	"slices"
)

// plane is a constrained Delaunay triangulation of points with whole coordinates, so that which side of a line a point
// lies on is exact (Lawson 1977 for points, Sloan 1993 for edges). Its first three points are a triangle round all others.
type plane struct {
	points [][2]int64
	tri    [][3]int32 // anticlockwise
	next   [][3]int32 // the triangle across the side opposite a corner, -1 for none
	// border is 0 for a side that may be flipped, crease for one that must stay, and else 1 + the region on this side of it.
	border [][3]int32
	of     []int32 // a triangle at every point
	last   int32   // where the next search begins
	luck   uint32
	stack  []edgeRef
}

type edgeRef struct {
	t int32
	k int8
}

const (
	crease   = -1
	planeMax = 1 << 24 // coordinates are below
)

func newPlane() *plane {
	const far = 4 * planeMax
	return &plane{
		points: [][2]int64{{-far, -far}, {far, -far}, {0, far}},
		tri:    [][3]int32{{0, 1, 2}}, next: [][3]int32{{-1, -1, -1}}, border: make([][3]int32, 1), of: []int32{0, 0, 0},
	}
}

// orient is twice the area of a triangle, positive when it runs anticlockwise.
func orient(a, b, c [2]int64) int64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

func (p *plane) side(a, b, c int32) int64 { return orient(p.points[a], p.points[b], p.points[c]) }

// insertAll inserts points in the order of a space-filling curve, which keeps every search short, and returns their numbers.
func (p *plane) insertAll(points [][2]int64) []int32 {
	type keyed struct {
		key uint64
		i   int
	}
	spread := func(x int64) uint64 {
		v := uint64(x) & (1<<26 - 1)
		var out uint64
		for b := range 26 {
			out |= (v >> b & 1) << (2 * b)
		}
		return out
	}
	order := make([]keyed, len(points))
	for i, q := range points {
		order[i] = keyed{spread(q[0]) | spread(q[1])<<1, i}
	}
	slices.SortFunc(order, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.i, b.i))
	})
	ids := make([]int32, len(points))
	for _, o := range order {
		ids[o.i] = p.insert(points[o.i])
	}
	return ids
}

// insert adds a point and returns its number, that of the point that is there already if one is. A point that all but lies
// on a border splits it.
func (p *plane) insert(q [2]int64) int32 {
	t := p.locate(q)
	for k, v := range p.tri[t] {
		if p.points[v] == q {
			return p.tri[t][k]
		}
	}
	v := int32(len(p.points))
	p.points = append(p.points, q)
	p.of = append(p.of, t)
	on := -1
	for k := range 3 {
		a, b := p.points[p.tri[t][(k+1)%3]], p.points[p.tri[t][(k+2)%3]]
		if o := orient(a, b, q); o == 0 {
			on = k
			break
		} else if p.border[t][k] > 0 && p.splittable(t, k, q) {
			if l := math.Hypot(float64(b[0]-a[0]), float64(b[1]-a[1])); float64(o) < 1.5*l {
				on = k
			}
		}
	}
	if on >= 0 {
		p.splitSide(t, on, v)
	} else {
		p.splitFace(t, v)
	}
	p.legalize()
	return v
}

// splittable reports whether the four triangles that q makes of the two at a side all have an area.
func (p *plane) splittable(t int32, k int, q [2]int64) bool {
	u := p.next[t][k]
	if u < 0 {
		return false
	}
	c, a, b := p.points[p.tri[t][k]], p.points[p.tri[t][(k+1)%3]], p.points[p.tri[t][(k+2)%3]]
	d := p.points[p.tri[u][p.facing(u, t)]]
	return orient(c, a, q) > 0 && orient(b, c, q) > 0 && orient(a, d, q) > 0 && orient(d, b, q) > 0
}

// facing is the corner of u opposite its side to t.
func (p *plane) facing(u, t int32) int {
	for k, n := range p.next[u] {
		if n == t {
			return k
		}
	}
	panic("extrude: the triangulation has lost a neighbour")
}

// locate finds a triangle that q lies in or on, by walking toward it. Which side it looks at first is left to chance, for long thin
// triangles could otherwise send it in circles (Devillers, Pion and Teillaud 2002); the same calls have the same luck.
func (p *plane) locate(q [2]int64) int32 {
	t := p.last
	for {
		p.luck = p.luck*1664525 + 1013904223
		first := int(p.luck >> 16 % 3)
		moved := false
		for j := range 3 {
			k := (j + first) % 3
			a, b := p.tri[t][(k+1)%3], p.tri[t][(k+2)%3]
			if n := p.next[t][k]; n >= 0 && orient(p.points[a], p.points[b], q) < 0 {
				t, moved = n, true
				break
			}
		}
		if !moved {
			p.last = t
			return t
		}
	}
}

// set overwrites a triangle and tells its neighbours and points.
func (p *plane) set(t int32, tri, next, border [3]int32) {
	p.tri[t], p.next[t], p.border[t] = tri, next, border
	for _, v := range tri {
		p.of[v] = t
	}
}

func (p *plane) add(tri, next, border [3]int32) int32 {
	p.tri, p.next, p.border = append(p.tri, tri), append(p.next, next), append(p.border, border)
	t := int32(len(p.tri) - 1)
	for _, v := range tri {
		p.of[v] = t
	}
	return t
}

// relink makes n, if there is one, point to t where it pointed to was.
func (p *plane) relink(n, was, t int32) {
	if n >= 0 {
		p.next[n][p.facing(n, was)] = t
	}
}

func (p *plane) splitFace(t, v int32) {
	tri, next, border := p.tri[t], p.next[t], p.border[t]
	n := int32(len(p.tri))
	p.set(t, [3]int32{v, tri[1], tri[2]}, [3]int32{next[0], n, n + 1}, [3]int32{border[0], 0, 0})
	p.add([3]int32{v, tri[2], tri[0]}, [3]int32{next[1], n + 1, t}, [3]int32{border[1], 0, 0})
	p.add([3]int32{v, tri[0], tri[1]}, [3]int32{next[2], t, n}, [3]int32{border[2], 0, 0})
	p.relink(next[1], t, n)
	p.relink(next[2], t, n+1)
	p.stack = append(p.stack, edgeRef{t, 0}, edgeRef{n, 0}, edgeRef{n + 1, 0})
}

// splitSide puts v on the side of t opposite corner k.
func (p *plane) splitSide(t int32, k int, v int32) {
	u := p.next[t][k]
	m := p.facing(u, t)
	c, a, b := p.tri[t][k], p.tri[t][(k+1)%3], p.tri[t][(k+2)%3]
	d := p.tri[u][m] // u is d, b, a
	mine, its := p.border[t][k], p.border[u][m]
	nca, nbc := [2]int32{p.next[t][(k+2)%3], p.border[t][(k+2)%3]}, [2]int32{p.next[t][(k+1)%3], p.border[t][(k+1)%3]}
	ndb, nad := [2]int32{p.next[u][(m+2)%3], p.border[u][(m+2)%3]}, [2]int32{p.next[u][(m+1)%3], p.border[u][(m+1)%3]}
	n := int32(len(p.tri))
	// t keeps c, a, v; u keeps d, b, v; the new ones are c, v, b and d, v, a.
	p.set(t, [3]int32{v, c, a}, [3]int32{nca[0], n + 1, n}, [3]int32{nca[1], mine, 0})
	p.set(u, [3]int32{v, d, b}, [3]int32{ndb[0], n, n + 1}, [3]int32{ndb[1], its, 0})
	p.add([3]int32{v, b, c}, [3]int32{nbc[0], t, u}, [3]int32{nbc[1], 0, mine})
	p.add([3]int32{v, a, d}, [3]int32{nad[0], u, t}, [3]int32{nad[1], 0, its})
	p.relink(nbc[0], t, n)
	p.relink(nad[0], u, n+1)
	p.stack = append(p.stack, edgeRef{t, 0}, edgeRef{u, 0}, edgeRef{n, 0}, edgeRef{n + 1, 0})
}

// legalize flips sides until those on the stack are Delaunay.
func (p *plane) legalize() {
	for len(p.stack) > 0 {
		e := p.stack[len(p.stack)-1]
		p.stack = p.stack[:len(p.stack)-1]
		t, k := e.t, int(e.k)
		u := p.next[t][k]
		if u < 0 || p.border[t][k] != 0 {
			continue
		}
		m := p.facing(u, t)
		if !p.inCircle(t, p.tri[u][m]) || !p.flippable(t, k) {
			continue
		}
		p.flip(t, k)
		p.stack = append(p.stack, edgeRef{t, 0}, edgeRef{t, 2}, edgeRef{u, 0}, edgeRef{u, 1})
	}
}

// inCircle reports whether a point lies in a triangle's circumcircle, by more than rounding, so that flips come to an end.
func (p *plane) inCircle(t, v int32) bool {
	d := p.points[v]
	var r [3][3]float64
	var size float64
	for i, w := range p.tri[t] {
		x, y := float64(p.points[w][0]-d[0]), float64(p.points[w][1]-d[1])
		r[i] = [3]float64{x, y, x*x + y*y}
		size = max(size, r[i][2])
	}
	det := r[0][2]*(r[1][0]*r[2][1]-r[1][1]*r[2][0]) - r[1][2]*(r[0][0]*r[2][1]-r[0][1]*r[2][0]) + r[2][2]*(r[0][0]*r[1][1]-r[0][1]*r[1][0])
	return det > 1e-12*size*size
}

// flippable reports whether the two triangles at a side make a strictly convex quadrilateral.
func (p *plane) flippable(t int32, k int) bool {
	u := p.next[t][k]
	c, a, b, d := p.tri[t][k], p.tri[t][(k+1)%3], p.tri[t][(k+2)%3], p.tri[u][p.facing(u, t)]
	return p.side(c, a, d) > 0 && p.side(d, b, c) > 0
}

// flip replaces the side of t opposite k by the other diagonal. Afterwards t is c, a, d with its new side, to u, opposite a, and
// u is c, d, b with it opposite b.
func (p *plane) flip(t int32, k int) {
	u := p.next[t][k]
	m := p.facing(u, t)
	c, a, b, d := p.tri[t][k], p.tri[t][(k+1)%3], p.tri[t][(k+2)%3], p.tri[u][m]
	bc, ca := (k+1)%3, (k+2)%3 // sides of t by the corner opposite: a faces bc, b faces ca
	ad, db := (m+1)%3, (m+2)%3 // u is d, b, a: b faces ad, a faces db
	tri, next, border := p.next[t], p.next[u], p.border[t]
	other := p.border[u]
	nbc, nca, nad, ndb := tri[bc], tri[ca], next[ad], next[db]
	bbc, bca, bad, bdb := border[bc], border[ca], other[ad], other[db]
	p.set(t, [3]int32{c, a, d}, [3]int32{nad, u, nca}, [3]int32{bad, 0, bca})
	p.set(u, [3]int32{c, d, b}, [3]int32{ndb, nbc, t}, [3]int32{bdb, bbc, 0})
	p.relink(nad, u, t)
	p.relink(nbc, t, u)
}

// around calls visit for every triangle at v with v's corner in it, anticlockwise, until it returns false.
func (p *plane) around(v int32, visit func(t int32, k int) bool) {
	start := p.of[v]
	for t := start; ; {
		k := 0
		for p.tri[t][k] != v {
			k++
		}
		if !visit(t, k) {
			return
		}
		if t = p.next[t][(k+1)%3]; t == start || t < 0 {
			return
		}
	}
}
