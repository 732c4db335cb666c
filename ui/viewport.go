//go:build !headless

package ui

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/render"
)

// viewport shows a mesh under the mouse and the keyboard. A frame is drawn only when something changed; while the camera
// moves it is a draft.
type viewport struct {
	widget.BaseWidget
	view   *render.View
	shot   func() // asks where a picture of the frame goes
	raster *canvas.Raster
	frame  image.Image // on Fyne's thread, like all that is not guarded below
	focus  *canvas.Rectangle
	cube   *viewCube
	tools  *viewTools

	button desktop.MouseButton
	shift  bool
	wiping bool // the comparison's line is under the mouse
	last   fyne.Position
	spin   context.CancelFunc // stops the turntable; nil unless it turns

	mu       sync.Mutex // guards what the drawing goroutine reads
	camera   render.Camera
	shading  render.Shading
	w, h     int
	lo, hi   [3]float32
	mesh     *mesh.Mesh
	newMesh  bool
	heat     *render.Heat
	newHeat  bool
	heating  context.CancelFunc // stops the measurement of walls; nil when none runs
	turning  bool
	painted  bool               // the newest frame has reached the screen
	full     context.CancelFunc // stops the frame that is being drawn, if it is no draft
	changed  chan struct{}
	settling *time.Timer
	ctx      context.Context
	stop     context.CancelFunc
}

var (
	_ fyne.Draggable      = (*viewport)(nil)
	_ fyne.Scrollable     = (*viewport)(nil)
	_ fyne.DoubleTappable = (*viewport)(nil)
	_ fyne.Focusable      = (*viewport)(nil)
	_ desktop.Mouseable   = (*viewport)(nil)
	_ desktop.Hoverable   = (*viewport)(nil)
)

func newViewport(ctx context.Context, view *render.View) *viewport {
	ctx, stop := context.WithCancel(ctx)
	v := &viewport{ctx: ctx, stop: stop, view: view, changed: make(chan struct{}, 1), shading: render.Shading{Bed: true, Legend: true}}
	v.lo, v.hi = [3]float32{-40, -40, 0}, [3]float32{40, 40, 80}
	v.camera = render.ThreeQuarter.Fit(v.lo, v.hi, 1)
	v.raster = canvas.NewRaster(v.pixels)
	v.raster.ScaleMode = canvas.ImageScaleFastest
	v.focus = canvas.NewRectangle(color.Transparent)
	v.focus.StrokeColor, v.focus.CornerRadius = shade(theme.ColorNameFocus), 4
	v.cube = newViewCube(v)
	v.tools = newViewTools(v)
	v.ExtendBaseWidget(v)
	if view != nil {
		go v.draw(ctx)
	}
	return v
}

// CreateRenderer is part of fyne.Widget.
func (v *viewport) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(newCorner(v.raster, v.focus, v.cube))
}

// MinSize is part of fyne.Widget.
func (v *viewport) MinSize() fyne.Size { return fyne.NewSize(320, 240) }

// pixels gives Fyne the newest frame and asks for another when the size has changed; it never waits for OpenGL.
func (v *viewport) pixels(w, h int) image.Image {
	v.mu.Lock()
	resized := w != v.w || h != v.h
	v.w, v.h = w, h
	v.painted = true
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
		m, newMesh, heat, newHeat := v.mesh, v.newMesh, v.heat, v.newHeat
		v.newMesh, v.newHeat = false, false
		v.mu.Unlock()
		if newMesh {
			large := m != nil && len(m.Triangles) > 100_000
			if large {
				fyne.Do(func() { v.tools.say(tr("Preparing the mesh…")) })
			}
			err := v.view.SetMesh(ctx, m)
			if large {
				fyne.Do(func() { v.tools.say("") })
			}
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				fyne.LogError("show the mesh", err)
				continue
			}
		}
		if newHeat {
			if err := v.view.SetThickness(ctx, heat); err != nil && ctx.Err() == nil {
				fyne.LogError("show the walls", err)
			}
		}
		v.drawFrame(ctx)
	}
}

func (v *viewport) drawFrame(ctx context.Context) {
	v.mu.Lock()
	c, s, w, h := v.camera, v.shading, v.w, v.h
	s.Draft = s.Draft || v.turning
	s.Background = backgrounds()
	if size := v.raster.Size(); size.Width > 0 {
		s.Scale = float32(w) / size.Width
	}
	within := ctx
	var stop context.CancelFunc
	if !s.Draft {
		within, stop = context.WithCancel(ctx)
		defer stop()
	}
	v.full = stop
	v.mu.Unlock()
	if w < 2 || h < 2 {
		return
	}
	img, err := v.view.Frame(within, c, s, w, h)
	if err != nil {
		if within.Err() == nil {
			fyne.LogError("draw the viewport", err)
		}
		return
	}
	fyne.DoAndWait(func() {
		v.frame = opaque(img)
		v.raster.Refresh()
		v.cube.turn(c)
	})
}

// backgrounds are the ground's colours, as the theme wants them.
func backgrounds() (g [2]color.NRGBA) {
	if lightGround() {
		return [2]color.NRGBA{{0xf2, 0xf4, 0xf8, 0xff}, {0xcc, 0xd2, 0xdd, 0xff}}
	}
	return g
}

// lightGround reports whether the theme is a light one.
func lightGround() bool { return color.NRGBAModel.Convert(ground).(color.NRGBA).G > 128 }

// opaque hands the same pixels over as the type Fyne uploads fastest; without transparency the two are alike.
func opaque(img *image.NRGBA) *image.RGBA {
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

// setMesh shows another mesh and fits it into the view; replace shows a changed one where the camera is.
func (v *viewport) setMesh(m *mesh.Mesh) {
	v.replace(m)
	v.fit()
}

func (v *viewport) replace(m *mesh.Mesh) {
	v.stopHeat()
	v.mu.Lock()
	v.mesh, v.newMesh, v.heat, v.newHeat = m, true, nil, false
	if m != nil {
		v.lo, v.hi = m.Bounds()
	}
	measure := v.shading.Mode == render.Thickness
	v.mu.Unlock()
	v.tools.reach()
	if measure {
		v.measure()
	}
	v.invalidate()
}

// measure has the walls of the mesh measured in the background, for the thickness map.
func (v *viewport) measure() {
	v.mu.Lock()
	m := v.mesh
	if m == nil || v.heat != nil || v.heating != nil || v.view == nil {
		v.mu.Unlock()
		return
	}
	ctx, stop := context.WithCancel(v.ctx)
	v.heating = stop
	v.mu.Unlock()
	go func() {
		last := -1
		heat, err := render.Walls(ctx, m, func(share float64) {
			if percent := int(100 * share); percent != last {
				last = percent
				fyne.Do(func() {
					if ctx.Err() == nil {
						v.tools.say(tr("Measuring the walls, %d %%", percent))
					}
				})
			}
		})
		fyne.Do(func() {
			if ctx.Err() != nil {
				return
			}
			v.stopHeat()
			v.tools.say("")
			if err != nil {
				v.tools.say(told(err.Error()))
				return
			}
			v.change(func() { v.heat, v.newHeat = heat, true })
		})
	}()
}

func (v *viewport) stopHeat() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.heating != nil {
		v.heating()
		v.heating = nil
	}
}

// close ends the drawing while the window's library is still there. The view's thread waits for nobody, so that Fyne's may wait
// for it; a frame that is under way is left.
func (v *viewport) close() {
	v.stop()
	if v.view != nil {
		v.view.Close()
	}
}

func (v *viewport) aspect() float32 { return float32(max(v.w, 1)) / float32(max(v.h, 1)) }

func (v *viewport) fit() { v.change(func() { v.camera = v.camera.Fit(v.lo, v.hi, v.aspect()) }) }

// change alters the camera or the shading and draws.
func (v *viewport) change(f func()) {
	v.mu.Lock()
	f()
	if v.full != nil {
		v.full() // what it draws is out of date
	}
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
	v.settling = time.AfterFunc(settleAfter, func() { v.change(func() { v.turning = v.spin != nil }) })
}

// save writes what is shown as a PNG in twice as many pixels.
func (v *viewport) save(ctx context.Context, path string) error {
	if v.view == nil {
		return render.ErrNoGL
	}
	v.mu.Lock()
	c, s, w, h := v.camera, v.shading, v.w, v.h
	v.mu.Unlock()
	s.Background = backgrounds()
	s.Scale = 2
	if size := v.raster.Size(); size.Width > 0 {
		s.Scale = 2 * float32(w) / size.Width
	}
	img, err := v.view.Frame(ctx, c, s, 2*w, 2*h)
	if err != nil {
		return err
	}
	return export.WriteFile(ctx, path, func(f io.Writer) error { return png.Encode(f, img) })
}
