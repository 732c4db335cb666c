package render

import (
	"image"
	"image/color"
	"testing"
)

// TestCubeLeadsThere: looking from where a part of the cube says, that part is in the middle of the cube.
func TestCubeLeadsThere(t *testing.T) {
	found := map[[3]int]bool{}
	for _, from := range []Camera{ThreeQuarter, {Yaw: 2.4, Pitch: -0.5}, {Yaw: 0.8, Pitch: 0.9}, {Yaw: -2.3, Pitch: 0.2}, {Yaw: 2.4, Pitch: 0.6}, {Yaw: 0.8, Pitch: -0.6}, {Yaw: -0.8, Pitch: -0.6}, {Yaw: -2.3, Pitch: -0.7}} {
		for y := range 96 {
			for x := range 96 {
				d := CubeAt(from, 96, float32(x), float32(y))
				if d == [3]int{} || found[d] {
					continue
				}
				found[d] = true
				if got := CubeAt(Camera{}.Toward(d), 96, 48.01, 48.01); got != d {
					t.Errorf("toward %v the middle is %v", d, got)
				}
			}
		}
	}
	if len(found) != 26 {
		t.Errorf("%d parts were found, want 6 sides, 12 edges and 8 corners", len(found))
	}
	for name, d := range map[string][3]int{"Front": {0, -1, 0}, "Back": {0, 1, 0}, "Left": {-1, 0, 0}, "Right": {1, 0, 0}, "Top": {0, 0, 1}, "Bottom": {0, 0, -1}} {
		for _, s := range StandardViews {
			if c := (Camera{}).Toward(d); s.Name == name && (!near(abs(c.Yaw), abs(s.Yaw), 1e-5) || c.Pitch != s.Pitch) {
				t.Errorf("%s: %+v, want %+v", name, c, s)
			}
		}
	}
}

func TestCubeShowsWhatIsHot(t *testing.T) {
	plain, hot := Cube(ThreeQuarter, 96, [3]int{}, CubeLook{}), Cube(ThreeQuarter, 96, [3]int{0, -1, 0}, CubeLook{})
	blue := 0
	for i := range plain.Pix {
		if i%4 == 2 && int(hot.Pix[i]) > int(hot.Pix[i-2])+60 {
			blue++
		}
	}
	if blue < 100 {
		t.Errorf("%d pixels are marked", blue)
	}
}

// TestOverlayLiesOnTheMesh: a picture of a disc lies where the ball is that was made of it, however it was cropped.
func TestOverlayLiesOnTheMesh(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 650, 500))
	for y := range 500 {
		for x := range 650 {
			if dx, dy := x-400, y-225; dx*dx+dy*dy < 40000 {
				img.SetNRGBA(x, y, color.NRGBA{255, 0, 0, 255})
			}
		}
	}
	m := ball(60)
	lo, hi := m.Bounds()
	o := NewOverlay(img, lo, hi)
	if o == nil || o.Lies {
		t.Fatalf("%+v", o)
	}
	c := o.View(Camera{}).Fit(lo, hi, 1)
	frame, err := Draw(m, c, 200, 200)
	if err != nil {
		t.Fatal(err)
	}
	over := image.NewNRGBA(frame.Rect)
	o.Split = 1
	o.draw(over, c, Shading{}, lo, hi)
	off := 0
	for y := range 200 {
		for x := range 200 {
			if (frame.NRGBAAt(x, y).A > 128) != (over.NRGBAAt(x, y).R > 128) {
				off++
			}
		}
	}
	if off > 400 { // the outline is 580 pixels long
		t.Errorf("%d pixels differ", off)
	}
	o.Split = 0.5
	half := image.NewNRGBA(frame.Rect)
	copy(half.Pix, frame.Pix)
	o.draw(half, c, Shading{}, lo, hi)
	if half.NRGBAAt(60, 100).R < 200 || half.NRGBAAt(60, 100).B > 50 || half.NRGBAAt(150, 100) != frame.NRGBAAt(150, 100) {
		t.Errorf("left %v, right %v", half.NRGBAAt(60, 100), half.NRGBAAt(150, 100))
	}
	if NewOverlay(image.NewNRGBA(image.Rect(0, 0, 9, 9)), lo, hi) != nil {
		t.Error("an empty picture was taken")
	}
	// A relief of the same picture lies on its back.
	if o := NewOverlay(img, [3]float32{-30, -30, 0}, [3]float32{30, 30, 4}); !o.Lies {
		t.Error("a plate stands")
	}
}
