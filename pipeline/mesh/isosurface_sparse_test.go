package mesh

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sparseField samples f and counts how often.
func sparseField(f func(x, y, z float64) float64, count *int) Field {
	return Field{Sample: func(_ context.Context, points [][3]float32, values []float32) error {
		*count += len(points)
		for i, p := range points {
			values[i] = float32(f(float64(p[0]), float64(p[1]), float64(p[2])))
		}
		return nil
	}}
}

// narrowly rounds the place as the points of a Field are.
func narrowly(f func(x, y, z float64) float64) func(x, y, z float64) float64 {
	return func(x, y, z float64) float64 {
		return f(float64(float32(x)), float64(float32(y)), float64(float32(z)))
	}
}

func sameMesh(a, b *Mesh) bool {
	return slices.Equal(a.Vertices, b.Vertices) && slices.Equal(a.Triangles, b.Triangles)
}

func TestIsosurfaceSparse(t *testing.T) {
	fields := []struct {
		name string
		f    func(x, y, z float64) float64
	}{{"sphere", sphereField}, {"torus", torusField}, {"gyroid", gyroidField}}
	for _, c := range fields {
		for _, n := range []int{64, 65, 129, 256, 257} {
			if testing.Short() && n > 129 {
				continue
			}
			t.Run(fmt.Sprintf("%s_%d", c.name, n), func(t *testing.T) {
				g, layer := field(n, narrowly(c.f))
				want, err := Isosurface(t.Context(), g, layer)
				if err != nil {
					t.Fatal(err)
				}
				count, last := 0, 0.0
				f := sparseField(c.f, &count)
				f.Step = func(x float64) {
					if x < last || x > 1 {
						t.Errorf("progress %g after %g", x, last)
					}
					last = x
				}
				got, err := IsosurfaceSparse(t.Context(), g, f)
				if err != nil {
					t.Fatal(err)
				}
				if !sameMesh(got, want) {
					t.Errorf("%d vertices, %d triangles; dense %d and %d", len(got.Vertices), len(got.Triangles), len(want.Vertices), len(want.Triangles))
				}
				share := float64(count) / float64(n*n*n)
				t.Logf("%.1f %% of the samples", 100*share)
				if last != 1 || n >= 256 && share > 0.15 {
					t.Errorf("progress ends at %g, %.1f %% of the samples taken", last, 100*share)
				}
			})
		}
	}
}

// TestIsosurfaceSparseAllSides tries sides that no power of two divides, unequal ones, and every stride.
func TestIsosurfaceSparseAllSides(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 2))
	for try := range 150 {
		n := [3]int{8 + r.IntN(40), 8 + r.IntN(70), 8 + r.IntN(40)}
		centre := [3]float64{r.Float64() * float64(n[0]), r.Float64() * float64(n[1]), r.Float64() * float64(n[2])}
		radius := 10 + 20*r.Float64() // reaches over the border
		ball := func(x, y, z float64) float64 { return radius - norm(sub([3]float64{x, y, z}, centre)) }
		g := Grid{N: n, Step: 1}
		want, err := Isosurface(t.Context(), g, func(k int, out []float32) {
			for i := range out {
				out[i] = float32(ball(float64(i%n[0]), float64(i/n[0]), float64(k)))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		f := sparseField(ball, &count)
		f.Stride, f.Batch, f.Slope = 1+r.IntN(20), 1+r.IntN(3000), 1
		got, err := IsosurfaceSparse(t.Context(), g, f)
		if err != nil {
			t.Fatal(err)
		}
		if !sameMesh(got, want) || count > n[0]*n[1]*n[2] {
			t.Fatalf("try %d: %v stride %d: %d triangles of %d, %d evaluations", try, n, f.Stride, len(got.Triangles), len(want.Triangles), count)
		}
	}
}

// TestIsosurfaceSparseFollows: a long thin handle that the coarse grid cannot see hangs on a ball that it can; with the
// slope of the field known even a bead apart is found.
func TestIsosurfaceSparseFollows(t *testing.T) {
	thin := func(x, y, z float64) float64 {
		q := math.Hypot(x-0.3, y) - 0.45
		return max(0.25-norm([3]float64{x + 0.3, y, z}), 0.02-math.Hypot(q, z-0.013))
	}
	beads := func(x, y, z float64) float64 {
		return max(thin(x, y, z), 0.025-norm([3]float64{x + 0.83, y - 0.71, z - 0.61}))
	}
	for _, c := range []struct {
		name  string
		f     func(x, y, z float64) float64
		slope float64
		whole bool
	}{{"handle", thin, 0, true}, {"bead", beads, 1, true}, {"bead unseen", beads, 0, false}} {
		g, layer := field(128, narrowly(c.f))
		want, err := Isosurface(t.Context(), g, layer)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		f := sparseField(c.f, &count)
		f.Slope = c.slope
		got, err := IsosurfaceSparse(t.Context(), g, f)
		if err != nil {
			t.Fatal(err)
		}
		if r := got.Check(); sameMesh(got, want) != c.whole || r.Genus != 1 || count > 128*128*128/10 {
			t.Errorf("%s: %d triangles of %d, genus %d, %d evaluations", c.name, len(got.Triangles), len(want.Triangles), r.Genus, count)
		}
	}
}

// TestIsosurfaceSparseOfNoise: whatever the field, the mesh is a closed 2-manifold.
func TestIsosurfaceSparseOfNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for try := range 200 {
		n := [3]int{2 + r.IntN(20), 2 + r.IntN(20), 2 + r.IntN(20)}
		values, left := noise(r, n), r.Float32()
		f := Field{Stride: 1 << r.IntN(5), Sample: func(_ context.Context, points [][3]float32, out []float32) error {
			for i, p := range points {
				v := values[(int(p[2])*n[1]+int(p[1]))*n[0]+int(p[0])]
				if v < left { // now and then a calm field, that the surface is not everywhere
					v = -1
				}
				out[i] = v
			}
			return nil
		}}
		m, err := IsosurfaceSparse(t.Context(), Grid{N: n, Step: 1}, f)
		if err != nil {
			t.Fatal(err)
		}
		if c := m.Check(); len(m.Triangles) > 0 && (!c.Closed || !c.Manifold || !c.Oriented || c.SelfIntersections > 0) {
			t.Fatalf("try %d: %v stride %d: %+v", try, n, f.Stride, c)
		}
	}
}

func TestIsosurfaceSparseRefuses(t *testing.T) {
	for _, n := range []int{-1, 1, maxSparseSide + 1} {
		if _, err := IsosurfaceSparse(t.Context(), Grid{N: [3]int{8, n, 8}}, Field{}); !errors.Is(err, ErrGrid) {
			t.Errorf("%d samples: %v", n, err)
		}
	}
	g := Grid{N: [3]int{64, 64, 64}, Step: 1}
	broken := errors.New("broken")
	calls := 0
	f := Field{Batch: 100, Sample: func(_ context.Context, p [][3]float32, v []float32) error {
		if calls++; len(p) > 100 || len(v) != len(p) {
			t.Errorf("%d points, %d values", len(p), len(v))
		}
		if calls == 3 {
			return broken
		}
		return nil
	}}
	if _, err := IsosurfaceSparse(t.Context(), g, f); !errors.Is(err, broken) || calls != 3 {
		t.Errorf("after %d calls: %v", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.Sample = func(_ context.Context, p [][3]float32, v []float32) error { cancel(); return nil }
	if _, err := IsosurfaceSparse(ctx, g, f); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
