package pipeline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// errHeld says that another process has the lock.
var errHeld = errors.New("another process has it")

// lockFile opens the file and takes its lock, or returns errHeld wrapped with who has it. Closing the file lets go.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := hold(f); err != nil {
		who, _ := io.ReadAll(io.LimitReader(f, 20))
		f.Close()
		if errors.Is(err, errHeld) && len(who) > 0 {
			return nil, fmt.Errorf("%w: process %s", err, strings.TrimSpace(string(who)))
		}
		return nil, err
	}
	// Who has it is only said to people; a full disk may leave that out.
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	return f, nil
}
