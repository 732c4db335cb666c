package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

func extruded(t testing.TB, s *picture.Subject, o Options) *mesh.Mesh {
	t.Helper()
	m, err := extrude.Build(context.Background(), Input{Subject: s, Options: o, SizeMM: 80, Faces: 100_000, Step: func(string, float64) {}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func square(x, y float64) bool { return math.Abs(x) < 0.75 && math.Abs(y) < 0.75 }

// letters are an A with a thin bar and an O, whose holes must stay.
func letters(x, y float64) bool {
	a := math.Abs(y) < 0.6 && math.Abs(x+0.5) < (0.7-y)*0.35 && !(math.Abs(x+0.5) < (0.35-y)*0.28 && math.Abs(y) < 0.3) &&
		!(y < -0.42 && math.Abs(x+0.5) < 0.2)
	o := math.Hypot(x-0.45, y)
	return a || o < 0.4 && o > 0.3
}

// rounded is a rectangle with round corners.
func rounded(x, y float64) bool {
	u, v := max(math.Abs(x)-0.6, 0), max(math.Abs(y)-0.3, 0)
	return math.Hypot(u, v) < 0.2
}

func TestExtrudeKnownShapes(t *testing.T) {
	const mm = 2. / 80 // in the model frame
	// What a quarter circle of radius r takes off the rim of a disc of radius 1: its area times the way of its centroid (Pappus).
	pappus := func(r float64) float64 {
		square, circle := r*r, math.Pi*r*r/4
		return 2 * math.Pi * (square*(1-r/2) - circle*(1-r+4*r/3/math.Pi))
	}
	frustum := func(a, b, h float64) float64 { return h * (a*a + b*b + a*b) / 3 }
	tests := []struct {
		name              string
		in                func(x, y float64) bool
		options           Options
		genus, components int
		volume, tolerance float64 // in the model frame; 0 for no look
		most              int     // triangles
	}{
		{"square", square, nil, 0, 1, 4 * 3 * mm, 0.003, 12},
		{"disc", disc, nil, 0, 1, math.Pi * 3 * mm, 0.003, 1000},
		{"annulus", annulus, nil, 1, 1, math.Pi * (1 - 25./81) * 3 * mm, 0.003, 2000},
		{"twins", twins, nil, 0, 2, 2 * math.Pi * 9 / 64 * 3 * mm, 0.005, 1000},
		{"letters", letters, nil, 2, 2, 0, 0, 1500},
		{"thick", square, Options{"thickness": 20.0}, 0, 1, 4 * 20 * mm, 0.003, 12},
		{"chamfer", square, Options{"edge": "chamfer", "edge-size": 2.0}, 0, 1, 4*1*mm + frustum(2, 2-4*mm, 2*mm), 0.003, 20},
		{"chamfered disc", disc, Options{"edge": "chamfer", "edge-size": 2.0}, 0, 1, math.Pi*mm + frustum(1, 1-2*mm, 2*mm)*math.Pi, 0.004, 1500},
		{"rounding", disc, Options{"edge": "round", "edge-size": 2.0}, 0, 1, math.Pi*3*mm - pappus(2*mm), 0.004, 5000},
		// Half as wide as twice the chamfer, it gets a smaller one.
		{"chamfered strip", strip, Options{"edge": "chamfer", "edge-size": 5.0, "thickness": 10.0}, 0, 1, 0, 0, 100},
		// Only a disc of 80 - 2 * (4 + 2) mm, the plate and its border.
		{"base", disc, Options{"base": 2.0, "margin": 4.0, "border": 2.0, "thickness": 1.0}, 0, 1,
			math.Pi * mm * (2 + 0.85*0.85 + 1 - 0.95*0.95), 0.004, 3000},
		{"square base", disc, Options{"base": 2.0, "base-shape": "rectangle", "margin": 0.0, "thickness": 1.0}, 0, 1,
			mm * (2*4 + math.Pi), 0.004, 1500},
		{"base without holes", annulus, Options{"base": 2.0, "margin": 1.0, "thickness": 1.0}, 0, 1, 0, 0, 3000},
		{"letters on a base", letters, Options{"base": 2.0, "margin": 20.0}, 0, 1, 0, 0, 3000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := extruded(t, painted(500, 500, tt.in), tt.options)
			r := m.Check()
			if !r.Clean() || r.Genus != tt.genus || r.Components != tt.components || r.Triangles > tt.most {
				t.Errorf("%s %+v", r.Faults(), r)
			}
			if s := r.Size(); math.Abs(float64(max(s[0], s[1]))-2) > 1e-4 {
				t.Errorf("size %v", s)
			}
			if tt.volume > 0 && math.Abs(r.Volume/tt.volume-1) > tt.tolerance {
				t.Errorf("volume %.5f, want %.5f", r.Volume, tt.volume)
			}
		})
	}
}

func TestExtrudeSquareHasFourCorners(t *testing.T) {
	for name, in := range map[string]func(x, y float64) bool{"upright": square, "aslant": aslant(20, square)} {
		m := extruded(t, painted(500, 500, in), nil)
		if len(m.Vertices) != 8 {
			t.Errorf("%s: %d vertices", name, len(m.Vertices))
		}
		for _, v := range m.Vertices {
			if r := math.Hypot(float64(v[0]), float64(v[1])); name == "upright" && math.Abs(r-math.Sqrt2) > 0.003 {
				t.Errorf("%s: a corner at %v", name, v)
			}
		}
	}
}

// fittedTo describes the outline of a shape drawn 500 pixels wide, with the middle as origin and half the width as 1.
func fittedTo(t *testing.T, in func(x, y float64) bool, hard bool) []piece {
	t.Helper()
	s := painted(500, 500, in)
	if hard {
		for i, v := range s.Matte.Pix {
			s.Matte.Pix[i] = v / 128 * 255
		}
	}
	b := newBoard(s.Matte, picture.Covered(s.Matte), [2]float64{}, [2]float64{500, 500})
	p := partition{w: b.w, h: b.h, label: make([]uint8, len(b.label)), cross: func(p, q int) float64 { return zeroAt(b.matte[p], b.matte[q]) }}
	for i, v := range b.matte {
		if v > 0 {
			p.label[i] = firstColour
		}
	}
	o, err := p.trace().fitted(context.Background(), 1, 0.5+stairs*b.hardness())
	if err != nil || len(o.pieces) != 1 {
		t.Fatal(len(o.pieces), err)
	}
	return o.pieces[0]
}

func TestFitFindsLinesAndArcs(t *testing.T) {
	tests := []struct {
		name        string
		in          func(x, y float64) bool
		lines, arcs int
		radius      float64 // in pixels
	}{
		{"circle", disc, 0, 1, 200},
		{"square", square, 4, 0, 0},
		{"square aslant", aslant(20, square), 4, 0, 0},
		{"triangle", func(x, y float64) bool { return y > -0.5 && y < 0.7-2*math.Abs(x) }, 3, 0, 0},
		{"rounded rectangle", rounded, 4, 4, 50},
		{"rounded rectangle aslant", aslant(33, rounded), 4, 4, 50},
		{"half disc", func(x, y float64) bool { return disc(x, y) && y > 0.101 }, 1, 1, 200},
	}
	for _, tt := range tests {
		for _, hard := range []bool{false, true} {
			lines, arcs := 0, 0
			for _, p := range fittedTo(t, tt.in, hard) {
				if !p.circle {
					lines++
				} else if arcs++; math.Abs(p.r-tt.radius) > 0.04*tt.radius {
					t.Errorf("%s, hard %v: radius %.2f, want %.2f", tt.name, hard, p.r, tt.radius)
				}
			}
			if lines != tt.lines || arcs != tt.arcs {
				t.Errorf("%s, hard %v: %d lines and %d arcs, want %d and %d", tt.name, hard, lines, arcs, tt.lines, tt.arcs)
			}
		}
	}
}

// TestExtrudeColoursAreHeights: a dark disc on a light one stands out by a step, and so does a light one where light is high.
func TestExtrudeColoursAreHeights(t *testing.T) {
	s := painted(500, 500, disc)
	for i := range 500 * 500 {
		// The edge between the colours is a mixture, as drawn ones are.
		d := math.Hypot(float64(i%500)-249.5, float64(i/500)-249.5)
		mix := min(max(100.5-d, 0), 1)
		for k, c := range [3][2]float64{{250, 20}, {220, 30}, {90, 60}} {
			s.Color.Pix[4*i+k] = uint8(c[0] + mix*(c[1]-c[0]))
		}
	}
	const mm = 2. / 80
	disc, inner := math.Pi*mm, math.Pi/4*mm
	for order, want := range map[string]float64{"dark": 3*disc + 2*inner, "light": 5*disc - 2*inner, "small": 3*disc + 2*inner} {
		m := extruded(t, s, Options{"colours": 5.0, "step": 2.0, "order": order})
		r := m.Check()
		if !r.Clean() || r.Components != 1 || r.Genus != 0 || math.Abs(r.Volume/want-1) > 0.004 {
			t.Errorf("%s high: volume %.4f, want %.4f %s", order, r.Volume, want, r.Faults())
		}
		heights, colours := map[float32]bool{}, map[[4]uint8]bool{}
		for i, v := range m.Vertices {
			heights[v[2]], colours[m.Colors[i]] = true, true
		}
		if len(heights) != 3 || len(colours) != 2 {
			t.Errorf("%s high: %d heights, %d colours", order, len(heights), len(colours))
		}
	}
}

func TestExtrudeKeyring(t *testing.T) {
	for name, in := range map[string]func(x, y float64) bool{"disc": disc, "square": square, "annulus": annulus, "slab": slab} {
		s := painted(600, 600, in)
		plain, m := extruded(t, s, nil).Check(), extruded(t, s, Options{"keyring": 5.0})
		r := m.Check()
		if !r.Clean() || r.Components != 1 || r.Genus != plain.Genus+1 {
			t.Errorf("%s: genus %d, %d parts, %s", name, r.Genus, r.Components, r.Faults())
		}
		// The hole is round and 5 mm wide: the vertices on it are the nearest to its middle, over the middle of the shape.
		top := float64(r.Max[1])*40 - 2.5 - max(leastWall, 5*wallPerHole)
		near := math.Inf(1)
		for _, v := range m.Vertices {
			near = min(near, math.Hypot(float64(v[0])*40, float64(v[1])*40-top))
		}
		if math.Abs(near-2.5) > 0.05 {
			t.Errorf("%s: the hole has a radius of %.3f mm", name, near)
		}
	}
}

func TestExtrudeStopsHalfway(t *testing.T) {
	for _, at := range []float64{0.1, 0.4, 0.7} {
		ctx, cancel := context.WithCancel(context.Background())
		in := Input{Subject: painted(300, 300, letters), Options: Options{"edge": "round", "base": 2.0, "colours": 3.0}, SizeMM: 80, Faces: 9000}
		in.Step = func(_ string, f float64) {
			if f == at {
				cancel()
			}
		}
		if _, err := extrude.Build(ctx, in); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled at %g: %v", at, err)
		}
	}
}

func hostile() map[string]*picture.Subject {
	noise := func(x, y float64) bool {
		h := math.Sin(math.Floor(x*40)*127.1+math.Floor(y*40)*311.7) * 43758.5453
		return h-math.Floor(h) < 0.55
	}
	tests := map[string]*picture.Subject{
		"everything":  painted(64, 64, func(x, y float64) bool { return true }),
		"one pixel":   painted(1, 1, func(x, y float64) bool { return true }),
		"a thread":    painted(3, 900, func(x, y float64) bool { return true }),
		"chessboard":  painted(64, 64, func(x, y float64) bool { return (int(x*8+20)+int(y*8+20))%2 == 0 }),
		"thin cross":  painted(200, 200, func(x, y float64) bool { return math.Abs(x) < 0.01 || math.Abs(y) < 0.01 }),
		"dust":        painted(128, 128, func(x, y float64) bool { return math.Mod(math.Abs(x*13.7+y*7.3), 1) < 0.2 }),
		"noise":       painted(200, 200, noise),
		"touches all": painted(90, 90, func(x, y float64) bool { return math.Abs(x) > 0.9 || math.Abs(y) > 0.9 }),
		"letters":     painted(240, 160, letters),
		"sharp star": painted(200, 200, func(x, y float64) bool {
			return math.Hypot(x, y) < 0.15+0.8*math.Pow(math.Abs(math.Cos(2.5*math.Atan2(y, x))), 9)
		}),
	}
	// Every pixel its own colour.
	confetti := painted(100, 100, disc)
	for i := range confetti.Color.Pix {
		if i%4 < 3 {
			confetti.Color.Pix[i] = uint8(i * 7919 >> 3 * (1 + i%4))
		}
	}
	tests["confetti"] = confetti
	return tests
}

func TestExtrudeHostileInEveryWay(t *testing.T) {
	options := map[string]Options{
		"chamfer":  {"edge": "chamfer", "edge-size": 2.0},
		"round":    {"edge": "round", "edge-size": 1.0, "smoothing": 4.0},
		"colours":  {"colours": 5.0, "edge": "chamfer", "edge-size": 10.0},
		"colours2": {"colours": 8.0, "edge": "round", "order": "small", "smoothing": 0.1, "step": 0.1},
		"badge":    {"colours": 3.0, "base": 2.0, "border": 2.0, "margin": 1.0, "keyring": 5.0, "edge": "chamfer"},
		"box":      {"base": 2.0, "base-shape": "rectangle", "margin": 0.0, "border": 3.0, "edge": "round"},
		"disc":     {"base": 1.0, "base-shape": "disc", "border": 20.0, "margin": 30.0, "keyring": 20.0},
		"tab":      {"keyring": 4.0, "thickness": 50.0},
	}
	for name, s := range hostile() {
		for way, o := range options {
			m, err := extrude.Build(context.Background(), Input{Subject: s, Options: o, SizeMM: 60, Faces: 20_000, Step: func(string, float64) {}})
			if err != nil {
				t.Errorf("%s, %s: %v", name, way, err)
				continue
			}
			if r := m.Check(); !r.Clean() || len(m.Colors) != len(m.Vertices) {
				t.Errorf("%s, %s: %s, %d triangles", name, way, r.Faults(), r.Triangles)
			}
			if n := len(m.Weld().Vertices); n != len(m.Vertices) {
				t.Errorf("%s, %s: %d vertices at %d places", name, way, len(m.Vertices), n)
			}
		}
	}
}

func BenchmarkExtrude(b *testing.B) {
	for _, side := range []int{512, 1024, 4096} {
		s := painted(side, side, letters)
		for _, way := range []Options{nil, {"colours": 4.0, "edge": "round", "keyring": 4.0}} {
			b.Run(fmt.Sprintf("%dpx_%d", side, len(way)), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					extruded(b, s, way)
				}
			})
		}
	}
}
