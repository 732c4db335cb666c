//go:build !headless

package ui

import (
	"errors"
	"image/color"
	"math"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// typable says a value that can be typed anew: a click, or Return while it has the focus, asks for it.
type typable struct {
	widget.BaseWidget
	words *canvas.Text
	frame *canvas.Rectangle
	ask   func()
	near  bool // it has the keyboard's focus
}

var (
	_ fyne.Tappable      = (*typable)(nil)
	_ fyne.Focusable     = (*typable)(nil)
	_ desktop.Hoverable  = (*typable)(nil)
	_ desktop.Cursorable = (*typable)(nil)
)

func newTypable(words string, ask func()) *typable {
	t := &typable{words: text(words, ink, 12), frame: canvas.NewRectangle(color.Transparent), ask: ask}
	t.frame.CornerRadius, t.frame.StrokeColor = 4, accent
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is part of fyne.Widget.
func (t *typable) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(t.frame, container.New(insetLayout{4, 0}, t.words)))
}

func (t *typable) say(words string) {
	t.words.Text = words
	t.Refresh()
	t.words.Refresh()
}

func (t *typable) ring(width float32) {
	t.frame.StrokeWidth = width
	t.frame.Refresh()
}

// Tapped asks for the value.
func (t *typable) Tapped(*fyne.PointEvent) { t.ask() }

// Cursor is part of desktop.Cursorable.
func (t *typable) Cursor() desktop.Cursor { return desktop.TextCursor }

// MouseIn is part of desktop.Hoverable.
func (t *typable) MouseIn(*desktop.MouseEvent) { t.ring(1) }

// MouseMoved is part of desktop.Hoverable.
func (t *typable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is part of desktop.Hoverable.
func (t *typable) MouseOut() {
	if !t.near {
		t.ring(0)
	}
}

// FocusGained is part of fyne.Focusable.
func (t *typable) FocusGained() { t.near = true; t.ring(2) }

// FocusLost is part of fyne.Focusable.
func (t *typable) FocusLost() { t.near = false; t.ring(0) }

// TypedRune is part of fyne.Focusable.
func (t *typable) TypedRune(rune) {}

// TypedKey is part of fyne.Focusable.
func (t *typable) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.ask()
	}
}

// valueEntry is an entry that Escape leaves.
type valueEntry struct {
	field
	leave func()
}

// TypedKey is part of fyne.Focusable.
func (v *valueEntry) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		v.leave()
		return
	}
	v.field.TypedKey(e)
}

// askValue opens an entry over an object. What take refuses stays there to be put right, under a word of what may be typed.
func askValue(over fyne.CanvasObject, now, about string, take func(string) error) *valueEntry {
	c := fyne.CurrentApp().Driver().CanvasForObject(over)
	if c == nil {
		return nil
	}
	entry, hint := &valueEntry{}, text(about, faint, 11)
	entry.ExtendBaseWidget(entry)
	entry.SetText(now)
	pop := widget.NewPopUp(container.NewVBox(wide(110, entry), hint), c)
	entry.leave = pop.Hide
	entry.OnChanged = func(string) { put(hint, about, faint) }
	entry.OnSubmitted = func(s string) {
		if err := take(s); err != nil {
			put(hint, about, bad)
			return
		}
		pop.Hide()
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(over)
	pop.ShowAtPosition(at.AddXY(over.Size().Width-pop.MinSize().Width, -8))
	c.Focus(entry)
	entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	return entry
}

var errNoNumber = errors.New("not a number")

// readNumber reads a number as people type it: with a comma, spaces between thousands, a unit or k and M after it.
func readNumber(s, unit string) (float64, error) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u2009' || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.TrimSuffix(strings.TrimSpace(s), unit))
	scale := 1.0
	for suffix, by := range map[string]float64{"k": 1e3, "K": 1e3, "M": 1e6} {
		if cut, ok := strings.CutSuffix(s, suffix); ok {
			s, scale = cut, by
		}
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, errNoNumber
	}
	return v * scale, nil
}
