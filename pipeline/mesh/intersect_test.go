package mesh

import (
	"context"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"
)

// pierces is the plain definition: a side of p runs through the inside of q.
func pierces(p, q [3][3]float64) bool {
	for i := range 3 {
		a, b := p[i], p[(i+1)%3]
		if side(q[0], q[1], q[2], a)*side(q[0], q[1], q[2], b) >= 0 {
			continue
		}
		s := side(a, b, q[0], q[1])
		if s != 0 && s == side(a, b, q[1], q[2]) && s == side(a, b, q[2], q[0]) {
			return true
		}
	}
	return false
}

// TestCrossAgainstDefinition: in general position two triangles cross just when a side of one pierces the other.
func TestCrossAgainstDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	crossing := 0
	for range 200_000 {
		var p, q [3][3]float64
		for i := range 3 {
			for k := range 3 {
				p[i][k], q[i][k] = float64(r.Float32()), float64(r.Float32())
			}
		}
		want := pierces(p, q) || pierces(q, p)
		if cross3(p, q) != want || cross3(q, p) != want {
			t.Fatalf("%v and %v: want %v", p, q, want)
		}
		if want {
			crossing++
		}
	}
	if crossing < 10_000 {
		t.Errorf("only %d crossing pairs tried", crossing)
	}
}

func TestSelfIntersections(t *testing.T) {
	tri := func(p ...[3]float32) *Mesh { return &Mesh{Vertices: p, Triangles: [][3]uint32{{0, 1, 2}}} }
	a := tri([3]float32{0, 0, 0}, [3]float32{4, 0, 0}, [3]float32{0, 4, 0})
	tests := []struct {
		name string
		mesh *Mesh
		want int
	}{
		{"apart", join(a, tri([3]float32{0, 0, 1}, [3]float32{4, 0, 1}, [3]float32{0, 4, 1})), 0},
		{"through", join(a, tri([3]float32{1, 1, -1}, [3]float32{1, 1, 1}, [3]float32{3, 3, 1})), 1},
		{"standing on it", join(a, tri([3]float32{1, 1, 0}, [3]float32{2, 1, 0}, [3]float32{1, 1, 3})), 0},
		{"a tip on it", join(a, tri([3]float32{1, 1, 0}, [3]float32{2, 1, 2}, [3]float32{1, 1, 3})), 0},
		{"one corner shared, through", join(a, tri([3]float32{0, 0, 0}, [3]float32{1, 1, 1}, [3]float32{1, 1, -1})), 1},
		{"one corner shared, beside", join(a, tri([3]float32{0, 0, 0}, [3]float32{-1, -1, 1}, [3]float32{-1, -1, -1})), 0},
		{"one edge shared", join(a, tri([3]float32{0, 0, 0}, [3]float32{4, 0, 0}, [3]float32{1, 1, 1})), 0},
		{"in one plane, covering", join(a, tri([3]float32{1, 1, 0}, [3]float32{5, 0, 0}, [3]float32{0, 5, 0})), 1},
		{"in one plane, within", join(a, tri([3]float32{1, 1, 0}, [3]float32{2, 1, 0}, [3]float32{1, 2, 0})), 1},
		{"in one plane, the other way round", join(a, tri([3]float32{1, 1, 0}, [3]float32{0, 5, 0}, [3]float32{5, 0, 0})), 1},
		{"in one plane, beside along half an edge", join(a, tri([3]float32{1, 0, 0}, [3]float32{8, 0, 0}, [3]float32{2, -5, 0})), 0},
		{"in one plane, a tip on an edge", join(a, tri([3]float32{1, 0, 0}, [3]float32{1, -3, 0}, [3]float32{2, -5, 0})), 0},
		{"in one plane, corner at corner", join(a, tri([3]float32{0, 4, 0}, [3]float32{-1, 9, 0}, [3]float32{3, 9, 0})), 0},
		{"in one plane, one corner shared, covering", join(a, tri([3]float32{0, 0, 0}, [3]float32{5, 1, 0}, [3]float32{1, 5, 0})), 1},
		{"a flap folded flat", join(a, tri([3]float32{0, 0, 0}, [3]float32{4, 0, 0}, [3]float32{3, 1, 0})), 1},
		{"a flap folded flat, turned over", join(a, tri([3]float32{4, 0, 0}, [3]float32{0, 0, 0}, [3]float32{3, 1, 0})), 1},
		{"a flap that lies open", join(a, tri([3]float32{4, 0, 0}, [3]float32{0, 0, 0}, [3]float32{3, -1, 0})), 0},
		{"a flap ajar", join(a, tri([3]float32{0, 0, 0}, [3]float32{4, 0, 0}, [3]float32{3, 1, 0.02})), 0},
		{"twice the same", join(a, a), 1},
		{"two sheets close by", join(a, moved(a, 0, 0, 1e-4)), 0},
		{"cubes side by side", join(cube(0, 0, 0, 1), cube(1, 0, 0, 1)), 2},
		{"cubes that meet in an edge", join(cube(0, 0, 0, 1), cube(1, 1, 0, 1)), 0},
		{"a plate", plate(20, 0, nil), 0},
		{"through a seam of two", join(&Mesh{Vertices: [][3]float32{{0, 0, 0}, {2, 0, 0}, {2, 2, 0}, {0, 2, 0}}, Triangles: [][3]uint32{{0, 1, 2}, {0, 2, 3}}},
			tri([3]float32{1, 1, -1}, [3]float32{1, 1, 1}, [3]float32{1.5, 0.5, 0.25})), 1},
		{"crossing cubes", join(cube(0, 0, 0, 2), cube(1.1, 1.2, 1.3, 2)), 12},
		{"torus through itself", torus(1, 1.5, 40, 40), -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.mesh.SelfIntersections()
			for name, again := range map[string]*Mesh{"unwelded": unwelded(tt.mesh), "welded": tt.mesh.welded()} {
				if n := again.SelfIntersections(); n != got {
					t.Errorf("%d, %s %d", got, name, n)
				}
			}
			if want := naive(tt.mesh); got != want || tt.want >= 0 && got != tt.want || tt.want < 0 && got == 0 {
				t.Errorf("%d, want %d; every pair tried %d", got, tt.want, want)
			}
		})
	}
}

// welded merges corners at one place and keeps all faces, even those that are there twice.
func (m *Mesh) welded() *Mesh {
	at := map[[3]float32]uint32{}
	out := m.Clone()
	for f, t := range m.Triangles {
		for i, v := range t {
			p := m.Vertices[v]
			if _, ok := at[p]; !ok {
				at[p] = v
			}
			out.Triangles[f][i] = at[p]
		}
	}
	return out
}

// plate is a square of n x n pairs of triangles in the plane z = 0, the inner corners shaken by up to a share of a side.
func plate(n int, shaken float64, r *rand.Rand) *Mesh {
	m := &Mesh{}
	for j := range uint32(n + 1) {
		for i := range uint32(n + 1) {
			p := [3]float64{float64(i), float64(j), 0}
			if i%uint32(n) > 0 && j%uint32(n) > 0 && shaken > 0 {
				p[0], p[1] = p[0]+shaken*(r.Float64()-0.5), p[1]+shaken*(r.Float64()-0.5)
			}
			m.Vertices = append(m.Vertices, narrow(p))
			if i < uint32(n) && j < uint32(n) {
				q, w := j*uint32(n+1)+i, uint32(n)
				m.Triangles = append(m.Triangles, [3]uint32{q, q + 1, q + w + 2}, [3]uint32{q, q + w + 2, q + w + 1})
			}
		}
	}
	return m
}

// turned turns a mesh about a skew axis, by an angle, scales it and moves it, and rounds.
func turned(m *Mesh, angle, scale float64, shift [3]float64) *Mesh {
	s, c := math.Sincos(angle)
	return edit(m, func(m *Mesh) {
		for i, v := range m.Vertices {
			p := wide(v)
			p = [3]float64{c*p[0] - s*p[1], s*p[0] + c*p[1], p[2]}
			p = [3]float64{p[0], c*p[1] - s*p[2], s*p[1] + c*p[2]}
			m.Vertices[i] = narrow([3]float64{scale*p[0] + shift[0], scale*p[1] + shift[1], scale*p[2] + shift[2]})
		}
	})
}

// TestCoplanarTurned: however a flat mesh is turned, scaled, moved and rounded, neighbours in a plane are no crossings,
// also where corners lie on sides, and what covers something else always is one.
func TestCoplanarTurned(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	square := func(x, y, side float32) *Mesh {
		return &Mesh{Vertices: [][3]float32{{x, y, 0}, {x + side, y, 0}, {x + side, y + side, 0}, {x, y + side, 0}}, Triangles: [][3]uint32{{0, 1, 2}, {0, 2, 3}}}
	}
	for try := range 300 {
		angle, scale := 7*r.Float64(), math.Exp(8*r.NormFloat64())
		var shift [3]float64
		for k := range shift {
			shift[k] = 20 * scale * r.NormFloat64()
		}
		for name, c := range map[string]struct {
			mesh *Mesh
			want int
		}{
			"plate":          {plate(20, 0.4, r), 0},
			"bricks":         {join(square(0, 0, 2), square(2, 0, 1), square(2, 1, 1), square(0.5, 2, 2)), 0},
			"square, in two": {join(square(0, 0, 4), square(1, 0.5, 1)), 1},
			"flap":           {&Mesh{Vertices: [][3]float32{{0, 0, 0}, {4, 0, 0}, {1, 4, 0}, {2, 3, 0}}, Triangles: [][3]uint32{{0, 1, 2}, {1, 0, 3}}}, 1},
		} {
			m := turned(c.mesh, angle, scale, shift)
			if got := m.SelfIntersections(); (got > 0) != (c.want > 0) {
				t.Fatalf("try %d, %s: %d crossings", try, name, got)
			}
		}
	}
}

// naive tries every pair of sound faces.
func naive(m *Mesh) int {
	c := newCrosser(m, newBVH(m, m.facesWithArea()))
	n := 0
	for i := range c.facets {
		for j := range i {
			a, b := c.crosses(&c.facets[i], &c.facets[j]), c.crosses(&c.facets[j], &c.facets[i])
			if a != b {
				panic("the order of two faces matters")
			}
			if a {
				n++
			}
		}
	}
	return n
}

// TestManyCrossings: thousands of faces in one place must not keep the machine busy for minutes.
func TestManyCrossings(t *testing.T) {
	const n = 3000 // 4.5 million pairs
	one := &Mesh{Vertices: [][3]float32{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}, Triangles: make([][3]uint32, n)}
	for i := range one.Triangles {
		one.Triangles[i] = [3]uint32{0, 1, 2}
	}
	if r := one.Check(); r.Duplicates != n-1 || r.SelfIntersections != 0 {
		t.Errorf("%d repeated, %d crossing", r.Duplicates, r.SelfIntersections)
	}
	all := unwelded(one)
	if got := all.Check().SelfIntersections; got != maxCrossings {
		t.Errorf("%d pairs", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var seen atomic.Int64
	all.crossings(ctx, newBVH(all, all.facesWithArea()), math.MaxInt, func(_, _ uint32) {
		seen.Add(1)
		cancel()
	})
	if seen.Load() > n*n/4 {
		t.Errorf("went on for %d pairs", seen.Load())
	}
}
