package texture

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// Of the front alone the same comes out as before there were pictures of other sides: colours, texture and camera.
func TestFrontAloneIsAsBefore(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors round otherwise")
	}
	colour := func(v [3]float64) [3]uint8 {
		return [3]uint8{uint8(128 + 100*math.Sin(9*v[1])), uint8(128 + 100*math.Sin(9*v[2])), 60}
	}
	ctx := context.Background()
	for _, tt := range []struct {
		yaw, pitch, near float64
		how              Unseen
		want             uint64
	}{{50, 15, 0, Auto, 0x6b41c9c85958eca2}, {0, 0, 0, Mirror, 0x82bb72dacfb53ff}} {
		m := figure()
		s, _ := seenFrom(t, m, tt.yaw*math.Pi/180, tt.pitch*math.Pi/180, tt.near, colour)
		c, overlap, _, err := Register(ctx, m, s)
		if err != nil {
			t.Fatal(err)
		}
		p, err := New(ctx, m, s, c)
		if err == nil {
			err = p.Fill(ctx, tt.how, quiet)
		}
		if err != nil {
			t.Fatal(err)
		}
		a, err := Unwrap(ctx, m, 128)
		if err != nil {
			t.Fatal(err)
		}
		b, err := p.Bake(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		h := fnv.New64a()
		_ = binary.Write(h, binary.LittleEndian, overlap)
		_ = binary.Write(h, binary.LittleEndian, c)
		_ = binary.Write(h, binary.LittleEndian, p.Colors())
		h.Write(b.Texture.Pix)
		if h.Sum64() != tt.want {
			t.Errorf("%v: %#x", tt, h.Sum64())
		}
	}
}

// sided is a colour of its own for every side of a figure: the front red, the left (+x) green, the right blue, the back yellow.
func sided(v [3]float64) [3]uint8 {
	switch x, z := v[0], v[2]; {
	case z > math.Abs(x)/2+0.2:
		return [3]uint8{200, 40, 40}
	case x > 0.2:
		return [3]uint8{40, 180, 60}
	case x < -0.2:
		return [3]uint8{40, 60, 200}
	}
	return [3]uint8{210, 200, 50}
}

// lopsided has another outline from the left than from the right only mirrored, and nothing symmetric front and back.
func lopsided() *mesh.Mesh {
	return joined(ball(30, [3]float64{0.9, 1, 0.8}), cuboid([3]float32{-0.1, -0.3, 0.6}, [3]float32{0.3, 0.3, 1.3}))
}

// sides are pictures of a mesh from all sides, and how they lie over it.
func sides(t *testing.T, m *mesh.Mesh, gain map[picture.Side]float64) (*picture.Subject, Camera, []View) {
	t.Helper()
	lit := func(s picture.Side) func([3]float64) [3]uint8 {
		return func(v [3]float64) [3]uint8 {
			c := sided(v)
			if g := gain[s]; g > 0 {
				for k := range c {
					c[k] = uint8(g * float64(c[k]))
				}
			}
			return c
		}
	}
	ctx := context.Background()
	front, _ := seenFrom(t, m, 0, 0, 0, lit(picture.Front))
	c, _, _, err := Register(ctx, m, front)
	if err != nil {
		t.Fatal(err)
	}
	var views []View
	for _, s := range []picture.Side{picture.Back, picture.Left, picture.Right} {
		subject, _ := seenFrom(t, m, turn(s), 0, 0, lit(s))
		v := View{View: picture.View{Side: s, Subject: subject}}
		if v.Camera, v.Overlap, _, err = RegisterSide(ctx, m, v.View, c); err != nil || v.Overlap < 0.95 {
			t.Fatalf("%s: %g, %v", s, v.Overlap, err)
		}
		views = append(views, v)
	}
	return front, c, views
}

// off is the mean difference from the truth where the surface turns to a direction.
func off(p *Painting, toward [3]float64) float64 {
	sum, n := 0.0, 0
	for i, v := range p.fine.mesh.Vertices {
		if dot(wide(p.normals[i]), toward) > 0.5 {
			w := sided(wide(v))
			sum += apart3(mix(p.fill[i], p.shown[i], p.trust[i]), [4]uint8{w[0], w[1], w[2]})
			n++
		}
	}
	return sum / float64(n)
}

// Every side has the colours of its own picture, and a picture taken darker is matched.
func TestSides(t *testing.T) {
	m := lopsided()
	front, c, views := sides(t, m, map[picture.Side]float64{picture.Left: 0.85})
	paint := func(others ...View) *Painting {
		p, err := New(context.Background(), m, front, c, others...)
		if err == nil {
			err = p.Fill(context.Background(), Auto, quiet)
		}
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	alone, back, all := paint(), paint(views[0]), paint(views...)
	for _, tt := range []struct {
		name    string
		toward  [3]float64
		p       *Painting
		atMost  float64
		atLeast float64
	}{
		{"the back, unseen", [3]float64{0, 0, -1}, alone, 255, 60},
		{"the back, seen", [3]float64{0, 0, -1}, back, 6, 0},
		{"the back, with all", [3]float64{0, 0, -1}, all, 12, 0},
		{"the left, with all", [3]float64{1, 0, 0}, all, 25, 0},
		{"the right, with all", [3]float64{-1, 0, 0}, all, 12, 0},
		{"the front, with all", [3]float64{0, 0, 1}, all, 12, 0},
	} {
		got := off(tt.p, tt.toward)
		t.Logf("%s: off by %.1f", tt.name, got)
		if got > tt.atMost || got < tt.atLeast {
			t.Errorf("%s is off by %.1f", tt.name, got)
		}
	}
	slices.Reverse(views)
	if again := paint(views...); !reflect.DeepEqual(again.Colors(), all.Colors()) {
		t.Error("the order of the pictures matters")
	}
	// A picture of the left does not pass for one of the right.
	wrong := views[1].View
	wrong.Side = map[picture.Side]picture.Side{picture.Left: picture.Right, picture.Right: picture.Left}[wrong.Side]
	if _, overlap, _, err := RegisterSide(context.Background(), m, wrong, c); err != nil || overlap > 0.93 {
		t.Errorf("from the wrong side: %g, %v", overlap, err)
	}
}
