//go:build linux && cgo

package gpu

import (
	"errors"
	"reflect"
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

// old is a library without any of the newer symbols.
func old() nvml.ExtendedInterface {
	return &mock.ExtendedInterface{LookupSymbolFunc: func(string) error { return errors.New("not there") }}
}

// TestProbe: of a driver without the newer symbols none is called; the mock panics on every one.
func TestProbe(t *testing.T) {
	starts := 0
	lib := &mock.Interface{
		InitFunc:                   func() nvml.Return { starts++; return nvml.SUCCESS },
		DeviceGetCountFunc:         func() (int, nvml.Return) { return 2, nvml.SUCCESS },
		ExtensionsFunc:             old,
		SystemGetDriverVersionFunc: func() (string, nvml.Return) { return "555.1", nvml.SUCCESS },
		DeviceGetHandleByIndexFunc: func(i int) (nvml.Device, nvml.Return) { return board([]string{"A", "B"}[i]), nvml.SUCCESS },
	}
	p := probe(lib)
	for range 3 {
		got, err := p()
		want := unknown(1, "555.1", "")
		want.Name, want.UUID, want.Total, want.Used, want.Free, want.Utilisation, want.Temperature = "B", "GPU-B", 100, 30, 70, 55, 61
		if err != nil || len(got) != 2 || !reflect.DeepEqual(got[1], want) {
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

func TestSlowed(t *testing.T) {
	for bits, want := range map[uint64]string{0: "", 1: "", 4: "the power limit", 32 | 64: "heat, by the hardware", 1 << 60: ""} {
		got := slowed(bits)
		if want == "" && got != nil || want != "" && (len(got) == 0 || got[len(got)-1] != want) {
			t.Errorf("%b: %q, want %q", bits, got, want)
		}
	}
}

// TestLostDevice: a board that answers nothing is listed with what is known; one that cannot be opened is left out.
func TestLostDevice(t *testing.T) {
	dead := &mock.Device{
		GetNameFunc:             func() (string, nvml.Return) { return "", nvml.ERROR_GPU_IS_LOST },
		GetUUIDFunc:             func() (string, nvml.Return) { return "", nvml.ERROR_GPU_IS_LOST },
		GetMemoryInfoFunc:       func() (nvml.Memory, nvml.Return) { return nvml.Memory{}, nvml.ERROR_GPU_IS_LOST },
		GetUtilizationRatesFunc: func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{}, nvml.ERROR_GPU_IS_LOST },
		GetTemperatureFunc:      func(nvml.TemperatureSensors) (uint32, nvml.Return) { return 0, nvml.ERROR_GPU_IS_LOST },
		GetPowerUsageFunc:       func() (uint32, nvml.Return) { return 0, nvml.ERROR_GPU_IS_LOST },
	}
	got, err := probe(&mock.Interface{
		InitFunc:                   func() nvml.Return { return nvml.SUCCESS },
		ExtensionsFunc:             old,
		SystemGetDriverVersionFunc: func() (string, nvml.Return) { return "1", nvml.SUCCESS },
		DeviceGetCountFunc:         func() (int, nvml.Return) { return 2, nvml.SUCCESS },
		ErrorStringFunc:            func(nvml.Return) string { return "GPU is lost" },
		DeviceGetHandleByIndexFunc: func(i int) (nvml.Device, nvml.Return) {
			return dead, []nvml.Return{nvml.SUCCESS, nvml.ERROR_GPU_IS_LOST}[i]
		},
	})()
	if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], unknown(0, "1", "")) {
		t.Errorf("%+v, %v", got, err)
	}
}
