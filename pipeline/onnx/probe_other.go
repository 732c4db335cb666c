//go:build !windows

package onnx

import "os/exec"

// quiet has nothing to do where programs do not open windows for their output.
func quiet(*exec.Cmd) {}
