package mesh

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// without drops the faces that gone tells.
func without(m *Mesh, gone func(f int) bool) *Mesh {
	out := &Mesh{Vertices: m.Vertices}
	for f, t := range m.Triangles {
		if !gone(f) {
			out.Triangles = append(out.Triangles, t)
		}
	}
	return out
}

func moved(m *Mesh, x, y, z float32) *Mesh {
	return edit(m, func(m *Mesh) {
		for i, v := range m.Vertices {
			m.Vertices[i] = [3]float32{v[0] + x, v[1] + y, v[2] + z}
		}
	})
}

// apart shrinks every face about its own middle.
func apart(m *Mesh, share float32) *Mesh {
	out := unwelded(m)
	for _, t := range out.Triangles {
		var middle [3]float32
		for _, v := range t {
			for k := range middle {
				middle[k] += out.Vertices[v][k] / 3
			}
		}
		for _, v := range t {
			for k := range middle {
				out.Vertices[v][k] += share * (middle[k] - out.Vertices[v][k])
			}
		}
	}
	return out
}

func ball(r float64, fine int) *Mesh { return uvSphere(r, fine-1, 2*fine) }

// TestSolidZoo makes a solid of everything that goes wrong with meshes, and knows what should come out.
func TestSolidZoo(t *testing.T) {
	whole := ball(10, 48)
	volume := whole.Volume()
	r := rand.New(rand.NewPCG(1, 2))
	lens := math.Pi * (4*10 + 10) * (2*10 - 10) * (2*10 - 10) / 12 // of two balls of radius 10 whose middles are 10 apart
	tests := []struct {
		name       string
		mesh       *Mesh
		volume     float64
		within     float64 // share
		components int
		rebuilt    bool
		want       Repair // what must be told; 0 for no look
	}{
		{"a good ball", whole, volume, 1e-9, 1, false, Repair{}},
		{"no shared vertices", unwelded(whole), volume, 1e-9, 1, false, Repair{}},
		{"inside out", flip(whole), volume, 1e-9, 1, false, Repair{Flipped: len(whole.Triangles)}},
		{"some faces turned", edit(whole, func(m *Mesh) {
			for f := range m.Triangles {
				if r.IntN(5) == 0 {
					m.Triangles[f][0], m.Triangles[f][1] = m.Triangles[f][1], m.Triangles[f][0]
				}
			}
		}), volume, 1e-9, 1, false, Repair{}},
		{"faces twice", edit(whole, func(m *Mesh) { m.Triangles = append(m.Triangles, m.Triangles[:50]...) }), volume, 1e-9, 1, false, Repair{Dropped: 50}},
		{"broken faces", edit(whole, func(m *Mesh) {
			m.Vertices = append(m.Vertices, [3]float32{float32(math.NaN()), 0, 0})
			m.Triangles = append(m.Triangles, [3]uint32{0, 1, uint32(len(m.Vertices) - 1)}, [3]uint32{5, 5, 6}, [3]uint32{1, 2, 1 << 30})
		}), volume, 1e-9, 1, false, Repair{Dropped: 3}},
		{"two small holes", without(whole, func(f int) bool { return f == 500 || f == 900 || f == 901 }), volume, 1e-3, 1, false, Repair{Holes: 2}},
		{"half a ball", without(whole, func(f int) bool {
			t := whole.Triangles[f]
			return whole.Vertices[t[0]][2]+whole.Vertices[t[1]][2]+whole.Vertices[t[2]][2] > 0.5
		}), volume / 2, 0.01, 1, false, Repair{Holes: 1}},
		{"a hole too wide for faces", without(ball(10, 128), func(f int) bool { return f%2 == 0 && f < 512 }), volume, 0.01, 1, true, Repair{}},
		{"an inner shell", join(whole, ball(9, 40)), volume, 1e-9, 1, false, Repair{Inner: 1}},
		{"a cavity", join(whole, flip(ball(9, 40))), volume, 1e-9, 1, false, Repair{Inner: 1}},
		{"two balls apart", join(whole, moved(whole, 30, 0, 0)), 2 * volume, 1e-6, 2, false, Repair{}},
		{"two balls that overlap", join(whole, moved(whole, 10, 0, 0)), 2*4./3*math.Pi*1000 - lens, 0.005, 1, true, Repair{}},
		{"one of them inside out", join(whole, flip(moved(whole, 10, 0, 0))), 2*4./3*math.Pi*1000 - lens, 0.005, 1, true, Repair{}},
		{"boxes that overlap, their sides in one plane", join(cube(0, 0, 0, 1), moved(cube(0, 0, 0, 1), 0.5, 0, 0)), 1.5, 0.01, 1, true, Repair{}},
		{"a box in four walls, open at two ends", without(cube(0, 0, 0, 1), func(f int) bool { return f < 4 }), 1, 0.01, 1, false, Repair{Holes: 2}},
		{"all faces a little apart", apart(whole, 0.02), volume, 0.01, 1, true, Repair{}},
		{"cubes that share an edge", join(cube(0, 0, 0, 1), cube(1, 1, 0, 1)).Weld(), 2, 0.03, 0, true, Repair{}},
		{"a wall inside", edit(cube(0, 0, 0, 1), func(m *Mesh) {
			m.Triangles = append(m.Triangles, [3]uint32{0, 3, 7}, [3]uint32{0, 7, 4})
		}), 1, 0.01, 1, true, Repair{}},
		{"a fin on a ball", join(whole, &Mesh{Vertices: [][3]float32{{9, -1, 0}, {14, -1, 0}, {14, 1, 0}, {9, 1, 0}}, Triangles: [][3]uint32{{0, 1, 2}, {0, 2, 3}}}), volume, 0.02, 1, true, Repair{}},
		{"a sheet", &Mesh{Vertices: [][3]float32{{0, 0, 0}, {10, 0, 0}, {10, 10, 0}, {0, 10, 0}}, Triangles: [][3]uint32{{0, 1, 2}, {0, 2, 3}}}, 200 * 10. / 128, 0.15, 1, true, Repair{Sheets: 1}},
		{"a Moebius strip", moebius(60), 0, 0, 1, true, Repair{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, did, err := tt.mesh.Solid(t.Context(), SolidOptions{Grid: 128}, nil)
			if err != nil {
				t.Fatal(err)
			}
			c := got.Check()
			if !c.Clean() || (did.Step > 0) != tt.rebuilt || tt.components > 0 && c.Components != tt.components {
				t.Errorf("%v: %+v", did, c)
			}
			if tt.volume > 0 && math.Abs(c.Volume/tt.volume-1) > tt.within {
				t.Errorf("%v: volume %.5g, want %.5g", did, c.Volume, tt.volume)
			}
			w := tt.want
			if w.Dropped > 0 && did.Dropped != w.Dropped || w.Flipped > 0 && did.Flipped != w.Flipped || w.Holes > 0 && did.Holes != w.Holes ||
				w.Inner > 0 && did.Inner != w.Inner || w.Sheets > 0 && math.Abs(did.Sheets-w.Sheets) > 1e-6 {
				t.Errorf("did %+v, want %+v", did, w)
			}
			t.Logf("%v; %d faces", did, c.Triangles)
		})
	}
}

func TestSolidKeepsSurface(t *testing.T) {
	m := torus(20, 5, 200, 100)
	got, _, err := m.Solid(t.Context(), SolidOptions{Grid: 128, Rebuild: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := 50. / 128
	for _, v := range got.Vertices {
		d := math.Hypot(math.Hypot(float64(v[0]), float64(v[1]))-20, float64(v[2])) - 5
		if math.Abs(d) > 0.2*h {
			t.Fatalf("a vertex lies %.3f steps off the torus", d/h)
		}
	}
	if c := got.Check(); c.Genus != 1 {
		t.Errorf("genus %d", c.Genus)
	}
}

func TestSolidCarriesColors(t *testing.T) {
	m := join(cube(0, 0, 0, 1), moved(cube(0, 0, 0, 1), 0.4, 0.3, 0.2))
	for i := range m.Vertices {
		c := [4]uint8{200, 0, 0, 255}
		if i >= 8 {
			c = [4]uint8{0, 0, 200, 255}
		}
		m.Colors = append(m.Colors, c)
	}
	got, _, err := m.Solid(t.Context(), SolidOptions{Grid: 48}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Vertices {
		if want := uint8(200); v[0] < 0.3 && got.Colors[i] != [4]uint8{want, 0, 0, 255} || v[0] > 1.1 && got.Colors[i] != [4]uint8{0, 0, want, 255} {
			t.Fatalf("%v is %v", v, got.Colors[i])
		}
	}
}

// TestSolidOfAnything: whatever the soup, a clean solid or ErrNothing.
func TestSolidOfAnything(t *testing.T) {
	for seed := range uint64(60) {
		m := soup(rand.New(rand.NewPCG(seed, 9)))
		before := m.Clone()
		got, did, err := m.Solid(t.Context(), SolidOptions{Grid: MinGrid}, nil)
		if errors.Is(err, ErrNothing) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if c := got.Check(); !c.Clean() {
			t.Errorf("seed %d: %v: %+v", seed, did, c)
		}
		again, _, _ := m.Solid(t.Context(), SolidOptions{Grid: MinGrid}, nil)
		if !reflect.DeepEqual(got, again) {
			t.Errorf("seed %d: two runs differ", seed)
		}
		if len(before.Triangles) > 0 && !reflect.DeepEqual(before.Triangles, m.Triangles) {
			t.Fatalf("seed %d: the mesh was changed", seed)
		}
	}
	if _, _, err := (&Mesh{}).Solid(t.Context(), SolidOptions{}, nil); !errors.Is(err, ErrNothing) {
		t.Error(err)
	}
}

func TestSolidStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stopped := false
	_, _, err := torus(20, 5, 60, 40).Solid(ctx, SolidOptions{Rebuild: true}, func(text string, f float64) {
		if strings.HasPrefix(text, "rebuilding") {
			stopped = true
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || !stopped {
		t.Errorf("%v, stopped %v", err, stopped)
	}
}
