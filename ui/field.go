//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// field is an entry that leaves the window's keys to the window: Fyne's own swallows them.
type field struct{ widget.Entry }

func newField() *field {
	f := &field{}
	f.ExtendBaseWidget(f)
	return f
}

// TypedShortcut is part of fyne.Shortcutable. Arrows with Ctrl, which go from word to word, are the entry's.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	if custom, ok := s.(*desktop.CustomShortcut); ok {
		switch custom.KeyName {
		case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown, fyne.KeyBackspace, fyne.KeyDelete:
		default:
			if c, ok := fyne.CurrentApp().Driver().CanvasForObject(f).(fyne.Shortcutable); ok {
				c.TypedShortcut(s)
			}
			return
		}
	}
	f.Entry.TypedShortcut(s)
}

// TypedKey is part of fyne.Focusable.
func (f *field) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyF1 || e.Name == fyne.KeyF11 {
		if c := fyne.CurrentApp().Driver().CanvasForObject(f); c != nil && c.OnTypedKey() != nil {
			c.OnTypedKey()(e)
		}
		return
	}
	f.Entry.TypedKey(e)
}
