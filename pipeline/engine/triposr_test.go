package engine

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/triposr"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// tiny is the engine with the small network of random numbers that lies in the reference.
func tiny(t *testing.T) Engine {
	t.Helper()
	c := golden.Open(t, golden.Reference(t, "triposr", "golden", "e2e"))
	config := triposr.Released
	c.Config(t, &config)
	e := tripoSROf(config, func() (string, error) { return filepath.Join(c.Folder, "model.ckpt"), nil })
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	// Numbers that suit it.
	for i, s := range e.Settings {
		e.Settings[i].Default = map[string]float64{"resolution": 64, "density": 5}[s.Name]
	}
	return e
}

// TestTripoSR holds the engine to the rules of all, with a network small enough for it.
func TestTripoSR(t *testing.T) {
	e := tiny(t)
	survivesHostileSubjects(t, e)
	repeatsAndStops(t, e)

	last := 0.0
	m, err := e.Build(context.Background(), Input{Subject: painted(300, 300, annulus), SizeMM: 80, Faces: 30_000, Step: func(text string, f float64) {
		if f < last || f > 1 {
			t.Errorf("progress from %g to %g at %q", last, f, text)
		}
		last = f
	}})
	if err != nil {
		t.Fatal(err)
	}
	lo, hi := m.Bounds()
	if long := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2]); math.Abs(float64(long)-2) > 1e-5 || len(m.Colors) != len(m.Vertices) || last != 1 {
		t.Errorf("longest side %g, %d colours for %d vertices, progress ends at %g", long, len(m.Colors), len(m.Vertices), last)
	}
}

// TestTripoSRStopsWithin cancels at every step of the way.
func TestTripoSRStopsWithin(t *testing.T) {
	e := tiny(t)
	var texts []string
	in := Input{Subject: painted(100, 100, disc), SizeMM: 80, Faces: 1000, Step: func(text string, _ float64) { texts = append(texts, text) }}
	if _, err := e.Build(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	for at, text := range slices.Compact(texts) {
		ctx, cancel := context.WithCancel(context.Background())
		in.Step = func(now string, f float64) {
			if now == text && f < 1 {
				cancel()
			}
		}
		_, err := e.Build(ctx, in)
		if last := at == len(slices.Compact(texts))-1; !errors.Is(err, context.Canceled) && !last {
			t.Errorf("cancelled at %q: %v", text, err)
		}
		cancel()
	}
}

// TestWrongCheckpoint: another network's weights are refused with the names of what they lack.
func TestWrongCheckpoint(t *testing.T) {
	if _, err := onnx.Library(); err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "model.ckpt")
	header := `{"conditioner.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	for len(header)%8 != 0 {
		header += " "
	}
	if err := os.WriteFile(path, []byte(string(rune(len(header)))+strings.Repeat("\x00", 7)+header+"\x00\x00\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := tripoSROf(triposr.Released, func() (string, error) { return path, nil })
	_, err := e.Build(context.Background(), Input{Subject: painted(30, 30, disc), SizeMM: 80, Step: func(string, float64) {}})
	for _, name := range []string{"embeddings.position_embeddings", "transformer_blocks.15.ff.net.2.weight", "decoder.layers.0.weight", "decoder.layers.18.bias"} {
		if !errors.Is(err, weights.ErrMissing) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is missing: %v", name, err)
		}
	}
}

// TestStepDown: what the device cannot do the CPU does, and that is said; other errors are errors.
func TestStepDown(t *testing.T) {
	gpu := onnx.Choice{Provider: onnx.CUDA, Compute: onnx.F16}
	cpu := onnx.Choice{Provider: onnx.CPU, Compute: onnx.F32}
	broken := errors.New("broken")
	tests := []struct {
		best  onnx.Choice
		first error
		runs  []onnx.DType
		want  error
	}{
		{gpu, nil, []onnx.DType{onnx.F16}, nil},
		{gpu, onnx.ErrOutOfMemory, []onnx.DType{onnx.F16, onnx.F32}, nil},
		{gpu, onnx.ErrProvider, []onnx.DType{onnx.F16, onnx.F32}, nil},
		{gpu, broken, []onnx.DType{onnx.F16}, broken},
		{cpu, onnx.ErrOutOfMemory, []onnx.DType{onnx.F32}, onnx.ErrOutOfMemory},
	}
	for _, tt := range tests {
		var runs []onnx.DType
		said := ""
		_, err := stepDown(tt.best, func(text string, _ float64) { said = text }, func(o onnx.Options, compute onnx.DType) (*mesh.Mesh, error) {
			if runs = append(runs, compute); len(runs) == 1 {
				return nil, tt.first
			}
			return &mesh.Mesh{}, nil
		})
		if !slices.Equal(runs, tt.runs) || !errors.Is(err, tt.want) || (len(runs) == 2) != strings.Contains(said, "cuda") {
			t.Errorf("%v on %s: %v (%v), said %q", tt.first, tt.best.Provider, runs, err, said)
		}
	}
}
