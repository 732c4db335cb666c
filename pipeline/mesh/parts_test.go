package mesh

import (
	"math"
	"testing"
)

func TestKeepLarge(t *testing.T) {
	m := join(cube(0, 0, 0, 10), cube(20, 0, 0, 1), flip(cube(4, 4, 4, 2)), cube(30, 0, 0, 8))
	m.Colors = make([][4]uint8, len(m.Vertices))
	m.Colors[24][0] = 7 // the first corner of the last cube
	label, n := m.Components()
	if n != 4 || label[0] != 0 || label[12] != 1 || label[47] != 3 {
		t.Errorf("%d parts, labels %v", n, label)
	}
	tests := []struct {
		share   float64
		dropped int
		volume  float64
	}{{0, 0, 1000 + 1 - 8 + 512}, {0.005, 1, 1000 - 8 + 512}, {0.1, 2, 1512}, {1, 3, 1000}}
	for _, tt := range tests {
		got, dropped := m.KeepLarge(tt.share)
		if v := got.Volume(); dropped != tt.dropped || math.Abs(v-tt.volume) > 1e-3 {
			t.Errorf("share %g: %d dropped, volume %g", tt.share, dropped, v)
		}
		if len(got.Vertices) != (4-dropped)*8 || len(got.Colors) != len(got.Vertices) {
			t.Errorf("share %g: %d vertices, %d colours", tt.share, len(got.Vertices), len(got.Colors))
		}
		if tt.share == 0.1 && got.Colors[8][0] != 7 {
			t.Errorf("colours are not those of the vertices kept")
		}
	}
	open := edit(join(cube(0, 0, 0, 1), cube(5, 0, 0, 4)), func(m *Mesh) { m.Triangles = m.Triangles[:23] })
	if got, dropped := open.KeepLarge(0.5); dropped != 1 || len(got.Triangles) != 11 {
		t.Errorf("open: %d dropped, %d faces left", dropped, len(got.Triangles))
	}
}

func TestWeld(t *testing.T) {
	m := torus(2, 0.5, 30, 20)
	got := unwelded(m).Weld()
	if r := got.Check(); !r.Clean() || r.Genus != 1 || r.Vertices != len(m.Vertices) || r.Triangles != len(m.Triangles) {
		t.Errorf("%+v", r)
	}
	zero := float32(math.Copysign(0, -1))
	m = &Mesh{Vertices: [][3]float32{{9, 9, 9}, {zero, 0, 0}, {0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 1, 0}},
		Triangles: [][3]uint32{{1, 3, 4}, {5, 2, 3}, {4, 3, 2}, {1, 2, 3}, {3, 4, 99}}}
	if got = m.Weld(); len(got.Vertices) != 3 || len(got.Triangles) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestSmooth(t *testing.T) {
	m := uvSphere(1, 40, 80)
	for i := range m.Vertices { // a ripple far above the pass band
		for k := range 3 {
			m.Vertices[i][k] *= 1 + 0.01*float32(i%2*2-1)
		}
	}
	before := m.Check()
	got, err := m.Smooth(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	after := got.Check()
	if !after.Clean() || math.Abs(after.Volume/before.Volume-1) > 0.01 || after.Area > 0.999*before.Area {
		t.Errorf("volume %g to %g, area %g to %g", before.Volume, after.Volume, before.Area, after.Area)
	}
	open := edit(cube(0, 0, 0, 1), func(m *Mesh) { m.Triangles = m.Triangles[2:] })
	got, err = open.Smooth(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for i := range got.Vertices {
		if got.Vertices[i] != open.Vertices[i] {
			moved++
		}
	}
	if moved != 4 {
		t.Errorf("%d corners moved, want the four away from the hole", moved)
	}
}
