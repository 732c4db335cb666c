package render

import (
	"math"
	"testing"
)

func near(a, b, tolerance float32) bool { return math.Abs(float64(a-b)) <= float64(tolerance) }

func TestCameraFit(t *testing.T) {
	lo, hi := [3]float32{-40, -10, 0}, [3]float32{40, 10, 60}
	for _, ortho := range []bool{false, true} {
		for _, aspect := range []float32{0.3, 0.5, 1, 2, 4} {
			for _, v := range StandardViews {
				c := Camera{Yaw: v.Yaw, Pitch: v.Pitch, Orthographic: ortho, FOV: 0.5}.Fit(lo, hi, aspect)
				h := float32(500)
				w := h * aspect
				used := float32(0)
				for i := range 8 {
					p := lo
					for k := range 3 {
						if i>>k&1 == 1 {
							p[k] = hi[k]
						}
					}
					x, y, depth := c.Project(p, w, h)
					if x < 0 || y < 0 || x > w || y > h || depth <= 0 && !ortho {
						t.Errorf("%s, aspect %g, orthographic %v: corner %v at (%g,%g)", v.Name, aspect, ortho, p, x, y)
					}
					used = max(used, abs(x-w/2)/w, abs(y-h/2)/h)
				}
				if used < 0.35 {
					t.Errorf("%s, aspect %g: only %g of the frame used", v.Name, aspect, 2*used)
				}
			}
		}
	}
}

func TestCameraMoves(t *testing.T) {
	c := Camera{Target: [3]float32{3, -2, 7}, Yaw: 0.7, Pitch: 0.4, Distance: 200}
	if x, y, d := c.Project(c.Target, 640, 480); !near(x, 320, 1e-2) || !near(y, 240, 1e-2) || !near(d, 200, 1e-2) {
		t.Errorf("target at (%g,%g), depth %g", x, y, d)
	}
	if x, y, _ := c.Pan(30, -12, 480).Project(c.Target, 640, 480); !near(x, 350, 0.05) || !near(y, 228, 0.05) {
		t.Errorf("panned target at (%g,%g)", x, y)
	}
	// The point of the target's plane under the pointer stays there.
	under := c.Pan(-100, -60, 480).Target
	if x, y, _ := c.Project(under, 640, 480); !near(x, 420, 0.05) || !near(y, 300, 0.05) {
		t.Fatalf("the point is at (%g,%g)", x, y)
	}
	if x, y, _ := c.Zoom(0.5, 420, 300, 640, 480).Project(under, 640, 480); !near(x, 420, 0.05) || !near(y, 300, 0.05) {
		t.Errorf("after the zoom at (%g,%g)", x, y)
	}
	if p := c.Orbit(0, 9).Pitch; p != maxPitch {
		t.Errorf("pitch %g", p)
	}
}

func TestCameraLooksAtTheFront(t *testing.T) {
	c := Camera{Distance: 10}
	if e := c.Eye(); !near(e[1], -10, 1e-5) {
		t.Errorf("eye at %v", e)
	}
	if x, _, _ := c.Project([3]float32{1, 0, 0}, 100, 100); x <= 50 {
		t.Error("+x is not on the right")
	}
	if _, y, _ := c.Project([3]float32{0, 0, 1}, 100, 100); y >= 50 {
		t.Error("+z is not up")
	}
}

// TestMatricesAgreeWithProject holds the matrices OpenGL uses to the mathematics the pointer uses.
func TestMatricesAgreeWithProject(t *testing.T) {
	for _, ortho := range []bool{false, true} {
		c := Camera{Target: [3]float32{1, 2, 3}, Yaw: 0.3, Pitch: -0.2, Distance: 50, Orthographic: ortho}
		p := [3]float32{6, -4, 9}
		clip := times(c.Projection(1.5, 20), times(c.View(), [4]float32{p[0], p[1], p[2], 1}))
		x, y, _ := c.Project(p, 300, 200)
		if gx, gy := 150+150*clip[0]/clip[3], 100-100*clip[1]/clip[3]; !near(gx, x, 0.01) || !near(gy, y, 0.01) {
			t.Errorf("orthographic %v: (%g,%g), want (%g,%g)", ortho, gx, gy, x, y)
		}
		if z := clip[2] / clip[3]; z < -1 || z > 1 {
			t.Errorf("clipped at depth %g", z)
		}
	}
}

func times(m [16]float32, v [4]float32) (out [4]float32) {
	for r := range 4 {
		for c := range 4 {
			out[r] += m[4*c+r] * v[c]
		}
	}
	return out
}
