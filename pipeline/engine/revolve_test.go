package engine

import (
	"context"
	"math"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

func revolved(t testing.TB, s *picture.Subject, faces int, o Options) *mesh.Mesh {
	t.Helper()
	m, err := revolve.Build(context.Background(), Input{Subject: s, Options: o, SizeMM: 80, Faces: faces, Step: func(string, float64) {}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func slab(x, y float64) bool { return math.Abs(x) < 0.4 && math.Abs(y) < 0.8 }

// bottle is a body and a neck.
func bottle(x, y float64) bool {
	return math.Abs(x) < 0.3 && y > -0.7 && y < 0.1 || math.Abs(x) < 0.1 && y >= 0.1 && y < 0.7
}

// aslant turns a picture clockwise.
func aslant(degrees float64, in func(x, y float64) bool) func(x, y float64) bool {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return func(x, y float64) bool { return in(x*cos-y*sin, x*sin+y*cos) }
}

func TestRevolveKnownShapes(t *testing.T) {
	body, neck := math.Pi*0.09*0.8, math.Pi*0.01*0.6
	scale := 8 / math.Pow(1.4, 3) // of a bottle 1.4 high to 2
	mm := 1.4 / 80                // of such a bottle 80 mm high, in the picture's units
	tests := []struct {
		name    string
		in      func(x, y float64) bool
		options Options
		volume  float64
		within  float64
	}{
		{"disc to ball", disc, nil, 4. / 3 * math.Pi, 0.01},
		{"slab to cylinder", slab, nil, math.Pi * 0.25 * 2, 0.01},
		{"bottle", bottle, nil, (body + neck) * scale, 0.01},
		{"bottle aslant", aslant(13, bottle), nil, (body + neck) * scale, 0.02},
		{"mug, without its handle", func(x, y float64) bool {
			return slab(x+0.2, y) || math.Abs(math.Hypot(x-0.2, y)-0.3) < 0.06
		}, Options{"outline": "left", "axis": "upright"}, 0, 0},
		// A pot with walls of 2 mm and a floor of 4, the inside r-2 from 4 to 80.
		{"slab to pot", slab, Options{"wall": 2.0, "floor": 4.0}, math.Pi * (0.25*2 - 0.45*0.45*1.9), 0.02},
		{"bottle with a wall", bottle, Options{"wall": 1.0, "floor": 1.0},
			(body + neck - math.Pi*math.Pow(0.3-mm, 2)*(0.8-2*mm) - math.Pi*math.Pow(0.1-mm, 2)*(0.6+mm)) * scale, 0.03},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := revolved(t, painted(500, 500, tt.in), 60_000, tt.options)
			r := m.Check()
			if !r.Clean() || r.Components != 1 || r.Genus != 0 || r.Triangles < 30_000 || r.Triangles > 90_000 {
				t.Errorf("%+v", r)
			}
			if s := r.Size(); math.Abs(float64(s[0]-s[2])) > 1e-3 {
				t.Errorf("it is not round: %v", s)
			}
			if tt.volume > 0 && math.Abs(r.Volume/tt.volume-1) > tt.within {
				t.Errorf("volume %.4f, want %.4f", r.Volume, tt.volume)
			}
		})
	}
}

func TestAxisOf(t *testing.T) {
	for _, want := range []float64{-17, -5, 0, 3.3, 12} {
		s := outline(painted(400, 400, aslant(want, bottle)).Matte, latheSide)
		a := axisOf(s, true)
		if math.Abs(a.degrees()-want) > 1 || a.symmetry < 0.97 {
			t.Errorf("%g degrees aslant: found %.2f, symmetry %.3f", want, a.degrees(), a.symmetry)
		}
	}
	if a := axisOf(outline(painted(400, 400, disc).Matte, latheSide), true); a.degrees() != 0 {
		t.Errorf("a disc is turned about an axis %.1f degrees aslant", a.degrees())
	}
}

func BenchmarkRevolve(b *testing.B) {
	for _, side := range []int{512, 1024, 4096} {
		s := painted(side, side, bottle)
		b.Run(map[int]string{512: "512px_200k", 1024: "1024px_200k", 4096: "4096px_200k"}[side], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				revolved(b, s, 200_000, nil)
			}
		})
	}
}

// TestThinWallsDoNotCross: with few faces a thin wall is as closed as with many.
func TestThinWallsDoNotCross(t *testing.T) {
	vase := func(x, y float64) bool { return math.Abs(y) < 0.9 && math.Abs(x) < 0.35+0.2*math.Sin(5*y) }
	for name, in := range map[string]func(x, y float64) bool{"vase": vase, "bottle": bottle, "aslant": aslant(9, vase)} {
		for _, faces := range []int{1000, 5000, 40_000} {
			m := revolved(t, painted(500, 500, in), faces, Options{"wall": 0.4, "floor": 1.0})
			c, err := m.Certify(t.Context(), mesh.DefaultPrinter)
			if err != nil || !c.Clean() || c.Components != 1 {
				t.Errorf("%s of %d faces: %s (%v)", name, faces, c.Faults(), err)
			}
		}
	}
}
