package pipeline

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
)

const gib = 1 << 30

// card is a machine with one GPU with so much of its memory free.
func card(total, free float64) gpu.Probe {
	return func() ([]gpu.Device, error) {
		return []gpu.Device{{Name: "Card", UUID: "it", Total: uint64(total * gib), Free: uint64(free * gib), Used: uint64((total - free) * gib)}}, nil
	}
}

// ladderOf is that of a network of 1 GB that can do with less: by the formula 5, 3.3 and 2 GB. On the processor its
// weights take so much as cpu, and it next to nothing besides.
func ladderOf(cpu uint64) []engine.Rung {
	on := onnx.Choice{Provider: onnx.CUDA, Compute: onnx.F16}
	rung := func(latents float64, side int, says string) engine.Rung {
		return engine.Rung{Options: engine.Options{"latents": latents}, On: on, Says: says,
			Need: gpu.Need{Engine: "net", Resolution: side, Steps: 100, Precision: "fp16", Weights: gib}}
	}
	return []engine.Rung{rung(2048, 512, ""), rung(1024, 384, "with 1024 latents instead of 2048"), rung(512, 256, "with 512 latents instead of 2048"),
		{Options: engine.Options{"latents": 2048.0}, On: onnx.Choice{Provider: onnx.CPU}, Says: "on the processor, which is slower",
			Need: gpu.Need{Engine: "net", Resolution: 1, Precision: "fp32", Weights: cpu}}}
}

// TestDescend is a table of machines and of what fails on them: with which rung a job ends, and what it says of that.
func TestDescend(t *testing.T) {
	full, broken := fmt.Errorf("run network: %w: CUDA failure 2", onnx.ErrOutOfMemory), fmt.Errorf("%w: no kernel", onnx.ErrProvider)
	other := errors.New("another fault")
	for _, c := range []struct {
		name    string
		probe   gpu.Probe
		cpu     uint64            // that the last rung needs
		fails   map[float64]error // with so many latents on the GPU
		cpuFail error
		tried   []float64 // 0 for the processor
		want    error
		note    string
		lowered bool
	}{
		{"there is room", card(24, 23), 0, nil, nil, []float64{2048}, nil, "", false},
		{"half of it is taken", card(8, 5), 0, nil, nil, []float64{1024}, nil, "net was run with 1024 latents instead of 2048, because as asked for it does not fit: 5.0 GB (by the formula, nothing was measured yet), and 3.8 of 8.0 GB may be used", true},
		{"all of it is taken", card(8, 0), 0, nil, nil, []float64{0}, nil, "on the processor, which is slower, because as asked for it does not fit", false},
		{"full all the same", card(24, 23), 0, map[float64]error{2048: full}, nil, []float64{2048, 1024}, nil, "with 1024 latents instead of 2048, because run network: out of memory", true},
		{"full again and again", card(24, 23), 0, map[float64]error{2048: full, 1024: full, 512: full}, nil, []float64{2048, 1024, 512, 0}, nil, "on the processor", false},
		{"it cannot run it", card(24, 23), 0, map[float64]error{2048: broken}, nil, []float64{2048, 0}, nil, "because the device cannot run it", false},
		{"nothing is known of it", func() ([]gpu.Device, error) { return nil, gpu.ErrNoNVIDIA }, 0, map[float64]error{2048: full}, nil, []float64{2048, 1024}, nil, "with 1024", true},
		{"full everywhere", card(24, 23), 0, map[float64]error{2048: full, 1024: full, 512: full}, full, []float64{2048, 1024, 512, 0}, onnx.ErrOutOfMemory, "", false},
		{"nowhere room for the weights", card(8, 0), 1 << 50, nil, nil, nil, ErrNoRoom, "", false},
		{"another fault", card(24, 23), 0, map[float64]error{2048: other}, nil, []float64{2048}, other, "", false},
	} {
		w := &Work{Machine: &Machine{Probe: c.probe}, Step: func(string, float64) {}}
		var tried []float64
		m, err := w.descend(t.Context(), ladderOf(c.cpu), func(r engine.Rung) (*mesh.Mesh, error) {
			if r.On.Provider == onnx.CPU {
				tried = append(tried, 0)
				return &mesh.Mesh{}, c.cpuFail
			}
			tried = append(tried, r.Options["latents"].(float64))
			return &mesh.Mesh{}, c.fails[r.Options["latents"].(float64)]
		})
		if !slices.Equal(tried, c.tried) || !errors.Is(err, c.want) || (err == nil) != (m != nil) {
			t.Errorf("%s: tried %v, want %v: %v", c.name, tried, c.tried, err)
		}
		if said := strings.Join(w.Notes, "\n"); !strings.Contains(said, c.note) || (c.note == "") != (said == "") || w.Lowered != c.lowered {
			t.Errorf("%s: lowered %v, notes %q", c.name, w.Lowered, said)
		}
		if err != nil && !errors.Is(err, other) {
			if _, hint := Explain(err); hint == "" {
				t.Errorf("%s: no hint for %v", c.name, err)
			}
		}
	}
}

// TestMeasured: what a run took is remembered beside what was predicted, and the next one is let in, or not, by that.
func TestMeasured(t *testing.T) {
	h := HistoryIn(t.TempDir())
	var used, readings atomic.Int64
	probe := func() ([]gpu.Device, error) {
		readings.Add(1)
		return card(8, 8-float64(used.Load()))()
	}
	full := fmt.Errorf("run network: %w", onnx.ErrOutOfMemory)
	for _, c := range []struct {
		name          string
		before, takes int64 // GB
		end           error
		tried         []float64
		predicted     float64 // GB, of the last
	}{
		{"by the formula", 1, 3, nil, []float64{2048}, 5},
		{"it takes less than that, so it fits where that would not", 3, 3, nil, []float64{2048}, 3.75},
		{"something else takes the memory meanwhile", 3, 5, full, []float64{2048, 1024}, 3.25},
		{"neither is let in any more where they were full", 3, 1, nil, []float64{512}, 2},
	} {
		w := &Work{Settings: Defaults(), Machine: &Machine{Probe: probe, History: &h}, Step: func(string, float64) {}}
		used.Store(c.before)
		var tried []float64
		_, err := w.descend(t.Context(), ladderOf(0), func(r engine.Rung) (*mesh.Mesh, error) {
			tried = append(tried, r.Options["latents"].(float64))
			defer used.Store(c.before)
			used.Add(c.takes)
			for seen := readings.Load(); readings.Load() < seen+2; { // one may have been under way
				time.Sleep(time.Millisecond)
			}
			if len(tried) == 1 && c.end != nil {
				return nil, c.end
			}
			return &mesh.Mesh{}, nil
		})
		if err != nil || !slices.Equal(tried, c.tried) || len(w.GPU) != len(tried) {
			t.Fatalf("%s: tried %v: %v", c.name, tried, err)
		}
		last := w.GPU[len(w.GPU)-1]
		if got := float64(last.Predicted) / gib; math.Abs(got-c.predicted) > 0.01 || last.Actual != uint64(c.takes)<<30 || last.Device != "Card, 8.0 GB" || w.Device != last.Device {
			t.Errorf("%s: %+v", c.name, last)
		}
		if w.GPU[0].Full != (c.end != nil) {
			t.Errorf("%s: %+v", c.name, w.GPU[0])
		}
		if err := h.Add(w.Record(nil)); err != nil {
			t.Fatal(err)
		}
	}
	records, damaged, err := h.Records()
	if a := gpu.Accuracies(Runs(records)); err != nil || damaged > 0 || len(a) != 3 || a[0].Runs != 2 || a[0].Full != 1 || a[1].Runs != 1 || a[2].Runs != 1 {
		t.Errorf("%+v, %d damaged, %v", a, damaged, err)
	}
}
