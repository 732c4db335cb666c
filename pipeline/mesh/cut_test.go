package mesh

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func TestCutBelow(t *testing.T) {
	r := 10.0
	cap := func(h float64) float64 { return math.Pi * h * h * (3*r - h) / 3 } // of a ball, from its top
	ring := torus(20, 5, 200, 100).Laid([3]float64{0, 1, 0})                  // standing: two tubes at its middle
	tests := []struct {
		name       string
		mesh       *Mesh
		z          float64
		volume     float64
		base       float64
		genus      int
		components int
	}{
		{"a ball", ball(r, 100), -5, 4./3*math.Pi*r*r*r - cap(5), math.Pi * 75, 0, 1},
		{"a ball, through its vertices", ball(r, 100), 0, 2. / 3 * math.Pi * r * r * r, math.Pi * 100, 0, 1},
		{"a box", boxed(0, 0, 0, 10, 20, 30), 12, 3600, 200, 0, 1},
		{"a ring, two feet", ring, 25, math.Pi * math.Pi * 20 * 25, 2 * math.Pi * 25, 0, 1},
		{"a lying ring, a hole in its base", torus(20, 5, 300, 200), 0, math.Pi * math.Pi * 20 * 25, math.Pi * (625 - 225), 1, 1},
		{"a hollow box", join(boxed(0, 0, 0, 10, 10, 10), flip(boxed(1, 1, 1, 8, 8, 8))), 5, 244, 36, 0, 1},
		{"a box in a hollow box", join(boxed(0, 0, 0, 10, 10, 10), flip(boxed(1, 1, 1, 8, 8, 8)), boxed(3, 3, 3, 4, 4, 4)), 5, 276, 52, 0, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.mesh.CutBelow(tt.z)
			if err != nil {
				t.Fatal(err)
			}
			c := got.Check()
			if !c.Clean() || c.Genus != tt.genus || c.Components != tt.components {
				t.Errorf("%+v", c)
			}
			_, base := got.overhang([3]float64{0, 0, -1}, Printer{LayerMM: 1e-4})
			if math.Abs(c.Volume/tt.volume-1) > 0.003 || math.Abs(base/tt.base-1) > 0.003 {
				t.Errorf("volume %.4g, want %.4g; base %.4g, want %.4g", c.Volume, tt.volume, base, tt.base)
			}
		})
	}
	gyroid := isoMesh(t, 60, gyroidField)
	for _, z := range []float64{-0.9, -0.31, 0, 0.2, 0.77} {
		got, err := gyroid.CutBelow(z)
		if err != nil {
			t.Fatal(err)
		}
		if c := got.Check(); !c.Clean() {
			t.Errorf("gyroid at %g: %+v", z, c)
		}
	}
	for name, z := range map[string]float64{"below": -11, "above": 11, "NaN": math.NaN()} {
		if _, err := ball(r, 8).CutBelow(z); !errors.Is(err, ErrCut) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := moebius(20).CutBelow(0); !errors.Is(err, ErrOpen) {
		t.Error(err)
	}
}

// TestTriangulatedStars cuts up random stars with holes of stars and compares the area.
func TestTriangulatedStars(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 4))
		var points [][2]float64
		var loops [][]uint32
		want := 0.0
		star := func(x, y, size float64, hole bool) {
			var loop []uint32
			n := 3 + r.IntN(40)
			for i := range n {
				a := 2 * math.Pi * float64(i) / float64(n)
				d := size * (0.4 + 0.6*r.Float64())
				loop = append(loop, uint32(len(points)))
				points = append(points, [2]float64{x + d*math.Cos(a), y + d*math.Sin(a)})
			}
			if hole {
				for i, j := 0, len(loop)-1; i < j; i, j = i+1, j-1 {
					loop[i], loop[j] = loop[j], loop[i]
				}
			}
			loops = append(loops, loop)
			want += loopArea(points, loop)
		}
		for i := range 3 {
			x := 30 * float64(i)
			star(x, 0, 10, false)
			for j := range r.IntN(4) {
				star(x+1.6*math.Cos(1.5*float64(j)), 1.6*math.Sin(1.5*float64(j)), 0.9, true)
			}
		}
		faces, ok := triangulated(points, loops)
		if !ok {
			t.Errorf("seed %d: gave up", seed)
			continue
		}
		got := 0.0
		for _, f := range faces {
			a := turn(points[f[0]], points[f[1]], points[f[2]])
			if a <= 0 {
				t.Errorf("seed %d: a face of area %g", seed, a)
			}
			got += a
		}
		if math.Abs(got/want-1) > 1e-9 {
			t.Errorf("seed %d: area %g, want %g", seed, got, want)
		}
	}
}

// TestCutBetweenVertices: a mesh may have them at nearly every height. The cut is near all the same, and on none.
func TestCutBetweenVertices(t *testing.T) {
	m := &Mesh{}
	for z := float32(0); z < 1; z += 1.5e-5 {
		m.Vertices = append(m.Vertices, [3]float32{0, 0, z})
	}
	const low, gap = 0.5, 1e-5
	m.Vertices = append(m.Vertices, [3]float32{0, 0, low}, [3]float32{0, 0, 1})
	got := m.clearHeight(low, gap)
	if got <= low || got > low+10*gap {
		t.Errorf("cut at %g", got)
	}
	for _, v := range m.Vertices {
		if d := v[2] - got; d > -0.4*gap && d < 0.4*gap {
			t.Errorf("%g from a vertex", d)
		}
	}
	if got := boxed(0, 0, 0, 1, 1, 1).clearHeight(low, gap); got != low {
		t.Errorf("a clear height moved to %g", got)
	}
}
