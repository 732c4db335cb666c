package mesh

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCubes holds the table to what makes every isosurface a closed 2-manifold: each crossed edge of a cell is in
// exactly one loop, and no inner diagonal lies in a face of the cell.
func TestCubes(t *testing.T) {
	for c, triangles := range cubes {
		loops := cellLoops(c)
		want, crossed := 0, 0
		for _, l := range loops {
			want, crossed = want+len(l)-2, crossed+len(l)
		}
		n := 0
		for _, e := range cellEdges {
			if c>>e[0]&1 != c>>e[1]&1 {
				n++
			}
		}
		if len(triangles) != want || crossed != n {
			t.Errorf("case %d: %d triangles from %d loops over %d of %d crossed edges, want %d triangles", c, len(triangles), len(loops), crossed, n, want)
		}
	}
}

// TestCubesDoNotCross: wherever on the edges of a cell its vertices lie, no two of its triangles cross. Then none of an
// isosurface do, for each stays in its cell.
func TestCubesDoNotCross(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	for c, triangles := range cubes {
		for range 1000 {
			m := Mesh{Vertices: make([][3]float32, 12)}
			for e, ends := range cellEdges {
				at := []float64{0.02, 0.98, 0.02 + 0.96*r.Float64()}[r.IntN(3)]
				for k := range 3 {
					from, to := float64(ends[0]>>k&1), float64(ends[1]>>k&1)
					m.Vertices[e][k] = float32(from + at*(to-from))
				}
			}
			for _, f := range triangles {
				m.Triangles = append(m.Triangles, [3]uint32{uint32(f[0]), uint32(f[1]), uint32(f[2])})
			}
			if naive(&m) > 0 {
				t.Fatalf("case %08b, %v: %v", c, triangles, m.Vertices)
			}
		}
	}
}

// field samples f on a cube of n samples a side over [-1,1].
func field(n int, f func(x, y, z float64) float64) (Grid, func(int, []float32)) {
	step := 2 / float64(n-1)
	at := func(i int) float64 { return -1 + step*float64(i) }
	return Grid{N: [3]int{n, n, n}, Origin: [3]float64{-1, -1, -1}, Step: step}, func(k int, out []float32) {
		for j := range n {
			for i := range n {
				out[j*n+i] = float32(f(at(i), at(j), at(k)))
			}
		}
	}
}

func sphereField(x, y, z float64) float64 { return 0.8 - math.Sqrt(x*x+y*y+z*z) }
func torusField(x, y, z float64) float64 {
	q := math.Hypot(x, y) - 0.6
	return 0.25 - math.Hypot(q, z)
}
func gyroidField(x, y, z float64) float64 {
	s := 2 * math.Pi
	return math.Sin(s*x)*math.Cos(s*y) + math.Sin(s*y)*math.Cos(s*z) + math.Sin(s*z)*math.Cos(s*x)
}

// shape says whether a mesh is a closed, oriented 2-manifold, and its Euler number; independent of Check.
func shape(m *Mesh) (closed bool, euler int) {
	edges := map[[2]uint32]int{}
	for _, t := range m.Triangles {
		for i := range 3 {
			edges[[2]uint32{t[i], t[(i+1)%3]}]++
		}
	}
	for e, n := range edges {
		if n != 1 || edges[[2]uint32{e[1], e[0]}] != 1 {
			return false, 0
		}
	}
	return true, len(m.Vertices) - len(edges)/2 + len(m.Triangles)
}

func TestIsosurface(t *testing.T) {
	tests := []struct {
		name         string
		f            func(x, y, z float64) float64
		euler        int
		volume, area float64 // 0: not checked
	}{
		{"sphere", sphereField, 2, 4. / 3 * math.Pi * 0.512, 4 * math.Pi * 0.64},
		{"torus", torusField, 0, 2 * math.Pi * math.Pi * 0.6 * 0.0625, 4 * math.Pi * math.Pi * 0.6 * 0.25},
		{"full", func(x, y, z float64) float64 { return 1 }, 2, 0, 0},
		{"hollow", func(x, y, z float64) float64 { return math.Hypot(math.Hypot(x, y), z) - 0.5 }, 4, 0, 0},
		{"not a number", func(x, y, z float64) float64 {
			if x > 0 {
				return math.NaN()
			}
			return sphereField(x, y, z)
		}, 2, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, layer := field(64, tt.f)
			m, err := Isosurface(context.Background(), g, layer)
			if err != nil {
				t.Fatal(err)
			}
			closed, euler := shape(m)
			if !closed || euler != tt.euler {
				t.Errorf("closed %v, Euler number %d, want %d", closed, euler, tt.euler)
			}
			if tt.volume == 0 {
				return
			}
			if v := m.Volume(); math.Abs(v/tt.volume-1) > 0.005 {
				t.Errorf("volume %g, want %g", v, tt.volume)
			}
			if a := m.Area(); math.Abs(a/tt.area-1) > 0.005 {
				t.Errorf("area %g, want %g", a, tt.area)
			}
		})
	}
}

// noise fills a grid with small integers, so that zeros and ambiguous cells abound, or with normal values; some are not
// numbers or infinite.
func noise(r *rand.Rand, n [3]int) []float32 {
	values := make([]float32, n[0]*n[1]*n[2])
	whole, bias := r.IntN(2) == 0, r.NormFloat64()/2
	odd := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32, 1e-45}
	for i := range values {
		switch {
		case r.IntN(12) == 0:
			values[i] = odd[r.IntN(len(odd))]
		case whole:
			values[i] = float32(r.IntN(5) - 2)
		default:
			values[i] = float32(r.NormFloat64() + bias)
		}
	}
	return values
}

func fromValues(n [3]int, values []float32) func(k int, out []float32) {
	return func(k int, out []float32) { copy(out, values[k*n[0]*n[1]:]) }
}

// TestIsosurfaceOfNoise meets every case of the table with every neighbour, at the border of the grid too.
func TestIsosurfaceOfNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	side := func() int { return 2 + r.IntN(4) }
	for try := range 10_000 {
		n := [3]int{side(), side(), side()}
		if try%2500 == 0 {
			n = [3]int{60 + r.IntN(10), 20, 20} // around the 64 bits of a word
		}
		g := Grid{N: n, Step: 1}
		m, err := Isosurface(t.Context(), g, fromValues(n, noise(r, n)))
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Triangles) == 0 {
			continue
		}
		c := m.Check()
		if !c.Closed || !c.Manifold || !c.Oriented || c.Volume <= 0 || c.Duplicates > 0 || c.SelfIntersections > 0 {
			t.Fatalf("try %d, %v: %+v", try, n, c)
		}
		used := make([]bool, len(m.Vertices))
		for _, f := range m.Triangles {
			used[f[0]], used[f[1]], used[f[2]] = true, true, true
		}
		if slices.Contains(used, false) {
			t.Fatalf("try %d: a vertex without a face", try)
		}
	}
}

// TestPositive holds the masks to the comparison they stand for.
func TestPositive(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for n := range 65 {
		row := make([]float32, n)
		for i := range row {
			row[i] = math.Float32frombits(r.Uint32())
			if r.IntN(4) == 0 {
				row[i] = []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 1e-45, -1e-45}[r.IntN(7)]
			}
		}
		mask := positive(row)
		for i, f := range row {
			if (mask>>i&1 == 1) != (f > 0) {
				t.Fatalf("%g among %d: %v", f, n, mask>>i&1 == 1)
			}
		}
		if n < 64 && mask>>n != 0 {
			t.Fatalf("%d values, mask %b", n, mask)
		}
	}
}

func TestIsosurfaceRefuses(t *testing.T) {
	for _, n := range []int{-1, 0, 1, maxGridSide + 1} {
		if _, err := Isosurface(context.Background(), Grid{N: [3]int{n, 8, 8}}, nil); !errors.Is(err, ErrGrid) {
			t.Errorf("%d samples: %v", n, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	g, layer := field(16, sphereField)
	if _, err := Isosurface(ctx, g, layer); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
