package render

import (
	"image/color"
	"math"
	"reflect"
	"testing"

	"orfeas/pipeline/mesh"
)

func TestSurfaceNormals(t *testing.T) {
	for _, c := range []struct {
		name  string
		mesh  *mesh.Mesh
		split bool
	}{{"cube", cube(), true}, {"torus", torus(30), false}} {
		s := newSurface(c.mesh)
		if c.split && len(s.vertices) != 24 {
			t.Errorf("%s: %d vertices, want 24", c.name, len(s.vertices))
		}
		if !c.split && len(s.vertices) != len(c.mesh.Vertices) {
			t.Errorf("%s: a smooth mesh was split", c.name)
		}
		for i, tri := range s.triangles {
			f := c.mesh.FaceNormal(i)
			for k, v := range tri {
				if s.vertices[v].at != c.mesh.Vertices[c.mesh.Triangles[i][k]] {
					t.Fatalf("%s: corner %d of triangle %d moved", c.name, k, i)
				}
				if d := dot(s.vertices[v].normal, f); d < sharp || c.split && d < 0.999 {
					t.Errorf("%s: triangle %d's normal is %g off", c.name, i, math.Acos(float64(d)))
				}
			}
		}
	}
}

func TestProxy(t *testing.T) {
	if proxy(ball(60)) != nil {
		t.Error("a small mesh got a proxy")
	}
	m := ball(300)
	p := proxy(m)
	if n := len(p.Triangles); n > proxyFaces || n < proxyFaces/4 {
		t.Errorf("%d triangles", n)
	}
	if !reflect.DeepEqual(p, proxy(m)) {
		t.Error("a second proxy differs")
	}
	if err := check(p); err != nil {
		t.Error(err)
	}
	if a, b := p.Volume(), m.Volume(); math.Abs(a-b) > 0.05*b {
		t.Errorf("volume %g, want about %g", a, b)
	}
	// All in one place, and a thin needle: no cell may be too small to number.
	for _, squash := range []float32{0, 1e-7} {
		flat := m.Clone()
		for i := range flat.Vertices {
			flat.Vertices[i][1] *= squash
			flat.Vertices[i][2] *= squash
		}
		if n := len(proxy(flat).Triangles); n > proxyFaces {
			t.Errorf("squashed by %g: %d triangles", squash, n)
		}
	}
}

func TestShadowLiesUnderTheMesh(t *testing.T) {
	at := func(s *shadow, x, y float32) uint8 {
		return s.pixels[int((y-s.y)/s.side*shadowPixels)*shadowPixels+int((x-s.x)/s.side*shadowPixels)]
	}
	s := newShadow(cube())
	if at(s, 0, 0) < 250 || at(s, 28, 0) > 60 || s.pixels[0] != 0 {
		t.Errorf("cube: middle %d, beside %d, corner %d", at(s, 0, 0), at(s, 28, 0), s.pixels[0])
	}
	s = newShadow(torus(40))
	if at(s, 0, 0) > 20 || at(s, 30, 0) < 100 {
		t.Errorf("torus: hole %d, ring %d", at(s, 0, 0), at(s, 30, 0))
	}
}

func TestCheck(t *testing.T) {
	nan := float32(math.NaN())
	for name, spoil := range map[string]func(m *mesh.Mesh){
		"index":    func(m *mesh.Mesh) { m.Triangles[3][1] = 8 },
		"nan":      func(m *mesh.Mesh) { m.Vertices[2][0] = nan },
		"infinite": func(m *mesh.Mesh) { m.Vertices[2][2] = float32(math.Inf(-1)) },
		"colours":  func(m *mesh.Mesh) { m.Colors = make([][4]uint8, 3) },
	} {
		m := cube()
		spoil(m)
		if _, err := Preview(m, 32, 32); err == nil {
			t.Errorf("%s: drawn", name)
		}
	}
	for _, size := range [][2]int{{0, 5}, {5, -1}, {8193, 1}, {8000, 8000}, {1 << 40, 1 << 40}} {
		if _, err := Preview(cube(), size[0], size[1]); err == nil {
			t.Errorf("a picture of %v was drawn", size)
		}
	}
}

func TestPreview(t *testing.T) {
	img, err := Preview(cube(), 100, 80)
	if err != nil {
		t.Fatal(err)
	}
	if img.NRGBAAt(0, 0) != (color.NRGBA{}) || img.NRGBAAt(50, 40).A != 255 {
		t.Errorf("corner %v, middle %v", img.NRGBAAt(0, 0), img.NRGBAAt(50, 40))
	}
	if img, err := Preview(&mesh.Mesh{}, 10, 10); err != nil || img.NRGBAAt(5, 5).A != 0 {
		t.Errorf("an empty mesh: %v", err)
	}
}

func TestTransferFunction(t *testing.T) {
	for i := range 256 {
		if got := gamma(linear(float64(i)/255)) * 255; math.Abs(got-float64(i)) > 1e-6 {
			t.Errorf("%d becomes %g", i, got)
		}
	}
}
