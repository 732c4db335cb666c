//go:build !headless

package render

import (
	"context"
	"errors"
	"fmt"
	"image"
	"runtime"
	"sync"
	"unsafe"

	"orfeas/pipeline/mesh"
)

// View draws one mesh with OpenGL, off screen, on an operating-system thread of its own. Its methods may be called from
// anywhere; calls are done one after another.
type View struct {
	calls  chan func()
	closed chan struct{}
	once   sync.Once
	scene  *scene
	target target
	name   string
}

var errClosed = errors.New("the view is closed")

// glContext is an OpenGL context without a window to see.
type glContext interface {
	makeCurrent() error // on the thread that will draw
	proc(name string) unsafe.Pointer
	name() string
	destroy()
}

// New opens a view with a context of its own, which needs neither a window nor a display (EGL). Where that does not
// exist it returns an error wrapping [ErrNoGL]; [NewHidden] may then work.
func New() (*View, error) { return start(newEGL) }

// NewHidden opens a view on a hidden window. It must be called on the main thread.
func NewHidden() (*View, error) {
	c, err := newHiddenWindow()
	if err != nil {
		return nil, err
	}
	return start(func() (glContext, error) { return c, nil })
}

func start(open func() (glContext, error)) (*View, error) {
	v := &View{calls: make(chan func()), closed: make(chan struct{})}
	ready := make(chan error)
	go v.run(open, ready)
	if err := <-ready; err != nil {
		return nil, err
	}
	return v, nil
}

// run owns the context: OpenGL state belongs to a thread, so the goroutine never leaves this one.
func (v *View) run(open func() (glContext, error), ready chan<- error) {
	runtime.LockOSThread()
	c, err := open()
	if err == nil {
		if err = c.makeCurrent(); err == nil {
			v.scene, v.name, err = newScene(c)
		}
	}
	ready <- err
	if err != nil {
		return
	}
	for {
		select {
		case f := <-v.calls:
			f()
		case <-v.closed:
			v.target.release()
			c.destroy()
			return
		}
	}
}

// do runs f on the view's thread. When ctx ends first, f may still run later.
func (v *View) do(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case v.calls <- func() { f(); close(done) }:
		<-done
		return nil
	case <-v.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Renderer says what draws, such as "EGL device, NVIDIA GeForce RTX 4090".
func (v *View) Renderer() string { return v.name }

// Close ends the view; further calls return an error.
func (v *View) Close() { v.once.Do(func() { close(v.closed) }) }

// SetMesh replaces what is drawn; nil for nothing.
func (v *View) SetMesh(ctx context.Context, m *mesh.Mesh) error {
	parts := buildParts(m) // on the caller's thread: drawing goes on meanwhile
	return v.do(ctx, func() { v.scene.setMesh(parts) })
}

// Frame draws the mesh as a camera sees it.
func (v *View) Frame(ctx context.Context, c Camera, s Shading, w, h int) (*image.NRGBA, error) {
	out, err := frame(w, h)
	if err != nil {
		return nil, err
	}
	var drawErr error
	err = v.do(ctx, func() {
		samples := 4
		if s.Draft {
			samples = 0
		}
		if drawErr = v.target.resize(w, h, samples); drawErr != nil {
			return
		}
		v.target.bind()
		if drawErr = v.scene.draw(c, s, w, h); drawErr == nil {
			v.target.read(out)
		}
	})
	if err := errors.Join(err, drawErr); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return out, nil
}
