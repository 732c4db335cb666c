//go:build linux && cgo

package gpu

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// asChild is set in the process that loads the fake library in place of a driver's.
const asChild = "ORFEAS_TEST_NVML_CHILD"

// TestLibrary drives the real loading path, in a process of its own, over a libnvidia-ml.so.1 built from
// testdata/fake_nvml.c.
func TestLibrary(t *testing.T) {
	if os.Getenv(asChild) != "" {
		readTogether(t)
		return
	}
	lib := fakeLibrary(t)
	cases := []struct {
		name    string
		env     []string
		devices []Device
		note    string
	}{
		{"devices", nil, []Device{
			{0, "Fake 9000", "GPU-0", "999.1", 24 << 30, 3 << 30, 21 << 30, 42, 63, 123.5},
			{1, "Fake 1", "GPU-1", "999.1", 8 << 30, 3 << 30, 5 << 30, -1, -1, -1},
		}, ""},
		{"driver not loaded", []string{"FAKE_NVML_INIT=9"}, nil, "no NVIDIA GPU: the driver is not loaded"},
		{"unknown error", []string{"FAKE_NVML_INIT=999"}, nil, "no NVIDIA GPU: NVML error 999"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := inChild(t, lib, c.env)
			if !slices.Equal(got.Devices, c.devices) || got.Note != c.note {
				t.Errorf("%+v, note %q; want %+v, %q", got.Devices, got.Note, c.devices, c.note)
			}
		})
	}
}

// fakeLibrary returns a folder with the fake library in it.
func fakeLibrary(t *testing.T) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("there is no C compiler to build the fake driver library with")
	}
	dir := t.TempDir()
	out, err := exec.Command(cc, "-shared", "-fPIC", "-o", filepath.Join(dir, "libnvidia-ml.so.1"), "testdata/fake_nvml.c").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

func inChild(t *testing.T, lib string, env []string) Reading {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLibrary$", "-test.v")
	child.Env = append(os.Environ(), append(env, asChild+"=1", "LD_LIBRARY_PATH="+lib)...)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var r Reading
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	t.Fatalf("the child said nothing: %s", out)
	return Reading{}
}

// readTogether uses one probe from several goroutines and writes what they all saw.
func readTogether(t *testing.T) {
	p := NVML()
	seen := make([]Reading, 8)
	var wait sync.WaitGroup
	for i := range seen {
		wait.Go(func() {
			for range 20 {
				seen[i] = Read(p)
			}
		})
	}
	wait.Wait()
	for _, r := range seen {
		if !slices.Equal(r.Devices, seen[0].Devices) || r.Note != seen[0].Note {
			t.Fatalf("%+v and %+v", r, seen[0])
		}
	}
	data, err := json.Marshal(seen[0])
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.Write(append(data, '\n'))
}

// TestThisMachine: with a driver or without one, reading ends well.
func TestThisMachine(t *testing.T) {
	devices, err := NVML()()
	switch {
	case errors.Is(err, ErrNoNVIDIA):
		t.Log(err)
	case err != nil:
		t.Error(err)
	}
	for _, d := range devices {
		t.Log(d)
		if d.Name == "" || d.Free > d.Total {
			t.Errorf("%+v", d)
		}
	}
}
