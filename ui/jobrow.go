//go:build !headless

package ui

import (
	"fmt"
	"image/color"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
)

// row shows one job: picture, name, how it stands and what comes next.
type row struct {
	widget.BaseWidget
	owner   *jobList
	job     pipeline.Job
	back    *canvas.Rectangle
	thumb   *canvas.Image
	title   *canvas.Text
	state   *canvas.Text
	next    *canvas.Text
	bar     *bar
	more    *widget.Button
	content fyne.CanvasObject
	hovered bool
}

var (
	_ desktop.Mouseable      = (*row)(nil)
	_ desktop.Hoverable      = (*row)(nil)
	_ fyne.SecondaryTappable = (*row)(nil)
	_ fyne.Draggable         = (*row)(nil)
)

func newRow(l *jobList) *row {
	r := &row{owner: l, back: canvas.NewRectangle(color.Transparent), thumb: &canvas.Image{FillMode: canvas.ImageFillContain, CornerRadius: 4},
		title: text("", ink, 13), state: text("", faint, 11), next: text("", faint, 11), bar: newBar(4)}
	placeholder(r.thumb)
	r.back.CornerRadius = 6
	r.title.TextStyle.Bold = true
	r.more = widget.NewButtonWithIcon("", theme.MoreVerticalIcon(), func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.more)
		r.owner.menu(r.job, at.AddXY(0, r.more.Size().Height))
	})
	r.more.Importance = widget.LowImportance
	words := container.New(rowWords{}, r.title, r.state, r.next, r.bar.object)
	inner := container.NewBorder(nil, nil, container.NewPadded(fixed(46, 46, r.thumb)), container.NewCenter(r.more), words)
	r.content = container.NewStack(r.back, inner)
	r.ExtendBaseWidget(r)
	return r
}

// rowWords puts three lines below each other, the bar in the place of the last. They are as wide as there is room: a text
// that is longer was cut.
type rowWords struct{}

const rowHeight = 54

func (rowWords) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(40, rowHeight) }

func (rowWords) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for i, y := range []float32{3, 21, 36, 42} {
		o[i].Move(fyne.NewPos(0, y))
		h := o[i].MinSize().Height
		o[i].Resize(fyne.NewSize(size.Width, h))
	}
}

// CreateRenderer is part of fyne.Widget.
func (r *row) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.content) }

// Resize is part of fyne.CanvasObject: how much of the words is shown goes by the width.
func (r *row) Resize(size fyne.Size) {
	if wider := size.Width != r.Size().Width; wider {
		r.BaseWidget.Resize(size)
		if r.job.ID != "" {
			r.show(r.job)
		}
		return
	}
	r.BaseWidget.Resize(size)
}

func (r *row) show(j pipeline.Job) {
	r.job = j
	if thumb := r.owner.studio.thumbOf(j); thumb != r.thumb.Image {
		r.thumb.Image = thumb
		placeholder(r.thumb)
	}
	room := r.Size().Width - 102 // beside the picture and the button
	words, c, next := describe(j, r.owner.ahead)
	put(r.title, fit(j.Title, room, 13, true), ink)
	put(r.state, clip(words, room, 11), c)
	put(r.next, clip(next, room, 11), faint)
	r.bar.object.Hidden = j.State != pipeline.Running
	r.next.Hidden = !r.bar.object.Hidden
	if j.State == pipeline.Running {
		r.bar.set(j.Progress, busy)
	}
	r.paint()
}

// put changes a text and draws it only when it is another one.
func put(t *canvas.Text, words string, c color.Color) {
	if t.Text != words || t.Color != c {
		t.Text, t.Color = words, c
		t.Refresh()
	}
}

// paint shows whether the row is marked.
func (r *row) paint() {
	c := color.Color(color.Transparent)
	switch {
	case r.owner.isMarked(r.job.ID):
		c = theme.Color(theme.ColorNameSelection)
	case r.hovered:
		c = theme.Color(theme.ColorNameHover)
	}
	var edge float32
	if r.job.ID == r.owner.studio.selected {
		edge = 1
	}
	if r.back.FillColor != c || r.back.StrokeWidth != edge {
		r.back.FillColor, r.back.StrokeColor, r.back.StrokeWidth = c, accent, edge
		r.back.Refresh()
	}
}

// MouseIn is part of desktop.Hoverable.
func (r *row) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.paint() }

// MouseMoved is part of desktop.Hoverable.
func (r *row) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is part of desktop.Hoverable.
func (r *row) MouseOut() { r.hovered = false; r.paint() }

// MouseDown is part of desktop.Mouseable: with Ctrl it marks one more, with Shift all up to here. One of several that are
// marked may be about to be dragged with them, so a plain click tells when it is over.
func (r *row) MouseDown(e *desktop.MouseEvent) {
	r.owner.studio.leaveEntry(r.owner.list)
	if e.Button == desktop.MouseButtonPrimary && (e.Modifier != 0 || !r.owner.isMarked(r.job.ID)) {
		r.owner.mark(r.job.ID, e.Modifier)
	}
}

// MouseUp is part of desktop.Mouseable.
func (r *row) MouseUp(e *desktop.MouseEvent) {
	if e.Button == desktop.MouseButtonPrimary && e.Modifier == 0 && r.owner.drop < 0 {
		r.owner.mark(r.job.ID, 0)
	}
}

// TappedSecondary is part of fyne.SecondaryTappable.
func (r *row) TappedSecondary(e *fyne.PointEvent) { r.owner.menu(r.job, e.AbsolutePosition) }

// Dragged is part of fyne.Draggable.
func (r *row) Dragged(e *fyne.DragEvent) { r.owner.dragged(e.AbsolutePosition.Y) }

// DragEnd is part of fyne.Draggable.
func (r *row) DragEnd() { r.owner.dropped() }

// fit cuts a name to what is as wide as that, in its middle: a file's number is at its end.
func fit(s string, width, size float32, bold bool) string {
	return shorten(s, width, size, fyne.TextStyle{Bold: bold}, ellipsis)
}

// clip cuts a sentence to what is as wide as that, at its end.
func clip(s string, width, size float32) string {
	return shorten(s, width, size, fyne.TextStyle{}, beginning)
}

func shorten(s string, width, size float32, style fyne.TextStyle, ellipsis func(string, int) string) string {
	wide := func(s string) float32 { return fyne.MeasureText(s, size, style).Width }
	if s == "" || width <= 0 || wide(s) <= width {
		return s
	}
	n := len([]rune(s))
	lo, hi := 1, n // what fits, what does not
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; wide(ellipsis(s, mid)) <= width {
			lo = mid
		} else {
			hi = mid
		}
	}
	return ellipsis(s, lo)
}

// capital begins a sentence.
func capital(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

// describe says in words how a job stands, and what comes next.
func describe(j pipeline.Job, ahead pipeline.Ahead) (state string, c color.Color, next string) {
	left, known := ahead.Until[j.ID]
	switch j.State {
	case pipeline.Queued:
		if known {
			next = tr("done in %s", roughly(left))
		}
		if j.Kills > 0 {
			return tr("again alone, the worker died"), busy, next
		}
		return tr("waiting"), faint, next
	case pipeline.Running:
		state = fmt.Sprintf("%s, %.0f %%", told(j.Stage), 100*j.Progress)
		if known {
			state += ", " + roughly(left)
		}
		return state, busy, ""
	case pipeline.Failed:
		if j.Kills > 1 {
			return tr("set aside, the worker died of it twice"), bad, told(j.Hint)
		}
		return told(reason(j.Problem)), bad, told(j.Hint)
	case pipeline.Cancelled:
		return tr("stopped"), faint, tr("Try again from its menu")
	}
	state = tr("done, took %.1f s", j.Ended.Sub(j.Started).Seconds())
	if j.Result != nil && j.Result.Lowered {
		return state, good, tr("with less than asked for, see its notes")
	}
	if j.Result != nil {
		next = tr("%s triangles", thousands(j.Result.Certificate.Triangles))
	}
	return state, good, next
}

// reason is the last and most particular part of a problem, and not one in parentheses; the whole is shown beside the mesh.
func reason(problem string) string {
	end := len(problem)
	if at := strings.LastIndex(problem, " ("); at >= 0 && strings.HasSuffix(problem, ")") {
		end = at
	}
	if i := strings.LastIndex(problem[:end], ": "); i >= 0 {
		return problem[i+2:]
	}
	return problem
}
