package gpu

import (
	"fmt"
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
	if one.Note != "" || !strings.Contains(one.String(), "GPU 0  Test: 2.0 of 8.0 GB used, 40 %") {
		t.Errorf("%q", one)
	}
}
