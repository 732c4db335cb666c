package mesh

import (
	"errors"
	"image"
	"math"
	"testing"
)

func TestHollow(t *testing.T) {
	sphere := func(r float64) float64 { return 4. / 3 * math.Pi * r * r * r }
	tests := []struct {
		name              string
		mesh              *Mesh
		options           HollowOptions
		volume, within    float64
		cavities, drains  int
		components, genus int
	}{
		{"a ball", ball(20, 64), HollowOptions{Wall: 3}, sphere(20) - sphere(17), 0.01, 1, 0, 2, 0},
		{"a box", boxed(0, 0, 0, 20, 30, 40), HollowOptions{Wall: 2}, 20*30*40 - 16*26*36, 0.01, 1, 0, 2, 0},
		{"a drained ball", ball(20, 64), HollowOptions{Wall: 3, Drain: 4}, sphere(20) - sphere(17) - math.Pi*4*3, 0.02, 1, 1, 1, 0},
		{"two balls, drained", join(ball(20, 40), moved(ball(20, 40), 50, 0, 5)), HollowOptions{Wall: 4, Drain: 4}, 2 * (sphere(20) - sphere(16) - math.Pi*4*4), 0.02, 2, 2, 2, 0},
		// The cavity of the smaller ball is not worth a drain and must not be left sealed; a bubble that was there before stays.
		{"two balls and a bubble, one drained", join(ball(20, 40), moved(ball(5, 40), 30, 0, 0), flip(moved(ball(1, 20), 18, 0, 0))), HollowOptions{Wall: 4, Drain: 4}, sphere(20) - sphere(16) - math.Pi*4*4 + sphere(5), 0.02, 1, 1, 3, 0},
		{"a ring", torus(20, 6, 200, 100), HollowOptions{Wall: 2}, 2 * math.Pi * math.Pi * 20 * (36 - 16), 0.01, 1, 0, 2, 2},
		{"too thin", boxed(0, 0, 0, 20, 20, 3), HollowOptions{Wall: 2}, 1200, 1e-6, 0, 0, 1, 0},
		{"hollow already", join(ball(20, 64), flip(ball(10, 40))), HollowOptions{Wall: 3}, sphere(20) - sphere(17) + sphere(13) - sphere(10), 0.01, 1, 0, 4, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.Grid = 128
			got, did, err := tt.mesh.Hollow(t.Context(), tt.options, nil)
			if err != nil {
				t.Fatal(err)
			}
			c := got.Check()
			if !c.Clean() || did.Cavities != tt.cavities || did.Drains != tt.drains || c.Components != tt.components || c.Genus != tt.genus {
				t.Errorf("%+v: %+v", did, c)
			}
			if math.Abs(c.Volume/tt.volume-1) > tt.within {
				t.Errorf("volume %.5g, want %.5g", c.Volume, tt.volume)
			}
			w, err := got.walls(t.Context(), newBVH(got, got.facesWithArea()), c.Area, 0.4)
			if err != nil {
				t.Fatal(err)
			}
			if tt.cavities > 0 && tt.drains == 0 && (w.Thinnest < tt.options.Wall*0.97 || w.Median > tt.options.Wall*1.1) {
				t.Errorf("walls from %g, median %g", w.Thinnest, w.Median)
			}
		})
	}
	if _, _, err := moebius(20).Hollow(t.Context(), HollowOptions{Wall: 1}, nil); !errors.Is(err, ErrOpen) {
		t.Error(err)
	}
	if _, _, err := ball(100, 8).Hollow(t.Context(), HollowOptions{Wall: 0.01}, nil); !errors.Is(err, ErrGrid) {
		t.Error(err)
	}
}

// TestHollowKeepsTexture: the outside keeps what is painted on it, and the cavity does not make the lists of the faces too short.
func TestHollowKeepsTexture(t *testing.T) {
	for _, drain := range []float64{0, 4} {
		m := ball(20, 40)
		m.Texture, m.UVs = image.NewNRGBA(image.Rect(0, 0, 4, 4)), make([][3][2]float32, len(m.Triangles))
		m.Palette, m.Filaments = make([][4]uint8, 3), make([]uint8, len(m.Triangles))
		for i := range m.UVs {
			m.UVs[i][1], m.Filaments[i] = [2]float32{0.25, 0.5}, 2
		}
		got, did, err := m.Hollow(t.Context(), HollowOptions{Wall: 3, Drain: drain, Grid: 64}, nil)
		if err != nil || did.Cavities != 1 {
			t.Fatal(did, err)
		}
		switch n := len(got.Triangles); {
		case drain > 0:
			if got.UVs != nil || got.Texture != nil || got.Filaments != nil || got.Palette != nil {
				t.Error("a surface made anew cannot have the old texture")
			}
		case len(got.UVs) != n || len(got.Filaments) != n:
			t.Errorf("%d places on the texture and %d filaments for %d faces", len(got.UVs), len(got.Filaments), n)
		case got.UVs[0] != m.UVs[0] || got.Filaments[0] != 2 || got.Filaments[n-1] != 0:
			t.Errorf("%v, filaments %d and %d", got.UVs[0], got.Filaments[0], got.Filaments[n-1])
		}
	}
}
