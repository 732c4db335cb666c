package texture

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math"
	"runtime"
	"testing"

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
	}{{50, 15, 0, Auto, 0}, {-30, 10, 0.3, Continue, 0}, {0, 0, 0, Mirror, 0}} {
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

var _ = picture.Covered
