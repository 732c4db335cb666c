package pipeline

import (
	"os"
	"strings"
)

// bootID is another one each time the machine starts, empty where the system does not say.
func bootID() string {
	data, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(data))
}
