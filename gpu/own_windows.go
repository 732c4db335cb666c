package gpu

import (
	"fmt"
	"syscall"
	"unsafe"
)

// getProcessMemoryInfo fills PROCESS_MEMORY_COUNTERS of the Windows API.
var getProcessMemoryInfo = syscall.NewLazyDLL("kernel32.dll").NewProc("K32GetProcessMemoryInfo")

type processMemory struct {
	length, faults         uint32
	peakWorking, working   uintptr
	_, _, _, _             uintptr // quotas
	pagefile, peakPagefile uintptr
}

// Own is how many bytes of the machine's memory this process holds. It was built, not tried.
func Own() (uint64, error) {
	p, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0, err
	}
	m := processMemory{length: uint32(unsafe.Sizeof(processMemory{}))}
	if ok, _, err := getProcessMemoryInfo.Call(uintptr(p), uintptr(unsafe.Pointer(&m)), uintptr(m.length)); ok == 0 {
		return 0, fmt.Errorf("read the process's memory: %w", err)
	}
	return uint64(m.working), nil
}
