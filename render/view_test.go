//go:build !headless

package render

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"math"
	"os"
	"testing"

	"orfeas/pipeline/mesh"
)

// ball is a sphere of radius 30 on the bed, red toward +x and blue toward -x.
func ball(n int) *mesh.Mesh {
	m := &mesh.Mesh{}
	for j := range n + 1 {
		for i := range 2 * n {
			a, b := math.Pi*float64(i)/float64(n), math.Pi*(float64(j)/float64(n)-0.5)
			x, y, z := 30*math.Cos(b)*math.Cos(a), 30*math.Cos(b)*math.Sin(a), 30+30*math.Sin(b)
			m.Vertices = append(m.Vertices, [3]float32{float32(x), float32(y), float32(z)})
			c := [4]uint8{220, 40, 30, 255}
			if x < 0 {
				c = [4]uint8{30, 60, 220, 255}
			}
			m.Colors = append(m.Colors, c)
			if j < n {
				p, q := uint32(j*2*n+i), uint32(j*2*n+(i+1)%(2*n))
				m.Triangles = append(m.Triangles, [3]uint32{p, q, q + uint32(2*n)}, [3]uint32{p, q + uint32(2*n), p + uint32(2*n)})
			}
		}
	}
	return m
}

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

func TestViewDrawsTheMesh(t *testing.T) {
	v := open(t)
	t.Log(v.Renderer())
	ctx := context.Background()
	if err := v.SetMesh(ctx, ball(80)); err != nil {
		t.Fatal(err)
	}
	lo, hi := ball(8).Bounds()
	c := Camera{Pitch: 0.2}.Fit(lo, hi, 4./3)
	for _, draft := range []bool{true, false} {
		img, err := v.Frame(ctx, c, Shading{Bed: true, Draft: draft}, 640, 480)
		if err != nil {
			t.Fatal(err)
		}
		if dir := os.Getenv("ORFEAS_SHOTS"); dir != "" {
			var b bytes.Buffer
			_ = png.Encode(&b, img)
			_ = os.WriteFile(dir+"/ball.png", b.Bytes(), 0o644)
		}
		right, left, corner := img.NRGBAAt(420, 240), img.NRGBAAt(220, 240), img.NRGBAAt(5, 5)
		if right.R < 2*right.B || left.B < 2*left.R {
			t.Errorf("draft %v: right %v, left %v", draft, right, left)
		}
		if corner.R > 60 {
			t.Errorf("corner %v", corner)
		}
		again, err := v.Frame(ctx, c, Shading{Bed: true, Draft: draft}, 640, 480)
		if err != nil || !bytes.Equal(again.Pix, img.Pix) {
			t.Errorf("draft %v: a second frame differs (%v)", draft, err)
		}
	}
	clay, err := v.Frame(ctx, c, Shading{Mode: Clay}, 64, 64)
	if err != nil {
		t.Fatal(err)
	}
	if p := clay.NRGBAAt(40, 32); p.R < p.B {
		t.Errorf("clay %v", p)
	}
}

func TestViewRefuses(t *testing.T) {
	v := open(t)
	for _, size := range [][2]int{{0, 10}, {10, -1}, {maxSide + 1, 10}} {
		if _, err := v.Frame(context.Background(), Camera{Distance: 1}, Shading{}, size[0], size[1]); err == nil {
			t.Errorf("a frame of %v was drawn", size)
		}
	}
	v.Close()
	v.Close()
	if err := v.SetMesh(context.Background(), nil); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// TestPreviewAgreesWithView holds the software renderer to the other one: the same shape in the same place.
func TestPreviewAgreesWithView(t *testing.T) {
	v := open(t)
	m := ball(60)
	if err := v.SetMesh(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	lo, hi := m.Bounds()
	c := ThreeQuarter.Fit(lo, hi, 1)
	a, err := v.Frame(context.Background(), c, Shading{}, 200, 200)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Draw(m, c, 200, 200)
	if err != nil {
		t.Fatal(err)
	}
	differ := 0
	for i := 0; i < len(a.Pix); i += 4 {
		drawn := max(a.Pix[i], a.Pix[i+1], a.Pix[i+2]) > 60
		if drawn != (b.Pix[i+3] > 127) {
			differ++
		}
	}
	if differ > 800 {
		t.Errorf("%d of 40000 pixels differ", differ)
	}
}

func BenchmarkFrame(b *testing.B) {
	v := open(b)
	m := ball(500)
	if err := v.SetMesh(context.Background(), m); err != nil {
		b.Fatal(err)
	}
	lo, hi := m.Bounds()
	c := ThreeQuarter.Fit(lo, hi, 4./3)
	for _, draft := range []bool{true, false} {
		b.Run(map[bool]string{true: "draft_1M", false: "full_1M"}[draft], func(b *testing.B) {
			for b.Loop() {
				if _, err := v.Frame(context.Background(), c, Shading{Bed: true, Draft: draft}, 960, 720); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
