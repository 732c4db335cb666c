//go:build !headless

package render

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"orfeas/pipeline/mesh"
)

// prism is a bar along y, 40 long, with the given corners in x and z, anticlockwise seen from the front.
func prism(corners ...[2]float32) *mesh.Mesh {
	m := &mesh.Mesh{}
	n := uint32(len(corners))
	for _, y := range []float32{-20, 20} {
		for _, c := range corners {
			m.Vertices = append(m.Vertices, [3]float32{c[0], y, c[1]})
		}
	}
	for i := range n {
		j := (i + 1) % n
		m.Triangles = append(m.Triangles, [3]uint32{i, i + n, j}, [3]uint32{j, i + n, j + n})
		if i > 1 {
			m.Triangles = append(m.Triangles, [3]uint32{0, i - 1, i}, [3]uint32{n, n + i, n + i - 1})
		}
	}
	return m
}

// like reports how far two colours are apart when the brighter one's strongest channel is made that of the other.
func like(got color.NRGBA, want [3]float32) float32 {
	g := [3]float32{float32(got.R), float32(got.G), float32(got.B)}
	a, b := max(g[0], g[1], g[2], 1), max(want[0], want[1], want[2])
	off := float32(0)
	for k := range g {
		off = max(off, abs(g[k]/a-want[k]/b))
	}
	return off
}

// TestOverhangColours looks straight at a face that leans out by a known angle.
func TestOverhangColours(t *testing.T) {
	v := open(t)
	for _, c := range []struct{ degrees, limit float32 }{{30, 45}, {44, 45}, {46, 45}, {60, 45}, {80, 45}, {60, 70}, {40, 30}} {
		s, co := sincos(c.degrees * math.Pi / 180)
		// The right side goes out from the foot of a post, rising along (sin, cos).
		m := prism([2]float32{0, 0}, [2]float32{30 * s, 30 * co}, [2]float32{-40, 30 * co}, [2]float32{-40, 0})
		if !m.Check().Clean() {
			t.Fatal(m.Check().Faults())
		}
		show(t, v, m)
		// Its normal is (cos, 0, -sin): the camera looks from there.
		cam := Camera{Target: [3]float32{15 * s, 0, 15 * co}, Yaw: -math.Pi / 2, Pitch: -c.degrees * math.Pi / 180, Distance: 150}
		got := shoot(t, v, cam, Shading{Mode: Overhang, Limit: c.limit}, 64, 64).NRGBAAt(32, 32)
		want := overhangRamp.color((c.degrees - c.limit) / (90 - c.limit))
		if c.degrees < c.limit {
			want = ramp{{0, noOverhang}, {1, someLean}}.color(c.degrees / c.limit)
		}
		if off := like(got, want); off > 0.03 {
			t.Errorf("%g° with a limit of %g°: %v, want like %v (off by %.3f)", c.degrees, c.limit, got, want, off)
		}
	}
	show(t, v, cube())
	below := Camera{Target: [3]float32{0, 0, 20}, Pitch: -maxPitch, Distance: 150}
	if got := shoot(t, v, below, Shading{Mode: Overhang}, 64, 64).NRGBAAt(32, 32); like(got, onTheBed) > 0.03 {
		t.Errorf("what lies on the bed is %v", got)
	}
}

// TestThicknessMap measures plates of known thickness, right up to their rims, and a wedge across its width.
func TestThicknessMap(t *testing.T) {
	v := open(t)
	above := Camera{Pitch: maxPitch, Distance: 200}
	at := func(m *mesh.Mesh, x float32) color.NRGBA {
		show(t, v, m)
		h, err := Walls(t.Context(), m, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.SetThickness(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		px, py, _ := above.Project([3]float32{x, 0, 4}, 200, 200)
		return shoot(t, v, above, Shading{Mode: Thickness}, 200, 200).NRGBAAt(int(px), int(py))
	}
	for _, mm := range []float32{0.3, 0.8, 2, 6, 15} {
		m := prism([2]float32{-30, 0}, [2]float32{30, 0}, [2]float32{30, mm}, [2]float32{-30, mm})
		for _, x := range []float32{0, 20, -28.5} {
			if got, want := at(m, x), thicknessRamp.color(thicknessAt(float64(mm))); like(got, want) > 0.04 {
				t.Errorf("%g mm at %g: %v, want like %v", mm, x, got, want)
			}
		}
	}
	// Straight down from a face that rises by 1 in 6, at right angles to it.
	wedge := prism([2]float32{-30, 0}, [2]float32{30, 0}, [2]float32{30, 10})
	for _, x := range []float32{-20, 0, 20} {
		want := thicknessRamp.color(thicknessAt(float64(x+30) / 6 / math.Cos(math.Atan(1./6))))
		if got := at(wedge, x); like(got, want) > 0.06 {
			t.Errorf("wedge at %g: %v, want like %v", x, got, want)
		}
	}
	// A new mesh has no map yet, and is drawn plain.
	show(t, v, cube())
	plain := shoot(t, v, above, Shading{Mode: Solid}, 32, 32)
	if got := shoot(t, v, above, Shading{Mode: Thickness}, 32, 32); fmt.Sprint(got.Pix) != fmt.Sprint(plain.Pix) {
		t.Error("the thickness of another mesh shows")
	}
}

func TestRefined(t *testing.T) {
	m := prism([2]float32{-40, 0}, [2]float32{40, 0}, [2]float32{-40, 1})
	fine := refined(m, 3)
	if r := fine.Check(); !r.Clean() {
		t.Error(r.Faults())
	}
	if a, b := m.Area(), fine.Area(); math.Abs(a-b) > 1e-3*a {
		t.Errorf("area %g, was %g", b, a)
	}
	for _, tri := range fine.Triangles {
		for k := range tri {
			if l := length(along(fine.Vertices[tri[k]], fine.Vertices[tri[(k+1)%3]], -1)); l > 3 {
				t.Fatalf("an edge is %g long", l)
			}
		}
	}
	if ball := ball(20); refined(ball, 1e6).Triangles[0] != ball.Triangles[0] || len(refined(ball, 1e6).Triangles) != len(ball.Triangles) {
		t.Error("what is fine enough was refined")
	}
}

func TestRampsAgree(t *testing.T) {
	for _, r := range []ramp{thicknessRamp, overhangRamp} {
		for _, s := range r {
			if c := r.color(s.at); !near(c[0], s.color[0], 1e-6) || !near(c[1], s.color[1], 1e-6) || !near(c[2], s.color[2], 1e-6) {
				t.Errorf("at %g: %v, want %v", s.at, r.color(s.at), s.color)
			}
		}
	}
	if thicknessAt(0.01) != 0 || thicknessAt(math.Inf(1)) != 1 || !near(thicknessAt(2), 0.5, 1e-6) {
		t.Error(thicknessAt(0.01), thicknessAt(math.Inf(1)), thicknessAt(2))
	}
}
