package mesh

import (
	"math"
	"testing"
)

// holed is a square plate, 2 by 2 by 1, with a hole of 24 sides through it.
func holed() *Mesh {
	m := &Mesh{}
	const n = 24
	for _, z := range []float32{0, 1} {
		for i := range n {
			s, c := math.Sincos(2 * math.Pi * float64(i) / n)
			k := 1 / max(math.Abs(s), math.Abs(c))
			m.Vertices = append(m.Vertices, [3]float32{float32(0.5 * c), float32(0.5 * s), z}, [3]float32{float32(k * c), float32(k * s), z})
		}
	}
	quad := func(a, b, c, d uint32) {
		m.Triangles = append(m.Triangles, [3]uint32{a, b, c}, [3]uint32{a, c, d})
	}
	for i := range uint32(n) {
		j := (i + 1) % n
		in, out, inJ, outJ := 2*i, 2*i+1, 2*j, 2*j+1
		const up = 2 * n
		quad(in+up, out+up, outJ+up, inJ+up)
		quad(in, inJ, outJ, out)
		quad(out, outJ, outJ+up, out+up)
		quad(in, in+up, inJ+up, inJ)
	}
	return m
}

// edgeErrors is how far places on the sharp edges of a mesh are from another surface, at most and on average.
func edgeErrors(m, other *Mesh) (worst, mean float64) {
	tree := newBVH(other, other.allFaces())
	n := 0.0
	runs(m.halfEdges(func(int) bool { return true }), func(e []halfEdge) {
		if dot(wide(m.FaceNormal(int(e[0].face))), wide(m.FaceNormal(int(e[1].face)))) > 0.8 {
			return
		}
		a, b := wide(m.Vertices[e[0].key>>32]), wide(m.Vertices[uint32(e[0].key)])
		for i := range 100 {
			t := (float64(i) + 0.5) / 100
			h, _ := tree.nearest(other, blend(a, b, a, [3]float64{1 - t, t, 0}), math.Inf(1))
			worst, mean, n = max(worst, math.Sqrt(h.square)), mean+math.Sqrt(h.square), n+1
		}
	})
	return worst, mean / n
}

// TestSharpened rebuilds solids with edges and corners. As marching cubes leaves them, edges are a quarter to four tenths
// of a step off on average.
func TestSharpened(t *testing.T) {
	tests := []struct {
		name        string
		mesh        *Mesh
		worst, mean float64 // in steps
		faces       int     // at most
	}{
		{"a box along the grid", cube(0, 0, 0, 1), 0.01, 0.001, 12},
		{"a box turned", turned(cube(0, 0, 0, 1), 0.7, 1, [3]float64{}), 0.75, 0.02, 400},
		{"a box turned, large and far", turned(cube(0, 0, 0, 1), 0.2, 300, [3]float64{900, -400, 50}), 0.75, 0.02, 400},
		{"a plate with a hole", holed(), 0.75, 0.02, 600},
		{"a plate with a hole, turned", turned(holed(), 0.4, 1, [3]float64{}), 0.75, 0.02, 600},
		{"a wedge", turned(edit(cube(0, 0, 0, 1), func(m *Mesh) {
			for i := range m.Vertices {
				m.Vertices[i][0] *= 0.02 + 0.3*m.Vertices[i][2]
			}
		}), 0.5, 1, [3]float64{}), 0.75, 0.03, 600},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, did, err := tt.mesh.Solid(t.Context(), SolidOptions{Grid: 96, Rebuild: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			before, c := tt.mesh.Check(), got.Check()
			if !c.Clean() || c.Genus != before.Genus || math.Abs(c.Volume/before.Volume-1) > 1e-3 {
				t.Errorf("from %+v to %+v", before, c)
			}
			worst, mean := edgeErrors(tt.mesh, got)
			worst, mean = worst/did.Step, mean/did.Step
			if t.Logf("edges off by %.3f steps, %.4f on average, %d faces", worst, mean, c.Triangles); worst > tt.worst || mean > tt.mean || c.Triangles > tt.faces {
				t.Errorf("edges off by %.3f steps, %.4f on average, %d faces; want %.3f, %.4f, %d", worst, mean, c.Triangles, tt.worst, tt.mean, tt.faces)
			}
		})
	}
}

func TestHollowKeepsEdges(t *testing.T) {
	m := turned(holed(), 0.4, 20, [3]float64{})
	got, did, err := m.Hollow(t.Context(), HollowOptions{Wall: 2, Drain: 3, Grid: 96}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, mean := edgeErrors(m, got); !got.Check().Clean() || mean > 0.05*did.Step {
		t.Errorf("edges off by %.3f steps on average", mean/did.Step)
	}
}

// TestSharpenedUnion: in the groove between two balls the surface stays on the outer one of them.
func TestSharpenedUnion(t *testing.T) {
	for _, c := range [][4]float64{{9, 2, 1, 7}, {8, 6, 0, 5}, {11, 1, 4, 8.5}} {
		other := [3]float64{c[0], c[1], c[2]}
		m := join(ball(10, 60), moved(ball(c[3], 60), float32(c[0]), float32(c[1]), float32(c[2])))
		got, did, err := m.Solid(t.Context(), SolidOptions{Grid: 96}, nil)
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for _, f := range got.Triangles {
			for _, p := range [2][3]float64{wide(got.Vertices[f[0]]), middle(wide(got.Vertices[f[0]]), wide(got.Vertices[f[1]]))} {
				worst = max(worst, math.Abs(min(norm(p)-10, norm(sub(p, other))-c[3])))
			}
		}
		if t.Logf("off by %.2f steps at most, %d faces", worst/did.Step, len(got.Triangles)); !got.Check().Clean() || worst > 0.6*did.Step || len(got.Triangles) > 8000 {
			t.Errorf("%v: off by %.2f steps, %d faces, %v", c, worst/did.Step, len(got.Triangles), got.Check().Faults())
		}
	}
}
