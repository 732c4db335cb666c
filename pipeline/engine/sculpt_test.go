package engine

import (
	"math"
	"testing"

	"orfeas/pipeline/engine/sculpt"
)

// TestSewn: whatever the sheets say, the solid is closed and does not cross itself.
func TestSewn(t *testing.T) {
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
			options, err := sculpted.Complete(nil)
			if err != nil {
				t.Fatal(err)
			}
			s := outline(sub.Matte, 150)
			mid, half := s.laid(v, sheets, Input{Subject: sub, SizeMM: 80, Options: options})
			m, err := s.sewn(t.Context(), mid, half)
			if err != nil {
				t.Fatal(err)
			}
			r := m.Check()
			if !r.Clean() || c.components > 0 && r.Components != c.components {
				t.Errorf("%d triangles: %s", len(m.Triangles), r.Faults())
			}
		})
	}
}

// TestSculptView: the subject lies in the middle, and nodes are where they say.
func TestSculptView(t *testing.T) {
	for _, size := range [][2]int{{300, 300}, {300, 120}, {120, 300}, {7, 7}, {1000, 40}} {
		v := NewSculptView(painted(size[0], size[1], func(x, y float64) bool { return true }))
		const n = SculptSide
		left, right, top, bottom := n, -1, n, -1
		for q, c := range v.Planes[3*n*n : 4*n*n] {
			if c >= 128 {
				left, right, top, bottom = min(left, q%n), max(right, q%n), min(top, q/n), max(bottom, q/n)
			}
		}
		if d := left - (n - 1 - right); d < -2 || d > 2 {
			t.Errorf("%v: columns %d to %d", size, left, right)
		}
		if d := top - (n - 1 - bottom); d < -2 || d > 2 {
			t.Errorf("%v: rows %d to %d", size, top, bottom)
		}
		if x := v.X + float64(left)*v.Scale; math.Abs(x) > 1.5*v.Scale {
			t.Errorf("%v: the first column is at %g of the picture", size, x)
		}
		if want := float64(max(size[0], size[1])) / 2; math.Abs(v.Half()-want) > 1e-9 {
			t.Errorf("%v: half is %g", size, v.Half())
		}
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
