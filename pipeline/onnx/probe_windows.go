package onnx

import (
	"os/exec"
	"syscall"
)

// quiet keeps the child from opening a console window of its own.
func quiet(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: createNoWindow}
}

const createNoWindow = 0x08000000 // CREATE_NO_WINDOW of the Windows API
