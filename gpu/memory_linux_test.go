package gpu

import (
	"runtime"
	"testing"
)

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

// TestOwn: what a process takes it holds.
func TestOwn(t *testing.T) {
	before, err := Own()
	if err != nil || before == 0 {
		t.Fatal(before, err)
	}
	b := make([]byte, 64<<20)
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	after, err := Own()
	if err != nil || after < before+32<<20 {
		t.Errorf("%d bytes before, %d after 64 MB more: %v", before, after, err)
	}
	runtime.KeepAlive(b)
}
