package mesh

import (
	"math"
	"testing"
)

func TestOrientations(t *testing.T) {
	// A mushroom standing on its stem, a cone on its tip, and a box tipped onto an edge.
	mushroom := join(boxed(8, 8, 0, 4, 4, 10), boxed(0, 0, 10.5, 20, 20, 4))
	cone := &Mesh{Vertices: [][3]float32{{0, 0, 0}}}
	const n = 64
	for i := range n {
		a := 2 * math.Pi * float64(i) / n
		cone.Vertices = append(cone.Vertices, [3]float32{float32(10 * math.Cos(a)), float32(10 * math.Sin(a)), 20})
		cone.Triangles = append(cone.Triangles, [3]uint32{0, uint32((i+1)%n + 1), uint32(i + 1)})
	}
	for i := uint32(2); i < n; i++ {
		cone.Triangles = append(cone.Triangles, [3]uint32{1, i, i + 1})
	}
	if !cone.Check().Clean() {
		t.Fatal("the cone is none")
	}
	tipped := boxed(0, 0, 0, 10, 20, 40).Laid([3]float64{0, math.Sqrt(0.5), -math.Sqrt(0.5)})
	tests := []struct {
		name    string
		mesh    *Mesh
		contact float64
		height  float64
	}{
		{"a mushroom goes on its head", mushroom, 400, 14.5},
		{"a cone goes on its foot", cone, math.Pi * 100, 20},
		{"a tipped box lies down", tipped, 800, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all, err := tt.mesh.Orientations(t.Context(), DefaultPrinter)
			if err != nil {
				t.Fatal(err)
			}
			best := all[0]
			if math.Abs(best.Contact/tt.contact-1) > 0.01 || math.Abs(best.Height/tt.height-1) > 0.01 || !best.Stable {
				t.Errorf("%+v", best)
			}
			laid := tt.mesh.Laid(best.Down)
			r := laid.Check()
			if _, contact := laid.overhang([3]float64{0, 0, -1}, DefaultPrinter); math.Abs(contact/best.Contact-1) > 1e-3 {
				t.Errorf("laid down it has a contact of %g, not %g", contact, best.Contact)
			}
			if was := tt.mesh.Check(); r.Outward != was.Outward || math.Abs(r.Volume/was.Volume-1) > 1e-5 || math.Abs(float64(r.Min[2])) > 1e-5 {
				t.Errorf("laid down: %+v", r)
			}
		})
	}
	for _, o := range orientationsOf(t, cone) {
		if o.Down[2] < -0.999 && o.Stable {
			t.Error("a cone on its tip is stable")
		}
	}
}

func orientationsOf(t *testing.T, m *Mesh) []Orientation {
	t.Helper()
	all, err := m.Orientations(t.Context(), DefaultPrinter)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLaid(t *testing.T) {
	m := boxed(0, 0, 0, 1, 2, 3)
	for _, down := range [][3]float64{{0, 0, -1}, {0, 0, 1}, {1, 0, 0}, {0, -1, 0}, {0.6, 0, 0.8}, {0.48, 0.6, -0.64}} {
		lowest, got := math.Inf(-1), m.Laid(down)
		at := 0
		for i, v := range m.Vertices {
			if d := dot(wide(v), down); d > lowest {
				lowest, at = d, i
			}
		}
		if z := got.Vertices[at][2]; math.Abs(float64(z)) > 1e-5 || !got.Check().Clean() {
			t.Errorf("%v: what should be lowest is %g high", down, z)
		}
	}
}
