//go:build unix

package weights

import (
	"os"
	"syscall"
)

// errLocked: someone else has the lock.
const errLocked = syscall.EWOULDBLOCK

// lockFile takes the file for this process alone until it is closed, or fails at once.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// freeSpace is how many bytes may be written to the disk of a folder.
func freeSpace(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
