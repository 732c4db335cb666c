package engine

import (
	"math"
	"testing"
)

func pillar(x, y float64) bool { return math.Abs(x) < 0.35 && math.Abs(y) < 0.9 }
func tilted(x, y float64) bool { return math.Hypot(x+y, (x-y)/4) < 0.3 } // sinks to the right
func figure(x, y float64) bool {
	return math.Hypot(x, y-0.5) < 0.3 || math.Abs(math.Abs(x)-0.2) < 0.08 && math.Abs(y) < 0.7
}

// TestTurnedPillar: an upright rectangle becomes a cylinder with flat ends, not a sausage.
func TestTurnedPillar(t *testing.T) {
	s := painted(400, 400, pillar)
	r := 0.35 / 0.9
	cylinder := 2 * math.Pi * r * r
	with, without := build(t, s, 60_000, nil).Check().Volume, build(t, s, 60_000, Options{"turned": 0.0}).Check().Volume
	if with < without || math.Abs(with/cylinder-1) > 0.08 {
		t.Errorf("volume %.3f turned and %.3f not, a cylinder has %.3f", with, without, cylinder)
	}
}

func TestLathe(t *testing.T) {
	tests := []struct {
		name   string
		in     func(x, y float64) bool
		lo, hi float64
	}{
		{"disc", disc, 0.99, 1}, {"pillar", pillar, 0.99, 1},
		{"annulus", annulus, 0, 0.2}, {"strip", strip, 0, 0}, {"tilted", tilted, 0, 0}, {"legs", figure, 0, 0.3},
	}
	for _, tt := range tests {
		if got := lathe(outline(painted(300, 300, tt.in).Matte, 120)); got < tt.lo || got > tt.hi {
			t.Errorf("%s: %.3f, want %.2f to %.2f", tt.name, got, tt.lo, tt.hi)
		}
	}
}

// TestLean: mirror-symmetric things stand straight, and the lower end of a tilted one comes nearer.
func TestLean(t *testing.T) {
	for name, in := range map[string]func(x, y float64) bool{"disc": disc, "annulus": annulus, "strip": strip, "pillar": pillar} {
		if g := lean(outline(painted(300, 300, in).Matte, 120)); math.Abs(g) > 1e-3 {
			t.Errorf("%s leans by %g", name, g)
		}
	}
	s := painted(300, 300, tilted)
	if g := lean(outline(s.Matte, 120)); g < 0.3 || g > leanPerSkew*maxSkew+1e-9 {
		t.Errorf("the tilted ellipse leans by %g", g)
	}
	nearer := func(o Options) (left, right float64) {
		for _, v := range build(t, s, 20_000, o).Vertices {
			if v[0] < 0 {
				left += float64(v[2])
			} else {
				right += float64(v[2])
			}
		}
		return left, right
	}
	if l, r := nearer(Options{"lean": 1.0}); l >= r {
		t.Errorf("upper left end at %g, lower right at %g", l, r)
	}
	if l, r := nearer(nil); math.Abs(l-r) > 1 {
		t.Errorf("without lean: %g and %g", l, r)
	}
}
