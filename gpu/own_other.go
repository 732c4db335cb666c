//go:build !linux && !windows

package gpu

// Own is not known on this system.
func Own() (uint64, error) { return 0, errNotRead }
