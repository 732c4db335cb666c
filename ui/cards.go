//go:build !headless

package ui

import (
	"context"
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/pipeline/engine"
)

// cards are the engines to choose from, each with what it makes of the picture that is shown.
type cards struct {
	studio *Studio
	object fyne.CanvasObject
	all    []*engineCard // as engine.All
	shown  cutResult
	best   string // the engine that suits the picture, by the automatic choice
	why    *tip.Label
	stop   context.CancelFunc // of the previews being made
	kept   sketches
}

func newCards(s *Studio) *cards {
	c := &cards{studio: s, why: tip.NewLabel(""), kept: sketches{}}
	c.why.Truncation = fyne.TextTruncateEllipsis
	row := container.NewHBox()
	for i, e := range engine.All {
		card := newEngineCard(e, func() { s.settings.engine.SetSelectedIndex(i) })
		c.all = append(c.all, card)
		row.Add(card)
	}
	c.object = container.NewVBox(container.NewHScroll(container.New(insetLayout{0, 5}, row)), c.why)
	c.choose(s.settings.chosen().Name)
	return c
}

// choose marks the card of the engine that is chosen.
func (c *cards) choose(name string) {
	for _, card := range c.all {
		card.chosen = card.engine.Name == name
		card.paint()
	}
}

// engineCard is one engine: a picture of its mesh over its name and how it stands with it.
type engineCard struct {
	tip.ToolTipWidget
	engine  engine.Engine
	tapped  func()
	back    *canvas.Rectangle
	picture *canvas.Image
	title   *canvas.Text
	state   *canvas.Text
	chosen  bool
	hovered bool
	focused bool
}

var (
	_ fyne.Tappable      = (*engineCard)(nil)
	_ fyne.Focusable     = (*engineCard)(nil)
	_ desktop.Hoverable  = (*engineCard)(nil)
	_ desktop.Cursorable = (*engineCard)(nil)
)

const cardWidth, cardPicture = 104, 76

func newEngineCard(e engine.Engine, tapped func()) *engineCard {
	c := &engineCard{engine: e, tapped: tapped, back: canvas.NewRectangle(color.Transparent), picture: &canvas.Image{FillMode: canvas.ImageFillContain},
		title: text(told(e.Title), ink, 12), state: text("", faint, 10)}
	c.back.CornerRadius, c.back.StrokeWidth = 8, 1
	c.title.Alignment, c.state.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	c.title.TextStyle.Bold = true
	c.ExtendBaseWidget(c)
	c.SetToolTip(wrap(told(e.About), 60))
	c.paint()
	return c
}

// CreateRenderer is part of fyne.Widget.
func (c *engineCard) CreateRenderer() fyne.WidgetRenderer {
	words := container.New(cardLines{}, c.title, c.state)
	content := container.NewBorder(nil, words, nil, nil, fixed(cardWidth-8, cardPicture, c.picture))
	return widget.NewSimpleRenderer(container.NewStack(c.back, container.New(insetLayout{4, 4}, content)))
}

// cardLines puts lines one under the other without room between them.
type cardLines struct{}

func (cardLines) MinSize(lines []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range lines {
		m := o.MinSize()
		size = fyne.NewSize(max(size.Width, m.Width), size.Height+m.Height)
	}
	size.Width = min(size.Width, cardWidth-8)
	return size
}

func (cardLines) Layout(lines []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range lines {
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}

// say puts a picture and a line under the title.
func (c *engineCard) say(img image.Image, state string, ink color.Color) {
	if img != nil || state != "" {
		c.picture.Image = img
	}
	c.state.Text, c.state.Color = ellipsis(state, 20), ink
	c.picture.Refresh()
	c.state.Refresh()
}

func (c *engineCard) paint() {
	c.back.FillColor, c.back.StrokeColor, c.back.StrokeWidth = color.Transparent, panelEdge, 1
	if c.hovered {
		c.back.StrokeColor = faint
	}
	if c.chosen {
		c.back.StrokeColor, c.back.StrokeWidth = accent, 2
	}
	if c.focused {
		c.back.StrokeColor, c.back.StrokeWidth = ink, 2
	}
	c.back.Refresh()
}

// Tapped chooses the engine.
func (c *engineCard) Tapped(*fyne.PointEvent) { c.tapped() }

// Cursor is part of desktop.Cursorable.
func (c *engineCard) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn is part of desktop.Hoverable.
func (c *engineCard) MouseIn(e *desktop.MouseEvent) {
	c.ToolTipWidget.MouseIn(e)
	c.hovered = true
	c.paint()
}

// MouseOut is part of desktop.Hoverable.
func (c *engineCard) MouseOut() {
	c.ToolTipWidget.MouseOut()
	c.hovered = false
	c.paint()
}

// FocusGained is part of fyne.Focusable.
func (c *engineCard) FocusGained() {
	c.focused = true
	c.paint()
}

// FocusLost is part of fyne.Focusable.
func (c *engineCard) FocusLost() {
	c.focused = false
	c.paint()
}

// TypedRune is part of fyne.Focusable.
func (c *engineCard) TypedRune(rune) {}

// TypedKey chooses the engine by the space bar or return.
func (c *engineCard) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn {
		c.tapped()
	}
}
