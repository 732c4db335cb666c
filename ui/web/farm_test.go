package web

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/farm"
)

// farmed is a farm with one worker, which has a job twice a second as long as the test runs.
func farmed(t *testing.T) *farm.Farm {
	t.Helper()
	server, err := farm.Serve(farm.ServerOptions{Addr: "127.0.0.1:0", Dir: t.TempDir(), Store: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	f, err := server.Farm(farm.Options{Every: 200 * time.Millisecond}.Within(server.Room()))
	if err != nil {
		t.Fatal(err)
	}
	w := farm.Worker{
		Farm: f, Name: "bench", Slots: 2, Scratch: t.TempDir(), Probe: device,
		Run: func(_ context.Context, j pipeline.Job, _ func(pipeline.Job)) (pipeline.Job, error) {
			j.State, j.Result = pipeline.Done, &pipeline.Result{}
			return j, os.WriteFile(j.File(pipeline.MeshFile), []byte("a mesh"), 0o600)
		},
	}
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		if err := w.Work(ctx); err != nil {
			t.Error(err)
		}
	})
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "picture.png"), []byte("a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	all.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			j := pipeline.Job{ID: fmt.Sprint(n), Picture: "picture.png", Input: "picture.png", Settings: pipeline.Defaults(), Stages: pipeline.NewStages(), Added: time.Now(), Folder: folder}
			if j, err := f.Run(ctx, j, func(pipeline.Job) {}); ctx.Err() == nil && (err != nil || j.State != pipeline.Done) {
				t.Errorf("%+v, %v", j, err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second / 2):
			}
		}
	})
	t.Cleanup(func() {
		stop()
		all.Wait()
		f.Close()
		server.Stop()
	})
	return f
}

// TestHostileWorkers: a worker may call itself anything, and two that have one name are summed up.
func TestHostileWorkers(t *testing.T) {
	for _, name := range []string{"bench", "a\x00b", "a\nb\"", ""} {
		w := farm.WorkerState{Name: name, Slots: 3, Machine: gpu.Reading{Devices: []gpu.Device{{Total: 8, Used: 2}}}}
		registry := prometheus.NewRegistry()
		registry.MustRegister(&farmGauges{up: true, last: farm.Status{Workers: []farm.WorkerState{w, w}}})
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, f := range families {
			for _, m := range f.Metric {
				for _, l := range m.Label {
					if l.GetName() == "worker" && l.GetValue() != name {
						t.Errorf("%q became %q", name, l.GetValue())
					}
				}
				if f.GetName() == "orfeas_farm_worker_slots" && m.Gauge.GetValue() == 6 {
					found++
				}
			}
		}
		if found != 1 {
			t.Errorf("%q: the slots are there %d times", name, found)
		}
	}
}
