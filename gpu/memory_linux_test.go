package gpu

import "testing"

func TestMemory(t *testing.T) {
	total, available, err := Memory()
	if err != nil || total == 0 || available > total {
		t.Errorf("%d of %d: %v", available, total, err)
	}
}

func TestParseMeminfo(t *testing.T) {
	total, available, err := parseMeminfo([]byte("MemTotal:  2048 kB\nMemFree: 1 kB\nMemAvailable: 1024 kB\nnonsense\n\n"))
	if err != nil || total != 2<<20 || available != 1<<20 {
		t.Errorf("%d, %d, %v", total, available, err)
	}
	for _, bad := range []string{"", "MemTotal: many kB", "MemFree: 7 kB"} {
		if _, _, err := parseMeminfo([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
