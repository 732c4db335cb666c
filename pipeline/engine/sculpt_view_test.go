package engine

import (
	"math"
	"testing"
)

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
