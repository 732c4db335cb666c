package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"orfeas/pipeline/weights"
)

const shapesJSON = `{"a": {"keys": {"x.weight": [300, 400], "x.bias": [300], "x.norm.weight": [400], "x.tokens": [1, 7, 400]}}}`

// TestFormats: both formats hold the same numbers, scaled as they should be, and the same again the next time.
func TestFormats(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "shapes.json")
	if err := os.WriteFile(in, []byte(shapesJSON), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dtype := range []string{"F32", "F16", "BF16"} {
		g := generator{dtype: dtype, seed: 7, gains: rules{{"x.", 2}}, fills: rules{{"x.bias", 0.5}}}
		var files [][]byte
		var all []*weights.Checkpoint
		for _, name := range []string{"1.safetensors", "1.ckpt", "2.ckpt"} {
			out := filepath.Join(dir, dtype+name)
			if err := run(g, []string{in}, []string{"a"}, nil, out); err != nil {
				t.Fatal(err)
			}
			c, err := weights.Open(out)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			files, all = append(files, data), append(all, c)
		}
		if !bytes.Equal(files[1], files[2]) {
			t.Errorf("%s: the same seed gives another file", dtype)
		}
		if !slices.Equal(all[0].Names(), []string{"x.bias", "x.norm.weight", "x.tokens", "x.weight"}) {
			t.Errorf("%s: %v", dtype, all[0].Names())
		}
		for _, name := range all[0].Names() {
			a, err1 := all[0].Tensors[name].Floats(1 << 20)
			b, err2 := all[1].Tensors[name].Floats(1 << 20)
			if err1 != nil || err2 != nil || !slices.Equal(a, b) || string(all[0].Tensors[name].DType) != dtype {
				t.Errorf("%s %s: other numbers (%v, %v)", dtype, name, err1, err2)
			}
			if at := all[1].Tensors[name].Offset; at%align != 0 {
				t.Errorf("%s %s lies at %d", dtype, name, at)
			}
			mean, std := moments(a)
			want := map[string][2]float64{"x.bias": {0.5, 0}, "x.norm.weight": {1, 0.04}, "x.tokens": {0, 0.04}, "x.weight": {0, 0.1}}[name]
			if math.Abs(mean-want[0]) > 0.01 || math.Abs(std-want[1]) > 0.01 {
				t.Errorf("%s %s: mean %g, deviation %g", dtype, name, mean, std)
			}
		}
	}
}

func moments(v []float32) (mean, std float64) {
	for _, x := range v {
		mean += float64(x) / float64(len(v))
	}
	for _, x := range v {
		std += (float64(x) - mean) * (float64(x) - mean) / float64(len(v))
	}
	return mean, math.Sqrt(std)
}

func TestWrong(t *testing.T) {
	in := filepath.Join(t.TempDir(), "shapes.json")
	if err := os.WriteFile(in, []byte(shapesJSON), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "x.ckpt")
	for _, c := range []struct {
		dtype, part, in string
	}{{"F32", "", in}, {"F32", "b", in}, {"F8", "a", in}, {"F32", "a", in + "x"}} {
		if err := run(generator{dtype: c.dtype}, []string{c.in}, []string{c.part}, nil, out); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// TestTogether: parts come under their prefixes, and what is left out is not there.
func TestTogether(t *testing.T) {
	got, err := together([]byte(shapesJSON), []string{"p.=a", "q.=a"}, []string{"q.x.n", "p.x.t"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range got {
		names = append(names, x.name)
	}
	if want := []string{"p.x.bias", "p.x.norm.weight", "p.x.weight", "q.x.bias", "q.x.tokens", "q.x.weight"}; !slices.Equal(names, want) {
		t.Errorf("%v, not %v", names, want)
	}
}
