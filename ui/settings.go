//go:build !headless

package ui

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/texture"
	"orfeas/pipeline/weights"
)

// settingsPanel edits the settings of the next conversions. Whatever is changed is remembered at once, between starts too:
// the settings of an engine under its name. What is remembered is what [settingsPanel.value] returns.
type settingsPanel struct {
	object  fyne.CanvasObject
	store   fyne.Preferences
	window  fyne.Window // that questions go over; nil for none
	changed func()      // is told of every change; nil for nobody

	engine    *widget.Select
	about     *widget.Label
	get       *fyne.Container // the buttons that fetch networks the engine lacks, or could use
	presets   *presetRow
	size      *field
	sizeMM    float64 // what it stands for, and the words that it then shows
	sizeShown string
	along     *widget.Select
	faces     *slider
	options   *fyne.Container // the engine's settings
	texture   *chooser
	unseen    *chooser
	palette   *slider
	cutout    *chooser
	fetch     *fyne.Container // the button that fetches the network that cuts out
	whole     *widget.Check
	parts     *widget.Accordion
	rows      *fyne.Container // all of the panel
	quiet     bool            // the panel changes itself
}

var sides = []mesh.Side{mesh.Longest, mesh.Width, mesh.Depth, mesh.Height}

func newSettingsPanel(store fyne.Preferences, window fyne.Window) *settingsPanel {
	p := &settingsPanel{store: store, window: window, about: widget.NewLabel(""), options: container.NewVBox(), get: container.NewStack(), fetch: container.NewStack()}
	p.about.Wrapping = fyne.TextWrapWord
	p.quiet = true
	p.makeCommon()
	p.presets = newPresetRow(p)
	var titles []string
	for _, e := range engine.All {
		titles = append(titles, told(e.Title))
	}
	chooser := tip.NewSelect(titles, func(string) { p.choose() })
	chooser.SetToolTip(wrap(tr("How the shape is made. The cards under the picture show what each makes of it."), 60))
	p.engine = &chooser.Select
	last := slices.IndexFunc(engine.All, func(e engine.Engine) bool { return e.Name == store.StringWithFallback("engine", engine.Default) })
	p.parts = p.sections()
	p.rows = container.NewVBox(
		named(tr("Engine"), chooser), p.about, p.get, p.presets.object,
		named(tr("Size, such as 80 mm, 8 cm or 3 in"), container.NewBorder(nil, nil, nil, p.along, p.size)), p.parts)
	p.object = container.New(insetLayout{9, 4}, p.rows) // beside the scroll bar
	p.engine.SetSelectedIndex(max(last, 0))
	p.quiet = false
	return p
}

// makeCommon makes what edits the settings that all engines have.
func (p *settingsPanel) makeCommon() {
	d, store := pipeline.Defaults(), p.store
	p.size = newField()
	p.showSize(store.FloatWithFallback("size_mm", d.SizeMM))
	p.size.Validator = func(s string) error {
		_, err := p.parseSize(s)
		return err
	}
	p.size.OnChanged = func(s string) {
		if v, err := p.parseSize(s); err == nil && s != p.sizeShown {
			p.sizeMM, p.sizeShown = v, s
			p.note("size_mm", v)
		}
	}
	p.size.OnSubmitted = func(s string) {
		if v, err := p.parseSize(s); err == nil {
			p.showSize(v)
		}
	}
	p.along = widget.NewSelect([]string{tr("longest side"), tr("width"), tr("depth"), tr("height")}, nil)
	p.along.SetSelectedIndex(min(max(store.Int("along"), 0), len(sides)-1))
	p.along.OnChanged = func(string) {
		store.SetInt("along", p.along.SelectedIndex())
		p.touched()
	}
	faces := min(max(store.FloatWithFallback("faces", float64(d.Faces)), pipeline.MinFaces), pipeline.MaxFaces)
	p.faces = newSlider(tr("Triangles"), math.Log10(pipeline.MinFaces*5), math.Log10(pipeline.MaxFaces), 0.05, math.Log10(faces), func(v float64) string { return thousands(facesOf(v)) }, func(words string) (float64, error) {
		n, err := readNumber(words, "")
		if err == nil && n < 1 {
			err = errNoNumber
		}
		return math.Log10(n), err
	})
	p.faces.SetToolTip(wrap(tr("How many triangles the mesh is to have. 200 000 show all that a printer can do; fewer are quicker."), 60))
	p.faces.changed = func(v float64) { p.note("faces", float64(facesOf(v))) }
	p.texture = p.listFor("texture", tr("What the colours become. Images go into GLB and OBJ files; slicers need none."), string(d.Texture),
		choiceOf(pipeline.Vertices, tr("Colours of the vertices")), choiceOf(pipeline.Atlas1k, tr("Image of 1024 pixels")),
		choiceOf(pipeline.Atlas2k, tr("Image of 2048 pixels")), choiceOf(pipeline.Atlas4k, tr("Image of 4096 pixels")), choiceOf(pipeline.NoTexture, tr("None")))
	p.unseen = p.listFor("unseen", tr("How the sides that the picture does not show are coloured"), string(d.Unseen),
		choiceOf(texture.Auto, tr("As suits the picture")), choiceOf(texture.Mirror, tr("Mirror the front")),
		choiceOf(texture.Continue, tr("Continue the pattern")), choiceOf(texture.Spread, tr("Spread the colours at the rim")))
	filaments := float64(min(max(store.Int("palette"), texture.MinFilaments-1), texture.MaxFilaments))
	p.palette = newSlider(tr("Filaments"), texture.MinFilaments-1, texture.MaxFilaments, 1, filaments, sayFilaments, func(words string) (float64, error) { return readNumber(words, "") })
	p.palette.SetToolTip(wrap(tr("Brings the colours down to so many filaments, for printers that have several. 3MF files carry them. %d to %d.", texture.MinFilaments, texture.MaxFilaments), 60))
	p.palette.changed = func(v float64) {
		store.SetInt("palette", int(v))
		p.touched()
	}
	p.makeCutout()
}

func sayFilaments(v float64) string {
	if v < texture.MinFilaments {
		return tr("all colours")
	}
	return strconv.Itoa(int(v))
}

func choiceOf[T ~string](name T, title string) engine.Choice {
	return engine.Choice{Name: string(name), Title: title}
}

// chosen is the engine on the panel.
func (p *settingsPanel) chosen() engine.Engine { return engine.All[max(p.engine.SelectedIndex(), 0)] }

// choose shows the settings of the chosen engine.
func (p *settingsPanel) choose() {
	e := p.chosen()
	p.store.SetString("engine", e.Name)
	about := told(e.About)
	if err := e.Missing(); err != nil {
		about += "\n\n" + capital(told(err.Error())) + "."
	}
	p.about.SetText(about)
	p.get.RemoveAll()
	if b := getMissing(e.Name, e.Missing(), p.window, p.choose); b != nil {
		p.get.Add(b)
	} else if b := p.depthOffer(e); b != nil {
		p.get.Add(b)
	}
	p.options.RemoveAll()
	for _, s := range e.Settings {
		p.options.Add(p.widgetFor(s, e.Name+"/"+s.Name))
	}
	p.presets.show(e)
	p.shapePart(e)
	p.rows.Refresh() // what is below moves
	p.touched()
}

// depthOffer is a button that fetches the network for depth, nil where the engine has no use for it or it is there.
func (p *settingsPanel) depthOffer(e engine.Engine) fyne.CanvasObject {
	s, err := p.of(e)
	if err != nil || !e.Deep(s.Options) {
		return nil
	}
	_, err = weights.Kept(picture.DepthAnything.Name, picture.DepthAnything.File)
	b := getMissing(picture.DepthAnything.Name, err, p.window, p.choose)
	if b == nil {
		return nil
	}
	return named(tr("A network can estimate the depth"), b)
}

// touched tells of a change that a person made.
func (p *settingsPanel) touched() {
	if p.quiet {
		return
	}
	if p.presets != nil {
		p.presets.mark()
	}
	if p.changed != nil {
		p.changed()
	}
}

// note remembers a value and tells of it.
func (p *settingsPanel) note(key string, v any) {
	p.remember(key, v)
	p.touched()
}

func (p *settingsPanel) remember(key string, v any) {
	switch v := v.(type) {
	case bool:
		p.store.SetBool(key, v)
	case string:
		p.store.SetString(key, v)
	case float64:
		p.store.SetFloat(key, v)
	}
}

func facesOf(log float64) int { return int(math.Round(math.Pow(10, log)/1000)) * 1000 }

// unit is what lengths are shown in.
func (p *settingsPanel) unit() unit { return unitNamed(p.store.String("unit")) }

// showSize shows a size in the unit. What is shown may be rounded; sizeMM is what holds until another one is typed.
func (p *settingsPanel) showSize(mm float64) {
	p.sizeMM, p.sizeShown = mm, p.unit().length(mm)
	p.size.SetText(p.sizeShown)
}

// unitChanged shows all lengths anew.
func (p *settingsPanel) unitChanged() {
	p.quiet = true
	p.showSize(p.sizeMM)
	p.choose()
	p.quiet = false
}

func (p *settingsPanel) parseSize(s string) (float64, error) {
	if s == p.sizeShown {
		return p.sizeMM, nil
	}
	v, err := p.unit().parse(s)
	if err != nil || !(v >= pipeline.MinSizeMM && v <= pipeline.MaxSizeMM) {
		return 0, fmt.Errorf("%w: the size is a length from %g to %g mm", pipeline.ErrSettings, pipeline.MinSizeMM, pipeline.MaxSizeMM)
	}
	return v, nil
}

// value returns the settings on screen.
func (p *settingsPanel) value() (pipeline.Settings, error) { return p.of(p.chosen()) }

// of returns the settings on screen for another engine, its own as they were last.
func (p *settingsPanel) of(e engine.Engine) (pipeline.Settings, error) {
	s := pipeline.Defaults()
	size, err := p.parseSize(p.size.Text)
	if err != nil {
		return s, err
	}
	s.Engine, s.SizeMM, s.Faces = e.Name, size, facesOf(p.faces.Value)
	s.Along = sides[max(p.along.SelectedIndex(), 0)]
	s.Texture = pipeline.Texture(p.texture.name())
	s.Unseen = texture.Unseen(p.unseen.name())
	if n := int(p.palette.Value); n >= texture.MinFilaments && s.Texture == pipeline.Vertices {
		s.Palette = n
	}
	s.Cutout, s.KeepBackground = p.cutout.name(), p.whole.Checked
	s.Options = engine.Options{}
	for _, set := range e.Settings {
		s.Options[set.Name] = p.remembered(set, e.Name+"/"+set.Name)
	}
	return s, s.Check()
}

// restore puts settings on the panel, those of their engine with its defaults.
func (p *settingsPanel) restore(s pipeline.Settings) {
	at := slices.IndexFunc(engine.All, func(e engine.Engine) bool { return e.Name == s.Engine })
	if at < 0 {
		return
	}
	p.quiet = true
	e := engine.All[at]
	if all, err := e.Complete(s.Options); err == nil {
		for name, v := range all {
			p.remember(e.Name+"/"+name, v)
		}
	}
	p.showSize(s.SizeMM)
	p.remember("size_mm", s.SizeMM)
	p.along.SetSelectedIndex(max(slices.Index(sides, s.Along), 0))
	p.faces.SetValue(math.Log10(float64(s.Faces)))
	p.texture.pick(string(s.Texture))
	p.unseen.pick(string(s.Unseen))
	p.palette.SetValue(float64(max(s.Palette, texture.MinFilaments-1)))
	p.cutout.pick(s.Cutout)
	p.whole.SetChecked(s.KeepBackground)
	p.engine.SetSelectedIndex(at)
	p.choose()
	p.quiet = false
	p.touched()
}
