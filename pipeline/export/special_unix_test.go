//go:build unix

package export

import (
	"path/filepath"
	"syscall"
	"testing"
)

// noFiles are a pipe that nobody writes to and a device that never ends.
func noFiles(t *testing.T, dir string) []string {
	pipe := filepath.Join(dir, "pipe.stl")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{pipe, "/dev/zero"}
}
