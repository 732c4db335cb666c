//go:build !headless

package ui

import (
	"fmt"
	"math"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
)

// settingsPanel edits the settings of the next conversions. They are remembered between starts.
type settingsPanel struct {
	object  fyne.CanvasObject
	store   fyne.Preferences
	engine  *widget.Select
	about   *widget.Label
	size    *widget.Entry
	faces   *slider
	thick   *slider
	relief  *slider
	back    *widget.Select
	islands *widget.Select
	whole   *widget.Check
}

// slider is a slider that says its value.
type slider struct {
	*widget.Slider
	object fyne.CanvasObject
}

func newSlider(name string, lo, hi, step, value float64, say func(float64) string) *slider {
	s := &slider{Slider: widget.NewSlider(lo, hi)}
	s.Step = step
	label := text(say(value), ink, 12)
	s.OnChanged = func(v float64) {
		label.Text = say(v)
		label.Refresh()
	}
	s.SetValue(value)
	s.object = container.NewVBox(container.NewBorder(nil, nil, text(name, faint, 12), label), s.Slider)
	return s
}

var (
	backs   = []engine.Back{engine.Symmetric, engine.Flat}
	islands = []engine.Islands{engine.Separate, engine.Largest, engine.Base}
)

func newSettingsPanel(store fyne.Preferences) *settingsPanel {
	d := pipeline.Defaults()
	p := &settingsPanel{store: store, about: widget.NewLabel("")}
	p.about.Wrapping = fyne.TextWrapWord
	var titles []string
	for _, e := range engine.All {
		titles = append(titles, e.Title)
	}
	p.engine = widget.NewSelect(titles, func(string) { p.about.SetText(engine.All[max(p.engine.SelectedIndex(), 0)].About) })
	p.engine.SetSelectedIndex(0)
	p.size = widget.NewEntry()
	p.size.SetText(strconv.FormatFloat(store.FloatWithFallback("size_mm", d.SizeMM), 'f', -1, 64))
	p.size.Validator = func(s string) error {
		_, err := parseSize(s)
		return err
	}
	p.faces = newSlider("Triangles", math.Log10(pipeline.MinFaces*5), 6, 0.05, math.Log10(store.FloatWithFallback("faces", float64(d.Faces))), func(v float64) string { return thousands(facesOf(v)) })
	percent := func(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }
	p.thick = newSlider("Thickness", engine.MinThickness, 2, 0.05, store.FloatWithFallback("thickness", d.Options.Thickness), percent)
	p.relief = newSlider("Relief from shading", 0, engine.MaxRelief, 0.05, store.FloatWithFallback("relief", d.Options.Relief), percent)
	p.back = widget.NewSelect([]string{"Mirrored", "Flat"}, nil)
	p.back.SetSelectedIndex(min(max(store.Int("back"), 0), len(backs)-1))
	p.islands = widget.NewSelect([]string{"Separate solids", "Only the largest", "Joined by a plate"}, nil)
	p.islands.SetSelectedIndex(min(max(store.Int("islands"), 0), len(islands)-1))
	p.whole = widget.NewCheck("Keep the background", nil)
	named := func(name string, o fyne.CanvasObject) fyne.CanvasObject {
		return container.NewVBox(text(name, faint, 12), o)
	}
	p.object = container.NewPadded(container.NewVBox(
		named("Engine", p.engine), p.about, named("Longest side, mm", p.size), p.faces.object, p.thick.object, p.relief.object,
		named("Back", p.back), named("Parts that do not touch", p.islands), p.whole))
	return p
}

func facesOf(log float64) int { return int(math.Round(math.Pow(10, log)/1000)) * 1000 }

func parseSize(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= pipeline.MinSizeMM && v <= pipeline.MaxSizeMM) {
		return 0, fmt.Errorf("%w: the size is a number from %g to %g mm", pipeline.ErrSettings, pipeline.MinSizeMM, pipeline.MaxSizeMM)
	}
	return v, nil
}

// value returns the settings on screen and remembers them.
func (p *settingsPanel) value() (pipeline.Settings, error) {
	s := pipeline.Defaults()
	size, err := parseSize(p.size.Text)
	if err != nil {
		return s, err
	}
	s.Engine = engine.All[max(p.engine.SelectedIndex(), 0)].Name
	s.SizeMM, s.Faces, s.KeepBackground = size, facesOf(p.faces.Value), p.whole.Checked
	s.Options.Thickness, s.Options.Relief = p.thick.Value, p.relief.Value
	s.Options.Back, s.Options.Islands = backs[p.back.SelectedIndex()], islands[p.islands.SelectedIndex()]
	p.store.SetFloat("size_mm", s.SizeMM)
	p.store.SetFloat("faces", float64(s.Faces))
	p.store.SetFloat("thickness", s.Options.Thickness)
	p.store.SetFloat("relief", s.Options.Relief)
	p.store.SetInt("back", p.back.SelectedIndex())
	p.store.SetInt("islands", p.islands.SelectedIndex())
	return s, s.Check()
}
