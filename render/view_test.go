//go:build !headless

package render

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"orfeas/pipeline/mesh"
)

var update = flag.Bool("update", false, "write the pictures in testdata anew")

func open(t testing.TB) *View {
	t.Helper()
	v, err := New()
	if errors.Is(err, ErrNoGL) {
		t.Skip("no OpenGL here: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func show(t testing.TB, v *View, m *mesh.Mesh) {
	t.Helper()
	if err := v.SetMesh(context.Background(), m); err != nil {
		t.Fatal(err)
	}
}

func shoot(t testing.TB, v *View, c Camera, s Shading, w, h int) *image.NRGBA {
	t.Helper()
	img, err := v.Frame(context.Background(), c, s, w, h)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func fit(m *mesh.Mesh, look Camera, aspect float32) Camera {
	lo, hi := m.Bounds()
	return look.Fit(lo, hi, aspect)
}

func TestViewShowsColours(t *testing.T) {
	v := open(t)
	t.Log(v.Renderer())
	for _, n := range []int{40, 200} { // the second has a proxy
		m := ball(n)
		show(t, v, m)
		c := fit(m, Camera{}, 4./3)
		for _, draft := range []bool{true, false} {
			img := shoot(t, v, c, Shading{Bed: true, Draft: draft}, 640, 480)
			right, left, corner := img.NRGBAAt(400, 240), img.NRGBAAt(240, 240), img.NRGBAAt(3, 3)
			if right.R < 2*right.B || left.B < 2*left.R {
				t.Errorf("%d, draft %v: right %v, left %v", n, draft, right, left)
			}
			if corner.R > 40 || corner.A != 255 {
				t.Errorf("%d, draft %v: corner %v", n, draft, corner)
			}
			if again := shoot(t, v, c, Shading{Bed: true, Draft: draft}, 640, 480); !bytes.Equal(again.Pix, img.Pix) {
				t.Errorf("%d, draft %v: a second frame differs", n, draft)
			}
		}
	}
}

// TestModesInAnyOrder: what one frame leaves behind in the driver must not show in the next.
func TestModesInAnyOrder(t *testing.T) {
	m := ball(40)
	c := fit(m, Camera{}, 1)
	alone := func(v *View, mode Mode, wire bool) []byte {
		return shoot(t, v, c, Shading{Mode: mode, Wireframe: wire}, 64, 64).Pix
	}
	want := map[Mode][]byte{}
	modes := []Mode{Colors, Solid, Clay, Normals, Overhang}
	for _, mode := range modes {
		v := open(t)
		show(t, v, m)
		want[mode] = alone(v, mode, false)
	}
	for i, a := range modes {
		for _, b := range modes[:i] {
			if bytes.Equal(want[a], want[b]) {
				t.Errorf("modes %d and %d look the same", a, b)
			}
		}
	}
	for _, first := range modes {
		v := open(t)
		show(t, v, m)
		if bytes.Equal(alone(v, first, true), want[first]) {
			t.Errorf("mode %d: the wireframe does not show", first)
		}
		for _, mode := range append(modes, Colors) {
			if !bytes.Equal(alone(v, mode, false), want[mode]) {
				t.Errorf("mode %d differs after mode %d", mode, first)
			}
		}
	}
}

func TestTransparentGround(t *testing.T) {
	v := open(t)
	m := ball(40)
	show(t, v, m)
	img := shoot(t, v, fit(m, Camera{}, 1), Shading{Transparent: true}, 128, 128)
	if a := img.NRGBAAt(1, 1); a.A != 0 {
		t.Errorf("corner %v", a)
	}
	if a := img.NRGBAAt(80, 64); a.A != 255 {
		t.Errorf("middle %v", a)
	}
	half := 0
	for i := 0; i < len(img.Pix); i += 4 {
		if a := img.Pix[i+3]; a > 0 && a < 255 {
			half++
			if max(img.Pix[i], img.Pix[i+1], img.Pix[i+2]) < 40 {
				t.Fatalf("pixel %d of the edge is darkened by the ground: %v", i/4, img.Pix[i:i+4])
			}
		}
	}
	if half == 0 {
		t.Error("the edge is not smooth")
	}
}

// TestBaselines compares with pictures drawn earlier; drivers differ by a little.
func TestBaselines(t *testing.T) {
	v := open(t)
	for _, c := range []struct {
		name    string
		mesh    *mesh.Mesh
		look    Camera
		shading Shading
	}{
		{"cube", cube(), ThreeQuarter, Shading{Bed: true}},
		{"torus-top", torus(40), Camera{Pitch: maxPitch}, Shading{Bed: true}},
		{"ball-preview", ball(40), ThreeQuarter, Shading{Transparent: true}},
		{"torus-clay", torus(40), ThreeQuarter, Shading{Mode: Clay, Bed: true}},
		{"torus-overhang", torus(40), Camera{Yaw: -0.6, Pitch: -0.3}, Shading{Mode: Overhang, Legend: true}},
		{"torus-section", torus(60), ThreeQuarter, Shading{Mode: Solid, Section: Section{On: true, Axis: 1, Flip: true}}},
		{"cube-dimensions", cube(), ThreeQuarter, Shading{Mode: Solid, Dimensions: true, Wireframe: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			show(t, v, c.mesh)
			got := shoot(t, v, fit(c.mesh, c.look, 4./3), c.shading, 240, 180)
			path := filepath.Join("testdata", c.name+".png")
			if *update {
				var b bytes.Buffer
				if err := errors.Join(png.Encode(&b, got), os.WriteFile(path, b.Bytes(), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			if d := difference(t, got, path); d > 2 {
				t.Errorf("differs from %s by %.2f on average", path, d)
			}
		})
	}
}

// difference is the mean absolute one over all samples, 0 to 255.
func difference(t *testing.T, got *image.NRGBA, path string) float64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil || want.Bounds() != got.Bounds() {
		t.Fatalf("%s: %v, %v", path, err, want)
	}
	sum, r := 0.0, got.Bounds()
	for y := range r.Dy() {
		for x := range r.Dx() {
			r1, g1, b1, a1 := got.At(x, y).RGBA()
			r2, g2, b2, a2 := want.At(x, y).RGBA()
			for _, d := range [4]float64{float64(r1) - float64(r2), float64(g1) - float64(g2), float64(b1) - float64(b2), float64(a1) - float64(a2)} {
				sum += math.Abs(d) / 257
			}
		}
	}
	return sum / float64(4*r.Dx()*r.Dy())
}

// TestPreviewAgreesWithView holds the two renderers to each other: the same shape, place and light.
func TestPreviewAgreesWithView(t *testing.T) {
	v := open(t)
	for name, m := range map[string]*mesh.Mesh{"ball": ball(60), "cube": cube(), "torus": torus(40)} {
		show(t, v, m)
		c := fit(m, ThreeQuarter, 1)
		want, err := Draw(m, c, 200, 200)
		if err != nil {
			t.Fatal(err)
		}
		got := shoot(t, v, c, Shading{Transparent: true}, 200, 200)
		outline, light, n := 0, 0.0, 0
		for i := 0; i < len(got.Pix); i += 4 {
			if a, b := got.Pix[i+3], want.Pix[i+3]; max(a, b) == 255 && min(a, b) == 0 {
				outline++ // inside for the one, outside for the other: no matter of samples
			} else if got.Pix[i+3] == 255 && want.Pix[i+3] == 255 {
				n++
				for k := range 3 {
					light += math.Abs(float64(got.Pix[i+k])-float64(want.Pix[i+k])) / 3
				}
			}
		}
		if outline > 4 || n < 4000 || light/float64(n) > 2 {
			t.Errorf("%s: %d pixels of the outline differ, the light by %.2f over %d", name, outline, light/float64(n), n)
		}
	}
}

func TestViewRefuses(t *testing.T) {
	v := open(t)
	ctx := context.Background()
	for _, size := range [][2]int{{0, 10}, {10, -1}, {maxSide + 1, 10}} {
		if _, err := v.Frame(ctx, Camera{Distance: 1}, Shading{}, size[0], size[1]); err == nil {
			t.Errorf("a frame of %v was drawn", size)
		}
	}
	if _, err := v.Frame(ctx, Camera{}, Shading{}, 8, 8); err == nil {
		t.Error("a camera without a distance was taken")
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := v.Frame(ended, Camera{Distance: 1}, Shading{}, 8, 8); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if err := v.SetMesh(context.Background(), nil); err != nil {
		t.Error(err)
	}
	shoot(t, v, Camera{Distance: 100}, Shading{Bed: true}, 8, 8)
	v.Close()
	v.Close()
	if err := v.SetMesh(context.Background(), nil); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := v.Frame(ctx, Camera{Distance: 1}, Shading{}, 8, 8); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestViewFromManyGoroutines(t *testing.T) {
	v, other := open(t), open(t)
	m := ball(20)
	show(t, v, m)
	show(t, other, m)
	c := fit(m, ThreeQuarter, 1)
	want := shoot(t, v, c, Shading{Bed: true}, 48, 48).Pix
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			on := []*View{v, other}[i%2]
			img, err := on.Frame(context.Background(), c, Shading{Bed: true}, 48, 48)
			if err != nil || !bytes.Equal(img.Pix, want) {
				t.Errorf("frame %d differs (%v)", i, err)
			}
			if i == 5 {
				if err := on.SetMesh(context.Background(), m); err != nil {
					t.Error(err)
				}
			}
			if i == 7 {
				extra, err := New()
				if err != nil {
					t.Error(err)
					return
				}
				extra.Close()
			}
		})
	}
	wg.Wait()
}

func BenchmarkFrame(b *testing.B) {
	v := open(b)
	for _, s := range []struct {
		name string
		n    int
	}{{"100k", 158}, {"1M", 500}} {
		m := ball(s.n)
		show(b, v, m)
		c := fit(m, ThreeQuarter, 4./3)
		for _, draft := range []bool{true, false} {
			b.Run(s.name+map[bool]string{true: "/draft", false: "/full"}[draft], func(b *testing.B) {
				for b.Loop() {
					shoot(b, v, c, Shading{Bed: true, Draft: draft}, 960, 720)
				}
			})
		}
	}
}

func BenchmarkSetMesh(b *testing.B) {
	v := open(b)
	m := ball(500)
	for b.Loop() {
		show(b, v, m)
	}
}
