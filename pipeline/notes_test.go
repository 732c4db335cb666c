package pipeline

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"orfeas/pipeline/onnx"
)

// TestNotesOfFullMemory: a device, for which the CPU stands in, has too little memory for a part of the network. What the job
// did instead is in its notes, and it is lowered only where the shape is coarser than asked for; where nothing can, it fails.
func TestNotesOfFullMemory(t *testing.T) {
	settings := smallNetwork(t, tiny)
	settings.Options["resolution"] = 128.0
	path := dots(t, t.TempDir(), "a", 1)
	const always = -1
	for _, tt := range []struct {
		name    string
		on      onnx.Provider
		part    string // by its output
		runs    bool   // when it is run, not when it is loaded
		times   int
		notes   []string // what they begin with
		lowered bool
		fails   bool
	}{
		{"nothing", onnx.CUDA, "", false, 0, nil, false, false},
		{"looking", onnx.CUDA, "tokens", true, always, []string{"the picture was looked at with the processor, for want of memory of cuda"}, false, false},
		{"reading", onnx.CUDA, "logits", false, always, []string{"what came out was read with the processor, for want of memory of cuda"}, false, false},
		{"fewer points", onnx.CUDA, "logits", true, 1, []string{"the surface was found 4096 points at a time instead of 8192"}, false, false},
		{"fewer samples", onnx.CPU, "logits", true, 4, []string{"the surface was found in 64³ samples instead of 129³, 1024 points at a time instead of 8192"}, true, false},
		// What an attempt noted that did not succeed is not told.
		{"all of it", onnx.CUDA, "flow", false, always, []string{tiny + " was run on the processor, which is slower, because hunyuan3d-2-turbo: transformer: open network: out of memory"}, false, false},
		{"the processor too", onnx.CPU, "flow", true, always, nil, false, true},
	} {
		left := tt.times
		on := onnx.Choice{Provider: tt.on, Compute: onnx.F32, StandIn: func(part string, runs bool) error {
			if part != tt.part || runs != tt.runs || left == 0 {
				return nil
			}
			left--
			return fmt.Errorf("%w: simulated", onnx.ErrOutOfMemory)
		}}
		w := &Work{Settings: settings, Picture: path, Machine: &Machine{Probe: card(24, 23), On: &on}}
		err := Run(t.Context(), w, nil)
		if tt.fails {
			if _, hint := Explain(err); !errors.Is(err, onnx.ErrOutOfMemory) || hint == "" || len(w.Notes) > 0 || w.Lowered {
				t.Errorf("%s: %q, lowered %v: %v", tt.name, w.Notes, w.Lowered, err)
			}
			continue
		}
		notes := slices.DeleteFunc(w.Notes, func(n string) bool { return !strings.Contains(n, "memory") }) // others are of the mesh
		if err != nil || w.Lowered != tt.lowered || !slices.EqualFunc(notes, tt.notes, strings.HasPrefix) {
			t.Errorf("%s: %q, lowered %v: %v", tt.name, notes, w.Lowered, err)
		}
	}
}
