//go:build !linux

package gpu

import "errors"

// Memory is not known on this system.
func Memory() (total, available uint64, err error) {
	return 0, 0, errors.New("the machine's memory is not read on this system")
}
