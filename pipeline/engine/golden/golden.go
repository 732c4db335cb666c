// Package golden holds networks to what their authors' code computed, for tests only. A reference is a folder of cases; a
// case is a folder with a manifest and safetensors files of inputs, of what came out of them, and mostly of weights.
package golden

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"image"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// FolderVariable is the environment variable that names another folder of cases, of any networks.
const FolderVariable = "ORFEAS_GOLDEN"

// maxTensor bounds a tensor of a case.
const maxTensor = 1 << 30

// Case is one of a reference.
type Case struct {
	Folder                    string
	Inputs, Expected, Weights *weights.Checkpoint // empty where there is none
	manifest                  map[string]json.RawMessage
}

// Kind are the cases that have some tensors, whose names have "inputs:", "expected:" or "weights:" before them.
type Kind struct {
	Name  string
	Needs []string
	Run   func(t *testing.T, c Case)
}

// Walk runs each of a network's cases as the first kind that it has the tensors of. The cases lie in the folder of
// [FolderVariable] or in the reference beside the repository; without it in testdata/golden, where only small ones are, else
// the test is skipped. mine tells them from other networks'.
func Walk(t *testing.T, network string, mine func(c Case) bool, kinds []Kind) {
	root := os.Getenv(FolderVariable)
	if root == "" {
		root = reference(t, network, "golden")
	}
	if small := filepath.Join("testdata", "golden"); root == "" {
		if _, err := os.Stat(small); err != nil {
			t.Skip(absent)
		}
		t.Log(absent)
		root = small
	}
	found := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "manifest.json" {
			return err
		}
		c := Open(t, filepath.Dir(path))
		if !mine(c) {
			return nil
		}
		for _, k := range kinds {
			if c.Has(k.Needs...) {
				found++
				t.Run(filepath.Base(c.Folder), func(t *testing.T) { k.Run(t, c) })
				return nil
			}
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

// Reference is the path of what lies in a network's reference, which is kept beside the repository. The test is skipped
// where it is not there.
func Reference(t testing.TB, path ...string) string {
	t.Helper()
	at := reference(t, path...)
	if at == "" {
		t.Skip(absent)
	}
	return at
}

const absent = "there is no reference beside the repository"

// reference is empty where there is none.
func reference(t testing.TB, path ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		at := filepath.Join(append([]string{dir, "shared", "reference"}, path...)...)
		if _, err := os.Stat(at); err == nil {
			return at
		}
	}
	return ""
}

// Open reads a case, but for its numbers.
func Open(t testing.TB, folder string) Case {
	t.Helper()
	c := Case{Folder: folder}
	data, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(data, &c.manifest)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, into := range map[string]**weights.Checkpoint{"inputs": &c.Inputs, "expected": &c.Expected, "weights": &c.Weights} {
		*into, err = weights.Open(filepath.Join(folder, name+".safetensors"))
		if errors.Is(err, fs.ErrNotExist) {
			*into = &weights.Checkpoint{}
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// Has reports whether the case has these tensors, named as in a [Kind].
func (c Case) Has(needs ...string) bool {
	for _, n := range needs {
		where, name, _ := strings.Cut(n, ":")
		if _, ok := map[string]*weights.Checkpoint{"inputs": c.Inputs, "expected": c.Expected, "weights": c.Weights}[where].Tensors[name]; !ok {
			return false
		}
	}
	return true
}

// Says reads an entry of the manifest; ok is false when there is none.
func (c Case) Says(t testing.TB, entry string, into any) (ok bool) {
	t.Helper()
	if c.manifest[entry] == nil {
		return false
	}
	if err := json.Unmarshal(c.manifest[entry], into); err != nil {
		t.Fatalf("%s of %s: %v", entry, c.Folder, err)
	}
	return true
}

// Config reads the settings of the network that the case is of.
func (c Case) Config(t testing.TB, into any) {
	t.Helper()
	c.Says(t, "config", into)
}

// Read returns a tensor as numbers, whatever they are stored as.
func Read(t testing.TB, c *weights.Checkpoint, name string) onnx.Tensor {
	t.Helper()
	tensor, ok := c.Tensors[name]
	if !ok {
		t.Fatalf("the case has no tensor %s", name)
	}
	out := onnx.Tensor{}
	for _, n := range tensor.Shape {
		out.Shape = append(out.Shape, int(n))
	}
	raw, err := tensor.Read(maxTensor)
	switch tensor.DType {
	case weights.U8:
		for _, v := range raw {
			out.Data = append(out.Data, float32(v))
		}
	case weights.I32:
		for ; len(raw) >= 4; raw = raw[4:] {
			out.Data = append(out.Data, float32(int32(binary.LittleEndian.Uint32(raw))))
		}
	default:
		out.Data, err = tensor.Floats(maxTensor)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// One is the i-th of a batch.
func One(x onnx.Tensor, i int) onnx.Tensor {
	n := len(x.Data) / x.Shape[0]
	return onnx.Tensor{Shape: x.Shape[1:], Data: x.Data[i*n:][:n]}
}

// Triples are numbers as points.
func Triples(x []float32) [][3]float32 {
	out := make([][3]float32, len(x)/3)
	for i := range out {
		copy(out[i][:], x[3*i:])
	}
	return out
}

// Picture is a picture of RGB or RGBA [height, width, channels].
func Picture(x onnx.Tensor) *image.NRGBA {
	h, w, channels := x.Shape[0], x.Shape[1], x.Shape[2]
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.Pix[4*i+3] = 255
		for c := range channels {
			img.Pix[4*i+c] = uint8(x.Data[i*channels+c])
		}
	}
	return img
}

// Colours are the RGB of a picture.
func Colours(img *image.NRGBA) (out []float32) {
	for i, v := range img.Pix {
		if i%4 < 3 {
			out = append(out, float32(v))
		}
	}
	return out
}

// Largest is the largest number by its size.
func Largest(x []float32) (size float64) {
	for _, v := range x {
		size = max(size, math.Abs(float64(v)))
	}
	return size
}
