package mesh

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
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

// TestIsosurfaceOfNoise meets every case of the table, at the border of the grid too.
func TestIsosurfaceOfNoise(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		const n = 20
		values := make([]float32, n*n*n)
		for i := range values {
			values[i] = float32(r.IntN(5) - 2)
		}
		m, err := Isosurface(context.Background(), Grid{N: [3]int{n, n, n}, Step: 1}, func(k int, out []float32) { copy(out, values[k*n*n:]) })
		if err != nil {
			t.Fatal(err)
		}
		if closed, _ := shape(m); !closed || m.Volume() <= 0 {
			t.Fatalf("seed %d: closed %v, volume %g", seed, closed, m.Volume())
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

func BenchmarkIsosurface(b *testing.B) {
	for _, n := range []int{256, 512} {
		for name, f := range map[string]func(x, y, z float64) float64{"torus": torusField, "gyroid": gyroidField} {
			g, layer := field(n, f)
			values := make([][]float32, n)
			for k := range values {
				values[k] = make([]float32, n*n)
				layer(k, values[k])
			}
			b.Run(fmt.Sprintf("%s_%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Isosurface(context.Background(), g, func(k int, out []float32) { copy(out, values[k]) }); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// TestNoCaseCrosses: with the vertices in the middles of the edges, in no case do faces cross; uncrossed relies on it.
func TestNoCaseCrosses(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	crossed := 0
	for c := range 256 {
		for try := range 20 {
			g := Grid{N: [3]int{2, 2, 2}, Step: 1}
			m, err := Isosurface(t.Context(), g, func(k int, out []float32) {
				for i := range out {
					if out[i] = 1; try > 0 {
						out[i] = float32(math.Pow(r.Float64()+1e-3, 3))
					}
					if c>>(4*k+i)&1 == 0 {
						out[i] = -out[i]
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := m.SelfIntersections(); n > 0 {
				crossed++
				if try == 0 {
					t.Errorf("case %d crosses %d times", c, n)
				}
			}
			if u := m.uncrossed(g); u.SelfIntersections() > 0 || len(u.Vertices) != len(m.Vertices) {
				t.Errorf("case %d still crosses", c)
			}
		}
	}
	if crossed == 0 {
		t.Error("no case crossed, so nothing was tried")
	}
}
