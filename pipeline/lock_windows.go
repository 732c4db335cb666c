package pipeline

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// hold takes the lock of an open file, or returns errHeld. The system lets it go when the file is closed and when the
// process ends, however it ends. The byte locked lies far behind the file's content, which others may go on reading.
func hold(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 20})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return err
}

// syncDir has nothing to do here: the system keeps renames by itself.
func syncDir(string) error { return nil }
