//go:build !linux && !windows

package gpu

import "errors"

var errNotRead = errors.New("not read on this system")

// Memory is not known on this system.
func Memory() (total, available uint64, err error) { return 0, 0, errNotRead }

// Load is not known on this system.
func Load() (float64, error) { return 0, errNotRead }
