package triposg

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// golden is a case of the reference: what the official code made of which inputs with which weights.
type golden struct {
	folder    string
	Config    json.RawMessage
	Tolerance map[string]json.RawMessage // that of all, and, by name, of tensors that have another
	Source    map[string]any

	inputs, expected, weights *weights.Checkpoint
}

// kinds are the cases that are known, told by their tensors.
var kinds = []struct {
	name  string
	needs []string // tensors, "inputs:", "expected:" or "weights:" before their names
	run   func(t *testing.T, c golden)
}{
	{"end to end", []string{"inputs:image_rgba", "inputs:noise", "expected:latents", "expected:grid_logits_17"}, goldenEndToEnd},
	{"prepare", []string{"inputs:wide.image_rgba", "expected:wide.prepared_rgb"}, goldenPrepare},
	{"positions", []string{"inputs:position_embeddings", "expected:interpolated"}, goldenPositions},
	{"image encoder", []string{"inputs:image_rgb", "expected:pixel_values", "expected:image_embeds"}, goldenEncoder},
	{"image encoder", []string{"inputs:pixel_values", "expected:last_hidden_state"}, goldenEncoder},
	{"transformer", []string{"inputs:hidden_states", "inputs:timestep", "inputs:encoder_hidden_states", "expected:sample"}, goldenTransformer},
	{"scheduler", []string{"inputs:model_output", "expected:shift1.n5.sigmas"}, goldenScheduler},
	{"loop", []string{"inputs:latents", "inputs:image_embeds", "weights:blocks.0.attn1.to_q.weight"}, goldenLoop},
	{"decoder", []string{"inputs:z", "inputs:sampled_points", "expected:sample"}, goldenDecoder},
	{"grid", []string{"inputs:z", "expected:grid_logits", "expected:valid"}, goldenGrid},
}

// TestGolden runs every case under ../shared/reference/triposg/golden, or under the folder that ORFEAS_GOLDEN names.
func TestGolden(t *testing.T) {
	root := goldenFolder(t)
	found := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "manifest.json" {
			return err
		}
		c, ok := openGolden(t, filepath.Dir(path))
		for _, k := range kinds {
			if !ok || !c.has(k.needs...) {
				continue
			}
			found++
			t.Run(filepath.Base(c.folder), func(t *testing.T) { k.run(t, c) })
			return nil
		}
		t.Logf("%s is no case that is known", path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Errorf("no case in %s", root)
	}
}

func goldenFolder(t *testing.T) string {
	if dir := os.Getenv("ORFEAS_GOLDEN"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		at := filepath.Join(dir, "shared", "reference", "triposg", "golden")
		if _, err := os.Stat(at); err == nil {
			return at
		}
	}
	t.Skip("there is no reference beside the repository, and ORFEAS_GOLDEN names none")
	return ""
}

func openGolden(t *testing.T, folder string) (golden, bool) {
	c := golden{folder: folder}
	data, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(data, &c) != nil || c.Source["TripoSG"] == nil {
		return c, false
	}
	for name, into := range map[string]**weights.Checkpoint{"inputs": &c.inputs, "expected": &c.expected, "weights": &c.weights} {
		*into, err = weights.Open(filepath.Join(folder, name+".safetensors"))
		if errors.Is(err, fs.ErrNotExist) {
			*into = &weights.Checkpoint{}
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return c, true
}

func (c golden) has(needs ...string) bool {
	for _, n := range needs {
		where, name, _ := strings.Cut(n, ":")
		if _, ok := map[string]*weights.Checkpoint{"inputs": c.inputs, "expected": c.expected, "weights": c.weights}[where].Tensors[name]; !ok {
			return false
		}
	}
	return true
}

// config reads the case's settings into one of the types of this package.
func (c golden) config(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(c.Config, into); err != nil {
		t.Fatal(err)
	}
}

// read returns a tensor as numbers, whatever they are stored as.
func read(t *testing.T, c *weights.Checkpoint, name string) onnx.Tensor {
	t.Helper()
	tensor, ok := c.Tensors[name]
	if !ok {
		t.Fatalf("the case has no tensor %s", name)
	}
	out := onnx.Tensor{}
	for _, n := range tensor.Shape {
		out.Shape = append(out.Shape, int(n))
	}
	var err error
	if tensor.DType.Size() == 1 {
		var raw []byte
		raw, err = tensor.Read(1 << 30)
		for _, v := range raw {
			out.Data = append(out.Data, float32(v))
		}
	} else {
		out.Data, err = tensor.Floats(1 << 30)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tolerance is what a tensor may be off by, and in parts of its numbers.
func (c golden) tolerance(t *testing.T, name string) (atol, rtol float64) {
	t.Helper()
	own, ok := c.Tolerance[name]
	if !ok {
		return number(t, c.Tolerance["atol"]), number(t, c.Tolerance["rtol"])
	}
	var both struct{ Atol, Rtol float64 }
	if err := json.Unmarshal(own, &both); err != nil {
		t.Fatal(err)
	}
	return both.Atol, both.Rtol
}

func number(t *testing.T, raw json.RawMessage) (x float64) {
	t.Helper()
	if raw == nil {
		return 3e-4 // what a case allows its latents that says nothing of all
	}
	if err := json.Unmarshal(raw, &x); err != nil {
		t.Fatal(err)
	}
	return x
}

// check compares with what the case expects under that name, if it does, within its tolerance.
func (c golden) check(t *testing.T, name string, got []float32) {
	t.Helper()
	if _, ok := c.expected.Tensors[name]; !ok {
		return
	}
	atol, rtol := c.tolerance(t, name)
	near(t, name, got, read(t, c.expected, name).Data, atol, rtol)
}

func near(t *testing.T, name string, got, want []float32, atol, rtol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, not %d", name, len(got), len(want))
		return
	}
	worst, off := 0.0, 0
	for i, w := range want {
		d := math.Abs(float64(got[i] - w))
		worst = max(worst, d)
		if !(d <= atol+rtol*math.Abs(float64(w))) {
			off++
		}
	}
	if off > 0 {
		t.Errorf("%s: %d of %d numbers are off, by up to %g (allowed %g + %g x)", name, off, len(want), worst, atol, rtol)
		return
	}
	t.Logf("%-28s off by %.2g at most, %.2g allowed", name, worst, atol)
}

// run runs a network on the CPU, once for each of a batch of inputs, and checks what every output makes of all of them
// against the expected tensor of its name.
func (c golden) run(t *testing.T, g *onnx.Graph, batch ...[]onnx.Tensor) {
	t.Helper()
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	s, err := onnx.Open(m, onnx.Options{})
	skipWithout(t, err)
	defer s.Close()
	all := make([][]float32, len(s.Outputs()))
	for _, inputs := range batch {
		out, err := s.Run(context.Background(), inputs...)
		if err != nil {
			t.Fatal(err)
		}
		for k, o := range out {
			all[k] = append(all[k], o.Data...)
		}
	}
	for i, v := range s.Outputs() {
		c.check(t, v.Name(), all[i])
	}
}

func skipWithout(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, onnx.ErrNoLibrary) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
