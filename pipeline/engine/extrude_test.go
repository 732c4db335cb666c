package engine

import (
	"context"
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

func TestExtrudeKnownShapes(t *testing.T) {
	mm := 1. / 40 // in the model frame
	tests := []struct {
		name              string
		in                func(x, y float64) bool
		options           Options
		genus, components int
		volume, tolerance float64
		most              int // triangles
	}{
		{"square", square, nil, 0, 1, 4 * 3 * mm, 0.003, 12},
		{"disc", disc, nil, 0, 1, math.Pi * 3 * mm, 0.005, 1000},
		{"annulus", annulus, nil, 1, 1, math.Pi * (1 - 25./81) * 3 * mm, 0.005, 2000},
		{"twins", twins, nil, 0, 2, 0, 0, 2000},
		{"chamfered square", square, Options{"edge": "chamfer", "edge-size": 2.0}, 0, 1, 4*1*mm + 2*mm*(4+math.Pow(2-4*mm, 2)+2*(2-4*mm))/3, 0.003, 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := extruded(t, painted(500, 500, tt.in), tt.options)
			r := m.Check()
			if !r.Clean() || r.Genus != tt.genus || r.Components != tt.components || r.Triangles > tt.most {
				t.Errorf("%s %+v", r.Faults(), r)
			}
			if tt.volume > 0 && math.Abs(r.Volume/tt.volume-1) > tt.tolerance {
				t.Errorf("volume %.5f, want %.5f", r.Volume, tt.volume)
			}
		})
	}
}

// badge is a letter A and a ring, whose holes must stay, with a thin stroke.
func letters(x, y float64) bool {
	a := y > -0.6 && y < 0.6 && math.Abs(x+0.5) < (0.7-y)*0.35 && !(math.Abs(x+0.5) < (0.35-y)*0.28 && math.Abs(y) < 0.3) &&
		!(y < -0.42 && math.Abs(x+0.5) < 0.2)
	o := math.Hypot(x-0.45, y) < 0.4 && math.Hypot(x-0.45, y) > 0.3
	return a || o
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
			if r := m.Weld().Check(); !r.Clean() {
				t.Errorf("%s, %s: as an STL, %s", name, way, r.Faults())
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
