//go:build unix

package golden

import (
	"context"
	"math"
	"math/rand"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"orfeas/pipeline/onnx"
)

// Effort is seconds by the clock and of all processors together. On a machine with other work only the second compares.
type Effort struct{ Clock, Processor float64 }

// Now is the effort so far.
func Now() Effort {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return Effort{float64(time.Now().UnixNano()) / 1e9, float64(syscall.TimevalToNsec(r.Utime)+syscall.TimevalToNsec(r.Stime)) / 1e9}
}

// Since is the effort since b.
func (e Effort) Since(b Effort) Effort { return Effort{e.Clock - b.Clock, e.Processor - b.Processor} }

// Product is the speed in GFLOP/s, by either time, of plain products of matrices in the same runtime, as large as those of
// transformers, with a weight known when it is opened.
func Product(t testing.TB) Effort {
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
	SkipWithout(t, err)
	defer s.Close()
	input := onnx.Tensor{Shape: []int{rows, in}, Data: make([]float32, rows*in)}
	for i := range input.Data {
		input.Data[i] = rand.Float32() - 0.5
	}
	best := Effort{math.Inf(1), math.Inf(1)}
	for range times {
		began := Now()
		if _, err := s.Run(context.Background(), input); err != nil {
			t.Fatal(err)
		}
		e := Now().Since(began)
		best = Effort{min(best.Clock, e.Clock), min(best.Processor, e.Processor)}
	}
	return Effort{2 * rows * in * out / best.Clock / 1e9, 2 * rows * in * out / best.Processor / 1e9}
}

// Peak is the most memory the process had, where the system says that.
func Peak() string {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM") {
			return strings.Join(strings.Fields(line)[1:], " ")
		}
	}
	return "unknown"
}
