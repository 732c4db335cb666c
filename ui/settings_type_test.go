//go:build !headless

package ui

import (
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"orfeas/pipeline/engine"
)

func TestReadNumber(t *testing.T) {
	for _, c := range []struct {
		words, unit string
		want        float64
	}{
		{"12", "", 12}, {" 1,5 ", "", 1.5}, {"40 %", "%", 40}, {"40%", "%", 40}, {"200 000", "", 200000}, {"200\u2009000", "", 200000}, {"200k", "", 200000}, {"1.5M", "", 1.5e6}, {"-3 px", "px", -3},
	} {
		if got, err := readNumber(c.words, c.unit); err != nil || got != c.want {
			t.Errorf("%q: %g, %v", c.words, got, err)
		}
	}
	for _, wrong := range []string{"", "x", "NaN", "Inf", "1.2.3", "3 kg"} {
		if got, err := readNumber(wrong, ""); err == nil {
			t.Errorf("%q is %g", wrong, got)
		}
	}
}

// typeInto opens the entry of a slider's value and types into it.
func typeInto(t *testing.T, s *Studio, bar *slider, typed string) (stays bool, hint string) {
	t.Helper()
	bar.value.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	entry, ok := s.window.Canvas().Focused().(*valueEntry)
	if !ok {
		t.Fatal("no entry has the focus")
	}
	entry.SetText(typed)
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	top := s.window.Canvas().Overlays().Top()
	if top != nil {
		hint = strings.Join(strings.Fields(words(top)), " ")
		entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	}
	return top != nil, hint
}

// TestTypedValues: the value beside a slider can be typed, in any unit, and not beyond its ends.
func TestTypedValues(t *testing.T) {
	s := studio(t)
	onThread(func() {
		p := s.settings
		if stays, _ := typeInto(t, s, p.faces, "50 000"); stays || facesOf(p.faces.Value) != 50000 {
			t.Errorf("%d triangles", facesOf(p.faces.Value))
		}
		if v, err := p.value(); err != nil || v.Faces != 50000 {
			t.Errorf("%d, %v", v.Faces, err)
		}
		for _, wrong := range []string{"3", "nothing", "900M", "0", "-5"} {
			if stays, hint := typeInto(t, s, p.faces, wrong); !stays || !strings.Contains(hint, "From ") || facesOf(p.faces.Value) != 50000 {
				t.Errorf("%q is taken: %d, or not explained: %s", wrong, facesOf(p.faces.Value), hint)
			}
		}
		var setting engine.Setting
		for _, e := range engine.All {
			for _, x := range e.Settings {
				if setting.Name == "" && x.Unit == "mm" && x.Min < 3 && x.Max > 30 {
					setting = x
				}
			}
		}
		say := func(v float64) string { return p.inUnit(v, "mm") }
		made := newSlider("x", setting.Min, setting.Max, setting.Step, 5, say, func(w string) (float64, error) { return p.fromUnit(w, "mm") })
		s.window.SetContent(made.object)
		for _, c := range []struct { // the last is no inch, which is typed next: what stays as it is is not said anew
			words string
			want  float64
		}{{"3,17", 3.2}, {"1 in", 25.4}, {"0.4cm", 4}} {
			if stays, _ := typeInto(t, s, made, c.words); stays || math.Abs(made.Value-c.want) > 1e-9 {
				t.Errorf("%q becomes %g", c.words, made.Value)
			}
		}
		s.prefs.store.SetString("unit", "in")
		if stays, _ := typeInto(t, s, made, "1"); stays || math.Abs(made.Value-25.4) > 1e-9 || made.value.words.Text != "1 in" {
			t.Errorf("an inch becomes %g, %s", made.Value, made.value.words.Text)
		}
	})
}

// TestUnitsOfTheWindow: another unit changes what is shown and not what is meant.
func TestUnitsOfTheWindow(t *testing.T) {
	s := studio(t)
	onThread(func() {
		p, c := s.settings, s.mesh.controls
		if p.size.Text != "80 mm" || c.base.Text != "1 mm" || c.wall.Text != "2 mm" || c.drain.Text != "4 mm" {
			t.Errorf("%s, %s, %s, %s", p.size.Text, c.base.Text, c.wall.Text, c.drain.Text)
		}
		s.prefs.store.SetString("unit", "in")
		p.unitChanged()
		c.unitChanged()
		s.viewport.tools.measureIn(s.unit())
		if p.size.Text != "3.15 in" || c.wall.Text != "0.079 in" || !strings.HasSuffix(s.viewport.tools.at.Text, " in") {
			t.Errorf("%s, %s, %s", p.size.Text, c.wall.Text, s.viewport.tools.at.Text)
		}
		if v, err := p.value(); err != nil || v.SizeMM != 80 {
			t.Errorf("the size has become %g: %v", v.SizeMM, err)
		}
		p.size.SetText("4")
		if v, err := p.value(); err != nil || v.SizeMM != 4*25.4 {
			t.Errorf("4 in are %g mm: %v", v.SizeMM, err)
		}
		p.size.SetText("50mm")
		p.size.OnSubmitted(p.size.Text)
		if v, _ := p.value(); v.SizeMM != 50 || p.size.Text != "1.969 in" {
			t.Errorf("%g, %s", v.SizeMM, p.size.Text)
		}
	})
}
