package mesh

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func cube(x, y, z, s float32) *Mesh {
	m := &Mesh{}
	for i := range 8 {
		m.Vertices = append(m.Vertices, [3]float32{x + s*float32(i&1), y + s*float32(i>>1&1), z + s*float32(i>>2)})
	}
	for _, f := range cellFaces {
		a, b, c, d := uint32(f[0]), uint32(f[1]), uint32(f[2]), uint32(f[3])
		m.Triangles = append(m.Triangles, [3]uint32{a, b, c}, [3]uint32{a, c, d})
	}
	return m
}

func join(ms ...*Mesh) *Mesh {
	out := &Mesh{}
	for _, m := range ms {
		base := uint32(len(out.Vertices))
		out.Vertices = append(out.Vertices, m.Vertices...)
		for _, t := range m.Triangles {
			out.Triangles = append(out.Triangles, [3]uint32{t[0] + base, t[1] + base, t[2] + base})
		}
	}
	return out
}

func flip(m *Mesh) *Mesh {
	out := m.Clone()
	for i, t := range out.Triangles {
		out.Triangles[i] = [3]uint32{t[0], t[2], t[1]}
	}
	return out
}

func edit(m *Mesh, f func(m *Mesh)) *Mesh {
	c := m.Clone()
	f(c)
	return c
}

func isoMesh(t testing.TB, n int, f func(x, y, z float64) float64) *Mesh {
	t.Helper()
	g, layer := field(n, f)
	m, err := Isosurface(context.Background(), g, layer)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCheck(t *testing.T) {
	one := cube(0, 0, 0, 1)
	tests := []struct {
		name  string
		mesh  *Mesh
		clean bool
		look  func(r Report) bool
	}{
		{"cube", one, true, func(r Report) bool {
			return r.Euler == 2 && r.Genus == 0 && r.Components == 1 && r.Volume == 1 && r.Area == 6 && r.Size() == [3]float32{1, 1, 1}
		}},
		{"two cubes", join(one, cube(3, 0, 0, 1)), true, func(r Report) bool { return r.Components == 2 && r.Euler == 4 && r.Genus == 0 }},
		{"torus", isoMesh(t, 32, torusField), true, func(r Report) bool { return r.Genus == 1 && r.Euler == 0 }},
		{"inside out", flip(one), false, func(r Report) bool { return r.Closed && r.Oriented && !r.Outward }},
		{"cavity", join(cube(0, 0, 0, 3), flip(cube(1, 1, 1, 1))), true, func(r Report) bool { return r.Volume == 26 }},
		{"inverted beside", join(one, flip(cube(3, 0, 0, 1))), false, func(r Report) bool { return !r.Outward }},
		{"a face missing", edit(one, func(m *Mesh) { m.Triangles = m.Triangles[1:] }), false, func(r Report) bool { return r.OpenEdges == 3 && !r.Closed && r.Genus == -1 }},
		{"a face flipped", edit(one, func(m *Mesh) { f := &m.Triangles[0]; f[0], f[1] = f[1], f[0] }), false, func(r Report) bool { return r.FlippedEdges == 3 && !r.Oriented }},
		{"a face twice", edit(one, func(m *Mesh) { m.Triangles = append(m.Triangles, m.Triangles[0]) }), false, func(r Report) bool { return r.Duplicates == 1 && r.ManifoldFaults > 0 }},
		{"a face without area", edit(one, func(m *Mesh) { m.Triangles = append(m.Triangles, [3]uint32{0, 0, 1}) }), false, func(r Report) bool { return r.Degenerate == 1 }},
		{"joined at a corner", edit(join(one, cube(1, 1, 1, 1)), func(m *Mesh) {
			for i := range m.Triangles {
				for k, v := range m.Triangles[i] {
					if v == 8 {
						m.Triangles[i][k] = 7
					}
				}
			}
		}), false, func(r Report) bool { return r.ManifoldFaults == 1 && r.Closed }},
		{"crossing", join(cube(0, 0, 0, 2), cube(1.1, 1.2, 1.3, 2)), false, func(r Report) bool { return r.SelfIntersections > 0 && r.Closed }},
		{"not a number", edit(one, func(m *Mesh) { m.Vertices[3][1] = float32(math.NaN()) }), false, func(r Report) bool { return r.Invalid == 1 }},
		{"out of range", edit(one, func(m *Mesh) { m.Triangles[2][1] = 99 }), false, func(r Report) bool { return r.Invalid == 1 }},
		{"empty", &Mesh{}, false, func(r Report) bool { return r == Report{Manifold: true, Oriented: true, Genus: -1} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.mesh.Check()
			if r.Clean() != tt.clean || !tt.look(r) {
				t.Errorf("clean %v, report %+v", r.Clean(), r)
			}
		})
	}
}

func TestSelfIntersectionsAreCountedOnce(t *testing.T) {
	a := &Mesh{Vertices: [][3]float32{{0, 0, 0}, {2, 0, 0}, {0, 2, 0}, {0.5, 0.5, -1}, {0.5, 0.5, 1}, {3, 3, 1}},
		Triangles: [][3]uint32{{0, 1, 2}, {3, 4, 5}}}
	if n := a.SelfIntersections(); n != 1 {
		t.Errorf("%d, want 1", n)
	}
}

func TestCheckNeverPanics(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		m := &Mesh{}
		for range r.IntN(30) {
			m.Vertices = append(m.Vertices, [3]float32{float32(r.IntN(4)), float32(r.IntN(4)), float32(r.NormFloat64())})
		}
		for range r.IntN(60) {
			m.Triangles = append(m.Triangles, [3]uint32{uint32(r.IntN(32)), uint32(r.IntN(32)), uint32(r.IntN(32))})
		}
		m.Check()
	}
}

func TestLaidBack(t *testing.T) {
	// A box 4 wide, 2 deep and 6 high, with one corner marked: right, at the front, on top.
	m := edit(cube(0, 0, 0, 2), func(m *Mesh) {
		for i, v := range m.Vertices {
			m.Vertices[i] = [3]float32{v[0]*2 - 2, v[1] - 1, v[2] * 3}
		}
	})
	mark := -1
	for i, v := range m.Vertices {
		if v == [3]float32{2, -1, 6} {
			mark = i
		}
	}
	got := m.LaidBack()
	if r := got.Check(); !r.Clean() || r.Size() != [3]float32{4, 6, 2} || r.Min[2] != 0 {
		t.Errorf("%+v", r)
	}
	if v := got.Vertices[mark]; v != [3]float32{2, 3, 2} {
		t.Errorf("the right front top corner went to %v, not right, away, up", v)
	}
}

// TestTurned: four quarters are none, one about z brings x to y, and what belongs to the faces stays.
func TestTurned(t *testing.T) {
	m := edit(cube(0, 0, 0, 2), func(m *Mesh) {
		m.UVs = make([][3][2]float32, len(m.Triangles))
		for i, v := range m.Vertices {
			m.Vertices[i] = [3]float32{v[0]*2 - 2, v[1] - 1, v[2] * 3}
		}
	})
	for axis, want := range [3][3]float32{{4, 6, 2}, {6, 2, 4}, {2, 4, 6}} {
		got := m.Turned(axis, 1)
		if r := got.Check(); !r.Clean() || r.Size() != want || len(got.UVs) != len(m.UVs) {
			t.Errorf("about %d: %s, %v, want %v", axis, r.Faults(), r.Size(), want)
		}
		if round := got.Turned(axis, 2).Turned(axis, -3); !slices.Equal(round.Vertices, m.Vertices) {
			t.Errorf("about %d: after a whole turn it is not where it was", axis)
		}
	}
	if v, u := m.Turned(2, 1).Vertices, m.Vertices; v[1] != [3]float32{-u[1][1], u[1][0], u[1][2]} {
		t.Errorf("about z: %v from %v", v[1], u[1])
	}
}

// TestThickness: a box is as thick under every face as it is wide there, an open sheet has no other side.
func TestThickness(t *testing.T) {
	m := edit(cube(0, 0, 0, 1), func(m *Mesh) {
		for i, v := range m.Vertices {
			m.Vertices[i] = [3]float32{v[0] * 4, v[1] * 2, v[2] * 6}
		}
	})
	got, err := m.Thickness(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for f, x := range got {
		n := m.FaceNormal(f)
		if want := math.Abs(float64(4*n[0] + 2*n[1] + 6*n[2])); math.Abs(x-want) > 1e-5 {
			t.Errorf("face %d looks along %v: %g, want %g", f, n, x, want)
		}
	}
	ball := uvSphere(10, 40, 80)
	thick, _ := ball.Thickness(t.Context(), nil)
	for f, x := range thick {
		if x < 19.5 || x > 20.01 {
			t.Fatalf("face %d of a ball: %g", f, x)
		}
	}
	sheet := &Mesh{Vertices: m.Vertices[:3], Triangles: [][3]uint32{{0, 1, 2}, {0, 1, 1}}}
	if got, err := sheet.Thickness(t.Context(), nil); err != nil || !math.IsInf(got[0], 1) || !math.IsInf(got[1], 1) {
		t.Error(got, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ball.Thickness(ended, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestToPrint(t *testing.T) {
	m := edit(cube(-1, -0.5, -0.25, 1), func(m *Mesh) { m.Vertices[7] = [3]float32{1, 0.5, 0.75} }).ToPrint(80)
	lo, hi := m.Bounds()
	if lo[2] != 0 || hi[0]-lo[0] != 80 || lo[0] != -hi[0] || lo[1] != -hi[1] || m.Volume() <= 0 {
		t.Errorf("from %v to %v, volume %g", lo, hi, m.Volume())
	}
}

func TestDecimate(t *testing.T) {
	for name, f := range map[string]func(x, y, z float64) float64{"sphere": sphereField, "torus": torusField, "gyroid": gyroidField} {
		m := isoMesh(t, 48, f)
		m.Colors = make([][4]uint8, len(m.Vertices))
		before := m.Check()
		got, err := m.Decimate(context.Background(), DecimateOptions{Faces: len(m.Triangles) / 10}, func(float64) {})
		if err != nil {
			t.Fatal(err)
		}
		after := got.Check()
		if !after.Closed || !after.Manifold || !after.Outward || after.Genus != before.Genus || after.Degenerate > 0 {
			t.Errorf("%s: %+v", name, after)
		}
		if after.Triangles > before.Triangles/10+2 {
			t.Errorf("%s: %d faces of %d", name, after.Triangles, before.Triangles)
		}
		if math.Abs(after.Volume/before.Volume-1) > 0.01 {
			t.Errorf("%s: volume from %g to %g", name, before.Volume, after.Volume)
		}
		if len(got.Colors) != len(got.Vertices) {
			t.Errorf("%s: %d colours for %d vertices", name, len(got.Colors), len(got.Vertices))
		}
	}
}

func TestDecimateKeepsBorders(t *testing.T) {
	const n = 20
	m := &Mesh{}
	for j := range uint32(n + 1) {
		for i := range uint32(n + 1) {
			m.Vertices = append(m.Vertices, [3]float32{float32(i), float32(j), 0})
			if i < n && j < n {
				p := j*(n+1) + i
				m.Triangles = append(m.Triangles, [3]uint32{p, p + 1, p + n + 2}, [3]uint32{p, p + n + 2, p + n + 1})
			}
		}
	}
	got, err := m.Decimate(context.Background(), DecimateOptions{Faces: 40}, func(float64) {})
	if err != nil {
		t.Fatal(err)
	}
	if a := got.Area(); math.Abs(a-n*n) > 1e-3 {
		t.Errorf("area %g, want %d; %d faces", a, n*n, len(got.Triangles))
	}
}
