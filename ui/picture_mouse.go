//go:build !headless

package ui

import (
	"math"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"orfeas/pipeline/picture"
)

// grip is where a crop is held: a share of its width and height, or all of it.
type grip struct {
	x, y float64
	held bool
}

// grips are corners and sides, the corners first: where they are close together, those are meant.
var grips = [9]grip{{0, 0, true}, {1, 0, true}, {0, 1, true}, {1, 1, true}, {0.5, 0, true}, {0.5, 1, true}, {0, 0.5, true}, {1, 0.5, true}, {0.5, 0.5, true}}

const gripSize = 12 // pixels of the canvas

// painting is the stroke that begins now: the right button does the opposite of the left.
func (s *sheet) painting(button desktop.MouseButton) (keep, ok bool) {
	if s.tool > removeTool || s.shift || button == desktop.MouseButtonTertiary {
		return false, false
	}
	return (s.tool == keepTool) == (button == desktop.MouseButtonPrimary), true
}

// MouseDown begins what the tool does: the drag that follows does not say the button.
func (s *sheet) MouseDown(e *desktop.MouseEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s); c != nil {
		c.Focus(s)
	}
	s.button, s.shift, s.last = e.Button, e.Modifier&fyne.KeyModifierShift != 0, e.Position
	if s.whole == nil {
		return
	}
	if keep, ok := s.painting(e.Button); ok {
		s.drawing = &picture.Stroke{Keep: keep, Radius: s.radius, Line: picture.Polyline{s.mark(e.Position)}}
		s.Refresh()
	} else if s.tool == cropTool && e.Button == desktop.MouseButtonPrimary && !s.shift {
		s.crop = turnedBox(s.edit, s.edit.Crop)
		s.grip = s.gripAt(e.Position)
	}
}

// MouseUp ends it.
func (s *sheet) MouseUp(*desktop.MouseEvent) { s.finish() }

// DragEnd ends it too; which of the two comes first depends on the driver.
func (s *sheet) DragEnd() { s.finish() }

func (s *sheet) finish() {
	s.button = 0
	if d := s.drawing; d != nil {
		s.drawing = nil
		d.Line = d.Line.Simplified(float64(min(d.Radius/5, 20)))
		s.pending = append(s.pending, *d)
		if s.stroked != nil {
			s.stroked(*d)
		}
	}
	if s.grip.held {
		s.grip = grip{}
		if s.cropped != nil {
			s.cropped(backBox(s.edit, s.crop))
		}
	}
}

// Dragged goes on with what began.
func (s *sheet) Dragged(e *fyne.DragEvent) {
	s.moved(e.Position)
}

// MouseMoved shows the brush, and goes on where Fyne sends no drags: with the right button.
func (s *sheet) MouseMoved(e *desktop.MouseEvent) {
	s.moveCursor(e.Position)
	if e.Button == desktop.MouseButtonSecondary && s.button == e.Button {
		s.moved(e.Position)
	}
}

func (s *sheet) moved(p fyne.Position) {
	switch dx, dy := p.X-s.last.X, p.Y-s.last.Y; {
	case s.drawing != nil:
		if m := s.mark(p); m != s.drawing.Line[len(s.drawing.Line)-1] && len(s.drawing.Line) < picture.MaxMarks {
			s.drawing.Line = append(s.drawing.Line, m)
		}
	case s.grip.held:
		s.dragCrop(p)
	case s.button != 0:
		s.middle = s.middle.AddXY(dx, dy)
	}
	s.last = p
	s.moveCursor(p)
	s.Refresh()
}

// dragCrop moves the side or the corner that is held, or all of it.
func (s *sheet) dragCrop(p fyne.Position) {
	x0, y0 := s.at(s.last)
	x1, y1 := s.at(p)
	dx, dy := int(math.Round((x1-x0)*picture.Whole)), int(math.Round((y1-y0)*picture.Whole))
	b := s.crop
	if s.grip.x == 0.5 && s.grip.y == 0.5 {
		b.X = min(max(b.X+dx, 0), picture.Whole-b.W)
		b.Y = min(max(b.Y+dy, 0), picture.Whole-b.H)
		s.crop = b
		return
	}
	b.X, b.W = dragSide(b.X, b.W, dx, s.grip.x)
	b.Y, b.H = dragSide(b.Y, b.H, dy, s.grip.y)
	s.crop = b
}

// dragSide moves one end of a span, which stays in the picture and as long as a crop must be.
func dragSide(at, long, by int, end float64) (int, int) {
	switch end {
	case 0:
		to := min(max(at+by, 0), at+long-picture.MinCrop)
		return to, at + long - to
	case 1:
		return at, min(max(long+by, picture.MinCrop), picture.Whole-at)
	}
	return at, long
}

// gripAt is what of the crop is near a place; all of it inside; none outside.
func (s *sheet) gripAt(p fyne.Position) grip {
	scale, o := s.frame()
	w, h := scale*float64(s.whole.Rect.Dx()), scale*float64(s.whole.Rect.Dy())
	b := turnedBox(s.edit, s.edit.Crop)
	for _, g := range grips[:8] {
		x := float64(o.X) + w*(float64(b.X)+g.x*float64(b.W))/picture.Whole
		y := float64(o.Y) + h*(float64(b.Y)+g.y*float64(b.H))/picture.Whole
		if math.Abs(float64(p.X)-x) <= gripSize && math.Abs(float64(p.Y)-y) <= gripSize {
			return g
		}
	}
	x, y := s.at(p)
	u, v := x*picture.Whole, y*picture.Whole
	if u >= float64(b.X) && u <= float64(b.X+b.W) && v >= float64(b.Y) && v <= float64(b.Y+b.H) {
		return grips[8]
	}
	return grip{}
}

// cropShown is the crop, as turned, also while it is dragged.
func (s *sheet) cropShown() picture.Box {
	if s.grip.held {
		return s.crop
	}
	return turnedBox(s.edit, s.edit.Crop)
}

// MouseIn shows the brush.
func (s *sheet) MouseIn(e *desktop.MouseEvent) { s.moveCursor(e.Position) }

// MouseOut hides it.
func (s *sheet) MouseOut() { s.cursor.Hide() }

func (s *sheet) moveCursor(p fyne.Position) {
	if s.whole == nil || s.tool > removeTool {
		s.cursor.Hide()
		return
	}
	scale, _ := s.frame()
	r := float32(float64(s.radius) / picture.Whole * scale * float64(max(s.whole.Rect.Dx(), s.whole.Rect.Dy())))
	ink := inkOf(s.tool == keepTool)
	if s.drawing != nil {
		ink = inkOf(s.drawing.Keep)
	}
	ink.A = 255
	s.cursor.StrokeColor = ink
	s.cursor.Resize(fyne.NewSize(2*r, 2*r))
	s.cursor.Move(p.SubtractXY(r, r))
	s.cursor.Show()
	s.cursor.Refresh()
}

// Cursor is part of desktop.Cursorable.
func (s *sheet) Cursor() desktop.Cursor {
	if s.tool <= removeTool {
		return desktop.CrosshairCursor
	}
	return desktop.DefaultCursor
}

// Scrolled zooms to the pointer.
func (s *sheet) Scrolled(e *fyne.ScrollEvent) {
	s.zoomTo(e.Position, math.Exp(float64(e.Scrolled.DY)*0.008))
}

// FocusGained shows that the keyboard is here.
func (s *sheet) FocusGained() {
	s.ring.Show()
	s.ring.Refresh()
}

// FocusLost is part of fyne.Focusable.
func (s *sheet) FocusLost() { s.ring.Hide() }

// TypedRune zooms by + and -, fits by 0, chooses tools by their first letters and changes the brush by [ and ].
func (s *sheet) TypedRune(r rune) {
	middle := fyne.NewPos(s.Size().Width/2, s.Size().Height/2)
	if i := strings.IndexRune("krcm", unicode.ToLower(r)); i >= 0 {
		s.chose(tool(i))
		return
	}
	switch r {
	case '[':
		s.widen(1 / 1.2)
	case ']':
		s.widen(1.2)
	case '+', '=':
		s.zoomTo(middle, 1.25)
	case '-':
		s.zoomTo(middle, 0.8)
	case '0':
		s.fit()
	}
}

// TypedKey moves the picture by the arrows.
func (s *sheet) TypedKey(e *fyne.KeyEvent) {
	const step = 40
	by := map[fyne.KeyName]fyne.Delta{fyne.KeyLeft: {DX: step}, fyne.KeyRight: {DX: -step}, fyne.KeyUp: {DY: step}, fyne.KeyDown: {DY: -step}}
	if d, ok := by[e.Name]; ok {
		s.middle = s.middle.AddXY(d.DX, d.DY)
		s.Refresh()
	}
}

// TypedShortcut undoes and does again.
func (s *sheet) TypedShortcut(c fyne.Shortcut) {
	switch c.(type) {
	case *fyne.ShortcutUndo:
		s.undo()
	case *fyne.ShortcutRedo:
		s.redo()
	}
}
