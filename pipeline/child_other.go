//go:build !windows

package pipeline

import "os/exec"

// quiet has nothing to do where programs do not open windows for their output.
func quiet(*exec.Cmd) {}
