package gpu

import (
	"os"
	"strings"
)

// VisibleVariable is CUDA's own environment variable that says which devices a program sees, the one it takes first.
const VisibleVariable = "CUDA_VISIBLE_DEVICES"

// Visible is a probe that lists only the devices this process may use, as CUDA does it: those the environment names by
// their UUID or the beginning of it, in that order, up to the first that is not there. Numbers are left to CUDA, which
// counts the devices in an order of its own: then all are listed.
func Visible(p Probe) Probe {
	return func() ([]Device, error) {
		devices, err := p()
		if names := os.Getenv(VisibleVariable); err == nil && names != "" {
			devices = visible(devices, strings.Split(names, ","))
		}
		return devices, err
	}
}

func visible(devices []Device, names []string) []Device {
	out := []Device{}
	for _, name := range names {
		name = strings.TrimSpace(name)
		if !strings.HasPrefix(name, "GPU-") && !strings.HasPrefix(name, "MIG-") {
			return devices
		}
		at := -1
		for i, d := range devices {
			if strings.HasPrefix(d.UUID, name) {
				at = i
			}
		}
		if at < 0 {
			break
		}
		out = append(out, devices[at])
	}
	return out
}
