package gpu

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	none := Read(func() ([]Device, error) { return nil, fmt.Errorf("%w: no driver found", ErrNoNVIDIA) })
	if len(none.Devices) != 0 || !strings.Contains(none.String(), "no NVIDIA GPU: no driver found; the CPU does the work") {
		t.Errorf("%q", none)
	}
	one := Read(func() ([]Device, error) {
		return []Device{{Name: "Test", Total: 8 << 30, Used: 2 << 30, Utilisation: 40, Driver: "1"}}, nil
	})
	if one.Note != "" || one.RAMTotal == 0 && runtime.GOOS == "linux" || !strings.Contains(one.String(), "GPU 0  Test: 2.0 of 8.0 GB used, 40 %") {
		t.Errorf("%q", one)
	}
}

func TestDeviceSaysOnlyWhatIsKnown(t *testing.T) {
	for _, c := range []struct {
		device Device
		want   string
	}{
		{Device{Name: "A", Driver: "1", Total: 4 << 30, Used: 1 << 30, Utilisation: 7, Temperature: 50, PowerWatts: 31.5}, "A: 1.0 of 4.0 GB used, 7 %, 50 °C, 32 W, driver 1"},
		{Device{Name: "B", Driver: "1", Total: 4 << 30, Utilisation: -1, Temperature: -1, PowerWatts: -1}, "B: 0.0 of 4.0 GB used, driver 1"},
		{Device{Name: "C", Driver: "1", Utilisation: 0, Temperature: -1, PowerWatts: -1}, "C: memory unknown, 0 %, driver 1"},
	} {
		if got := c.device.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestReadingSaysAll(t *testing.T) {
	r := Reading{RAMTotal: 4 << 30, RAMAvailable: 1 << 30, Cores: 4, Load: 0.5, Devices: []Device{{Index: 1, Part: 2, Name: "A", Driver: "1", CUDA: "12.6",
		Total: 4 << 30, Utilisation: -1, Temperature: -1, PowerWatts: 30, PowerLimit: 100, Clock: 900, ClockMax: 1800,
		Slowed: []string{"heat"}, Processes: []Process{{5, "x", 1 << 30}, {6, "", 0}}}}}
	const want = `GPU 1.2 A: 0.0 of 4.0 GB used, 30 of 100 W, 900 of 1800 MHz, driver 1, CUDA 12.6
       slowed by heat
       1.0 GB   x 5
       unknown  process 6
Memory 1.0 of 4.0 GB available
CPU    4 cores, load 0.5`
	if got := r.String(); got != want {
		t.Errorf("%s", got)
	}
	if got := (Reading{Note: "none", Load: -1, Cores: 2}).String(); got != "GPU    none; the CPU does the work\nMemory is not read on this system\nCPU    2 cores" {
		t.Errorf("%s", got)
	}
}
