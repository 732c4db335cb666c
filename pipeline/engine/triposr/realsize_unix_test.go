//go:build unix

package triposr

import (
	"context"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

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

// effort is time by the clock and of all processors together. On a machine with other work only the second compares.
type effort struct{ clock, processor float64 }

func now() effort {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return effort{float64(time.Now().UnixNano()) / 1e9, float64(syscall.TimevalToNsec(r.Utime)+syscall.TimevalToNsec(r.Stime)) / 1e9}
}

func (e effort) since(b effort) effort {
	return effort{e.clock - b.clock, e.processor - b.processor}
}

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
	before := product(t)
	began, stage, spent := now(), "", map[string]effort{}
	step := func(text string, _ float64) {
		e := now().since(began)
		spent[stage] = effort{spent[stage].clock + e.clock, spent[stage].processor + e.processor}
		stage, _, _ = strings.Cut(text, ",")
		began = now()
	}
	s, err := n.Look(context.Background(), ball(400), step)
	golden.SkipWithout(t, err)
	after := product(t)
	t.Logf("plain products: %.1f and %.1f GFLOP/s, %.1f and %.1f per second of a processor", before.clock, after.clock, before.processor, after.processor)
	plain := max(before.processor, after.processor)
	for name, gflop := range map[string]float64{"looking at the picture": tokenizerGFLOP, "imagining the object": backboneGFLOP} {
		e := spent[name]
		t.Logf("%-24s %6.2f s, %5.1f GFLOP/s with loading; %6.2f s of processors, %5.1f GFLOP/s, %.0f %% of the plain product",
			name, e.clock, gflop/e.clock, e.processor, gflop/e.processor, 100*gflop/e.processor/plain)
	}
	peak(t, "scene")

	began = now()
	f := openField(t, n, s)
	threshold := solid(t, f)
	m, err := f.Surface(context.Background(), 256, threshold, func(float64) {})
	if err != nil {
		t.Fatal(err)
	}
	e := now().since(began)
	t.Logf("%-24s %6.2f s, %.2f s of processors, %d triangles", "surface of 256³", e.clock, e.processor, len(m.Triangles))
	peak(t, "all")
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

// product is the speed in GFLOP/s, by either time, of products of the backbone's sizes in the same runtime, its weight
// known when it is opened.
func product(t *testing.T) effort {
	const rows, in, out, times = 3072, 1024, 4096, 8
	w := make([]float32, in*out)
	for i := range w {
		w[i] = rand.Float32() - 0.5
	}
	g := onnx.NewGraph(nil, onnx.F32)
	x, weight := g.Input("x", rows, in), g.Const("w", w, in, out)
	g.Output("y", g.MatMul(x, weight))
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	s, err := onnx.Open(m, onnx.Options{})
	golden.SkipWithout(t, err)
	defer s.Close()
	input := onnx.Tensor{Shape: []int{rows, in}, Data: make([]float32, rows*in)}
	for i := range input.Data {
		input.Data[i] = rand.Float32() - 0.5
	}
	best := effort{math.Inf(1), math.Inf(1)}
	for range times {
		began := now()
		if _, err := s.Run(context.Background(), input); err != nil {
			t.Fatal(err)
		}
		e := now().since(began)
		best = effort{min(best.clock, e.clock), min(best.processor, e.processor)}
	}
	return effort{2 * rows * in * out / best.clock / 1e9, 2 * rows * in * out / best.processor / 1e9}
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

func peak(t *testing.T, when string) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM") {
			t.Logf("after %s: %s", when, strings.Join(strings.Fields(line), " "))
		}
	}
}
