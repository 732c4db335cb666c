//go:build !headless

package ui

import (
	"image"
	"image/color"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// slot is the place for the picture of one side: a click or a drop fills it, the cross in its corner or Delete empties it.
type slot struct {
	tip.ToolTipWidget
	sides *otherSides
	side  picture.Side
	use   string // what it is used for

	id      string        // of the front it belongs to
	shot    pipeline.Shot // without a picture when there is none
	small   image.Image   // it, nil until it is read
	problem string        // why it cannot be
	coming  string        // a picture that was chosen and is being read

	back     *canvas.Rectangle
	picture  *canvas.Image
	sign     *canvas.Image // in place of the picture
	name     *canvas.Text
	cross    *canvas.Image
	disc     *canvas.Circle // under the cross
	hovered  bool
	onCross  bool
	focused  bool
	disabled bool
}

var (
	_ fyne.Tappable      = (*slot)(nil)
	_ fyne.Focusable     = (*slot)(nil)
	_ fyne.Disableable   = (*slot)(nil)
	_ desktop.Hoverable  = (*slot)(nil)
	_ desktop.Cursorable = (*slot)(nil)
)

func newSlot(s *otherSides, side picture.Side) *slot {
	o := &slot{sides: s, side: side, disabled: true, back: canvas.NewRectangle(ground), picture: &canvas.Image{FillMode: canvas.ImageFillContain},
		sign: &canvas.Image{FillMode: canvas.ImageFillContain}, name: text(sideTitle(side), ink, 11), cross: &canvas.Image{FillMode: canvas.ImageFillContain}, disc: canvas.NewCircle(panel)}
	o.back.CornerRadius = 8
	o.name.Alignment = fyne.TextAlignCenter
	o.ExtendBaseWidget(o)
	o.paint()
	return o
}

// CreateRenderer is part of fyne.Widget.
func (o *slot) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(slotLayout{}, o.back, o.picture, o.sign, o.name, o.disc, o.cross))
}

// slotLayout sets the picture, or the sign in its middle, over the name, with the cross in the upper right corner.
type slotLayout struct{}

const slotInset, slotName, slotSign, slotCross = 4, 15, 20, 18

// slotWords is how wide its tooltip is, in letters: as wide as such ever become, since they are as wide as all their lines in one.
const slotWords = 96

func (slotLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(sidesWidth, slotLeast) }

func (slotLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	h := size.Height - slotInset - slotName
	place(o[0], 0, 0, size.Width, size.Height)
	place(o[1], slotInset, slotInset, size.Width-2*slotInset, h-slotInset)
	place(o[2], (size.Width-slotSign)/2, slotInset+(h-slotSign)/2, slotSign, slotSign)
	place(o[3], 0, h+slotInset-2, size.Width, slotName)
	place(o[4], size.Width-slotCross-2, 2, slotCross, slotCross)
	place(o[5], size.Width-slotCross+1, 5, slotCross-6, slotCross-6)
}

// show shows a picture's side, or that there is none; what it shows already stays.
func (o *slot) show(id string, shot pipeline.Shot) {
	if id != o.id {
		o.coming = ""
	}
	if id == o.id && shot.Picture == o.shot.Picture {
		o.shot = shot // the job's own copy of it, perhaps
		o.paint()
		return
	}
	o.id, o.shot, o.small, o.problem = id, shot, nil, ""
	o.paint()
	if shot.Picture == "" {
		return
	}
	studio := o.sides.tab.studio
	go func() {
		small, err := studio.thumbnail(shot)
		studio.do(func() {
			if o.id != id || o.shot.Picture != shot.Picture || o.small != nil {
				return
			}
			if o.small = small; err != nil {
				problem, hint := explained(err)
				o.problem = capital(problem) + ". " + hint
			}
			o.paint()
		})
	}()
}

// take has a picture that is read already.
func (o *slot) take(shot pipeline.Shot, small image.Image) {
	o.shot, o.small, o.problem = shot, small, ""
}

// hint says what the picture is used for.
func (o *slot) hint(use string) {
	o.use = use
	o.paint()
}

func (o *slot) filled() bool { return o.shot.Picture != "" }

func (o *slot) paint() {
	o.picture.Image, o.sign.Resource = o.small, nil
	about := sideAbout(o.side) + " " + o.use
	deed := tr("Click to choose it, or drop it here.")
	switch {
	case o.coming != "" || o.filled() && o.small == nil && o.problem == "":
		o.sign.Resource = tinted(theme.MoreHorizontalIcon(), busy)
	case o.problem != "":
		o.sign.Resource = tinted(theme.WarningIcon(), bad)
		about = o.problem
	case !o.filled() && o.disabled:
		o.sign.Resource = tinted(theme.ContentAddIcon(), panelEdge)
	case !o.filled():
		o.sign.Resource = tinted(theme.ContentAddIcon(), faint)
	}
	if o.filled() {
		about = filepath.Base(o.shot.Picture) + "\n" + about
		deed = tr("Click for another one, the cross or Delete for none.")
	}
	o.SetToolTip(wrap(about+"\n"+deed, slotWords))
	o.sign.Hidden, o.picture.Hidden = o.sign.Resource == nil, o.small == nil || o.coming != ""
	o.cross.Hidden, o.disc.Hidden = !o.filled(), !o.filled()
	o.cross.Resource = tinted(theme.CancelIcon(), ink)
	o.disc.FillColor = panel
	if o.onCross {
		o.cross.Resource, o.disc.FillColor = tinted(theme.CancelIcon(), ground), bad
	}
	o.name.Color = ink
	if o.disabled || !o.filled() {
		o.name.Color = faint
	}
	var edge color.Color = panelEdge
	o.back.StrokeWidth = 1
	switch {
	case o.focused:
		edge, o.back.StrokeWidth = ink, 2
	case o.hovered && !o.disabled:
		edge = accent
	case o.problem != "":
		edge = bad
	}
	o.back.StrokeColor = edge
	for _, x := range []fyne.CanvasObject{o.back, o.picture, o.sign, o.name, o.disc, o.cross} {
		x.Refresh()
	}
}

// inCross reports whether a place is on the cross.
func (o *slot) inCross(p fyne.Position) bool {
	return o.filled() && p.X >= o.Size().Width-slotCross-4 && p.Y <= slotCross+4
}

// Tapped asks for a picture, or takes the one that is there away.
func (o *slot) Tapped(e *fyne.PointEvent) {
	if o.disabled {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		c.Focus(o)
	}
	if o.inCross(e.Position) {
		o.empty()
	} else {
		o.sides.browse(o.side)
	}
}

// empty takes the picture away.
func (o *slot) empty() {
	o.coming, o.onCross = "", false
	if o.filled() {
		o.sides.tab.setSide(o.side, pipeline.Shot{})
	} else {
		o.sides.tab.refresh()
	}
}

// TypedKey asks for a picture by the space bar or return, and takes it away by Delete.
func (o *slot) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		o.sides.browse(o.side)
	case fyne.KeyDelete, fyne.KeyBackspace:
		o.empty()
	}
}

// TypedRune is part of fyne.Focusable.
func (o *slot) TypedRune(rune) {}

// FocusGained is part of fyne.Focusable.
func (o *slot) FocusGained() { o.focused = true; o.paint() }

// FocusLost is part of fyne.Focusable.
func (o *slot) FocusLost() { o.focused = false; o.paint() }

// Enable is part of fyne.Disableable.
func (o *slot) Enable() { o.disabled = false; o.paint() }

// Disable is part of fyne.Disableable.
func (o *slot) Disable() { o.disabled = true; o.paint() }

// Disabled is part of fyne.Disableable.
func (o *slot) Disabled() bool { return o.disabled }

// Cursor is part of desktop.Cursorable.
func (o *slot) Cursor() desktop.Cursor {
	if o.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// MouseIn is part of desktop.Hoverable.
func (o *slot) MouseIn(e *desktop.MouseEvent) {
	o.ToolTipWidget.MouseIn(e)
	o.hovered, o.onCross = true, o.inCross(e.Position)
	o.paint()
}

// MouseMoved marks the cross.
func (o *slot) MouseMoved(e *desktop.MouseEvent) {
	o.ToolTipWidget.MouseMoved(e)
	if on := o.inCross(e.Position); on != o.onCross {
		o.onCross = on
		o.paint()
	}
}

// MouseOut is part of desktop.Hoverable.
func (o *slot) MouseOut() {
	o.ToolTipWidget.MouseOut()
	o.hovered, o.onCross = false, false
	o.paint()
}
