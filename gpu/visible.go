package gpu

import (
	"os"
	"slices"
	"strconv"
	"strings"
)

// VisibleVariable is CUDA's own environment variable that says which devices a program sees, the one it takes first.
const VisibleVariable = "CUDA_VISIBLE_DEVICES"

// OrderVariable is CUDA's own environment variable for the order in which it counts devices, and [BusOrder] the value that has
// it count as the driver does, whose order a [Probe] has. Its own puts the fastest first.
const (
	OrderVariable = "CUDA_DEVICE_ORDER"
	BusOrder      = "PCI_BUS_ID"
)

// Order has CUDA count the devices as the driver does, in this process and those it starts, unless the environment wants another
// order. It is called before CUDA is loaded.
func Order() error {
	if _, set := os.LookupEnv(OrderVariable); set {
		return nil
	}
	return os.Setenv(OrderVariable, BusOrder)
}

// Visible is a probe that lists only the devices this process may use, as CUDA does it: those the environment names by
// their UUID or the beginning of it, or by their number, in that order, up to the first that is not there; none for the
// empty text. Numbers in another order than [BusOrder] are left to CUDA: then all are listed.
func Visible(p Probe) Probe {
	return func() ([]Device, error) {
		devices, err := p()
		if names, set := os.LookupEnv(VisibleVariable); err == nil && set {
			devices = visible(devices, strings.Split(names, ","), os.Getenv(OrderVariable) == BusOrder)
		}
		return devices, err
	}
}

func visible(devices []Device, names []string, ordered bool) []Device {
	out := []Device{}
	for _, name := range names {
		name = strings.TrimSpace(name)
		number, err := strconv.Atoi(name)
		if err == nil && number >= 0 && !ordered {
			return devices
		}
		is := func(d Device) bool { return d.Index == number }
		if err != nil {
			is = func(d Device) bool { return strings.HasPrefix(d.UUID, name) }
			if !strings.HasPrefix(name, "GPU-") && !strings.HasPrefix(name, "MIG-") {
				break
			}
		}
		at := slices.IndexFunc(devices, is)
		if at < 0 {
			break
		}
		out = append(out, devices[at])
	}
	return out
}
