//go:build linux && cgo

package gpu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
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
	switch os.Getenv(asChild) {
	case "together":
		readTogether(t)
		return
	case "script":
		readScript(t)
		return
	}
	big := Device{Index: 0, Name: "Fake 9000", UUID: "GPU-0", Driver: "999.1", CUDA: "12.6", Total: 24 << 30, Used: 3 << 30, Free: 21 << 30,
		Utilisation: 42, Temperature: 63, PowerWatts: 123.5, PowerLimit: 450, Clock: 2520, ClockMax: 3105, MemoryClock: 10501,
		Slowed: []string{"the power limit"}, Processes: []Process{{4242, "orfeas", 2 << 30}, {77, "Xorg", 1 << 29}, {99, "", 0}}}
	small := unknown(1, "999.1", "12.6")
	small.Name, small.UUID, small.Total, small.Used, small.Free = "Fake 1", "GPU-1", 8<<30, 3<<30, 5<<30
	old, oldSmall := unknown(0, "999.1", ""), small
	old.Name, old.UUID, old.Total, old.Used, old.Free = big.Name, big.UUID, big.Total, big.Used, big.Free
	old.Utilisation, old.Temperature, old.PowerWatts, oldSmall.CUDA = 42, 63, 123.5, ""
	part := func(place int) Device {
		p := big
		p.Part, p.Name, p.UUID = place, "Fake 9000 MIG 1g.5gb", fmt.Sprintf("MIG-%d", place-1)
		p.Total, p.Used, p.Free, p.Utilisation, p.Processes = 5<<30, 1<<30, 4<<30, -1, nil
		return p
	}
	lib, oldLib := fakeLibrary(t), fakeLibrary(t, "-DOLD")
	cases := []struct {
		name, lib string
		env       []string
		devices   []Device
		note      string
	}{
		{"devices", lib, nil, []Device{big, small}, ""},
		{"an old driver", oldLib, nil, []Device{old, oldSmall}, ""},
		{"MIG", lib, []string{"FAKE_NVML_MIG=2"}, []Device{part(1), part(3), small}, ""},
		{"MIG without parts", lib, []string{"FAKE_NVML_MIG=0"}, []Device{small}, ""},
		{"driver not loaded", lib, []string{"FAKE_NVML_INIT=9"}, []Device{}, "no NVIDIA GPU: the driver is not loaded"},
		{"unknown error", lib, []string{"FAKE_NVML_INIT=999"}, []Device{}, "no NVIDIA GPU: NVML error 999"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := inChild(t, c.lib, append(c.env, asChild+"=together"))[0]
			if !reflect.DeepEqual(got.Devices, c.devices) || got.Note != c.note {
				t.Errorf("%+v, note %q; want %+v, %q", got.Devices, got.Note, c.devices, c.note)
			}
		})
	}
	t.Run("over time", func(t *testing.T) {
		var used []uint64
		var busy []int
		for _, r := range inChild(t, lib, []string{"FAKE_NVML_USED=1,2,8,2", "FAKE_NVML_BUSY=0,30,100,0", asChild + "=script"}) {
			used, busy = append(used, r.Devices[0].Used>>30), append(busy, r.Devices[0].Utilisation)
		}
		if !slices.Equal(used, []uint64{1, 2, 8, 2, 2}) || !slices.Equal(busy, []int{0, 30, 100, 0, 0}) {
			t.Errorf("%v GB, %v %%", used, busy)
		}
	})
}

// fakeLibrary returns a folder with the fake library in it.
func fakeLibrary(t *testing.T, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("there is no C compiler to build the fake driver library with")
	}
	dir := t.TempDir()
	out, err := exec.Command(cc, append(flags, "-shared", "-fPIC", "-o", filepath.Join(dir, "libnvidia-ml.so.1"), "testdata/fake_nvml.c")...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// inChild returns the readings a child wrote that ran over the library.
func inChild(t *testing.T, lib string, env []string) (all []Reading) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLibrary$", "-test.v")
	child.Env = append(os.Environ(), append(env, "LD_LIBRARY_PATH="+lib)...)
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
		all = append(all, r)
	}
	if len(all) == 0 {
		t.Fatalf("the child said nothing: %s", out)
	}
	return all
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
		if !reflect.DeepEqual(r.Devices, seen[0].Devices) || r.Note != seen[0].Note {
			t.Fatalf("%+v and %+v", r, seen[0])
		}
	}
	write(t, seen[0])
}

// readScript watches the library while it plays its script, and a profile beside it sees the peak.
func readScript(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	profile := NewMemoryProfile("GPU-0")
	span := profile.Begin("a", "shape")
	n := 0
	Watch(ctx, NVML(), 0, func(r Reading) {
		profile.Add(r)
		write(t, r)
		if n++; n == 5 {
			stop()
		}
	})
	if p := span.End(); p.Peak != 8<<30 || p.Samples != 5 || p.After != 2<<30 {
		t.Fatalf("%+v", p)
	}
}

func write(t *testing.T, r Reading) {
	data, err := json.Marshal(r)
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
