package triposr

import (
	"context"
	"encoding/binary"
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
	Tolerance map[string]struct{ Atol, Rtol float64 }
	Source    map[string]any
	Ratio     float64 `json:"foreground_ratio"`
	Threshold float64 `json:"density_threshold"`
	Samples   int     `json:"mc_resolution"`
	Volume    float64 `json:"signed_volume"`

	inputs, expected, weights *weights.Checkpoint
}

// kinds are the cases that are known, told by their tensors.
var kinds = []struct {
	name  string
	needs []string // tensors, "inputs:", "expected:" or "weights:" before their names
	run   func(t *testing.T, c golden)
}{
	{"end to end", []string{"inputs:rgba", "expected:scene_codes"}, goldenEndToEnd},
	{"preprocess", []string{"inputs:rgba", "expected:after_resize_foreground", "expected:cond_image"}, goldenCondition},
	{"positions", []string{"inputs:position_embeddings", "expected:pos_embed"}, goldenPositions},
	{"image tokenizer", []string{"inputs:images", "weights:model.embeddings.cls_token", "expected:encoder_hidden_states_B_Nt_C"}, goldenTokens},
	{"planes", []string{"weights:embeddings", "expected:tokens_B_C_T"}, goldenPlanes},
	{"backbone", []string{"inputs:hidden_states", "inputs:encoder_hidden_states", "weights:transformer_blocks.0.attn1.to_q.weight", "expected:output"}, goldenBackbone},
	{"upsampler", []string{"inputs:triplanes", "weights:upsample.weight"}, goldenUpsampler},
	{"decoder", []string{"inputs:triplane", "inputs:positions", "weights:layers.0.weight"}, goldenDecoder},
	{"resize", []string{"inputs:image", "expected:image"}, goldenResize},
	{"resize", []string{"inputs:image", "expected:rows"}, goldenResize},
	{"surface", []string{"inputs:density", "expected:vertices"}, goldenSurface},
}

// TestGolden runs every case under ../shared/reference/triposr/golden, or under the folder that ORFEAS_GOLDEN names.
func TestGolden(t *testing.T) {
	root := goldenFolder(t)
	found := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "manifest.json" {
			return err
		}
		c, ok := openGolden(t, filepath.Dir(path))
		for _, k := range kinds {
			if !ok || !c.has(k.needs) {
				continue
			}
			found++
			t.Run(filepath.Base(c.folder), func(t *testing.T) { k.run(t, c) })
			break
		}
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
		at := filepath.Join(dir, "shared", "reference", "triposr", "golden")
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
	if json.Unmarshal(data, &c) != nil || c.Source["TripoSR"] == nil {
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

func (c golden) has(needs []string) bool {
	for _, n := range needs {
		where, name, _ := strings.Cut(n, ":")
		if _, ok := map[string]*weights.Checkpoint{"inputs": c.inputs, "expected": c.expected, "weights": c.weights}[where].Tensors[name]; !ok {
			return false
		}
	}
	return true
}

// config reads the sizes of the case into one of the types of this package, over what the released network has.
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
	switch tensor.DType {
	case weights.U8, weights.I32:
		var raw []byte
		raw, err = tensor.Read(1 << 30)
		for i := 0; i < len(raw); i += int(tensor.DType.Size()) {
			v := float32(raw[i])
			if tensor.DType == weights.I32 {
				v = float32(int32(binary.LittleEndian.Uint32(raw[i:])))
			}
			out.Data = append(out.Data, v)
		}
	default:
		out.Data, err = tensor.Floats(1 << 30)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// check compares with what the case expects under that name, if it does, within its tolerance.
func (c golden) check(t *testing.T, name string, got []float32) {
	t.Helper()
	if _, ok := c.expected.Tensors[name]; !ok {
		return
	}
	want := read(t, c.expected, name).Data
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, not %d", name, len(got), len(want))
		return
	}
	tol := c.Tolerance[name]
	worst, off := 0.0, 0
	for i, w := range want {
		worst = max(worst, math.Abs(float64(got[i]-w)))
		if !c.close(name, got[i:i+1], want[i:i+1]) {
			off++
		}
	}
	if off > 0 {
		t.Errorf("%s: %d of %d numbers are off, by up to %g (allowed %g + %g x)", name, off, len(want), worst, tol.Atol, tol.Rtol)
		return
	}
	t.Logf("%-28s off by %.2g at most, %.2g allowed", name, worst, tol.Atol)
}

// close reports whether numbers are within the tolerance of a name.
func (c golden) close(name string, got, want []float32) bool {
	tol := c.Tolerance[name]
	for i, w := range want {
		if !(math.Abs(float64(got[i]-w)) <= tol.Atol+tol.Rtol*math.Abs(float64(w))) {
			return false
		}
	}
	return true
}

// batches cuts a tensor into those of the shape given, one for each of its batch.
func batches(x onnx.Tensor, shape ...int) []onnx.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	var out []onnx.Tensor
	for from := 0; from < len(x.Data); from += n {
		out = append(out, onnx.Tensor{Shape: shape, Data: x.Data[from:][:n]})
	}
	return out
}

// run runs a network on the CPU, once for each of a batch, and checks what every output makes of all of them against the
// expected tensor of its name.
func (c golden) run(t *testing.T, g *onnx.Graph, inputs ...[]onnx.Tensor) {
	t.Helper()
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	s, err := onnx.Open(m, onnx.Options{})
	skipWithout(t, err)
	defer s.Close()
	all := make([][]float32, len(s.Outputs()))
	for i := range inputs[0] {
		var one []onnx.Tensor
		for _, x := range inputs {
			one = append(one, x[i])
		}
		out, err := s.Run(context.Background(), one...)
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
