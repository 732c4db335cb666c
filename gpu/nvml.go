//go:build linux && cgo

package gpu

import (
	"fmt"
	"sync"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// NVML returns a probe over the NVIDIA management library. The library is opened at the first reading and kept open.
func NVML() Probe { return probe(nvml.New()) }

// probe reads through lib. Nothing but Init may be called before Init has succeeded: without a driver the other symbols
// are not there, and a call ends the process.
func probe(lib nvml.Interface) Probe {
	ready := sync.OnceValue(func() error {
		switch ret := lib.Init(); ret {
		case nvml.SUCCESS:
			return nil
		case nvml.ERROR_LIBRARY_NOT_FOUND:
			return fmt.Errorf("%w: no driver found", ErrNoNVIDIA)
		case nvml.ERROR_DRIVER_NOT_LOADED:
			return fmt.Errorf("%w: the driver is not loaded", ErrNoNVIDIA)
		default:
			return fmt.Errorf("%w: NVML error %d", ErrNoNVIDIA, ret)
		}
	})
	var mu sync.Mutex
	return func() ([]Device, error) {
		if err := ready(); err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		n, ret := lib.DeviceGetCount()
		if ret != nvml.SUCCESS {
			return nil, fmt.Errorf("count GPUs: %s", lib.ErrorString(ret))
		}
		driver, _ := lib.SystemGetDriverVersion()
		var out []Device
		lost := fmt.Errorf("%w: the driver lists none", ErrNoNVIDIA)
		for i := range n {
			d, ret := lib.DeviceGetHandleByIndex(i)
			if ret != nvml.SUCCESS { // fallen off the bus, or not ours to read: the others still count
				lost = fmt.Errorf("open GPU %d: %s", i, lib.ErrorString(ret))
				continue
			}
			out = append(out, read(d, i, driver))
		}
		if len(out) == 0 {
			return nil, lost
		}
		return out, nil
	}
}

// read asks a device for what it says of itself; not every model says everything.
func read(d nvml.Device, index int, driver string) Device {
	out := Device{Index: index, Driver: driver, Utilisation: -1, Temperature: -1, PowerWatts: -1}
	out.Name, _ = d.GetName()
	out.UUID, _ = d.GetUUID()
	if m, ret := d.GetMemoryInfo(); ret == nvml.SUCCESS {
		out.Total, out.Used, out.Free = m.Total, m.Used, m.Free
	}
	if u, ret := d.GetUtilizationRates(); ret == nvml.SUCCESS {
		out.Utilisation = int(u.Gpu)
	}
	if t, ret := d.GetTemperature(nvml.TEMPERATURE_GPU); ret == nvml.SUCCESS {
		out.Temperature = int(t)
	}
	if p, ret := d.GetPowerUsage(); ret == nvml.SUCCESS {
		out.PowerWatts = float64(p) / 1000
	}
	return out
}
