package mesh

import (
	"math"
	"math/rand/v2"
	"testing"
)

// torus is swept, radii big and small, with a by b quads.
func torus(big, small float64, a, b int) *Mesh {
	m := &Mesh{}
	for i := range a {
		for j := range b {
			u, v := 2*math.Pi*float64(i)/float64(a), 2*math.Pi*float64(j)/float64(b)
			r := big + small*math.Cos(v)
			m.Vertices = append(m.Vertices, narrow([3]float64{r * math.Cos(u), r * math.Sin(u), small * math.Sin(v)}))
			p, q := uint32(i*b), uint32((i+1)%a*b)
			j0, j1 := uint32(j), uint32((j+1)%b)
			m.Triangles = append(m.Triangles, [3]uint32{p + j0, q + j0, q + j1}, [3]uint32{p + j0, q + j1, p + j1})
		}
	}
	return m
}

// uvSphere has rings between its poles and segments round it.
func uvSphere(r float64, rings, segments int) *Mesh {
	m := &Mesh{Vertices: [][3]float32{{0, 0, float32(r)}, {0, 0, float32(-r)}}}
	at := func(ring, s int) uint32 { return uint32(2 + ring*segments + s%segments) }
	for i := range rings {
		t := math.Pi * float64(i+1) / float64(rings+1)
		for s := range segments {
			p := 2 * math.Pi * float64(s) / float64(segments)
			m.Vertices = append(m.Vertices, narrow([3]float64{r * math.Sin(t) * math.Cos(p), r * math.Sin(t) * math.Sin(p), r * math.Cos(t)}))
		}
	}
	for s := range segments {
		m.Triangles = append(m.Triangles, [3]uint32{0, at(0, s), at(0, s+1)}, [3]uint32{1, at(rings-1, s+1), at(rings-1, s)})
		for i := range rings - 1 {
			m.Triangles = append(m.Triangles, [3]uint32{at(i, s), at(i+1, s), at(i+1, s+1)}, [3]uint32{at(i, s), at(i+1, s+1), at(i, s+1)})
		}
	}
	return m
}

func moebius(n int) *Mesh {
	m := &Mesh{}
	for i := range n {
		u := 2 * math.Pi * float64(i) / float64(n)
		for _, w := range []float64{-0.3, 0.3} {
			r := 1 + w*math.Cos(u/2)
			m.Vertices = append(m.Vertices, narrow([3]float64{r * math.Cos(u), r * math.Sin(u), w * math.Sin(u/2)}))
		}
		a, b := uint32(2*i), uint32(2*i+1)
		c, d := a+2, b+2
		if i == n-1 {
			c, d = 1, 0
		}
		m.Triangles = append(m.Triangles, [3]uint32{a, c, d}, [3]uint32{a, d, b})
	}
	return m
}

// unwelded gives every face corners of its own, as STL does.
func unwelded(m *Mesh) *Mesh {
	out := &Mesh{}
	for _, t := range m.Triangles {
		n := uint32(len(out.Vertices))
		out.Vertices = append(out.Vertices, m.Vertices[t[0]], m.Vertices[t[1]], m.Vertices[t[2]])
		out.Triangles = append(out.Triangles, [3]uint32{n, n + 1, n + 2})
	}
	return out
}

func soup(r *rand.Rand) *Mesh {
	m := &Mesh{}
	for range r.IntN(30) {
		m.Vertices = append(m.Vertices, [3]float32{float32(r.IntN(4)), float32(r.IntN(4)), float32(r.IntN(3))})
		if r.IntN(10) == 0 {
			m.Vertices[len(m.Vertices)-1][r.IntN(3)] = []float32{float32(math.NaN()), float32(math.Inf(1)), 3e38, 1e-45}[r.IntN(4)]
		}
	}
	for range r.IntN(120) {
		m.Triangles = append(m.Triangles, [3]uint32{uint32(r.IntN(32)), uint32(r.IntN(32)), uint32(r.IntN(32))})
	}
	return m
}

func TestCheckShapes(t *testing.T) {
	tests := []struct {
		name         string
		mesh         *Mesh
		euler, genus int
		volume, area float64
		within       float64
	}{
		{"sphere", uvSphere(10, 63, 128), 2, 0, 4. / 3 * math.Pi * 1000, 4 * math.Pi * 100, 2e-3},
		{"torus", torus(20, 5, 200, 100), 0, 1, 2 * math.Pi * math.Pi * 20 * 25, 4 * math.Pi * math.Pi * 100, 2e-3},
		{"two tori", join(torus(20, 5, 60, 40), torus(2, 0.5, 60, 40)), 0, 2, 2 * math.Pi * math.Pi * 500.5, 4 * math.Pi * math.Pi * 101, 1e-2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.mesh.Check()
			if !r.Clean() || r.Euler != tt.euler || r.Genus != tt.genus {
				t.Errorf("%+v", r)
			}
			if math.Abs(r.Volume/tt.volume-1) > tt.within || math.Abs(r.Area/tt.area-1) > tt.within {
				t.Errorf("volume %g, want %g; area %g, want %g", r.Volume, tt.volume, r.Area, tt.area)
			}
		})
	}
	r := moebius(40).Check()
	if r.Oriented || r.Closed || !r.Manifold || r.Euler != 0 || r.Genus != -1 || r.Outward {
		t.Errorf("Moebius strip: %+v", r)
	}
}

func TestOutwardWithCavities(t *testing.T) {
	m := cube(0, 0, 0, 10)
	for i := range 64 {
		x, y := float32(i%8), float32(i/8)
		m = join(m, flip(cube(1+x, 1+y, 1+(x+y)/4, 0.5)))
	}
	inner := join(m, cube(1.2, 1.2, 1.2, 0.1)) // a solid within a cavity
	tests := []struct {
		name string
		mesh *Mesh
		want bool
	}{
		{"64 cavities", m, true},
		{"a solid in a cavity", inner, true},
		{"one outside", join(m, flip(cube(-3, 1, 1, 1))), false},
		{"one outside, in line", join(m, flip(cube(13, 1, 1, 1))), false},
		{"all inside out", flip(m), false},
		{"a cavity in nothing", join(flip(cube(0, 0, 0, 9)), cube(20, 0, 0, 9)), false},
	}
	for _, tt := range tests {
		if got := tt.mesh.Check().Outward; got != tt.want {
			t.Errorf("%s: outward %v", tt.name, got)
		}
	}
}

func TestNeverPanics(t *testing.T) {
	for seed := range uint64(600) {
		m := soup(rand.New(rand.NewPCG(seed, 3)))
		before := m.Clone()
		m.Check()
		m.SelfIntersections()
		m.Weld().Check()
		kept, _ := m.KeepLarge(0.5)
		kept.Check()
		decimated, err := m.Decimate(t.Context(), DecimateOptions{Faces: 5}, nil)
		if err != nil {
			t.Fatal(err)
		}
		decimated.Check()
		if _, err := m.Smooth(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		for i := range m.Triangles {
			if m.Triangles[i] != before.Triangles[i] {
				t.Fatalf("seed %d: the mesh was changed", seed)
			}
		}
	}
}
