//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// pageBody is a page with its heading, and what stands beside that on the right; nil for nothing.
func pageBody(title string, right, content fyne.CanvasObject) fyne.CanvasObject {
	h := text(title, ink, 22)
	h.TextStyle.Bold = true
	head := container.NewPadded(container.NewBorder(nil, nil, h, right))
	return container.NewPadded(container.NewPadded(container.NewPadded(container.NewBorder(head, nil, nil, nil, content))))
}

// narrow keeps an object no wider than is good to read.
func narrow(width float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(narrowLayout{width}, o)
}

type narrowLayout struct{ width float32 }

func (l narrowLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (l narrowLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(max(min(size.Width, l.width), o[0].MinSize().Width), size.Height))
}

// badge is a word in a rounded frame of its colour.
type badge struct {
	object fyne.CanvasObject
	word   *canvas.Text
	frame  *canvas.Rectangle
}

func newBadge() *badge {
	b := &badge{word: text("", faint, 11), frame: canvas.NewRectangle(nil)}
	b.word.TextStyle.Bold = true
	b.frame.CornerRadius, b.frame.StrokeWidth = 8, 1
	b.object = container.NewCenter(container.NewStack(b.frame, container.New(insetLayout{8, 2}, b.word)))
	return b
}

func (b *badge) say(word string, c shade) {
	b.word.Text, b.word.Color, b.frame.StrokeColor = word, c, c
	b.word.Refresh()
	b.frame.Refresh()
	b.object.Refresh()
}

// insetLayout leaves room round one object.
type insetLayout struct{ x, y float32 }

func (l insetLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().Add(fyne.NewSize(2*l.x, 2*l.y))
}

func (l insetLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(l.x, l.y))
	o[0].Resize(size.Subtract(fyne.NewSize(2*l.x, 2*l.y)))
}

// prose is a text that breaks its lines, in one of a label's colours.
func prose(s string, importance widget.Importance) *widget.Label {
	l := widget.NewLabel(s)
	l.Wrapping = fyne.TextWrapWord
	l.Importance = importance
	return l
}

// heading is the title of a part of a page.
func heading(s string) fyne.CanvasObject {
	h := text(s, ink, 14)
	h.TextStyle.Bold = true
	return container.New(insetLayout{8, 2}, h)
}

// inset leaves a little more room inside a card.
func inset(o fyne.CanvasObject) fyne.CanvasObject { return container.New(insetLayout{8, 6}, o) }

// tableLayout sets cells side by side in columns of given widths; those of 0 share what is left.
type tableLayout struct{ columns []float32 }

func (l tableLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, cell := range o {
		size.Height = max(size.Height, cell.MinSize().Height)
		size.Width += max(l.columns[i], 40)
	}
	return size
}

func (l tableLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	left, open := size.Width, float32(0)
	for _, w := range l.columns {
		left -= w
		if w == 0 {
			open++
		}
	}
	var x float32
	for i, cell := range o {
		w := l.columns[i]
		if w == 0 {
			w = max(left/open, 0)
		}
		h := cell.MinSize().Height
		cell.Move(fyne.NewPos(x, (size.Height-h)/2))
		cell.Resize(fyne.NewSize(w, h))
		x += w
	}
}

// columnLayout sets two objects one under the other. The lower one has columnGive more than it needs, unless the upper one
// then had less than columnUpper of the height; the rest is the upper one's, all of it when the lower is hidden.
type columnLayout struct{}

const (
	columnGive  = 160
	columnUpper = 0.45
	columnLeast = 80 // of the upper one, in the smallest window
	columnGap   = 4
)

func (columnLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	upper, lower := o[0].MinSize(), o[1].MinSize()
	if !o[1].Visible() {
		return upper
	}
	return fyne.NewSize(max(upper.Width, lower.Width), max(upper.Height, columnLeast)+columnGap+lower.Height)
}

func (columnLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if !o[1].Visible() {
		o[0].Move(fyne.NewPos(0, 0))
		o[0].Resize(size)
		return
	}
	least := o[1].MinSize().Height
	lower := min(max((1-columnUpper)*size.Height, least), least+columnGive)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, size.Height-columnGap-lower))
	o[1].Move(fyne.NewPos(0, size.Height-lower))
	o[1].Resize(fyne.NewSize(size.Width, lower))
}

// tight stacks labels with less room between them than they bring.
func tight(o ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(-7), o...)
}
