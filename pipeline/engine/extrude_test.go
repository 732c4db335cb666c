package engine

import (
	"context"
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
