package cli

import (
	"errors"
	"io"
	"runtime"
	"sync"
	"syscall"
)

// output is a writer that remembers its first error, for those who print without asking whether it went well.
type output struct {
	w   io.Writer
	mu  sync.Mutex
	err error
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.w.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// problem is the first error, unless it is that the reader had enough, as head has.
func (o *output) problem() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if errors.Is(o.err, syscall.EPIPE) || errors.Is(o.err, io.ErrClosedPipe) {
		return nil
	}
	if code, ok := errors.AsType[syscall.Errno](o.err); ok && runtime.GOOS == "windows" && (code == brokenPipe || code == noData) {
		return nil
	}
	return o.err
}

// What Windows says of a closed pipe: ERROR_BROKEN_PIPE and ERROR_NO_DATA.
const brokenPipe, noData syscall.Errno = 109, 232
