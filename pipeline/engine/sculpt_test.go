//go:build sculpt

package engine

import (
	"math"
	"testing"

	"orfeas/pipeline/engine/sculpt"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// TestBent: whatever the sheets say, the solid is closed and does not cross itself.
func TestBent(t *testing.T) {
	tests := []struct {
		name       string
		in         func(x, y float64) bool
		components int // 0 for no look
	}{
		{"disc", disc, 1},
		{"annulus", annulus, 1},
		{"the letter B", letterB, 1},
		{"twins", twins, 2},
		{"hair", func(x, y float64) bool { return math.Abs(x) < 0.006 || math.Hypot(x, y) < 0.2 }, 1},
		{"whole", func(x, y float64) bool { return true }, 1},
		{"checkers", func(x, y float64) bool {
			return (int(x*5+10)+int(y*5+10))%2 == 0 && math.Hypot(x, y) < 0.9
		}, 0},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			sub := painted(200, 200, c.in)
			v := NewSculptView(sub)
			sheets := &sculpt.Sheets{Side: SculptSide, Mid: make([]float32, SculptSide*SculptSide), Half: make([]float32, SculptSide*SculptSide)}
			for p := range sheets.Mid { // jumps, waves and nothing at all
				x, y := float64(p%SculptSide), float64(p/SculptSide)
				sheets.Mid[p] = float32(0.3*math.Sin(x/3) + 0.5*math.Floor(y/17) - 0.04*x)
				sheets.Half[p] = float32(max(0, 0.3*math.Cos(x/5)*math.Sin(y/7)))
			}
			m, s := plainSolid(t, sub)
			bend(m, s, v, sheets, 1)
			r := m.Check()
			if !r.Clean() || c.components > 0 && r.Components != c.components {
				t.Errorf("%d triangles: %s", len(m.Triangles), r.Faults())
			}
		})
	}
}

// TestBentByNothing: a network that says what it was shown leaves inflate's solid as it is.
func TestBentByNothing(t *testing.T) {
	sub := painted(200, 200, letterB)
	v := NewSculptView(sub)
	sheets := &sculpt.Sheets{Side: SculptSide, Mid: make([]float32, SculptSide*SculptSide), Half: make([]float32, SculptSide*SculptSide)}
	for p := range sheets.Half {
		sheets.Half[p] = float32(v.Planes[4*len(sheets.Half)+p]) / 255
	}
	m, s := plainSolid(t, sub)
	before := append([][3]float32(nil), m.Vertices...)
	bend(m, s, v, sheets, 1)
	for i, p := range before {
		for k := range p {
			if d := m.Vertices[i][k] - p[k]; math.Abs(float64(d)) > 1e-4 {
				t.Fatalf("vertex %d moved from %v to %v", i, p, m.Vertices[i])
			}
		}
	}
}

func plainSolid(t *testing.T, sub *picture.Subject) (*mesh.Mesh, *silhouette) {
	t.Helper()
	options, err := inflate.Complete(nil)
	if err != nil {
		t.Fatal(err)
	}
	m, s, err := inflatedSolid(t.Context(), Input{Subject: sub, SizeMM: 80, Faces: 60_000, Options: options, Step: func(string, float64) {}})
	if err != nil {
		t.Fatal(err)
	}
	return m, s
}

// TestResized: what is linear stays so but at the rim, and what grows keeps out what lies beside the subject.
func TestResized(t *testing.T) {
	v := make([]float32, SculptSide*SculptSide)
	for p := range v {
		v[p] = float32(p%SculptSide)/SculptSide - 2*float32(p/SculptSide)/SculptSide
	}
	small := resized(v, SculptSide, sculptSeen)
	for _, at := range [][2]int{{0, 0}, {10, 20}, {63, 40}} {
		x, y := (float64(at[0])+0.5)*1.5-0.5, (float64(at[1])+0.5)*1.5-0.5
		if got, want := float64(small[at[1]*sculptSeen+at[0]]), (x-2*y)/SculptSide; math.Abs(got-want) > 1e-6 {
			t.Errorf("at %v: %g, not %g", at, got, want)
		}
	}
	cover := make([]float32, sculptSeen*sculptSeen)
	for p := range cover {
		small[p] = 1e3
		if p%sculptSeen >= 30 {
			cover[p], small[p] = 1, 7
		}
	}
	large := grown(small, cover)
	if got := large[50*SculptSide+46]; math.Abs(float64(got-7)) > 1 {
		t.Errorf("beside the rim: %g", got)
	}
}

// TestSpline: it keeps what is linear.
func TestSpline(t *testing.T) {
	v := make([]float64, SculptSide*SculptSide)
	for p := range v {
		v[p] = 2*float64(p%SculptSide) - float64(p/SculptSide)
	}
	for _, at := range [][2]float64{{10, 20}, {10.3, 20.9}, {50.5, 2.25}} {
		if got, want := spline(v, SculptSide, at[0], at[1]), 2*at[0]-at[1]; math.Abs(got-want) > 1e-9 {
			t.Errorf("at %v: %g, not %g", at, got, want)
		}
	}
}

// BenchmarkSculpt is cut-out to mesh, with the network opened anew as for every job.
func BenchmarkSculpt(b *testing.B) {
	if err := sculpted.Missing(); err != nil {
		b.Skip(err)
	}
	sub := painted(512, 512, letterB)
	for b.Loop() {
		if _, err := sculpted.Build(b.Context(), Input{Subject: sub, SizeMM: 80, Faces: 200_000, Step: func(string, float64) {}}); err != nil {
			b.Fatal(err)
		}
	}
}
