package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
)

// TestRunAll: pictures that are converted in this process load each part of their network together, but for the last, which
// has the picture in it, and become the same bytes as each alone, beside one that cannot be read and one that panics.
func TestRunAll(t *testing.T) {
	settings := smallNetwork(t, tiny)
	dir := t.TempDir()
	names := []string{"a", "none", "b", "panic", "c"}
	for i, name := range names {
		if name != "none" {
			dots(t, dir, name, 40*i)
		}
	}
	ply, err := export.ByName("ply")
	if err != nil {
		t.Fatal(err)
	}
	do := func(batch int) (loads map[string]int, meshes map[string][]byte, failed map[string]string) {
		loads, meshes, failed = map[string]int{}, map[string][]byte{}, map[string]string{}
		machine := &Machine{Probe: card(24, 23), Batch: batch, On: &onnx.Choice{Provider: onnx.CPU, Compute: onnx.F32, StandIn: func(part string, runs bool) error {
			if !runs {
				loads[part]++ // one at a time is
			}
			return nil
		}}}
		to := t.TempDir()
		work := func(i int) *Work {
			w := &Work{Settings: settings, Picture: filepath.Join(dir, names[i]+".png"), Machine: machine, Outputs: []Output{{filepath.Join(to, names[i]), ply}}}
			if names[i] == "panic" {
				w.Preview = func(*mesh.Mesh) ([]byte, error) { panic("who draws has had enough") }
			}
			return w
		}
		see := func(int, string, []StageInfo) {}
		err := RunAll(t.Context(), len(names), work, see, func(i int, w *Work, err error) {
			if err != nil {
				failed[names[i]] = err.Error()
				return
			}
			if meshes[names[i]], err = os.ReadFile(w.Files[0]); err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			t.Error(err)
		}
		return loads, meshes, failed
	}
	shared := func(n int) map[string]int {
		return map[string]int{"tokens": n, "projected": n, "flow": n, "keys": n, "logits": 4}
	}
	alone, want, _ := do(1)
	if len(want) != 3 || !maps.Equal(alone, shared(4)) {
		t.Errorf("one by one %d meshes by %v loads", len(want), alone)
	}
	loads, meshes, failed := do(len(names))
	if !maps.Equal(loads, shared(1)) {
		t.Errorf("together they took %v loads", loads)
	}
	if len(failed) != 2 || !strings.Contains(failed["none"], "none.png") || !strings.Contains(failed["panic"], "has had enough") {
		t.Errorf("%v", failed)
	}
	if !maps.EqualFunc(meshes, want, bytes.Equal) {
		t.Error("together they become other meshes")
	}
}

// TestRunAllStops: it ends with its context while one of a batch computes, one waits for it and one cannot be told, and none
// is begun any more.
func TestRunAllStops(t *testing.T) {
	settings := smallNetwork(t, tiny)
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stubborn := make(chan struct{})
	machine := &Machine{Probe: card(24, 23), Batch: 2, On: &onnx.Choice{Provider: onnx.CPU, Compute: onnx.F32, StandIn: func(part string, runs bool) error {
		if part == "flow" && !runs {
			stop()
			<-stubborn // as the runtime while it loads
		}
		return nil
	}}}
	begun := 0
	work := func(i int) *Work {
		begun++
		return &Work{Settings: settings, Picture: dots(t, dir, fmt.Sprint(i), i), Machine: machine}
	}
	var ends []error
	over := func(_ int, _ *Work, err error) { ends = append(ends, err) }
	err := RunAll(ctx, 5, work, func(int, string, []StageInfo) {}, over)
	close(stubborn)
	if !errors.Is(err, context.Canceled) || begun != 2 || len(ends) != 1 || !errors.Is(ends[0], context.Canceled) {
		t.Errorf("%v, %d begun, %v", err, begun, ends)
	}
}
