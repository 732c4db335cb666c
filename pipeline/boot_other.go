//go:build !linux && !windows

package pipeline

import "golang.org/x/sys/unix"

// bootID is another one each time the machine starts, empty where the system does not say. It was built, not tried.
func bootID() string {
	id, _ := unix.Sysctl("kern.bootsessionuuid")
	return id
}
