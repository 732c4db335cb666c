//go:build !headless

package ui

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/weights"
)

// panelIn is a settings panel whose presets lie in a folder of its own.
func panelIn(t *testing.T, data string) (*settingsPanel, fyne.Window) {
	t.Helper()
	t.Setenv("ORFEAS_DATA", data)
	t.Setenv("ORFEAS_MODELS", t.TempDir())
	w := test.NewTempApp(t).NewWindow("")
	p := newSettingsPanel(fyne.CurrentApp().Preferences(), w)
	w.SetContent(p.object)
	w.Resize(fyne.NewSize(360, 900))
	return p, w
}

// setAll moves every widget of the engine's settings.
func setAll(p *settingsPanel) {
	for _, o := range p.options.Objects {
		switch w := o.(type) {
		case *tip.Check:
			w.SetChecked(!w.Checked)
		case *fyne.Container:
			switch w := controlIn(w).(type) {
			case *tip.Slider:
				w.SetValue(0.5)
			case *chooser:
				w.SetSelectedIndex(1)
			}
		}
	}
}

func TestSettingsAreRememberedAndChecked(t *testing.T) {
	p, w := panelIn(t, t.TempDir())
	if s, err := p.value(); err != nil || s.Engine != engine.Auto || len(s.Options) > 0 {
		t.Errorf("at first: %+v, %v", s, err)
	}
	changes := 0
	p.changed = func() { changes++ }
	p.engine.SetSelected("Inflate")
	p.presets.list.SetSelected("Plush toy")
	if s, err := p.value(); err != nil || s.Options["profile"] != "soft" || math.Abs(s.Options["thickness"].(float64)-1.2) > 1e-9 || s.Options["relief"] != 0.0 {
		t.Errorf("with a preset: %+v, %v", s, err)
	}
	p.size.SetText("12.35 cm")
	p.along.SetSelectedIndex(3)
	p.texture.SetSelectedIndex(2)
	p.unseen.SetSelectedIndex(1)
	p.cutout.SetSelectedIndex(1)
	setAll(p)
	if p.presets.list.SelectedIndex() >= 0 {
		t.Errorf("the panel is said to be %q", p.presets.list.Selected)
	}
	s, err := p.value()
	want := engine.Options{"thickness": 0.5, "profile": "soft", "turned": 0.5, "lean": 0.5, "relief": 0.5, "relief-scale": 0.5, "parts": 0.5, "back": "flat", "islands": "largest"}
	if err != nil || s.SizeMM != 123.5 || s.Along != "height" || s.Engine != "inflate" || !reflect.DeepEqual(s.Options, want) ||
		s.Texture != pipeline.Atlas2k || s.Unseen != "mirror" || s.Cutout != pipeline.ByColours {
		t.Errorf("%+v, %v", s, err)
	}
	if changes == 0 {
		t.Error("nobody was told of the changes")
	}
	again, err := newSettingsPanel(fyne.CurrentApp().Preferences(), w).value()
	if err != nil || !reflect.DeepEqual(again, s) {
		t.Errorf("%+v, want %+v, %v", again, s, err)
	}
	for _, bad := range []string{"", "0", "-5", "NaN", "1e9", "eight"} {
		p.size.SetText(bad)
		if _, err := p.value(); err == nil {
			t.Errorf("size %q was taken", bad)
		}
	}
}

// controlIn is what edits a setting, beside its name.
func controlIn(o fyne.CanvasObject) fyne.CanvasObject {
	if c, ok := o.(*fyne.Container); ok {
		for _, x := range c.Objects {
			if _, ok := x.(interface{ ToolTip() string }); ok {
				return x
			}
		}
	}
	return o
}

// TestEverySettingHasATooltip: of every engine, with the range and the unit of what has one.
func TestEverySettingHasATooltip(t *testing.T) {
	p, _ := panelIn(t, t.TempDir())
	for i, e := range engine.All {
		p.engine.SetSelectedIndex(i)
		if len(p.options.Objects) != len(e.Settings) {
			t.Errorf("%s has %d settings, %d are shown", e.Name, len(e.Settings), len(p.options.Objects))
			continue
		}
		for k, s := range e.Settings {
			o := p.options.Objects[k]
			said := strings.Join(strings.Fields(controlIn(o).(interface{ ToolTip() string }).ToolTip()), " ")
			if _, number := s.Default.(float64); len(said) < 10 || number && !strings.Contains(said, inUnit(s.Max, s.Unit)) {
				t.Errorf("%s, %s: %q", e.Name, s.Name, said)
			}
		}
	}
}

// TestOddMemoryIsTheDefault: what another version has remembered, and cannot be any more, is not used.
func TestOddMemoryIsTheDefault(t *testing.T) {
	p, w := panelIn(t, t.TempDir())
	p.store.SetFloat("inflate/thickness", 99)
	p.store.SetString("inflate/profile", "baroque")
	p.store.SetString("texture", "64k")
	p.store.SetString("cutout", "magic")
	p.store.SetString("engine", "inflate")
	p.store.SetInt("palette", 1000)
	p.store.SetFloat("faces", 1e12)
	s, err := newSettingsPanel(p.store, w).value()
	if err != nil || s.Options["thickness"] != 1.0 || s.Options["profile"] != "round" || s.Texture != pipeline.Vertices || s.Cutout != "" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestPresetsOfTheUser(t *testing.T) {
	data := t.TempDir()
	p, w := panelIn(t, data)
	p.engine.SetSelected("Inflate")
	p.size.SetText("32")
	p.palette.SetValue(4)
	setAll(p)
	want, err := p.value()
	if err != nil {
		t.Fatal(err)
	}
	p.presets.save("Zinnfigur")
	if p.presets.list.Selected != "Zinnfigur" {
		t.Errorf("after it was saved: %q", p.presets.list.Selected)
	}
	p.presets.list.SetSelected(defaultsTitle())
	p.size.SetText("80")
	if s, _ := p.value(); reflect.DeepEqual(s, want) {
		t.Fatal("the defaults are the preset")
	}
	p.presets.list.SetSelected("Zinnfigur")
	if s, err := p.value(); err != nil || !reflect.DeepEqual(s, want) {
		t.Errorf("%+v, want %+v, %v", s, want, err)
	}

	// Renamed by the menu, as a user does it.
	p.presets.menu()
	menu := w.Canvas().Overlays().Top()
	if menu == nil {
		t.Fatal("there is no menu")
	}
	w.Canvas().Overlays().Remove(menu)
	p.presets.try(userPresets().Rename("inflate", "Zinnfigur", "Held"))
	if !slices.Contains(p.presets.list.Options, "Held") || slices.Contains(p.presets.list.Options, "Zinnfigur") {
		t.Errorf("renamed: %v", p.presets.list.Options)
	}

	// It is there when the program starts anew, but not for another engine.
	again := newSettingsPanel(p.store, w)
	if !slices.Contains(again.presets.list.Options, "Held") || again.presets.list.Selected != "Held" {
		t.Errorf("started anew: %v, %q", again.presets.list.Options, again.presets.list.Selected)
	}
	again.engine.SetSelected("Extrude")
	if slices.Contains(again.presets.list.Options, "Held") {
		t.Error("another engine has it too")
	}
	p.presets.try(userPresets().Delete("inflate", "Held"))
	if slices.Contains(p.presets.list.Options, "Held") {
		t.Error("it is not gone")
	}

	// A broken file is a sentence, and the rest works.
	p.presets.save("Held")
	if err := os.WriteFile(filepath.Join(data, "presets", "broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.choose()
	if !p.presets.note.Visible() || !strings.Contains(p.presets.note.Text, "broken.json") || !slices.Contains(p.presets.list.Options, "Held") {
		t.Errorf("%v, %q, %v", p.presets.note.Visible(), p.presets.note.Text, p.presets.list.Options)
	}
}

// TestGetNetwork: an engine whose network is absent has a button that shows the licence before anything is fetched.
func TestGetNetwork(t *testing.T) {
	p, w := panelIn(t, t.TempDir())
	p.engine.SetSelected("TripoSR")
	if len(p.get.Objects) != 1 {
		t.Fatal("there is no button")
	}
	test.Tap(p.get.Objects[0].(*widget.Button))
	if w.Canvas().Overlays().Top() == nil {
		t.Error("nothing is asked")
	}
	n, err := weights.Find("hunyuan3d-2.1")
	if err != nil {
		t.Fatal(err)
	}
	if said := terms(n); !strings.Contains(said, n.Licence.Excludes[0]) || !strings.Contains(said, "accept") {
		t.Error(said)
	}
	p.engine.SetSelected("Inflate")
	if len(p.get.Objects) > 0 {
		t.Error("an engine without a network has a button to get one")
	}
	p.cutout.pick("isnet")
	if len(p.fetch.Objects) != 1 {
		t.Error("the network that cuts out cannot be fetched")
	}
}
