package gpu

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"
)

// globalMemoryStatus is MEMORYSTATUSEX of the Windows API.
var globalMemoryStatus = syscall.NewLazyDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")

type memoryStatus struct {
	length, load                                             uint32
	totalPhys, availPhys, totalPage, availPage, totalVirtual uint64
	availVirtual, availExtended                              uint64
}

// Memory returns the machine's memory in bytes, and how much of it is free. It was built, not tried.
func Memory() (total, available uint64, err error) {
	s := memoryStatus{length: uint32(unsafe.Sizeof(memoryStatus{}))}
	if ok, _, err := globalMemoryStatus.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return 0, 0, fmt.Errorf("read memory: %w", err)
	}
	return s.totalPhys, s.availPhys, nil
}

// Load is nothing that Windows keeps.
func Load() (float64, error) { return 0, errors.New("Windows keeps no load average") }
