package picture

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestEditCheck(t *testing.T) {
	dot := func(n int) Polyline { return make(Polyline, n) }
	for _, c := range []struct {
		name string
		edit Edit
		ok   bool
	}{
		{"nothing", Edit{}, true},
		{"all at once", Edit{Crop: Box{100, 200, 9900, 9800}, Turns: 3, Flip: true, Strokes: []Stroke{{true, MinBrush, dot(1)}}}, true},
		{"crop too small", Edit{Crop: Box{0, 0, MinCrop - 1, Whole}}, false},
		{"crop outside", Edit{Crop: Box{1, 0, Whole, Whole}}, false},
		{"crop overflows", Edit{Crop: Box{math.MaxInt, 0, math.MaxInt, 500}}, false},
		{"crop negative", Edit{Crop: Box{-1, 0, 500, 500}}, false},
		{"turns", Edit{Turns: 4}, false},
		{"turns back", Edit{Turns: -1}, false},
		{"no place", Edit{Strokes: []Stroke{{true, MinBrush, nil}}}, false},
		{"brush too small", Edit{Strokes: []Stroke{{true, 0, dot(1)}}}, false},
		{"brush too large", Edit{Strokes: []Stroke{{true, MaxBrush + 1, dot(1)}}}, false},
		{"outside", Edit{Strokes: []Stroke{{true, 100, Polyline{{Whole + 1, 0}}}}}, false},
		{"too many strokes", Edit{Strokes: make([]Stroke, MaxStrokes+1)}, false},
		{"too many corners", Edit{Strokes: []Stroke{{true, 100, dot(MaxMarks)}, {false, 100, dot(1)}}}, false},
	} {
		if err := c.edit.Check(); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrEdit) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEditJSON(t *testing.T) {
	e := Edit{Crop: Box{0, 0, 5000, 5000}, Turns: 1, Strokes: []Stroke{{true, 150, Polyline{{1, 2}, {10000, 30}}}, {false, 40, Polyline{{7, 7}}}}}
	data, err := json.Marshal(e)
	if want := `{"crop":{"x":0,"y":0,"w":5000,"h":5000},"turns":1,"strokes":[{"keep":true,"radius":150,"line":"1,2 10000,30"},{"keep":false,"radius":40,"line":"7,7"}]}`; err != nil || string(data) != want {
		t.Errorf("%s, %v", data, err)
	}
	var again Edit
	if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(again, e) {
		t.Errorf("%+v, %v", again, err)
	}
	for _, line := range []string{`"1"`, `"1,"`, `"1,2,3"`, `"a,b"`, `"1.5,2"`, `"99999999999999999999,1"`, `5`, `"` + strings.Repeat("1,1 ", MaxMarks+1) + `"`} {
		if err := json.Unmarshal([]byte(`{"strokes":[{"line":`+line+`}]}`), &again); err == nil {
			t.Errorf("%.30s was taken", line)
		}
	}
}

// TestEditApply turns, flips and crops a picture of 3 x 2 pixels that are all different, and follows a place through it.
func TestEditApply(t *testing.T) {
	p := painted(3, 2, func(x, y float64) color.NRGBA { return color.NRGBA{uint8(10*x + 100*y), 0, 0, 255} })
	p.Gray16 = image.NewGray16(p.Image.Rect)
	for i := range 6 {
		p.Gray16.SetGray16(i%3, i/3, color.Gray16{Y: uint16(1000 + i)})
	}
	for turns := range 4 {
		for _, flip := range []bool{false, true} {
			e := Edit{Turns: turns, Flip: flip}
			got := e.Apply(p)
			w, h := got.Image.Rect.Dx(), got.Image.Rect.Dy()
			if (turns%2 == 1) != (w == 2) || got.Gray16.Rect != got.Image.Rect {
				t.Fatalf("%+v: %d x %d, samples %v", e, w, h, got.Gray16.Rect)
			}
			for i := range 6 {
				x, y := e.Turned((float64(i%3)+0.5)/3, (float64(i/3)+0.5)/2)
				u, v := int(x*float64(w)), int(y*float64(h))
				if got.Image.NRGBAAt(u, v) != p.Image.NRGBAAt(i%3, i/3) || got.Gray16.Gray16At(u, v).Y != uint16(1000+i) {
					t.Errorf("%+v: pixel %d is not at %d,%d", e, i, u, v)
				}
				if a, b := e.Back(x, y); math.Abs(a-(float64(i%3)+0.5)/3)+math.Abs(b-(float64(i/3)+0.5)/2) > 1e-9 {
					t.Errorf("%+v: back at %g,%g", e, a, b)
				}
			}
		}
	}
	// The right two thirds, turned clockwise: what was at the top left is at the top right.
	got := Edit{Crop: Box{3333, 0, 6667, Whole}, Turns: 1}.Apply(p).Image
	if got.Rect != image.Rect(0, 0, 2, 2) || got.NRGBAAt(1, 0) != p.Image.NRGBAAt(1, 0) || got.NRGBAAt(0, 1) != p.Image.NRGBAAt(2, 1) {
		t.Errorf("%v: %v", got.Rect, got.Pix)
	}
	if (Edit{}).Apply(p) != p {
		t.Error("an edit of nothing copies the picture")
	}
}

// TestScribbleFollowsThePicture: a stroke drawn on the picture as it was marks the same thing when it is cropped and turned.
func TestScribbleFollowsThePicture(t *testing.T) {
	e := Edit{Crop: Box{5000, 0, 5000, Whole}, Turns: 1, Strokes: []Stroke{
		{true, 400, Polyline{{6000, 2500}, {9000, 2500}}}, {false, 400, Polyline{{9000, 2500}}}}}
	// A picture of 400 x 200: its right half, turned, is 200 wide and 200 high.
	s := e.Scribble(image.Rect(0, 0, 200, 200))
	for _, c := range []struct {
		x, y int
		want uint8
	}{{149, 50, 255}, {149, 100, 255}, {149, 163, 0}, {149, 140, 255}, {149, 20, 128}, {170, 100, 128}, {20, 100, 128}} {
		if got := s.GrayAt(c.x, c.y).Y; got != c.want {
			t.Errorf("at %d,%d: %d, want %d", c.x, c.y, got, c.want)
		}
	}
	if (Edit{}).Scribble(s.Rect) != nil {
		t.Error("there is a scribble without strokes")
	}
	if big := e.Scribble(image.Rect(0, 0, 8000, 6000)).Rect; big != image.Rect(0, 0, 1024, 768) {
		t.Errorf("of a large picture it is %v", big)
	}
}

func TestSimplified(t *testing.T) {
	l := Polyline{{0, 0}, {10, 1}, {20, 0}, {30, 0}, {30, 30}, {30, 60}}
	if got := l.Simplified(2); !reflect.DeepEqual(got, Polyline{{0, 0}, {30, 0}, {30, 60}}) {
		t.Error(got)
	}
	if dot := (Polyline{{5, 5}, {5, 5}, {5, 5}}).Simplified(2); len(dot) != 2 {
		t.Error(dot)
	}
}

// TestStrokesActWhereTheyAre: a stroke takes in, or out, the thing it is drawn on and leaves the rest of the cut-out as it
// was to the bit, whatever that was cut out by.
func TestStrokesActWhereTheyAre(t *testing.T) {
	p := painted(240, 160, func(x, y float64) color.NRGBA { // a disc, and a box far from it
		switch {
		case math.Hypot(x-80, y-80) < 50:
			return teal
		case x > 190 && x < 214 && y > 60 && y < 100:
			return color.NRGBA{200, 60, 50, 255}
		}
		return white
	})
	box := image.Rect(191, 61, 214, 100)
	both, err := Separate(context.Background(), p, CutOptions{}, nil)
	if err != nil || both.Matte.GrayAt(202, 80).Y < 250 {
		t.Fatal(err)
	}
	disc := &Cutout{Image: both.Image, Matte: image.NewGray(both.Matte.Rect), How: "hand", scale: 1}
	for i, v := range both.Matte.Pix {
		if i%240 < 170 {
			disc.Matte.Pix[i] = v
		}
	}
	for _, c := range []struct {
		name   string
		before *Cutout
		keep   bool
	}{{"taken out", both, false}, {"taken in", disc, true}} {
		stroke := Edit{Strokes: []Stroke{{c.keep, 150, Polyline{{8300, 4600}, {8450, 5600}}}}}
		after, err := c.before.Correct(context.Background(), stroke.Scribble(p.Image.Rect))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		wrong := 0
		for i, v := range after.Matte.Pix {
			x, y := i%240, i/240
			if x < 170 && v != c.before.Matte.Pix[i] {
				t.Fatalf("%s: the disc changed at %d,%d from %d to %d", c.name, x, y, c.before.Matte.Pix[i], v)
			}
			if image.Pt(x, y).In(box) && (v > 128) != c.keep {
				wrong++
			}
		}
		if wrong > box.Dx()*box.Dy()/20 {
			t.Errorf("%s: %d pixels of the box did not follow the stroke", c.name, wrong)
		}
		if after.How == c.before.How {
			t.Errorf("%s: it is not said", c.name)
		}
	}
}

// TestStrokesFindWhatNothingFound: where there is no subject, strokes make one.
func TestStrokesFindWhatNothingFound(t *testing.T) {
	p := painted(160, 120, func(x, y float64) color.NRGBA { return color.NRGBA{uint8(40 + x), uint8(60 + y), 90, 255} })
	e := Edit{Strokes: []Stroke{{true, 800, Polyline{{5000, 5000}}}, {false, 300, Polyline{{500, 500}, {9500, 500}, {9500, 9500}, {500, 9500}, {500, 500}}}}}
	s, err := Cut(context.Background(), p, CutOptions{Scribble: e.Scribble(p.Image.Rect)}, nil)
	if err != nil || coverage(s, 80, 60) < 250 {
		t.Errorf("%v, %+v", err, s)
	}
}

// FuzzEdit: an edit that is let pass can be applied to any picture, whatever was in the file it came from.
func FuzzEdit(f *testing.F) {
	for _, seed := range []string{`{}`, `{"turns":1,"flip":true}`, `{"crop":{"x":1,"y":2,"w":300,"h":9998}}`,
		`{"strokes":[{"keep":true,"radius":2000,"line":"0,0 10000,10000"}]}`, `{"crop":{"x":9900,"y":9900,"w":100,"h":100},"turns":3,"strokes":[{"radius":20,"line":"1,1"}]}`} {
		f.Add(seed, uint8(3), uint8(5))
	}
	f.Fuzz(func(t *testing.T, text string, w, h uint8) {
		var e Edit
		if json.Unmarshal([]byte(text), &e) != nil || e.Check() != nil {
			return
		}
		p := painted(int(w)+1, int(h)+1, func(x, y float64) color.NRGBA { return teal })
		got := e.Apply(p)
		if got.Image.Rect.Empty() || len(got.Image.Pix) != 4*got.Image.Rect.Dx()*got.Image.Rect.Dy() {
			t.Fatalf("%v", got.Image.Rect)
		}
		if s := e.Scribble(got.Image.Rect); s != nil && s.Rect != got.Image.Rect {
			t.Fatalf("a scribble of %v for %v", s.Rect, got.Image.Rect)
		}
		data, err := json.Marshal(e)
		var again Edit
		if err != nil || json.Unmarshal(data, &again) != nil || again.Check() != nil {
			t.Fatalf("%s, %v", data, err)
		}
	})
}
