//go:build !headless

package render

import (
	"fmt"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
)

type hiddenWindow struct{ window *glfw.Window }

// newHiddenWindow makes the context of a window nobody sees. The hints are set back before and after: they are global,
// and the window library of the program takes what it finds.
func newHiddenWindow() (glContext, error) {
	if err := glfw.Init(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoGL, err)
	}
	glfw.DefaultWindowHints()
	defer glfw.DefaultWindowHints()
	glfw.WindowHint(glfw.Visible, glfw.False)
	glfw.WindowHint(glfw.ContextVersionMajor, 3)
	glfw.WindowHint(glfw.ContextVersionMinor, 3)
	glfw.WindowHint(glfw.OpenGLProfile, glfw.OpenGLCoreProfile)
	glfw.WindowHint(glfw.OpenGLForwardCompatible, glfw.True)
	w, err := glfw.CreateWindow(16, 16, "off screen", nil, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoGL, err)
	}
	return &hiddenWindow{w}, nil
}

func (h *hiddenWindow) makeCurrent() error {
	h.window.MakeContextCurrent()
	return nil
}

func (h *hiddenWindow) name() string { return "hidden window" }

// destroy lets go of the context; the window itself may only be destroyed on the main thread, and goes with the process, or
// with glfw.Terminate: nothing may be asked of the context after that.
func (h *hiddenWindow) destroy() { glfw.DetachCurrentContext() }

func (h *hiddenWindow) proc(name string) unsafe.Pointer { return glfw.GetProcAddress(name) }
