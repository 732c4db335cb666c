package mesh

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

func decimated1(t *testing.T, m *Mesh, o DecimateOptions) *Mesh {
	t.Helper()
	got, err := m.Decimate(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestDecimateKeepsSolids decimates what marching cubes makes of noise, smoothed a little so that it is not all needles,
// down to almost nothing.
func TestDecimateKeepsSolids(t *testing.T) {
	tried := 0
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 5))
		const n = 14
		values := make([]float32, n*n*n)
		for i := range values {
			values[i] = float32(r.NormFloat64()) - 0.5
		}
		m, err := Isosurface(t.Context(), Grid{N: [3]int{n, n, n}, Step: 1}, func(k int, out []float32) { copy(out, values[k*n*n:]) })
		if err != nil {
			t.Fatal(err)
		}
		before := m.Check()
		if !before.Closed || !before.Manifold {
			continue
		}
		tried++
		for _, faces := range []int{len(m.Triangles) / 2, len(m.Triangles) / 10, 1} {
			after := decimated1(t, m, DecimateOptions{Faces: faces}).Check()
			if !after.Closed || !after.Manifold || !after.Oriented || after.Components != before.Components ||
				after.Genus != before.Genus || after.Degenerate > 0 || after.Duplicates > 0 {
				t.Errorf("seed %d to %d faces: from %+v to %+v", seed, faces, before, after)
			}
		}
	}
	if tried < 12 {
		t.Errorf("only %d meshes were closed manifolds", tried)
	}
}

func TestDecimateDoesNotCross(t *testing.T) {
	for name, m := range map[string]*Mesh{
		"sphere": uvSphere(1, 100, 200), "torus": torus(2, 0.5, 200, 100), "gyroid": isoMesh(t, 60, gyroidField),
	} {
		got := decimated1(t, m, DecimateOptions{Faces: len(m.Triangles) / 10})
		if a, b := m.SelfIntersections(), got.SelfIntersections(); b > a {
			t.Errorf("%s: %d pairs cross, %d before", name, b, a)
		}
		if c := sharpest(got); c < -0.9 {
			t.Errorf("%s: two neighbours are folded onto each other, cosine %g", name, c)
		}
	}
}

// sharpest is the least cosine between the normals of two neighbours.
func sharpest(m *Mesh) float64 {
	least := 1.0
	runs(m.halfEdges(func(int) bool { return true }), func(e []halfEdge) {
		for _, o := range e[1:] {
			least = min(least, dot(wide(m.FaceNormal(int(e[0].face))), wide(m.FaceNormal(int(o.face)))))
		}
	})
	return least
}

func TestDecimateByError(t *testing.T) {
	const r = 50
	m := uvSphere(r, 199, 400)
	last := len(m.Triangles)
	for _, e := range []float64{0.005, 0.05, 0.5} {
		got := decimated1(t, m, DecimateOptions{MaxError: e})
		worst := 0.0
		for _, v := range got.Vertices {
			worst = max(worst, math.Abs(norm(wide(v))-r))
		}
		if worst > 4*e || len(got.Triangles) >= last {
			t.Errorf("error %g: a vertex is %g off, %d faces", e, worst, len(got.Triangles))
		}
		last = len(got.Triangles)
	}
	box := decimated1(t, isoMesh(t, 40, func(x, y, z float64) float64 { return 1 }), DecimateOptions{MaxError: 1e-4})
	if r := box.Check(); len(box.Triangles) > 200 || !r.Closed {
		t.Errorf("a box needs %d faces: %+v", len(box.Triangles), r)
	}
}

// TestDecimateBySmallCorners: a corner that is cut off weighs nothing against the sides, and yet must not be moved
// farther than the error.
func TestDecimateBySmallCorners(t *testing.T) {
	m := isoMesh(t, 90, func(x, y, z float64) float64 {
		far := max(math.Abs(x), math.Abs(y), math.Abs(z))
		return min(0.9-far, 2.6-math.Abs(x)-math.Abs(y)-math.Abs(z))
	})
	const e = 0.002
	got := decimated1(t, m, DecimateOptions{MaxError: e})
	tree := newBVH(got, got.allFaces())
	worst := 0.0
	for _, v := range m.Vertices {
		h, _ := tree.nearest(got, wide(v), math.Inf(1))
		worst = max(worst, math.Sqrt(h.square))
	}
	if t.Logf("off by %.2f errors, %d to %d faces", worst/e, len(m.Triangles), len(got.Triangles)); worst > 4*e || len(got.Triangles) > len(m.Triangles)/20 {
		t.Errorf("off by %g, %d of %d faces", worst, len(got.Triangles), len(m.Triangles))
	}
}

func TestDecimateRepeats(t *testing.T) {
	m := isoMesh(t, 40, gyroidField)
	o := DecimateOptions{Faces: 2000}
	if a, b := decimated1(t, m, o), decimated1(t, m, o); !reflect.DeepEqual(a, b) {
		t.Error("two runs differ")
	}
	if same := decimated1(t, m, DecimateOptions{Faces: len(m.Triangles)}); len(same.Triangles) != len(m.Triangles) || same.Volume() != m.Volume() {
		t.Error("nothing to do, yet something was done")
	}
}

// TestDecimateAtAnyScale: the frame of the mesh does not matter, up to the digits it leaves.
func TestDecimateAtAnyScale(t *testing.T) {
	for _, c := range []struct{ scale, shift float32 }{{1e-20, 0}, {1e20, 0}, {1, 1000}} {
		m := torus(2, 0.5, 80, 50)
		for i := range m.Vertices {
			for k := range 3 {
				m.Vertices[i][k] = m.Vertices[i][k]*c.scale + c.shift
			}
		}
		got := decimated1(t, m, DecimateOptions{Faces: 800})
		if closed, euler := shape(got); !closed || euler != 0 || len(got.Triangles) > 801 || math.Abs(got.Volume()/m.Volume()-1) > 0.02 {
			t.Errorf("%+v: closed %v, Euler %d, %d faces, volume %g of %g", c, closed, euler, len(got.Triangles), got.Volume(), m.Volume())
		}
	}
}

func TestDecimateColors(t *testing.T) {
	m := uvSphere(1, 60, 120)
	m.Colors = make([][4]uint8, len(m.Vertices))
	for i, v := range m.Vertices {
		m.Colors[i] = [4]uint8{0, 0, 200, 255}
		if v[0] > 0 {
			m.Colors[i] = [4]uint8{200, 0, 0, 255}
		}
	}
	got := decimated1(t, m, DecimateOptions{Faces: 1400})
	wrong := 0
	for i, v := range got.Vertices {
		if c := got.Colors[i]; c[3] != 255 || v[0] > 0.1 && c[2] > 40 || v[0] < -0.1 && c[0] > 40 {
			wrong++
		}
	}
	if len(got.Colors) != len(got.Vertices) || wrong > len(got.Vertices)/100 {
		t.Errorf("%d of %d vertices have lost their colour", wrong, len(got.Vertices))
	}
}

func TestDecimateStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := uvSphere(1, 100, 200)
	last := -1.0
	_, err := m.Decimate(ctx, DecimateOptions{Faces: 100}, func(f float64) {
		if f < last || f > 1 {
			t.Errorf("progress %g after %g", f, last)
		}
		if last = f; f > 0.3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || last > 0.5 {
		t.Errorf("%v at %g", err, last)
	}
}

// TestDecimateKeepsColorEdges: on a plane every collapse is free but for the colours, so the seam between two must keep
// its vertices while the rest goes.
func TestDecimateKeepsColorEdges(t *testing.T) {
	const n = 40
	m := &Mesh{}
	for j := range uint32(n + 1) {
		for i := range uint32(n + 1) {
			m.Vertices = append(m.Vertices, [3]float32{float32(i), float32(j), 0})
			c := [4]uint8{0, 0, 255, 255}
			if i > n/2 {
				c = [4]uint8{255, 0, 0, 255}
			}
			m.Colors = append(m.Colors, c)
			if i < n && j < n {
				p := j*(n+1) + i
				m.Triangles = append(m.Triangles, [3]uint32{p, p + 1, p + n + 2}, [3]uint32{p, p + n + 2, p + n + 1})
			}
		}
	}
	got := decimated1(t, m, DecimateOptions{Faces: len(m.Triangles) / 16})
	mixed := 0
	for i, c := range got.Colors {
		if x := got.Vertices[i][0]; c[0] > 20 && c[2] > 20 || x < n/2-1 && c[0] > 20 || x > n/2+2 && c[2] > 20 {
			mixed++
		}
	}
	if mixed > 0 {
		t.Errorf("%d of %d vertices have mixed colours", mixed, len(got.Vertices))
	}
}
