//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/render"
)

// shadings are the ways to draw a mesh, in the order they are offered.
var shadings = []struct {
	title string
	mode  render.Mode
}{
	{"Picture colours", render.Colors}, {"Solid", render.Solid}, {"Clay", render.Clay}, {"Overhang", render.Overhang},
	{"Wall thickness", render.Thickness}, {"Normals", render.Normals}}

// viewTools is the viewport's bar: how the mesh is drawn, from where, and what is drawn beside it. Beneath it a strip holds
// what belongs to the tools that are on.
type viewTools struct {
	port                                  *viewport
	object                                fyne.CanvasObject
	modes                                 *widget.Select
	edges, bed, sizes, cut, compare, turn *viewTool
	hint                                  *canvas.Text
	focused, said                         string          // by the tool with the keyboard, and until something else is said
	section, limit                        *fyne.Container // strips
	where                                 *widget.Slider
	axis                                  *widget.RadioGroup
	at, degrees                           *canvas.Text
	picture                               *render.Overlay // what to compare with; nil for nothing
	unit                                  unit
}

func newViewTools(v *viewport) *viewTools {
	t := &viewTools{port: v, hint: text("", faint, 12), unit: units[0]}
	var titles []string
	for _, s := range shadings {
		titles = append(titles, tr(s.title))
	}
	t.modes = widget.NewSelect(titles, nil)
	t.modes.SetSelectedIndex(0)
	t.modes.OnChanged = func(string) { t.shade(shadings[max(t.modes.SelectedIndex(), 0)].mode) }

	toggle := func(icon fyne.Resource, hint string, key fyne.KeyName, do func(on bool)) *viewTool {
		return newTool(t, icon, tr(hint)+"  ·  "+string(key), do)
	}
	t.edges = toggle(iconEdges, "Edges of the triangles", fyne.KeyE, func(on bool) { v.change(func() { v.shading.Wireframe = on }) })
	t.bed = toggle(iconBed, "Bed with a grid of 10 mm", fyne.KeyB, func(on bool) { v.change(func() { v.shading.Bed = on }) })
	t.sizes = toggle(iconDimensions, "Dimensions", fyne.KeyD, func(on bool) { v.change(func() { v.shading.Dimensions = on }) })
	t.cut = toggle(iconSection, "Cut open", fyne.KeyX, t.cutOpen)
	t.compare = toggle(iconCompare, "Compare with the picture", fyne.KeyC, t.comparison)
	t.turn = toggle(iconTurn, "Turntable", fyne.KeyT, v.turntable)
	t.bed.set(true)
	t.compare.Disable()

	views := newTool(t, iconView, tr("Views"), nil)
	views.OnTapped = func() { t.viewMenu(views) }
	fit := newTool(t, theme.ZoomFitIcon(), tr("Show all of it")+"  ·  F", nil)
	fit.OnTapped = v.fit
	shot := newTool(t, iconShot, tr("Save a picture of this view"), nil)
	shot.OnTapped = func() {
		if v.shot != nil {
			v.shot()
		}
	}
	row := container.NewHBox(fixed(156, 36, t.modes), fit, views, newGap(), t.edges, t.bed, t.sizes, newGap(), t.cut, t.compare, t.turn, newGap(), shot)
	if v.view == nil {
		t.say(tr("No OpenGL here: the mesh cannot be shown, everything else works"))
	}
	t.section, t.limit = t.sectionStrip(), t.limitStrip()
	t.section.Hide()
	t.limit.Hide()
	hint := container.New(layout.NewCustomPaddedLayout(0, 0, 10, 0), container.NewBorder(nil, nil, nil, nil, t.hint))
	t.object = container.NewVBox(container.NewBorder(nil, nil, row, nil, newClip(hint)), t.section, t.limit)
	return t
}

// toolbar is what stands over the viewport.
func (v *viewport) toolbar() fyne.CanvasObject { return v.tools.object }

// newGap sets groups of tools apart.
func newGap() fyne.CanvasObject {
	line := canvas.NewRectangle(panelEdge)
	line.SetMinSize(fyne.NewSize(1, 18))
	return container.NewCenter(container.New(insetLayout{5, 0}, line))
}

// newClip lets an object be cut off rather than ask for room.
func newClip(o fyne.CanvasObject) fyne.CanvasObject {
	s := container.NewHScroll(o)
	s.Direction = container.ScrollNone
	return container.New(noWidthLayout{}, s)
}

type noWidthLayout struct{}

func (noWidthLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, o[0].MinSize().Height)
}

func (noWidthLayout) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

// say shows a sentence until another one, or nothing; what a focused tool is for goes before it.
func (t *viewTools) say(s string) {
	t.said = s
	t.showHint()
}

func (t *viewTools) showHint() {
	t.hint.Text = t.said
	if t.focused != "" {
		t.hint.Text = t.focused
	}
	t.hint.Refresh()
}

// shade draws the mesh in another way.
func (t *viewTools) shade(mode render.Mode) {
	t.port.change(func() { t.port.shading.Mode = mode })
	t.limit.Hidden = mode != render.Overhang
	t.object.Refresh()
	if mode == render.Thickness {
		t.port.measure()
	} else {
		t.port.stopHeat()
		t.say("")
	}
}

// typed does what a key stands for.
func (t *viewTools) typed(key fyne.KeyName) bool {
	switch key {
	case fyne.KeyE:
		t.edges.flip()
	case fyne.KeyB:
		t.bed.flip()
	case fyne.KeyD:
		t.sizes.flip()
	case fyne.KeyX:
		t.cut.flip()
	case fyne.KeyC:
		t.compare.flip()
	case fyne.KeyT:
		t.turn.flip()
	case fyne.KeyP:
		t.project()
	case fyne.KeyN:
		t.modes.SetSelectedIndex((t.modes.SelectedIndex() + 1) % len(shadings))
	default:
		return false
	}
	return true
}

// project changes between perspective and parallel rays.
func (t *viewTools) project() {
	t.endComparison()
	v := t.port
	v.change(func() { v.camera.Orthographic = !v.camera.Orthographic })
}

func (t *viewTools) viewMenu(at fyne.CanvasObject) {
	v := t.port
	key := map[string]string{}
	for k, name := range viewKeys {
		key[name] = string(k)
	}
	var items []*fyne.MenuItem
	for _, s := range render.StandardViews {
		items = append(items, fyne.NewMenuItem(tr(s.Name)+"   "+key[s.Name], func() { v.look(s.Name) }))
	}
	parallel := fyne.NewMenuItem(tr("Perspective")+"   P", t.project)
	parallel.Checked = !v.camera.Orthographic
	items = append(items, fyne.NewMenuItemSeparator(), parallel)
	d := fyne.CurrentApp().Driver()
	pop := widget.NewPopUpMenu(fyne.NewMenu("", items...), d.CanvasForObject(at))
	pop.ShowAtPosition(d.AbsolutePositionForObject(at).Add(fyne.NewPos(0, at.Size().Height+2)))
}

// viewTool is a button with an icon that says what it is for; with do it stays pressed.
type viewTool struct {
	tip.Button
	tools *viewTools
	on    bool
	do    func(on bool)
}

func newTool(t *viewTools, icon fyne.Resource, hint string, do func(on bool)) *viewTool {
	b := &viewTool{tools: t, do: do}
	b.Icon = theme.NewThemedResource(icon)
	b.Importance = widget.LowImportance
	b.OnTapped = b.flip
	b.ExtendBaseWidget(b)
	b.SetToolTip(hint)
	return b
}

// flip turns the tool on or off.
func (b *viewTool) flip() {
	if !b.Disabled() {
		b.set(!b.on)
		b.do(b.on)
	}
}

// set shows the tool on or off.
func (b *viewTool) set(on bool) {
	b.on, b.Importance = on, widget.LowImportance
	if on {
		b.Importance = widget.HighImportance
	}
	b.Refresh()
}

// FocusGained says what the tool is for to who comes by keyboard, for whom no tip appears.
func (b *viewTool) FocusGained() {
	b.Button.FocusGained()
	b.tools.focused = b.ToolTip()
	b.tools.showHint()
}

// FocusLost is part of fyne.Focusable.
func (b *viewTool) FocusLost() {
	b.Button.FocusLost()
	b.tools.focused = ""
	b.tools.showHint()
}
