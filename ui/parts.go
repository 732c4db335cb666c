//go:build !headless

package ui

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
)

// card is a rounded panel with a small heading; an empty heading takes no room.
func card(heading string, content fyne.CanvasObject) fyne.CanvasObject {
	back := canvas.NewRectangle(panel)
	back.CornerRadius = 10
	back.StrokeColor, back.StrokeWidth = panelEdge, 1
	if heading != "" {
		h := text(heading, faint, 11)
		h.TextStyle.Bold = true
		content = container.NewBorder(container.NewPadded(h), nil, nil, nil, content)
	}
	return container.NewStack(back, container.NewPadded(content))
}

func text(s string, c color.Color, size float32) *canvas.Text {
	t := canvas.NewText(s, c)
	t.TextSize = size
	return t
}

// fixed gives an object a size it does not ask for itself.
func fixed(w, h float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewGridWrapLayout(fyne.NewSize(w, h)), o)
}

// wide keeps an object at least so wide.
func wide(width float32, o fyne.CanvasObject) fyne.CanvasObject {
	space := canvas.NewRectangle(nil)
	space.SetMinSize(fyne.NewSize(width, 0))
	return container.NewStack(space, o)
}

// wrap breaks long lines at spaces: dialogs grow as wide as their longest line.
func wrap(s string, width int) string {
	var out strings.Builder
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			out.WriteByte('\n')
		}
		n := 0
		for _, w := range strings.Fields(line) {
			if n > 0 && n+1+len(w) > width {
				out.WriteByte('\n')
				n = 0
			} else if n > 0 {
				out.WriteByte(' ')
				n++
			}
			out.WriteString(w)
			n += len(w)
		}
	}
	return out.String()
}

// ellipsis cuts a text to fit, in the middle of a file name rather than at its end.
func ellipsis(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n*2/3]) + "…" + string(r[len(r)-(n-n*2/3-1):])
}

// beginning cuts a text to fit, at its end.
func beginning(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:max(n-1, 0)]), " ,.") + "…"
}

// placeholder shows an icon where a picture is not there yet, or cannot be read.
func placeholder(img *canvas.Image) {
	img.Resource = nil
	if img.Image == nil {
		img.Resource = tinted(theme.FileImageIcon(), faint)
	}
	img.Refresh()
}

// bar is a thin progress bar.
type bar struct {
	object   *fyne.Container
	fill     *canvas.Rectangle
	fraction float64
}

func newBar(height float32) *bar {
	back := canvas.NewRectangle(panelEdge)
	back.CornerRadius = height / 2
	b := &bar{fill: canvas.NewRectangle(accent)}
	b.fill.CornerRadius = height / 2
	b.object = container.New(&barLayout{b, height}, back, b.fill)
	return b
}

func (b *bar) set(fraction float64, c color.Color) {
	b.fraction, b.fill.FillColor = min(max(fraction, 0), 1), c
	b.object.Refresh()
	b.object.Layout.Layout(b.object.Objects, b.object.Size())
	b.fill.Refresh()
}

type barLayout struct {
	bar    *bar
	height float32
}

func (l *barLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(20, l.height) }

func (l *barLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(size.Width, l.height))
	w := size.Width * float32(l.bar.fraction)
	if w > 0 {
		w = max(w, l.height) // never narrower than its round ends
	}
	o[1].Resize(fyne.NewSize(w, l.height))
	l.bar.fill.Hidden = w == 0 // Fyne draws the rim of a rectangle that has no width
	for _, x := range o {
		x.Move(fyne.NewPos(0, (size.Height-l.height)/2))
	}
}
