//go:build unix

package triposr

import (
	"context"
	"image"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// realFile names a checkpoint of the released size for TestRealSize, the real one or one of random numbers.
const realFile = "ORFEAS_TRIPOSR"

// The multiplications and additions of the released network, of 1025 and 3072 tokens.
const (
	tokenizerGFLOP = 214.0
	backboneGFLOP  = 2745.0
)

// TestRealSize runs the released network to the end and says how long each stage took, how that compares with plain
// products of matrices, and how much memory it took. It takes minutes, and runs only where realFile is set.
func TestRealSize(t *testing.T) {
	path := os.Getenv(realFile)
	if path == "" {
		t.Skip(realFile + " names no checkpoint")
	}
	checkpoint, err := weights.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	n := New(checkpoint, Released, onnx.Options{}, onnx.F32)
	if err := n.Check(); err != nil {
		t.Fatal(err)
	}
	before := golden.Product(t)
	began, stage, spent := golden.Now(), "", map[string]golden.Effort{}
	step := func(text string, _ float64) {
		e := golden.Now().Since(began)
		spent[stage] = golden.Effort{Clock: spent[stage].Clock + e.Clock, Processor: spent[stage].Processor + e.Processor}
		stage, _, _ = strings.Cut(text, ",")
		began = golden.Now()
	}
	s, err := n.Look(context.Background(), ball(400), step)
	golden.SkipWithout(t, err)
	after := golden.Product(t)
	t.Logf("plain products: %.1f and %.1f GFLOP/s, %.1f and %.1f per second of a processor", before.Clock, after.Clock, before.Processor, after.Processor)
	plain := max(before.Processor, after.Processor)
	for name, gflop := range map[string]float64{"looking at the picture": tokenizerGFLOP, "imagining the object": backboneGFLOP} {
		e := spent[name]
		t.Logf("%-24s %6.2f s, %5.1f GFLOP/s with loading; %6.2f s of processors, %5.1f GFLOP/s, %.0f %% of the plain product",
			name, e.Clock, gflop/e.Clock, e.Processor, gflop/e.Processor, 100*gflop/e.Processor/plain)
	}
	t.Logf("after scene: %s", golden.Peak())

	began = golden.Now()
	f := openField(t, n, s)
	threshold := solid(t, f)
	m, err := f.Surface(context.Background(), 256, threshold, func(float64) {})
	if err != nil {
		t.Fatal(err)
	}
	e := golden.Now().Since(began)
	t.Logf("%-24s %6.2f s, %.2f s of processors, %d triangles", "surface of 256³", e.Clock, e.Processor, len(m.Triangles))
	t.Logf("after all: %s", golden.Peak())
}

func ball(side int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		x, y := i%side-side/2, i/side-side/2
		if 9*(x*x+y*y) < side*side {
			copy(img.Pix[4*i:], []uint8{uint8(128 + x/2), uint8(128 + y/2), 90, 255})
		}
	}
	return img
}

// solid finds a threshold that a fiftieth of the world is above, as with an object.
func solid(t *testing.T, f *Field) float64 {
	points, raw := make([][3]float32, 4096), make([][4]float32, 4096)
	for i := range points {
		for k := range points[i] {
			points[i][k] = float32(f.radius) * (2*rand.Float32() - 1)
		}
	}
	if err := f.at(context.Background(), points, raw); err != nil {
		t.Fatal(err)
	}
	var all []float64
	for _, r := range raw {
		all = append(all, f.density(r[0]))
	}
	slices.Sort(all)
	t.Logf("densities %.3g to %.3g", all[0], all[len(all)-1])
	return all[len(all)*98/100]
}
