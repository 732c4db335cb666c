//go:build !headless

package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// page is one of the window's pages. It is made when it is shown for the first time.
type page struct {
	name  string // by which it is found
	title string
	icon  fyne.Resource
	make  func() fyne.CanvasObject
	shown func(bool)         // told when it comes and goes, so that nothing is drawn that is not seen; may be nil
	typed func(fyne.KeyName) // takes the keys nobody else wants; nil for the Studio's

	content fyne.CanvasObject
	tab     *railTab
}

// pages is the window's content: a rail of icons on the left, and beside it the page that was chosen.
type pages struct {
	object  fyne.CanvasObject
	all     []*page
	stack   *fyne.Container
	current *page
}

// newPages shows the first of them. The last `low` ones stand at the bottom of the rail.
func newPages(all []*page, low int) *pages {
	p := &pages{all: all, stack: container.NewStack()}
	rail := container.NewVBox()
	for i, one := range all {
		one.tab = newRailTab(one.title, one.icon, func() { p.show(one.name) })
		if i == len(all)-low {
			rail.Add(layout.NewSpacer())
		}
		rail.Add(one.tab)
	}
	back := canvas.NewRectangle(panel)
	edge := canvas.NewRectangle(panelEdge)
	edge.SetMinSize(fyne.NewSize(1, 1))
	p.object = container.NewBorder(nil, nil, container.NewBorder(nil, nil, nil, edge, container.NewStack(back, rail)), nil, p.stack)
	p.show(all[0].name)
	return p
}

// show brings a page to the front.
func (p *pages) show(name string) {
	for _, one := range p.all {
		if one.name != name || one == p.current {
			continue
		}
		last := p.current
		p.current = one
		if one.content == nil {
			one.content = one.make()
			p.stack.Add(one.content)
		}
		for _, other := range p.all {
			if other.content != nil && other != one {
				other.content.Hide()
			}
			other.tab.choose(other == one)
		}
		one.content.Show()
		p.stack.Refresh()
		if last != nil && last.shown != nil {
			last.shown(false)
		}
		if one.shown != nil {
			one.shown(true)
		}
	}
}

// keys makes Ctrl+1 and so on show the pages, and keeps the keys of the Studio from working where it is not seen. Those of
// always work everywhere.
func (p *pages) keys(c fyne.Canvas, always map[fyne.KeyName]func()) {
	for i, one := range p.all {
		key := fyne.KeyName(fmt.Sprint(i + 1))
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { p.show(one.name) })
	}
	studio := c.OnTypedKey()
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch top := c.Overlays().Top(); {
		case top != nil:
			answerDialog(top, e.Name)
		case always[e.Name] != nil:
			always[e.Name]()
		case p.current.typed != nil:
			p.current.typed(e.Name)
		case p.current == p.all[0] && studio != nil:
			studio(e)
		}
	})
}

// railTab is a place on the rail: an icon over a caption.
type railTab struct {
	widget.BaseWidget
	icon          fyne.Resource
	image         *canvas.Image
	caption       *canvas.Text
	mark, back    *canvas.Rectangle
	tapped        func()
	chosen        bool
	hovered, near bool // near: it has the keyboard's focus
}

var (
	_ fyne.Focusable    = (*railTab)(nil)
	_ desktop.Hoverable = (*railTab)(nil)
)

const railWidth, railTabHeight = 78, 58

func newRailTab(title string, icon fyne.Resource, tapped func()) *railTab {
	t := &railTab{icon: icon, tapped: tapped, image: canvas.NewImageFromResource(tinted(icon, faint)), caption: text(title, faint, 10.5),
		mark: canvas.NewRectangle(accent), back: canvas.NewRectangle(panel)}
	t.image.FillMode = canvas.ImageFillContain
	t.caption.Alignment = fyne.TextAlignCenter
	t.back.CornerRadius, t.mark.CornerRadius = 8, 1.5
	t.mark.Hide()
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is part of fyne.Widget.
func (t *railTab) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(railTabLayout{t}, t.back, t.mark, t.image, t.caption))
}

type railTabLayout struct{ t *railTab }

func (railTabLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(railWidth, railTabHeight)
}

func (l railTabLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	place(l.t.back, 4, 3, size.Width-8, size.Height-6)
	place(l.t.mark, 0, 12, 3, size.Height-24)
	place(l.t.image, (size.Width-22)/2, 10, 22, 22)
	place(l.t.caption, 0, 35, size.Width, 16)
}

func (t *railTab) choose(on bool) {
	t.chosen = on
	t.paint()
}

func (t *railTab) paint() {
	c := faint
	if t.chosen || t.hovered {
		c = ink
	}
	t.caption.Color = c
	if t.chosen {
		c = accent
	}
	t.image.Resource = tinted(t.icon, c)
	t.mark.Hidden = !t.chosen
	t.back.FillColor, t.back.StrokeWidth = panel, 0
	if t.hovered || t.chosen {
		t.back.FillColor = shade(theme.ColorNameButton)
	}
	if t.near {
		t.back.StrokeColor, t.back.StrokeWidth = accent, 2
	}
	t.Refresh()
	for _, o := range []fyne.CanvasObject{t.back, t.mark, t.image, t.caption} {
		o.Refresh()
	}
}

// Tapped is part of fyne.Tappable.
func (t *railTab) Tapped(*fyne.PointEvent) { t.tapped() }

// FocusGained is part of fyne.Focusable.
func (t *railTab) FocusGained() { t.near = true; t.paint() }

// FocusLost is part of fyne.Focusable.
func (t *railTab) FocusLost() { t.near = false; t.paint() }

// TypedRune is part of fyne.Focusable.
func (t *railTab) TypedRune(rune) {}

// TypedKey chooses the page.
func (t *railTab) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.tapped()
	}
}

// MouseIn is part of desktop.Hoverable.
func (t *railTab) MouseIn(*desktop.MouseEvent) { t.hovered = true; t.paint() }

// MouseMoved is part of desktop.Hoverable.
func (t *railTab) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is part of desktop.Hoverable.
func (t *railTab) MouseOut() { t.hovered = false; t.paint() }

// newPages lists the window's pages; the Studio's is made by its parts.
func (s *Studio) newPages(studio fyne.CanvasObject) *pages {
	p := newPages([]*page{
		{name: "studio", title: tr("Studio"), icon: iconStudio, make: func() fyne.CanvasObject { return studio }},
		{name: "library", title: tr("Library"), icon: iconLibrary, make: func() fyne.CanvasObject {
			s.past = newLibraryPage(s)
			return s.past.object
		}, shown: func(on bool) { s.past.show(on) }, typed: func(k fyne.KeyName) { s.past.typed(k) }},
		{name: "gpu", title: tr("GPU"), icon: iconGPU, make: func() fyne.CanvasObject {
			s.health.page = newHealthPage(s)
			return s.health.page.object
		}, shown: func(on bool) { s.health.page.show(on) }},
		{name: "profile", title: tr("Profile"), icon: iconProfile, make: func() fyne.CanvasObject {
			s.costs = newProfilePage(s)
			return s.costs.object
		}, shown: func(on bool) { s.costs.show(on) }},
		{name: "models", title: tr("Models"), icon: iconModels, make: s.modelsPage, shown: func(on bool) {
			if on && s.models != nil {
				s.models.refresh()
			}
		}},
		{name: "settings", title: tr("Settings"), icon: iconSettings, make: func() fyne.CanvasObject { return newPreferencesPage(s).object }},
		{name: "about", title: tr("About"), icon: iconAbout, make: s.aboutPage, shown: func(on bool) {
			if on {
				s.logs.refresh()
			}
		}},
	}, 2)
	return p
}

// networksChanged lets those who depend on networks look again.
func (s *Studio) networksChanged() { s.settings.choose() }
