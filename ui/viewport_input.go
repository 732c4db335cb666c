//go:build !headless

package ui

import (
	"context"
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"orfeas/render"
)

// MouseDown remembers the button, for the drag that follows does not say it, and takes the keyboard.
func (v *viewport) MouseDown(e *desktop.MouseEvent) {
	v.button, v.shift, v.last = e.Button, e.Modifier&fyne.KeyModifierShift != 0, e.Position
	v.wiping = v.onSplit(e.Position)
	if c := fyne.CurrentApp().Driver().CanvasForObject(v); c != nil {
		c.Focus(v)
	}
}

// MouseUp forgets it again.
func (v *viewport) MouseUp(*desktop.MouseEvent) { v.button, v.wiping = 0, false }

// Dragged turns or moves the camera, or moves the line of a comparison.
func (v *viewport) Dragged(e *fyne.DragEvent) {
	const radians = 0.008 // per point
	switch {
	case v.wiping:
		v.tools.wipe(e.Position.X / max(v.Size().Width, 1))
	case v.button == desktop.MouseButtonTertiary || v.shift:
		v.pan(e.Dragged.DX, e.Dragged.DY)
	default:
		v.orbit(e.Dragged.DX*radians, e.Dragged.DY*radians)
	}
}

// DragEnd is part of fyne.Draggable.
func (v *viewport) DragEnd() {}

// orbit turns the camera. A comparison ends: the picture was seen from one side only.
func (v *viewport) orbit(yaw, pitch float32) {
	v.tools.endComparison()
	v.move(func() { v.camera = v.camera.Orbit(yaw, pitch) })
}

func (v *viewport) pan(dx, dy float32) {
	height := v.Size().Height
	v.move(func() { v.camera = v.camera.Pan(dx, dy, height) })
}

func (v *viewport) zoom(factor, x, y float32) {
	size := v.Size()
	v.move(func() { v.camera = v.camera.Zoom(factor, x, y, size.Width, size.Height) })
}

// onSplit reports whether a place is near the line of a comparison.
func (v *viewport) onSplit(p fyne.Position) bool {
	o := v.shading.Compare
	return o != nil && math.Abs(float64(p.X-o.Split*v.Size().Width)) < 12
}

// MouseMoved pans with the right button, for which Fyne sends no drags.
func (v *viewport) MouseMoved(e *desktop.MouseEvent) {
	if e.Button == desktop.MouseButtonSecondary {
		v.pan(e.Position.X-v.last.X, e.Position.Y-v.last.Y)
	}
	v.last = e.Position
}

// MouseIn is part of desktop.Hoverable.
func (v *viewport) MouseIn(*desktop.MouseEvent) {}

// MouseOut is part of desktop.Hoverable.
func (v *viewport) MouseOut() {}

// Scrolled zooms to the pointer.
func (v *viewport) Scrolled(e *fyne.ScrollEvent) {
	v.zoom(float32(math.Exp(float64(-e.Scrolled.DY)*0.008)), e.Position.X, e.Position.Y)
}

// DoubleTapped fits the mesh into the view.
func (v *viewport) DoubleTapped(*fyne.PointEvent) { v.fit() }

// FocusGained is part of fyne.Focusable.
func (v *viewport) FocusGained() { v.focused(1.5) }

// FocusLost is part of fyne.Focusable.
func (v *viewport) FocusLost() { v.focused(0) }

func (v *viewport) focused(width float32) {
	v.focus.StrokeWidth = width
	v.focus.Refresh()
}

// TypedRune is part of fyne.Focusable.
func (v *viewport) TypedRune(rune) {}

// TypedKey takes the viewport's keys and hands the others to the window.
func (v *viewport) TypedKey(e *fyne.KeyEvent) {
	if v.typed(e.Name) {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(v); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(e)
	}
}

// viewKeys are the standard views, on the keys PrusaSlicer has them on.
var viewKeys = map[fyne.KeyName]string{
	fyne.Key0: "Three-quarter", fyne.Key1: "Top", fyne.Key2: "Bottom", fyne.Key3: "Front", fyne.Key4: "Back", fyne.Key5: "Left", fyne.Key6: "Right"}

// typed does what a key stands for, and reports whether it stands for anything.
func (v *viewport) typed(key fyne.KeyName) bool {
	const turn = math.Pi / 12
	if name, ok := viewKeys[key]; ok {
		v.look(name)
		return true
	}
	size := v.Size()
	switch key {
	case fyne.KeyF, fyne.KeyHome:
		v.fit()
	case fyne.KeyLeft:
		v.orbit(-turn, 0)
	case fyne.KeyRight:
		v.orbit(turn, 0)
	case fyne.KeyUp:
		v.orbit(0, turn)
	case fyne.KeyDown:
		v.orbit(0, -turn)
	case fyne.KeyPlus, fyne.KeyEqual:
		v.zoom(1/1.2, size.Width/2, size.Height/2)
	case fyne.KeyMinus:
		v.zoom(1.2, size.Width/2, size.Height/2)
	default:
		return v.tools.typed(key)
	}
	return true
}

// look turns to a standard view.
func (v *viewport) look(name string) {
	v.tools.endComparison()
	for _, s := range render.StandardViews {
		if s.Name == name {
			v.change(func() {
				v.camera.Yaw, v.camera.Pitch = s.Yaw, s.Pitch
				v.camera = v.camera.Fit(v.lo, v.hi, v.aspect())
			})
		}
	}
}

// turntable starts or stops turning the mesh. A step waits until the last one was seen, so nothing turns while the viewport
// is hidden.
func (v *viewport) turntable(on bool) {
	if v.spin != nil {
		v.spin()
		v.spin = nil
	}
	if !on {
		v.change(func() { v.turning = false })
		return
	}
	ctx, stop := context.WithCancel(v.ctx)
	v.spin = stop
	go func() {
		const round = 14 * time.Second
		tick := time.NewTicker(33 * time.Millisecond)
		defer tick.Stop()
		for last := time.Now(); ; {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				angle := float32(2 * math.Pi * now.Sub(last).Seconds() / round.Seconds())
				last = now
				v.change(func() {
					if v.painted && ctx.Err() == nil {
						v.camera, v.turning, v.painted = v.camera.Orbit(-angle, 0), true, false
					}
				})
			}
		}
	}()
}
