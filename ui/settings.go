//go:build !headless

package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/mesh"
)

// settingsPanel edits the settings of the next conversions. They are remembered between starts, those of an engine under
// its name.
type settingsPanel struct {
	object  fyne.CanvasObject
	store   fyne.Preferences
	window  fyne.Window // that questions go over; nil for none
	engine  *widget.Select
	about   *widget.Label
	size    *widget.Entry
	along   *widget.Select
	faces   *slider
	options *fyne.Container
	rows    *fyne.Container       // all of the panel
	values  map[string]func() any // of the chosen engine's settings
	whole   *widget.Check
}

var sides = []mesh.Side{mesh.Longest, mesh.Width, mesh.Depth, mesh.Height}

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

func newSettingsPanel(store fyne.Preferences, window fyne.Window) *settingsPanel {
	d := pipeline.Defaults()
	p := &settingsPanel{store: store, window: window, about: widget.NewLabel(""), options: container.NewVBox()}
	p.about.Wrapping = fyne.TextWrapWord
	p.size = widget.NewEntry()
	p.size.SetText(strconv.FormatFloat(store.FloatWithFallback("size_mm", d.SizeMM), 'f', -1, 64))
	p.size.Validator = func(s string) error {
		_, err := parseSize(s)
		return err
	}
	p.along = widget.NewSelect([]string{"longest side", "width", "depth", "height"}, nil)
	p.along.SetSelectedIndex(min(max(store.Int("along"), 0), len(sides)-1))
	p.faces = newSlider("Triangles", math.Log10(pipeline.MinFaces*5), 6, 0.05, math.Log10(store.FloatWithFallback("faces", float64(d.Faces))), func(v float64) string { return thousands(facesOf(v)) })
	p.whole = widget.NewCheck("Keep the background", nil)
	var titles []string
	for _, e := range engine.All {
		titles = append(titles, e.Title)
	}
	p.engine = widget.NewSelect(titles, func(string) { p.choose() })
	last := 0
	for i, e := range engine.All {
		if e.Name == store.StringWithFallback("engine", d.Engine) {
			last = i
		}
	}
	p.engine.SetSelectedIndex(last)
	p.rows = container.NewVBox(
		named("Engine", p.engine), p.about, named("Size, in mm (or 8cm, 3in)", container.NewBorder(nil, nil, nil, p.along, p.size)), p.faces.object, p.options, p.whole)
	p.object = container.NewPadded(p.rows)
	return p
}

func named(name string, o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(text(name, faint, 12), o)
}

func (p *settingsPanel) chosen() engine.Engine { return engine.All[max(p.engine.SelectedIndex(), 0)] }

// choose shows the settings of the chosen engine.
func (p *settingsPanel) choose() {
	e := p.chosen()
	about := e.About
	if err := e.Missing(); err != nil {
		about += "\n\n" + err.Error() + "."
	}
	p.about.SetText(about)
	p.values = map[string]func() any{}
	p.options.RemoveAll()
	if get := getNetwork(e, p.window, p.choose); get != nil {
		p.options.Add(get)
	}
	if len(e.Presets) > 0 {
		p.options.Add(p.presetsOf(e))
	}
	for _, s := range e.Settings {
		object, value := p.widgetFor(s, e.Name+"/"+s.Name)
		p.values[s.Name] = value
		p.options.Add(object)
	}
	p.options.Refresh()
	if p.rows != nil {
		p.rows.Refresh() // the panel below moves down
	}
}

// presetsOf makes the list that sets an engine's settings to one of its presets.
func (p *settingsPanel) presetsOf(e engine.Engine) fyne.CanvasObject {
	titles := []string{"Defaults"}
	for _, preset := range e.Presets {
		titles = append(titles, preset.Title)
	}
	list := widget.NewSelect(titles, nil)
	list.PlaceHolder = "Choose one to start from"
	list.OnChanged = func(string) {
		var chosen engine.Options
		if i := list.SelectedIndex(); i > 0 {
			chosen = e.Presets[i-1].Options
		}
		all, err := e.Complete(chosen)
		if err != nil {
			return // the tests of the engines rule it out
		}
		for name, v := range all {
			p.remember(e.Name+"/"+name, v)
		}
		p.choose()
	}
	return named("Preset", list)
}

func (p *settingsPanel) remember(key string, v any) any {
	switch v := v.(type) {
	case bool:
		p.store.SetBool(key, v)
	case string:
		p.store.SetString(key, v)
	case float64:
		p.store.SetFloat(key, v)
	}
	return v
}

// widgetFor makes what edits a setting, with the value last used, and a function that returns the value and remembers it.
func (p *settingsPanel) widgetFor(s engine.Setting, key string) (fyne.CanvasObject, func() any) {
	switch d := s.Default.(type) {
	case bool:
		check := widget.NewCheck(s.Title, nil)
		check.SetChecked(p.store.BoolWithFallback(key, d))
		return check, func() any { return p.remember(key, check.Checked) }
	case string:
		var titles []string
		last := 0
		for i, c := range s.Choices {
			titles = append(titles, c.Title)
			if c.Name == p.store.StringWithFallback(key, d) {
				last = i
			}
		}
		list := widget.NewSelect(titles, nil)
		list.SetSelectedIndex(last)
		return named(s.Title, list), func() any {
			return p.remember(key, s.Choices[max(list.SelectedIndex(), 0)].Name)
		}
	}
	d, _ := s.Default.(float64)
	bar := newSlider(s.Title, s.Min, s.Max, s.Step, p.store.FloatWithFallback(key, d), func(v float64) string { return inUnit(v, s.Unit) })
	return bar.object, func() any { return p.remember(key, bar.Value) }
}

func inUnit(v float64, unit string) string {
	if unit == "%" {
		return fmt.Sprintf("%.0f %%", 100*v)
	}
	return strings.TrimSpace(strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64) + " " + unit)
}

func facesOf(log float64) int { return int(math.Round(math.Pow(10, log)/1000)) * 1000 }

func parseSize(s string) (float64, error) {
	v, err := pipeline.ParseLength(s)
	if err != nil || !(v >= pipeline.MinSizeMM && v <= pipeline.MaxSizeMM) {
		return 0, fmt.Errorf("%w: the size is a length from %g to %g mm", pipeline.ErrSettings, pipeline.MinSizeMM, pipeline.MaxSizeMM)
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
	s.Engine = p.chosen().Name
	s.Along = sides[max(p.along.SelectedIndex(), 0)]
	s.SizeMM, s.Faces, s.KeepBackground = size, facesOf(p.faces.Value), p.whole.Checked
	s.Options = engine.Options{}
	for name, value := range p.values {
		s.Options[name] = value()
	}
	p.store.SetString("engine", s.Engine)
	p.store.SetFloat("size_mm", s.SizeMM)
	p.store.SetInt("along", p.along.SelectedIndex())
	p.store.SetFloat("faces", float64(s.Faces))
	return s, s.Check()
}
