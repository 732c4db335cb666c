package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// greyOf makes an input of a greyscale picture with 16-bit samples, the whole of it the subject.
func greyOf(w, h int, value func(x, y int) uint16) Input {
	p := &picture.Picture{Image: image.NewNRGBA(image.Rect(0, 0, w, h)), Gray16: image.NewGray16(image.Rect(0, 0, w, h))}
	matte := image.NewGray(p.Image.Rect)
	for y := range h {
		for x := range w {
			v := value(x, y)
			p.Gray16.SetGray16(x, y, color.Gray16{v})
			p.Image.SetNRGBA(x, y, color.NRGBA{uint8(v >> 8), uint8(v >> 8), uint8(v >> 8), 255})
			matte.SetGray(x, y, color.Gray{255})
		}
	}
	return Input{Subject: &picture.Subject{Color: p.Image, Matte: matte}, Picture: p, SizeMM: 100, Faces: 200_000, Step: func(string, float64) {}}
}

func (in Input) with(o Options) Input { in.Options = o; return in }

func made(t testing.TB, e Engine, in Input) *mesh.Mesh {
	t.Helper()
	m, err := e.Build(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// checked also measures in millimetres: the volume and the size.
func checked(t testing.TB, m *mesh.Mesh, sizeMM float64, genus int) (volume float64, size [3]float64) {
	t.Helper()
	r := m.Check()
	if !r.Clean() || r.Components != 1 || r.Genus != genus {
		t.Errorf("%d parts, genus %d, want 1 and %d: %+v", r.Components, r.Genus, genus, r)
	}
	mm := sizeMM / 2
	for k, s := range r.Size() {
		size[k] = float64(s) * mm
	}
	return r.Volume * mm * mm * mm, size
}

// TestHeightmapRamp: a ramp is as steep as it should be, and holds what it should.
func TestHeightmapRamp(t *testing.T) {
	const w, h = 101, 40
	m := made(t, heightmap, greyOf(w, h, func(x, y int) uint16 { return uint16(x * 65500 / (w - 1)) }).with(Options{"height": 10.0, "base": 2.0}))
	volume, size := checked(t, m, 100, 0)
	top := 10 * 65500 / 65535.0
	want := 100.0 * 100 * h / w * (2 + top/2)
	if math.Abs(volume/want-1) > 1e-5 {
		t.Errorf("volume %.3f mm³, want %.3f", volume, want)
	}
	if math.Abs(size[1]-100.0*h/w) > 1e-4 || math.Abs(size[2]-2-top) > 1e-4 {
		t.Errorf("size %v", size)
	}
	slope := top / (100.0 / w * (w - 1))
	for f, tri := range m.Triangles {
		n := m.FaceNormal(f)
		inside := true
		for _, v := range tri {
			inside = inside && math.Abs(float64(m.Vertices[v][0])) < 0.98 && m.Vertices[v][2] > -0.02
		}
		if inside && math.Abs(float64(n[2])) > 0.1 && n[1] == 0 && math.Abs(float64(-n[0]/n[2])-slope) > 1e-3 {
			t.Fatalf("slope %g, want %g", -n[0]/n[2], slope)
		}
	}
}

// TestHeightmapIsExact: every sample of 16 bits has a vertex at its height, also where that is more than the faces asked
// for.
func TestHeightmapIsExact(t *testing.T) {
	const w, h, size = 60, 50, 100.0
	value := func(x, y int) uint16 { return uint16(x*7919 + y*104729) }
	for name, o := range map[string]Options{"few": {}, "many": {"exact": true}, "inverted": {"invert": true}} {
		in := greyOf(w, h, value).with(o)
		in.SizeMM = size
		if in.Faces = 20_000; name == "many" {
			in.Faces = 1000
		}
		m := made(t, heightmap, in)
		checked(t, m, size, 0)
		least := m.Vertices[0][2]
		for _, v := range m.Vertices {
			least = min(least, v[2])
		}
		for y := range h {
			for x := range w {
				z := float64(m.Vertices[(y+1)*(w+2)+x+1][2]-least) * size / 2
				share := float64(value(x, y)) / 65535
				if name == "inverted" {
					share = 1 - share
				}
				if math.Abs(z-2-10*share) > 10.0/65535/4 {
					t.Fatalf("%s: at %d,%d %.7f mm, want %.7f", name, x, y, z, 2+10*share)
				}
			}
		}
	}
	// The promise to texture: the mesh is as large as the picture.
	r := made(t, heightmap, greyOf(w, h, value)).Check()
	if s := r.Size(); math.Abs(float64(s[0]/s[1])-1.2) > 1e-5 {
		t.Errorf("size %v", s)
	}
}

func TestHeightmapAverages(t *testing.T) {
	in := greyOf(400, 200, func(x, y int) uint16 { return uint16(x%2) * 65535 })
	in.Faces = 8000
	m := made(t, heightmap, in)
	volume, _ := checked(t, m, 100, 0)
	if want := 100.0 * 50 * 7; math.Abs(volume/want-1) > 0.01 {
		t.Errorf("volume %.1f, want %.1f", volume, want)
	}
	if n := len(m.Triangles); n > 8000 || n < 6000 {
		t.Errorf("%d triangles", n)
	}
}

func TestHeightmapLimits(t *testing.T) {
	in := greyOf(2, 2, func(x, y int) uint16 { return 0 })
	in.Picture.Gray16 = image.NewGray16(image.Rect(0, 0, 5000, 1000))
	if _, err := heightmap.Build(context.Background(), in.with(Options{"exact": true})); !errors.Is(err, picture.ErrTooLarge) {
		t.Errorf("too many samples: %v", err)
	}
	in = greyOf(20, 20, func(x, y int) uint16 { return 65535 })
	in.SizeMM = 10
	if _, err := heightmap.Build(context.Background(), in); !errors.Is(err, ErrOptions) {
		t.Errorf("higher than its size: %v", err)
	}
}

// TestPlatesOnHostilePictures: whatever the picture, in full resolution too, the plates are clean.
func TestPlatesOnHostilePictures(t *testing.T) {
	noise := func(x, y int) uint16 { return uint16((x*2654435761 ^ y*40503) * 65537 >> 7) }
	for _, size := range [][2]int{{1, 1}, {2, 1}, {1, 2}, {3, 300}, {300, 3}, {64, 64}} {
		for name, value := range map[string]func(x, y int) uint16{
			"black": func(x, y int) uint16 { return 0 }, "white": func(x, y int) uint16 { return 65535 }, "noise": noise,
		} {
			for _, faces := range []int{1000, 20_000} {
				for _, e := range []Engine{relief, lithophane, heightmap} {
					in := greyOf(size[0], size[1], value)
					in.Faces = faces
					m, err := e.Build(context.Background(), in)
					if err != nil {
						t.Errorf("%s of %s, %v: %v", e.Name, name, size, err)
						continue
					}
					checked(t, m, 100, 0)
					if n := len(m.Triangles); n > faces {
						t.Errorf("%s of %s, %v: %d triangles for %d", e.Name, name, size, n, faces)
					}
				}
			}
		}
	}
}

func BenchmarkPlates(b *testing.B) {
	for _, e := range []Engine{relief, lithophane, heightmap} {
		for _, side := range []int{512, 1024, 4096} {
			in := greyOf(side, side, func(x, y int) uint16 { return uint16(x*x + y*31) })
			in.Picture.Gray16 = nil // a photo
			b.Run(fmt.Sprintf("%s_%dpx_200k", e.Name, side), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					made(b, e, in)
				}
			})
		}
	}
}
