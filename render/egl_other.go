//go:build !linux && !headless

package render

import "fmt"

func newEGL() (glContext, error) {
	return nil, fmt.Errorf("%w: no EGL on this system; a hidden window is used instead", ErrNoGL)
}
