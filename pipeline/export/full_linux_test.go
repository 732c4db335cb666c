package export

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// TestDiskFull writes to a file system of 64 KB. Mounting one takes rights that not every test run has.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("a small file system cannot be mounted here: ", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	for _, f := range Formats {
		err := Save(context.Background(), filepath.Join(dir, "big."+f.Ext), f, sphere(120), meta)
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: %v", f.Name, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*big*")); len(left) > 0 {
			t.Errorf("%s left behind %v", f.Name, left)
		}
	}
}
