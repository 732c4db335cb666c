package engine

import (
	"image/color"
	"math"
	"testing"
)

// TestPartsRiseOverTheirContours: a disc with a line across becomes two cushions with a groove; a glint, a plain disc and
// one that is all texture stay as they are.
func TestPartsRiseOverTheirContours(t *testing.T) {
	const side = 400
	tests := []struct {
		name   string
		paint  func(x, y float64) bool // black, in [-1,1]²
		groove bool
	}{
		{"a line across", func(x, y float64) bool { return math.Abs(x) < 0.02 }, true},
		{"two colours", func(x, y float64) bool { return x < 0 }, true},
		{"plain", func(x, y float64) bool { return false }, false},
		{"a glint", func(x, y float64) bool { return math.Hypot(x, y) < 0.02 }, false},
		{"texture", func(x, y float64) bool { return math.Sin(80*x)*math.Sin(80*y) > 0 }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := painted(side, side, disc)
			for j := range side {
				for i := range side {
					c := color.NRGBA{230, 230, 230, 255}
					if tt.paint(2*float64(i)/side-1, 1-2*float64(j)/side) {
						c = color.NRGBA{20, 20, 20, 255}
					}
					s.Color.SetNRGBA(i, j, c)
				}
			}
			flat, raised := build(t, s, 40_000, Options{"parts": 0.0}), build(t, s, 40_000, Options{"parts": 1.0})
			if r := raised.Check(); !r.Clean() || r.Components != 1 || r.Genus != 0 {
				t.Errorf("%+v", r)
			}
			depth := func(at float64) (high float64) { // of the front over a column of the upper half
				for _, v := range raised.Vertices {
					if math.Abs(float64(v[0])-at) < 0.02 && math.Abs(float64(v[1])) < 0.3 {
						high = max(high, float64(v[2]))
					}
				}
				return high
			}
			if tt.groove {
				if middle, beside := depth(0), depth(0.25); middle > beside-0.01 {
					t.Errorf("no groove: %.3f deep in the middle, %.3f beside", middle, beside)
				}
				return
			}
			if a, b := flat.Check().Volume, raised.Check().Volume; math.Abs(a/b-1) > 1e-6 {
				t.Errorf("volume %.4f became %.4f", a, b)
			}
		})
	}
}
