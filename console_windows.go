//go:build !headless

package main

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A window that was started from the desktop needs no console beside it: the one Windows opened for it, to which
// nothing else is attached, is closed. Started in a terminal the program keeps it, as every command does.
func init() {
	if !opensWindow(os.Args[1:]) {
		return
	}
	kernel := windows.NewLazySystemDLL("kernel32.dll")
	var attached [2]uint32
	n, _, _ := kernel.NewProc("GetConsoleProcessList").Call(uintptr(unsafe.Pointer(&attached[0])), uintptr(len(attached)))
	if n == 1 {
		kernel.NewProc("FreeConsole").Call()
	}
}
