package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

// broken is a place nothing can be written to.
type broken struct{ why error }

func (b broken) Write([]byte) (int, error) { return 0, b.why }

// TestFullOutput: what could not be printed is a failure, but for readers who had enough.
func TestFullOutput(t *testing.T) {
	for _, c := range []struct {
		why  error
		code int
		said string
	}{
		{&fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}, ExitFailed, "standard output: "},
		{errors.New("gone"), ExitFailed, "standard output: gone"},
		{&fs.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}, ExitOK, ""},
		{io.ErrClosedPipe, ExitOK, ""},
	} {
		var said bytes.Buffer
		code := Run(context.Background(), Terminal{Out: broken{c.why}, Err: &said}, []string{"version"})
		if code != c.code || !strings.Contains(said.String(), c.said) || c.said == "" && said.Len() > 0 {
			t.Errorf("%v: exit %d, %s", c.why, code, said.String())
		}
	}
	if code := Run(context.Background(), Terminal{Out: broken{io.ErrShortWrite}, Err: io.Discard}, []string{"fly"}); code != ExitUsage {
		t.Errorf("a wrong command is exit %d", code)
	}
}
