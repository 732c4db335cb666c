//go:build !headless

package render

import (
	"context"
	"fmt"
	"image"
	"runtime"
	"sync"
	"unsafe"

	"github.com/g3n/engine/gls"
	"github.com/go-gl/gl/v3.3-core/gl"

	"orfeas/pipeline/mesh"
)

// View draws one mesh with OpenGL, off screen, on an operating-system thread of its own. Its methods may be called from
// anywhere; calls are done one after another.
type View struct {
	calls  chan func()
	closed chan struct{} // closed by Close
	ended  chan struct{} // closed when the thread is done
	once   sync.Once
	name   string
	scene  *scene // these two belong to the thread
	target target
}

// glContext is an OpenGL context without a window to see.
type glContext interface {
	makeCurrent() error // on the thread that will draw
	proc(name string) unsafe.Pointer
	name() string
	destroy() // on that thread too
}

// New opens a view with a context of its own, which needs neither a window nor a display (EGL, hardware before
// software). Where that does not exist it returns an error wrapping [ErrNoGL]; [NewHidden] may then work.
func New() (*View, error) { return start(newEGL) }

// NewHidden opens a view on a hidden window. It must be called on the main thread, and the view be closed before
// glfw.Terminate or never: without GLFW its OpenGL calls crash or hang.
func NewHidden() (*View, error) {
	c, err := newHiddenWindow()
	if err != nil {
		return nil, err
	}
	return start(func() (glContext, error) { return c, nil })
}

func start(open func() (glContext, error)) (*View, error) {
	v := &View{calls: make(chan func()), closed: make(chan struct{}), ended: make(chan struct{})}
	ready := make(chan error)
	go v.run(open, ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("open a view: %w", err)
	}
	return v, nil
}

// run owns the context: OpenGL state belongs to a thread, so the goroutine never leaves this one, which ends with it.
func (v *View) run(open func() (glContext, error), ready chan<- error) {
	runtime.LockOSThread()
	defer close(v.ended)
	c, err := open()
	if err != nil {
		ready <- err
		return
	}
	defer c.destroy()
	if err := v.load(c); err != nil {
		ready <- err
		return
	}
	ready <- nil
	for {
		select {
		case f := <-v.calls:
			f()
		case <-v.closed:
			v.scene.setMesh(nil)
			v.target.release()
			return
		}
	}
}

// Both OpenGL bindings keep the functions they found in variables of the process. They are the same for every context
// of a system, so they are looked up once.
var (
	loading  sync.Mutex
	loadOnce sync.Once
	loadErr  error
)

func (v *View) load(c glContext) error {
	if err := c.makeCurrent(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoGL, err)
	}
	loading.Lock()
	defer loading.Unlock()
	loadOnce.Do(func() { loadErr = gl.InitWithProcAddrFunc(c.proc) })
	if loadErr != nil {
		return fmt.Errorf("%w: %w", ErrNoGL, loadErr)
	}
	new(gls.GLS).SetCheckErrors(false) // before the first call: the library ends the process at an OpenGL error
	gs, err := gls.New()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoGL, err)
	}
	gs.SetCheckErrors(false)
	v.name = c.name() + " · " + gl.GoStr(gl.GetString(gl.RENDERER))
	v.scene, err = newScene(gs)
	return err
}

// do runs f on the view's thread and waits for it. When ctx ends while it waits, f is either not run, or its outcome
// is lost.
func (v *View) do(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	call := func() {
		if ctx.Err() == nil {
			done <- f()
		}
	}
	select {
	case <-v.closed: // of several open cases select takes any
		return errClosed
	default:
	}
	select {
	case v.calls <- call:
	case <-v.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Renderer says what draws, such as "EGL device · NVIDIA GeForce RTX 4090".
func (v *View) Renderer() string { return v.name }

// Close ends the view and waits for its thread; further calls return an error. It may be called again.
func (v *View) Close() {
	v.once.Do(func() { close(v.closed) })
	<-v.ended
}

// SetMesh replaces what is drawn; nil for nothing. The mesh is not kept. The work is done on the caller's thread, except
// for the upload; it takes about a second for a million triangles.
func (v *View) SetMesh(ctx context.Context, m *mesh.Mesh) error {
	var ready *model
	if m != nil && len(m.Triangles) > 0 {
		if err := check(m); err != nil {
			return fmt.Errorf("show a mesh: %w", err)
		}
		ready = newModel(m)
	}
	return v.do(ctx, func() error {
		v.scene.setMesh(ready)
		return nil
	})
}

// SetThickness gives the mesh that is shown a map for the mode [Thickness]; nil for none. A new mesh has none.
func (v *View) SetThickness(ctx context.Context, h *Heat) error {
	return v.do(ctx, func() error {
		v.scene.setHeat(h)
		return nil
	})
}

// Frame draws the mesh as a camera sees it, w x h pixels of 1 to 8192. A large mesh is left in
// the middle when ctx ends.
func (v *View) Frame(ctx context.Context, c Camera, s Shading, w, h int) (*image.NRGBA, error) {
	out, err := frame(w, h)
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	if !(c.Distance > 0) || !(c.Distance <= farthest) {
		return nil, fmt.Errorf("draw: a camera at a distance of %g", c.Distance)
	}
	n := samples
	if s.Draft {
		n = 0
	}
	var lo, hi [3]float32
	err = v.do(ctx, func() error {
		if err := v.target.resize(w, h, n); err != nil {
			return err
		}
		v.target.bind()
		if err := v.scene.draw(ctx, c, s, w, h); err != nil {
			return err
		}
		v.target.resolve()
		if m := v.scene.model; m != nil {
			lo, hi = m.lo, m.hi
		}
		s.Legend = s.Legend && (s.Mode != Thickness || v.scene.heat.parts != nil)
		if s.Mode == Clay && !s.Draft && !s.Section.On && lo != hi {
			if err := v.scene.darken(&v.target, c, length(along(hi, lo, -1))); err != nil {
				return err
			}
		}
		v.target.read(out)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	annotate(out, c, s, lo, hi)
	return out, nil
}
