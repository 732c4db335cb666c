package engine

import (
	"context"
	"errors"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"testing"

	"orfeas/pipeline/picture"
)

// coloured paints a subject anew.
func coloured(s *picture.Subject, at func(x, y float64) color.NRGBA) *picture.Subject {
	w, h := s.Color.Rect.Dx(), s.Color.Rect.Dy()
	for j := range h {
		for i := range w {
			s.Color.SetNRGBA(i, j, at(2*float64(i)/float64(w)-1, 1-2*float64(j)/float64(h)))
		}
	}
	return s
}

func TestSuggest(t *testing.T) {
	plain := func(x, y float64) color.NRGBA { return color.NRGBA{200, 40, 40, 255} }
	halves := func(x, y float64) color.NRGBA {
		if x < 0.1 {
			return color.NRGBA{200, 40, 40, 255}
		}
		return color.NRGBA{40, 40, 200, 255}
	}
	shaded := func(x, y float64) color.NRGBA {
		return color.NRGBA{uint8(120 + 90*x + 6*math.Sin(90*x*y)), uint8(110 + 80*y), 90, 255}
	}
	pear := func(x, y float64) bool { return math.Hypot(x, y+0.3) < 0.5 || math.Hypot(x, y-0.3) < 0.3 }
	blob := func(x, y float64) bool { return math.Hypot(x-0.2, y) < 0.5 || math.Hypot(x+0.3, y-0.2) < 0.3 }
	all := func(x, y float64) bool { return true }
	doubtful := coloured(painted(300, 300, blob), shaded)
	doubtful.Doubt = 2 * picture.Doubtful
	lost := errors.New("lost")
	tests := []struct {
		name string
		s    *picture.Subject
		cut  error
		want string
	}{
		{"one colour", coloured(painted(300, 300, blob), plain), nil, "extrude"},
		{"two colours", coloured(painted(300, 300, blob), halves), nil, "inflate"},
		{"a drawn pear", coloured(painted(300, 300, pear), halves), nil, "revolve"},
		{"a photographed pear", coloured(painted(300, 300, pear), shaded), nil, "revolve"},
		{"a photographed blob", coloured(painted(300, 300, blob), shaded), nil, "inflate"},
		{"a whole photograph", coloured(painted(300, 200, all), shaded), nil, "relief"},
		{"a guess", doubtful, nil, "relief"},
		{"nothing found", nil, picture.ErrNoSubject, "relief"},
		{"blank", nil, picture.ErrBlank, ""},
		{"nothing covered", painted(64, 64, func(x, y float64) bool { return false }), nil, ""},
		{"an error", nil, lost, ""},
	}
	for _, tt := range tests {
		got, err := Suggest(tt.s, tt.cut)
		if (err != nil) != (tt.want == "") || tt.cut == lost && err != lost {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got.Engine.Name != tt.want || (tt.want != "") != (got.Why != "") {
			t.Errorf("%s: %s, because %s; want %s", tt.name, got.Engine.Name, got.Why, tt.want)
		}
		if _, err := got.Engine.Complete(got.Options); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestSuggestForPictures: what a person would choose for real pictures.
func TestSuggestForPictures(t *testing.T) {
	dir := os.Getenv("ORFEAS_EVAL")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "eval", "dev")
	}
	samples := filepath.Join("..", "..", "assets", "samples")
	tests := []struct{ path, want string }{
		{filepath.Join(samples, "vase.png"), "revolve"},
		{filepath.Join(samples, "duck.png"), "inflate"},
		{filepath.Join(dir, "img", "logo_heart.png"), "extrude"},
		{filepath.Join(dir, "img", "icon_gear.png"), "extrude"},
		{filepath.Join(dir, "img", "text_sign.png"), "extrude"},
		{filepath.Join(dir, "img", "line_cat.png"), "extrude"},
		{filepath.Join(dir, "img", "cartoon_dino.png"), "inflate"},
		{filepath.Join(dir, "img", "photo_chelsea.png"), "relief"},
		{filepath.Join(dir, "img", "photo_rocket.jpg"), "relief"},
		{filepath.Join(dir, "img", "spot_tq_rgba.png"), "inflate"},
		{filepath.Join(dir, "img", "knight_tq_white.jpg"), "inflate"},
		{filepath.Join(dir, "img", "nefertiti_front_white.png"), "inflate"},
		{filepath.Join(dir, "img", "penguin_front_scene.jpg"), "inflate"},
	}
	for _, tt := range tests {
		p, err := picture.Load(context.Background(), tt.path)
		if errors.Is(err, os.ErrNotExist) {
			t.Logf("%s is not there", filepath.Base(tt.path))
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		s, err := picture.Cut(context.Background(), p, picture.CutOptions{}, nil)
		got, err := Suggest(s, err)
		if err != nil || got.Engine.Name != tt.want {
			t.Errorf("%s: %s, because %s (%v); want %s", filepath.Base(tt.path), got.Engine.Name, got.Why, err, tt.want)
		}
	}
}
