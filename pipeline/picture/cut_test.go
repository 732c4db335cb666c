package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"testing"
)

// painted is a w x h picture made of a function of the pixel's centre, sampled 4 x 4 times so that edges are soft.
func painted(w, h int, paint func(x, y float64) color.NRGBA) *Picture {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			var sum [3]int
			for i := range 16 {
				c := paint(float64(x)+(float64(i%4)+0.5)/4, float64(y)+(float64(i/4)+0.5)/4)
				sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
			}
			m.SetNRGBA(x, y, color.NRGBA{uint8(sum[0] / 16), uint8(sum[1] / 16), uint8(sum[2] / 16), 255})
		}
	}
	return &Picture{Image: m}
}

// coverage reads the matte at a pixel of the picture.
func coverage(s *Subject, x, y int) uint8 { return s.Matte.GrayAt(x-s.Crop.Min.X, y-s.Crop.Min.Y).Y }

var (
	white = color.NRGBA{255, 255, 255, 255}
	teal  = color.NRGBA{20, 120, 110, 255}
)

func ring(x, y float64) bool {
	r := math.Hypot(x-64, y-60)
	return r < 40 && r > 18
}

// TestCutPlain holds that a ring is found with its hole, and the exact area of its soft edge, on backgrounds a person
// would call plain.
func TestCutPlain(t *testing.T) {
	shade := func(c color.NRGBA, f float64) color.NRGBA {
		return color.NRGBA{uint8(float64(c.R) * f), uint8(float64(c.G) * f), uint8(float64(c.B) * f), 255}
	}
	for _, c := range []struct {
		name    string
		subject color.NRGBA
		back    func(x, y float64) color.NRGBA
	}{
		{"white", teal, func(x, y float64) color.NRGBA { return white }},
		{"black", teal, func(x, y float64) color.NRGBA { return color.NRGBA{0, 0, 0, 255} }},
		{"pale on white", color.NRGBA{247, 244, 240, 255}, func(x, y float64) color.NRGBA { return white }},
		{"gradient", teal, func(x, y float64) color.NRGBA { return shade(white, 0.95-0.3*y/128) }},
		{"vignette", teal, func(x, y float64) color.NRGBA {
			return shade(white, 0.95-0.3*(math.Pow(x/64-1, 2)+math.Pow(y/64-1, 2))/2)
		}},
		{"shadow", teal, func(x, y float64) color.NRGBA {
			return shade(white, 1-0.3*math.Exp(-(math.Pow((x-64)/30, 2)+math.Pow((y-100)/7, 2))))
		}},
	} {
		p := painted(128, 128, func(x, y float64) color.NRGBA {
			if ring(x, y) {
				return c.subject
			}
			return c.back(x, y)
		})
		s, err := Cut(context.Background(), p, CutOptions{}, nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var area float64
		for _, v := range s.Matte.Pix {
			area += float64(v) / 255
		}
		if want := math.Pi * (40*40 - 18*18); math.Abs(area-want) > 0.02*want {
			t.Errorf("%s: area %.0f, want %.0f", c.name, area, want)
		}
		if coverage(s, 64, 60) != 0 || coverage(s, 64, 30) != 255 || coverage(s, 5, 5) != 0 {
			t.Errorf("%s: hole %d, ring %d, corner %d", c.name, coverage(s, 64, 60), coverage(s, 64, 30), coverage(s, 5, 5))
		}
		if d := s.Crop.Min.Sub(image.Pt(20, 16)); max(d.X, d.Y, -d.X, -d.Y) > 2 {
			t.Errorf("%s: frame at %v, want about (20,16)", c.name, s.Crop)
		}
	}
}

// clutter is a blue disc before a striped wall and a spotted floor.
func clutter(w, h int) *Picture {
	cx, cy, r := float64(w)/2, float64(h)/2, float64(min(w, h))*0.28
	return painted(w, h, func(x, y float64) color.NRGBA {
		switch {
		case math.Hypot(x-cx, y-cy) < r:
			return color.NRGBA{40, 70, uint8(190 + 30*math.Sin(x/9)), 255}
		case y < float64(h)*0.6:
			return color.NRGBA{uint8(150 + 40*math.Sin(x/5)), 130, 90, 255}
		default:
			return color.NRGBA{90, uint8(110 + 30*math.Sin(x/6)*math.Sin(y/6)), 60, 255}
		}
	})
}

func discOverlap(s *Subject, w, h int) float64 {
	truth := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		if math.Hypot(float64(i%w)+0.5-float64(w)/2, float64(i/w)+0.5-float64(h)/2) < float64(min(w, h))*0.28 {
			truth.Pix[4*i] = 255
		}
	}
	return overlap(s, truth)
}

func TestCutClutter(t *testing.T) {
	p := clutter(240, 180)
	s, err := Cut(context.Background(), p, CutOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if iou := discOverlap(s, 240, 180); iou < 0.97 {
		t.Errorf("intersection over union %.3f", iou)
	}
	again, err := Cut(context.Background(), p, CutOptions{}, nil)
	if err != nil || !bytes.Equal(s.Matte.Pix, again.Matte.Pix) || !bytes.Equal(s.Color.Pix, again.Color.Pix) {
		t.Errorf("a second cut differs (%v)", err)
	}
	for i := 3; i < len(s.Color.Pix); i += 4 {
		if s.Color.Pix[i] != 255 {
			t.Fatal("colours are not opaque")
		}
	}
}

// TestCutBleeds holds that beyond the subject there is the subject's colour, not the background's.
func TestCutBleeds(t *testing.T) {
	p := painted(64, 64, func(x, y float64) color.NRGBA {
		if math.Hypot(x-32, y-32) < 20.3 {
			return teal
		}
		return white
	})
	s, err := Cut(context.Background(), p, CutOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(s.Color.Pix); i += 4 {
		if c := (color.NRGBA{s.Color.Pix[i], s.Color.Pix[i+1], s.Color.Pix[i+2], 255}); !alike(c, teal, 20) {
			t.Fatalf("pixel %d is %v", i/4, c)
		}
	}
}

func TestCutScribble(t *testing.T) {
	p := clutter(240, 180)
	marks := image.NewGray(p.Image.Rect)
	for i := range marks.Pix {
		marks.Pix[i] = 128
	}
	for y := 40; y < 60; y++ { // a part of the wall is wanted, and a part of the disc is not
		for x := 20; x < 40; x++ {
			marks.SetGray(x, y, color.Gray{Y: 255})
			marks.SetGray(x+90, y+40, color.Gray{Y: 0})
		}
	}
	s, err := Cut(context.Background(), p, CutOptions{Scribble: marks}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if coverage(s, 30, 50) < 200 || coverage(s, 120, 90) > 50 {
		t.Errorf("kept %d, removed %d", coverage(s, 30, 50), coverage(s, 120, 90))
	}
}

func TestCutSizes(t *testing.T) {
	p := painted(300, 200, func(x, y float64) color.NRGBA { return teal })
	for _, side := range []int{10, 100, 1024} {
		s, err := Cut(context.Background(), p, CutOptions{KeepBackground: true, MaxSide: side}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := s.Color.Rect; r != s.Matte.Rect || r.Min != (image.Point{}) || max(r.Dx(), r.Dy()) > side || r.Dx() < min(side, 300) {
			t.Errorf("at most %d: %v and %v", side, r, s.Matte.Rect)
		}
		if c := s.Crop; !p.Image.Rect.In(c) || c.Dx() > 450 {
			t.Errorf("at most %d: crop %v", side, c)
		}
	}
}

func TestCutFindsNothing(t *testing.T) {
	blank := func(w, h int, c color.NRGBA) *Picture {
		m := image.NewNRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			m.SetNRGBA(i%w, i/w, c)
		}
		return &Picture{Image: m}
	}
	for name, p := range map[string]*Picture{
		"one colour":  blank(60, 40, teal),
		"transparent": blank(60, 40, color.NRGBA{}),
		"one pixel":   blank(1, 1, teal),
		"a thread":    blank(1, 20000, teal),
		"a line":      blank(20000, 1, white),
	} {
		s, err := Cut(context.Background(), p, CutOptions{}, nil)
		if !errors.Is(err, ErrNoSubject) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
		if name == "transparent" {
			continue
		}
		if _, err := Cut(context.Background(), p, CutOptions{KeepBackground: true}, nil); err != nil {
			t.Errorf("%s, all kept: %v", name, err)
		}
	}
}

func TestCutStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	_, err := Cut(ctx, clutter(240, 180), CutOptions{}, func(string, float64) { stop() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestThumbnail(t *testing.T) {
	got := Thumbnail(corners(), 6)
	if got.Rect != image.Rect(0, 0, 6, 4) || got.NRGBAAt(0, 0) != (color.NRGBA{220, 0, 0, 255}) || got.NRGBAAt(5, 3) != white {
		t.Errorf("%v %v", got.Rect, got.Pix)
	}
	if got := Thumbnail(corners(), 100); got.Rect != image.Rect(0, 0, 24, 16) {
		t.Errorf("scaled up to %v", got.Rect)
	}
	// A clear pixel's colour must not tint the mean.
	m := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	m.SetNRGBA(0, 0, color.NRGBA{200, 10, 10, 255})
	if got := Thumbnail(m, 1).NRGBAAt(0, 0); got != (color.NRGBA{200, 10, 10, 64}) {
		t.Errorf("mean %v", got)
	}
}
