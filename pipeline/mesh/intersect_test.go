package mesh

import (
	"math/rand/v2"
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
		{"in one plane", join(a, tri([3]float32{1, 1, 0}, [3]float32{5, 0, 0}, [3]float32{0, 5, 0})), 0},
		{"through a seam of two", join(&Mesh{Vertices: [][3]float32{{0, 0, 0}, {2, 0, 0}, {2, 2, 0}, {0, 2, 0}}, Triangles: [][3]uint32{{0, 1, 2}, {0, 2, 3}}},
			tri([3]float32{1, 1, -1}, [3]float32{1, 1, 1}, [3]float32{1.5, 0.5, 0.25})), 1},
		{"crossing cubes", join(cube(0, 0, 0, 2), cube(1.1, 1.2, 1.3, 2)), 12},
		{"torus through itself", torus(1, 1.5, 40, 40), -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.mesh.SelfIntersections()
			if again := unwelded(tt.mesh).SelfIntersections(); again != got {
				t.Errorf("%d, unwelded %d", got, again)
			}
			if want := naive(tt.mesh); got != want || tt.want >= 0 && got != tt.want || tt.want < 0 && got == 0 {
				t.Errorf("%d, want %d; every pair tried %d", got, tt.want, want)
			}
		})
	}
}

// naive tries every pair.
func naive(m *Mesh) int {
	n := 0
	for i, a := range m.Triangles {
		for _, b := range m.Triangles[:i] {
			if m.crosses(a, b) {
				n++
			}
		}
	}
	return n
}
