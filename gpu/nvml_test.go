//go:build linux && cgo

package gpu

import (
	"errors"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
)

func board(name string) *mock.Device {
	return &mock.Device{
		GetNameFunc:             func() (string, nvml.Return) { return name, nvml.SUCCESS },
		GetUUIDFunc:             func() (string, nvml.Return) { return "GPU-" + name, nvml.SUCCESS },
		GetMemoryInfoFunc:       func() (nvml.Memory, nvml.Return) { return nvml.Memory{Total: 100, Used: 30, Free: 70}, nvml.SUCCESS },
		GetUtilizationRatesFunc: func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{Gpu: 55}, nvml.SUCCESS },
		GetTemperatureFunc:      func(nvml.TemperatureSensors) (uint32, nvml.Return) { return 61, nvml.SUCCESS },
		GetPowerUsageFunc:       func() (uint32, nvml.Return) { return 0, nvml.ERROR_NOT_SUPPORTED },
	}
}

func TestProbe(t *testing.T) {
	starts := 0
	lib := &mock.Interface{
		InitFunc:                   func() nvml.Return { starts++; return nvml.SUCCESS },
		DeviceGetCountFunc:         func() (int, nvml.Return) { return 2, nvml.SUCCESS },
		SystemGetDriverVersionFunc: func() (string, nvml.Return) { return "555.1", nvml.SUCCESS },
		DeviceGetHandleByIndexFunc: func(i int) (nvml.Device, nvml.Return) { return board([]string{"A", "B"}[i]), nvml.SUCCESS },
	}
	p := probe(lib)
	for range 3 {
		got, err := p()
		want := Device{Index: 1, Name: "B", UUID: "GPU-B", Driver: "555.1", Total: 100, Used: 30, Free: 70, Utilisation: 55, Temperature: 61, PowerWatts: -1}
		if err != nil || len(got) != 2 || got[1] != want {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if starts != 1 {
		t.Errorf("the library was opened %d times", starts)
	}
}

// TestProbeWithoutDriver: after a failed Init no other call may be made. The mock panics on every one.
func TestProbeWithoutDriver(t *testing.T) {
	for _, ret := range []nvml.Return{nvml.ERROR_LIBRARY_NOT_FOUND, nvml.ERROR_DRIVER_NOT_LOADED, nvml.ERROR_UNKNOWN} {
		p := probe(&mock.Interface{InitFunc: func() nvml.Return { return ret }})
		if _, err := p(); !errors.Is(err, ErrNoNVIDIA) {
			t.Errorf("%v: %v", ret, err)
		}
	}
}
