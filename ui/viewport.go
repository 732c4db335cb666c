//go:build !headless

package ui

import (
	"context"
	"image"
	"math"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline/mesh"
	"orfeas/render"
)

// viewport shows a mesh under the mouse: left button turns, middle or right or Shift moves, the wheel zooms to the
// pointer, a double click fits. A frame is drawn only when something changed; while the camera moves it is a draft.
type viewport struct {
	widget.BaseWidget
	raster *canvas.Raster
	view   *render.View
	frame  image.Image // on Fyne's thread

	button desktop.MouseButton
	shift  bool
	last   fyne.Position

	mu       sync.Mutex // guards what the drawing goroutine reads
	camera   render.Camera
	shading  render.Shading
	w, h     int
	lo, hi   [3]float32
	mesh     *mesh.Mesh
	newMesh  bool
	turning  bool
	changed  chan struct{}
	settling *time.Timer
}

var (
	_ fyne.Draggable      = (*viewport)(nil)
	_ fyne.Scrollable     = (*viewport)(nil)
	_ fyne.DoubleTappable = (*viewport)(nil)
	_ desktop.Mouseable   = (*viewport)(nil)
	_ desktop.Hoverable   = (*viewport)(nil)
)

func newViewport(ctx context.Context, view *render.View) *viewport {
	v := &viewport{view: view, changed: make(chan struct{}, 1), shading: render.Shading{Bed: true}}
	v.lo, v.hi = [3]float32{-40, -40, 0}, [3]float32{40, 40, 80}
	v.camera = render.ThreeQuarter.Fit(v.lo, v.hi, 1)
	v.raster = canvas.NewRaster(v.pixels)
	v.raster.ScaleMode = canvas.ImageScaleFastest
	v.ExtendBaseWidget(v)
	if view != nil {
		go v.draw(ctx)
	}
	return v
}

func (v *viewport) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(v.raster) }
func (v *viewport) MinSize() fyne.Size                  { return fyne.NewSize(320, 240) }

// pixels gives Fyne the newest frame and asks for another when the size has changed; it never waits for OpenGL.
func (v *viewport) pixels(w, h int) image.Image {
	v.mu.Lock()
	resized := w != v.w || h != v.h
	v.w, v.h = w, h
	v.mu.Unlock()
	if resized {
		v.invalidate()
	}
	if v.frame == nil {
		return image.NewUniform(ground)
	}
	return v.frame
}

func (v *viewport) invalidate() {
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

// draw makes frames until ctx is done. One is in flight at a time; changes in between become one.
func (v *viewport) draw(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.changed:
		}
		v.mu.Lock()
		c, s, w, h, m, isNew := v.camera, v.shading, v.w, v.h, v.mesh, v.newMesh
		s.Draft = s.Draft || v.turning
		v.newMesh = false
		v.mu.Unlock()
		if isNew {
			if err := v.view.SetMesh(ctx, m); err != nil {
				continue
			}
		}
		if w < 2 || h < 2 {
			continue
		}
		img, err := v.view.Frame(ctx, c, s, w, h)
		if err != nil {
			fyne.LogError("draw the viewport", err)
			continue
		}
		fyne.DoAndWait(func() {
			v.frame = opaque(img)
			v.raster.Refresh()
		})
	}
}

// opaque hands the same pixels over as the type Fyne uploads fastest; without transparency the two are alike.
func opaque(img *image.NRGBA) *image.RGBA {
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

func (v *viewport) setMesh(m *mesh.Mesh) {
	v.mu.Lock()
	v.mesh, v.newMesh = m, true
	if m != nil {
		v.lo, v.hi = m.Bounds()
	}
	v.mu.Unlock()
	v.fit()
}

func (v *viewport) aspect() float32 { return float32(max(v.w, 1)) / float32(max(v.h, 1)) }

func (v *viewport) fit() { v.change(func() { v.camera = v.camera.Fit(v.lo, v.hi, v.aspect()) }) }

// change alters the camera or the shading and draws.
func (v *viewport) change(f func()) {
	v.mu.Lock()
	f()
	v.mu.Unlock()
	v.invalidate()
}

// settleAfter is how long after the last movement the full mesh is drawn.
const settleAfter = 170 * time.Millisecond

// move alters the camera under the mouse: drafts until it rests.
func (v *viewport) move(f func()) {
	v.change(func() { f(); v.turning = true })
	if v.settling != nil {
		v.settling.Stop()
	}
	v.settling = time.AfterFunc(settleAfter, func() { v.change(func() { v.turning = false }) })
}

// MouseDown remembers the button: the drag that follows does not say it.
func (v *viewport) MouseDown(e *desktop.MouseEvent) {
	v.button, v.shift, v.last = e.Button, e.Modifier&fyne.KeyModifierShift != 0, e.Position
}

// MouseUp forgets it again.
func (v *viewport) MouseUp(*desktop.MouseEvent) { v.button = 0 }

// Dragged turns or moves the camera.
func (v *viewport) Dragged(e *fyne.DragEvent) {
	if v.button == desktop.MouseButtonTertiary || v.shift {
		v.pan(e.Dragged.DX, e.Dragged.DY)
		return
	}
	const radians = 0.008 // per pixel
	v.move(func() { v.camera = v.camera.Orbit(e.Dragged.DX*radians, e.Dragged.DY*radians) })
}

// DragEnd is part of fyne.Draggable.
func (v *viewport) DragEnd() {}

func (v *viewport) pan(dx, dy float32) {
	height := v.Size().Height
	v.move(func() { v.camera = v.camera.Pan(dx, dy, height) })
}

// MouseMoved pans with the right button, for which Fyne sends no drags.
func (v *viewport) MouseMoved(e *desktop.MouseEvent) {
	if e.Button == desktop.MouseButtonSecondary {
		v.pan(e.Position.X-v.last.X, e.Position.Y-v.last.Y)
	}
	v.last = e.Position
}

// MouseIn and MouseOut are part of desktop.Hoverable.
func (v *viewport) MouseIn(*desktop.MouseEvent) {}

// MouseOut is part of desktop.Hoverable.
func (v *viewport) MouseOut() {}

// Scrolled zooms to the pointer.
func (v *viewport) Scrolled(e *fyne.ScrollEvent) {
	factor := float32(math.Exp(float64(-e.Scrolled.DY) * 0.008))
	size := v.Size()
	v.move(func() { v.camera = v.camera.Zoom(factor, e.Position.X, e.Position.Y, size.Width, size.Height) })
}

// DoubleTapped fits the mesh into the view.
func (v *viewport) DoubleTapped(*fyne.PointEvent) { v.fit() }

// toolbar offers the views and what is drawn.
func (v *viewport) toolbar() fyne.CanvasObject {
	var names []string
	for _, s := range render.StandardViews {
		names = append(names, s.Name)
	}
	views := widget.NewSelect(names, nil)
	views.PlaceHolder = "View"
	views.OnChanged = func(string) {
		if i := views.SelectedIndex(); i >= 0 {
			s := render.StandardViews[i]
			v.change(func() {
				v.camera.Yaw, v.camera.Pitch = s.Yaw, s.Pitch
				v.camera = v.camera.Fit(v.lo, v.hi, v.aspect())
			})
			views.ClearSelected() // so that the same view can be chosen again
		}
	}
	modes := widget.NewSelect([]string{"Picture colours", "Clay", "Normals"}, nil)
	modes.SetSelectedIndex(0)
	modes.OnChanged = func(string) {
		v.change(func() { v.shading.Mode = render.Mode(max(modes.SelectedIndex(), 0)) })
	}
	wire := widget.NewCheck("Edges", func(on bool) { v.change(func() { v.shading.Wireframe = on }) })
	bed := widget.NewCheck("Bed", func(on bool) { v.change(func() { v.shading.Bed = on }) })
	bed.SetChecked(true)
	flat := widget.NewCheck("Orthographic", func(on bool) {
		v.change(func() {
			v.camera.Orthographic = on
			v.camera = v.camera.Fit(v.lo, v.hi, v.aspect())
		})
	})
	fit := widget.NewButtonWithIcon("Fit", theme.ZoomFitIcon(), v.fit)
	bar := container.NewHBox(fit, views, modes, wire, bed, flat)
	if v.view == nil {
		bar.Add(text("No OpenGL here: the mesh cannot be shown, everything else works", busy, 12))
	}
	return bar
}
