//go:build !linux || !cgo

package gpu

import "fmt"

// NVML is not built in on this system.
func NVML() Probe {
	return func() ([]Device, error) { return nil, fmt.Errorf("%w: this build does not read NVML", ErrNoNVIDIA) }
}
