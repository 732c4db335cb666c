//go:build !headless

package ui

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
)

// slider is a slider that says its value, which can be typed, too.
type slider struct {
	*tip.Slider
	object  fyne.CanvasObject
	value   *typable
	read    func(string) (float64, error)
	changed func(float64) // by a person or not; nil for nobody
}

func newSlider(name string, lo, hi, step, value float64, say func(float64) string, read func(string) (float64, error)) *slider {
	s := &slider{Slider: tip.NewSlider(lo, hi), read: read}
	s.Step = step
	s.value = newTypable(say(value), func() {
		askValue(s.value, say(s.Value), tr("From %s to %s", say(lo), say(hi)), s.typed)
	})
	s.OnChanged = func(v float64) {
		s.value.say(say(v))
		if s.changed != nil {
			s.changed(v)
		}
	}
	s.SetValue(value)
	s.object = container.New(sliderLayout{}, s.Slider, container.NewBorder(nil, nil, text(name, faint, 12), s.value))
	return s
}

// typed takes a value that was typed, to the next of the slider's steps, but none beyond its ends.
func (s *slider) typed(words string) error {
	v, err := s.read(words)
	if err != nil {
		return err
	}
	const slack = 1e-6 // of lengths in inches
	if v < s.Min-slack || v > s.Max+slack {
		return errNoNumber
	}
	s.SetValue(min(max(v, s.Min), s.Max))
	return nil
}

// sliderLayout sets a slider under its name and value. They overlap, for a slider asks for more room than it shows; the value
// lies over it and takes its clicks.
type sliderLayout struct{}

const sliderOverlap = 7

func (sliderLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	bar, words := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(max(bar.Width, words.Width), bar.Height+words.Height-sliderOverlap)
}

func (sliderLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	words := o[1].MinSize().Height
	o[1].Resize(fyne.NewSize(size.Width, words))
	o[0].Move(fyne.NewPos(0, words-sliderOverlap))
	o[0].Resize(fyne.NewSize(size.Width, size.Height-words+sliderOverlap))
}

func named(name string, o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(text(name, faint, 12), o)
}

// chooser is a list of titles that stand for names.
type chooser struct {
	*tip.Select
	names []string
}

func newChooser(about, chosen string, choices ...engine.Choice) *chooser {
	c := &chooser{Select: tip.NewSelect(nil, nil)}
	for _, x := range choices {
		c.names, c.Options = append(c.names, x.Name), append(c.Options, x.Title)
	}
	c.SetToolTip(wrap(about, 60))
	c.pick(chosen)
	return c
}

func (c *chooser) name() string { return c.names[max(c.SelectedIndex(), 0)] }

// pick chooses by name, the first for one that is not there.
func (c *chooser) pick(name string) { c.SetSelectedIndex(max(slices.Index(c.names, name), 0)) }

// listFor makes a chooser whose choice is remembered under a key.
func (p *settingsPanel) listFor(key, about, fallback string, choices ...engine.Choice) *chooser {
	c := newChooser(about, p.store.StringWithFallback(key, fallback), choices...)
	c.OnChanged = func(string) { p.note(key, c.name()) }
	return c
}

// widgetFor makes what edits a setting of an engine, with the value last used.
func (p *settingsPanel) widgetFor(s engine.Setting, key string) fyne.CanvasObject {
	switch v := p.remembered(s, key).(type) {
	case bool:
		check := tip.NewCheck(told(s.Title), func(on bool) { p.note(key, on) })
		check.Checked = v
		check.SetToolTip(wrap(capital(told(s.About))+".", 60))
		return check
	case string:
		return named(told(s.Title), p.listFor(key, capital(told(s.About))+".", v, toldChoices(s.Choices)...))
	case float64:
		say := func(v float64) string { return p.inUnit(v, s.Unit) }
		bar := newSlider(told(s.Title), s.Min, s.Max, s.Step, v, say, func(words string) (float64, error) { return p.fromUnit(words, s.Unit) })
		bar.SetToolTip(wrap(fmt.Sprintf("%s. %s", capital(told(s.About)), tr("From %s to %s, %s at first.", say(s.Min), say(s.Max), say(s.Default.(float64)))), 60))
		bar.changed = func(v float64) { p.note(key, v) }
		return bar.object
	}
	return container.NewVBox()
}

// toldChoices are choices with their titles in the window's language.
func toldChoices(choices []engine.Choice) (out []engine.Choice) {
	for _, c := range choices {
		out = append(out, engine.Choice{Name: c.Name, Title: told(c.Title)})
	}
	return out
}

// remembered is the value of a setting last used, its default where there is none or it cannot be any more.
func (p *settingsPanel) remembered(s engine.Setting, key string) any {
	switch d := s.Default.(type) {
	case bool:
		return p.store.BoolWithFallback(key, d)
	case string:
		if v := p.store.StringWithFallback(key, d); slices.ContainsFunc(s.Choices, func(c engine.Choice) bool { return c.Name == v }) {
			return v
		}
	case float64:
		if v := p.store.FloatWithFallback(key, d); v >= s.Min && v <= s.Max {
			return v
		}
	}
	return s.Default
}

// inUnit says a value of a setting; lengths in the unit the user has chosen.
func (p *settingsPanel) inUnit(v float64, unit string) string {
	if unit == "mm" {
		return p.unit().length(v)
	}
	return inUnit(v, unit)
}

// fromUnit reads one.
func (p *settingsPanel) fromUnit(words, unit string) (float64, error) {
	switch unit {
	case "mm":
		return p.unit().parse(words)
	case "%":
		v, err := readNumber(words, unit)
		return v / 100, err
	}
	return readNumber(words, unit)
}

func inUnit(v float64, unit string) string {
	if unit == "%" {
		return fmt.Sprintf("%.0f %%", 100*v)
	}
	return strings.TrimSpace(strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64) + " " + unit)
}

// sections are what is folded away: the shape, the colours, the cut-out and the mesh.
func (p *settingsPanel) sections() *widget.Accordion {
	a := widget.NewAccordion(
		widget.NewAccordionItem(tr("Shape"), p.options),
		widget.NewAccordionItem(tr("Colours"), container.NewVBox(named(tr("Colours become"), p.texture), named(tr("What is not seen"), p.unseen), p.palette.object)),
		widget.NewAccordionItem(tr("Cut-out"), container.NewVBox(named(tr("By"), p.cutout), p.fetch, p.whole)),
		widget.NewAccordionItem(tr("Mesh"), p.faces.object))
	a.MultiOpen = true
	for i, item := range a.Items {
		item.Open = p.store.BoolWithFallback(partKey(i), i == 0)
	}
	return a
}

func partKey(i int) string { return fmt.Sprintf("settings_part_%d", i) }

// rememberParts keeps which parts are open for the next start: Fyne does not tell when one is opened.
func (p *settingsPanel) rememberParts() {
	for i, item := range p.parts.Items {
		p.store.SetBool(partKey(i), item.Open)
	}
}

// shapePart names the part of the engine's settings after the engine, and hides it where there are none.
func (p *settingsPanel) shapePart(e engine.Engine) {
	part := p.parts.Items[0]
	part.Title = tr("Shape")
	if len(e.Settings) == 0 {
		part.Title = tr("Shape: nothing to set")
	}
	p.parts.Refresh()
}

// makeCutout makes the list of what can cut out.
func (p *settingsPanel) makeCutout() {
	choices := []engine.Choice{{Name: "", Title: tr("The best there is")}, {Name: pipeline.ByColours, Title: tr("Colours, without a network")}}
	for _, c := range picture.Cutters {
		choices = append(choices, engine.Choice{Name: c.Name, Title: told(c.Title)})
	}
	p.cutout = p.listFor("cutout", tr("What tells the subject from its background. A picture's own transparency and a plain background need no network."), "", choices...)
	p.cutout.OnChanged = func(string) {
		p.note("cutout", p.cutout.name())
		p.offerCutter()
	}
	p.whole = widget.NewCheck(tr("Keep the background"), func(bool) { p.touched() })
	p.offerCutter()
}

// offerCutter shows the button that fetches the chosen network where it is missing.
func (p *settingsPanel) offerCutter() {
	p.fetch.RemoveAll()
	s := pipeline.Settings{Engine: "inflate", Cutout: p.cutout.name()}
	if b := getMissing(s.Cutout, s.Missing(), p.window, func() { p.offerCutter(); p.touched() }); b != nil {
		p.fetch.Add(b)
	}
	if p.rows != nil {
		p.rows.Refresh()
	}
}
