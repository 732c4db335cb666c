package sculpt

import (
	"errors"
	"math"
	"testing"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// golden checks a network against what tools/train/export.py made with the same weights.
func golden(t *testing.T, c *weights.Checkpoint, path string, tolerance float64) {
	t.Helper()
	g, err := weights.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	view, err := g.Tensors["view"].Read(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	side := int(g.Tensors["mid"].Shape[0])
	n, err := Open(c, side)
	if errors.Is(err, onnx.ErrNoLibrary) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	in := make([]float32, len(view))
	for i, v := range view {
		in[i] = float32(v) / 255
	}
	s, err := n.Look(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]float32{"mid": s.Mid, "half": s.Half} {
		want, err := g.Tensors[name].Floats(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%s: %d numbers, not %d", name, len(got), len(want))
		}
		var worst, largest float64
		for i, w := range want {
			worst, largest = max(worst, math.Abs(float64(got[i]-w))), max(largest, math.Abs(float64(w)))
		}
		if !(worst <= tolerance) || largest == 0 {
			t.Errorf("%s is off by %g of up to %g", name, worst, largest)
		}
		t.Logf("%s: off by %.2g of up to %.3g", name, worst, largest)
	}
}

func TestGoldenSmall(t *testing.T) {
	c, err := weights.Open("testdata/small.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, c, "testdata/small_golden.safetensors", 1e-5)
}

// TestGolden holds the weights that were trained to what the training's code makes of a picture.
func TestGolden(t *testing.T) {
	c, err := weights.Open("../../../tools/train/sculpt.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, c, "testdata/golden.safetensors", 1e-5)
}

func TestForeignWeights(t *testing.T) {
	c, err := weights.Open("testdata/small_golden.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(c, 16); !errors.Is(err, errShape) {
		t.Errorf("weights of something else: %v", err)
	}
}

func TestMirror(t *testing.T) {
	v := []float32{1, 2, 3, 4, 5, 6}
	mirror(v, 3)
	for i, want := range []float32{3, 2, 1, 6, 5, 4} {
		if v[i] != want {
			t.Fatalf("mirrored: %v", v)
		}
	}
}
