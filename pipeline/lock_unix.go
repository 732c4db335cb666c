//go:build !windows

package pipeline

import (
	"errors"
	"os"
	"syscall"
)

// hold takes the lock of an open file, or returns errHeld. The system lets it go when the file is closed and when the
// process ends, however it ends.
func hold(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errHeld
	}
	return err
}

// syncDir makes a rename in a folder survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
