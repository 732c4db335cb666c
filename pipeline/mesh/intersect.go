package mesh

import (
	"math"
	"runtime"
	"sync"
)

// SelfIntersections counts the pairs of faces that cross: pairs without a shared corner that have points in common
// other than by touching, and pairs with one shared corner where one face runs through the other. Faces along a shared
// edge are not counted, nor are faces in one plane. A corner shared by position, not by index, counts as shared.
//
// Candidates come from a bounding-volume hierarchy; the test is whether a side of one face passes through the inside of
// the other, by the signs of tetrahedron volumes in float64, which are exact for float32 corners up to one rounding.
func (m *Mesh) SelfIntersections() int {
	faces := make([]uint32, 0, len(m.Triangles))
	for f, t := range m.Triangles {
		n := uint32(len(m.Vertices))
		if t[0] < n && t[1] < n && t[2] < n && m.faceCross(t) != [3]float64{} {
			faces = append(faces, uint32(f))
		}
	}
	if len(faces) < 2 {
		return 0
	}
	t := newBVH(m, faces)
	parts := min(64, t.leaf)
	counts := make([]int, parts)
	var wait sync.WaitGroup
	next := make(chan int, parts)
	for p := range parts {
		next <- p
	}
	close(next)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for p := range next {
				t.pairs(p*t.leaf/parts, (p+1)*t.leaf/parts, func(a, b int) {
					if m.crosses(m.Triangles[t.faces[a]], m.Triangles[t.faces[b]]) {
						counts[p]++
					}
				})
			}
		})
	}
	wait.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

func (m *Mesh) crosses(a, b [3]uint32) bool {
	shared := 0
	for _, u := range a {
		for _, v := range b {
			if u == v || m.Vertices[u] == m.Vertices[v] {
				shared++
			}
		}
	}
	if shared > 1 {
		return false
	}
	var p, q [3][3]float64
	for i := range 3 {
		p[i], q[i] = wide(m.Vertices[a[i]]), wide(m.Vertices[b[i]])
	}
	return apart(p, q) == 0 && apart(q, p) == 0 && (pierces(p, q) || pierces(q, p))
}

// apart is +1 or -1 when all corners of q lie on one side of p's plane, or on it, else 0.
func apart(p, q [3][3]float64) int {
	var above, below bool
	for _, v := range q {
		switch s := side(p[0], p[1], p[2], v); {
		case s > 0:
			above = true
		case s < 0:
			below = true
		}
	}
	switch {
	case above && below:
		return 0
	case above:
		return 1
	}
	return -1
}

// pierces reports whether a side of p passes through the inside of q.
func pierces(p, q [3][3]float64) bool {
	for i := range 3 {
		a, b := p[i], p[(i+1)%3]
		sa, sb := side(q[0], q[1], q[2], a), side(q[0], q[1], q[2], b)
		if sa == 0 || sb == 0 || (sa > 0) == (sb > 0) {
			continue
		}
		s0, s1, s2 := side(a, b, q[0], q[1]), side(a, b, q[1], q[2]), side(a, b, q[2], q[0])
		if s0 > 0 && s1 > 0 && s2 > 0 || s0 < 0 && s1 < 0 && s2 < 0 {
			return true
		}
	}
	return false
}

// side is the sign of the volume of the tetrahedron a, b, c, d, zero within the rounding of its computation.
func side(a, b, c, d [3]float64) int {
	u, v, w := sub(b, a), sub(c, a), sub(d, a)
	det := dot(u, cross(v, w))
	// The bound of the terms' sizes times a few units in the last place (Shewchuk 1997, a coarse form).
	size := math.Abs(u[0])*(math.Abs(v[1]*w[2])+math.Abs(v[2]*w[1])) +
		math.Abs(u[1])*(math.Abs(v[2]*w[0])+math.Abs(v[0]*w[2])) +
		math.Abs(u[2])*(math.Abs(v[0]*w[1])+math.Abs(v[1]*w[0]))
	switch e := 1e-15 * size; {
	case det > e:
		return 1
	case det < -e:
		return -1
	}
	return 0
}
