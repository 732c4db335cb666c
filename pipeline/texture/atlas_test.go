package texture

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"

	"orfeas/pipeline/mesh"
)

func shapes() map[string]*mesh.Mesh {
	// A ramp that winds round twice: seen from above it lies over itself, though all of it looks up.
	helix := &mesh.Mesh{}
	for i := range 121 {
		s, c := math.Sincos(4 * math.Pi * float64(i) / 120)
		for _, r := range []float64{0.5, 1} {
			helix.Vertices = append(helix.Vertices, [3]float32{float32(r * c), float32(r * s), float32(i) / 120})
		}
		if i > 0 {
			n := uint32(2 * i)
			helix.Triangles = append(helix.Triangles, [3]uint32{n - 2, n - 1, n + 1}, [3]uint32{n - 2, n + 1, n})
		}
	}
	rough := ball(24, [3]float64{1, 1, 1})
	for i := range rough.Vertices {
		f := 1 + 0.08*float32(i*2654435761>>8%1000)/1000
		for k := range 3 {
			rough.Vertices[i][k] *= f
		}
	}
	return map[string]*mesh.Mesh{
		"cube": cuboid([3]float32{-1, -1, -1}, [3]float32{1, 1, 1}), "ball": ball(40, [3]float64{1, 1, 1}), "figure": figure(), "helix": helix, "rough": rough,
	}
}

func TestAtlas(t *testing.T) {
	for name, m := range shapes() {
		const size = 512
		a, err := Unwrap(context.Background(), m, size)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		covered, scale := 0.0, 0.0
		for f, uv := range a.UVs {
			for _, c := range uv {
				if !(c[0] >= 0 && c[0] <= 1 && c[1] >= 0 && c[1] <= 1) {
					t.Fatalf("%s: face %d lies at %v", name, f, uv)
				}
			}
			scale = max(scale, math.Sqrt(flat(uv)*size*size/spatial(m, f)))
			covered += flat(uv)
		}
		// No face is drawn larger than its neighbours, none smaller than its tilt allows, and none is turned over.
		for f, uv := range a.UVs {
			ratio := flat(uv) * size * size / spatial(m, f) / scale / scale
			if ratio < chartTilt*0.98 || ratio > 1.001 {
				t.Fatalf("%s: face %d has %g of the texture it should have", name, f, ratio)
			}
		}
		if covered < 0.35 {
			t.Errorf("%s: %.2f of the texture is used", name, covered)
		}
		apartEnough(t, name, a)
	}
}

// flat is the area of a face on the texture, positive where it is not turned over (v goes down), of the whole.
func flat(uv [3][2]float32) float64 {
	ax, ay := float64(uv[1][0]-uv[0][0]), float64(uv[1][1]-uv[0][1])
	bx, by := float64(uv[2][0]-uv[0][0]), float64(uv[2][1]-uv[0][1])
	return -(ax*by - ay*bx) / 2
}

func spatial(m *mesh.Mesh, f int) float64 {
	t := m.Triangles[f]
	o := wide(m.Vertices[t[0]])
	x := cross(sub(wide(m.Vertices[t[1]]), o), sub(wide(m.Vertices[t[2]]), o))
	return math.Sqrt(dot(x, x)) / 2
}

// apartEnough holds the pixels that the charts cover against each other: no pixel of two faces, but for edges that pass
// through its centre, and none nearer to another chart than the padding.
func apartEnough(t *testing.T, name string, a *Atlas) {
	t.Helper()
	owner := make([]int32, a.Size*a.Size)
	for i := range owner {
		owner[i] = -1
	}
	double := 0
	for f, uv := range a.UVs {
		var c [3][3]float32
		for k := range c {
			c[k] = [3]float32{uv[k][0] * float32(a.Size), uv[k][1] * float32(a.Size)}
		}
		cover(c[0], c[1], c[2], a.Size, a.Size, func(p int, u, v, w float32) {
			if owner[p] >= 0 && min(u, v, w) > 0.01 {
				double++
			}
			owner[p] = a.chart[f]
		})
	}
	if double > a.Size*a.Size/20_000 {
		t.Errorf("%s: %d pixels are covered twice", name, double)
	}
	for i, o := range owner {
		if o < 0 {
			continue
		}
		x, y := i%a.Size, i/a.Size
		for dy := -a.Padding; dy <= a.Padding; dy++ {
			for dx := -a.Padding; dx <= a.Padding; dx++ {
				u, v := x+dx, y+dy
				if u >= 0 && v >= 0 && u < a.Size && v < a.Size && owner[v*a.Size+u] >= 0 && owner[v*a.Size+u] != o && dx*dx+dy*dy < a.Padding*a.Padding {
					t.Fatalf("%s: charts %d and %d are %d, %d pixels apart", name, o, owner[v*a.Size+u], dx, dy)
				}
			}
		}
	}
}

func TestUnwrapRefuses(t *testing.T) {
	m := &mesh.Mesh{}
	for i := range 30_000 {
		m = appendLoose(m, i)
	}
	if _, err := Unwrap(context.Background(), m, 256); !errors.Is(err, ErrRagged) {
		t.Errorf("%v for 30 000 loose triangles", err)
	}
}

func appendLoose(m *mesh.Mesh, i int) *mesh.Mesh {
	x, y, n := float32(i%200), float32(i/200), uint32(len(m.Vertices))
	m.Vertices = append(m.Vertices, [3]float32{x, y, 0}, [3]float32{x + 0.5, y, 0}, [3]float32{x, y + 0.5, 0})
	m.Triangles = append(m.Triangles, [3]uint32{n, n + 1, n + 2})
	return m
}

// The texture read where a vertex of the front lies is the picture there, and every pixel is opaque.
func TestBake(t *testing.T) {
	s := checkers(256)
	m := ball(40, [3]float64{1, 1, 1})
	p := painted(t, m, s, Spread)
	a, err := Unwrap(context.Background(), m, 1024)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Bake(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	for i := 3; i < len(out.Texture.Pix); i += 4 {
		if out.Texture.Pix[i] != 255 {
			t.Fatal("a hole in the texture")
		}
	}
	wrong, n := 0, 0
	for f, tri := range m.Triangles {
		var at [2]float32
		var v [3]float32
		for k := range tri {
			for x := range 2 {
				at[x] += out.UVs[f][k][x] / 3
			}
			for x := range 3 {
				v[x] += m.Vertices[tri[k]][x] / 3
			}
		}
		if v[2] < 0.6 {
			continue
		}
		x, y, _ := p.view.camera.project(v)
		n++
		if apart3(pixel(out, at), s.At(x, y)) > 60 {
			wrong++
		}
	}
	if wrong*12 > n { // those on the edges of the squares
		t.Errorf("%d of %d faces have the wrong colour", wrong, n)
	}
}

func pixel(m *mesh.Mesh, uv [2]float32) [4]uint8 {
	size := m.Texture.Rect.Size()
	c := m.Texture.NRGBAAt(min(int(uv[0]*float32(size.X)), size.X-1), min(int(uv[1]*float32(size.Y)), size.Y-1))
	return [4]uint8{c.R, c.G, c.B, c.A}
}

func TestBakeColors(t *testing.T) {
	m := cuboid([3]float32{-1, -1, -1}, [3]float32{1, 1, 1})
	for i := range m.Vertices {
		m.Colors = append(m.Colors, [4]uint8{uint8(30 * i), 100, 200, 255})
	}
	a, err := Unwrap(context.Background(), m, 128)
	if err != nil {
		t.Fatal(err)
	}
	out, err := BakeColors(context.Background(), m, a)
	if err != nil {
		t.Fatal(err)
	}
	for f, tri := range m.Triangles {
		for k, v := range tri {
			uv := out.UVs[f][k]
			got := pixel(out, uv)
			if apart3(got, m.Colors[v]) > 12 {
				t.Errorf("%v at vertex %d, not %v", got, v, m.Colors[v])
			}
		}
	}
}

func TestReduce(t *testing.T) {
	// The left half red, the right one blue, in shades of each, and a green speck.
	m := ball(60, [3]float64{1, 1, 1})
	for i, v := range m.Vertices {
		shade := uint8(i % 30)
		c := [4]uint8{220 - shade, 30, 30, 255}
		if v[0] > 0 {
			c = [4]uint8{30, 30, 220 - shade, 255}
		}
		if d := sub(wide(v), [3]float64{-1, 0, 0}); dot(d, d) < 0.05*0.05 {
			c = [4]uint8{0, 255, 0, 255}
		}
		m.Colors = append(m.Colors, c)
	}
	for _, tt := range []struct {
		filaments int
		smallest  float64
		want      int
	}{{2, 0.05, 2}, {3, 0.05, 2}, {3, 0, 3}, {16, 0.05, 2}} {
		got, err := Reduce(context.Background(), m, tt.filaments, tt.smallest)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(got.Palette); n < tt.want || n > tt.filaments || tt.filaments < 16 && n != tt.want {
			t.Errorf("%+v: %d filaments, %v", tt, n, got.Palette)
		}
		for f, n := range got.Filaments {
			x := m.Vertices[m.Triangles[f][0]][0]
			if c := got.Palette[n]; x < -0.2 && c[2] > c[0] || x > 0.2 && c[0] > c[2] {
				t.Fatalf("%+v: %v at x = %g", tt, c, x)
			}
		}
	}
}

func TestLab(t *testing.T) {
	for _, tt := range []struct {
		c    [4]uint8
		want [3]float64
	}{ // Lindbloom's calculator, D65
		{[4]uint8{255, 255, 255, 255}, [3]float64{100, 0, 0}}, {[4]uint8{255, 0, 0, 255}, [3]float64{53.24, 80.09, 67.20}}, {[4]uint8{0, 0, 0, 255}, [3]float64{}},
	} {
		got := labOf(tt.c)
		for k := range got {
			if math.Abs(got[k]-tt.want[k]) > 0.02 {
				t.Errorf("%v is %v, not %v", tt.c, got, tt.want)
			}
		}
		if back := ofLab(got); back != tt.c {
			t.Errorf("%v came back as %v", tt.c, back)
		}
	}
}

// TestApartWithinMemory: two faces over each other in a box of 6000 x 6000 pixels, most of it empty, are told apart without
// four samples for each of these.
func TestApartWithinMemory(t *testing.T) {
	corner, other := [3][2]float64{{0, 0}, {40, 0}, {0, 6000}}, [3][2]float64{{0, 0}, {6000, 0}, {0, 40}}
	s := island{faces: []uint32{0, 1, 2}, at: [][3][2]float64{corner, other, corner}, w: 6000, h: 6000}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	top, rest, _ := s.apart([][3]float32{{}, {}, {9, 9, 9}})
	runtime.ReadMemStats(&after)
	if !slices.Equal(top.faces, []uint32{0, 1}) || !slices.Equal(rest.faces, []uint32{2}) {
		t.Errorf("divided into %v and %v", top.faces, rest.faces)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 200 {
		t.Errorf("it took %d MB", used)
	}
}
