package onnx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// A provider is tried in a child process of this program, because a driver can hang or crash the one it is loaded into.
const (
	probeWord  = "onnx-probe" // the argument by which the child knows what it is
	probeLimit = 30 * time.Second
)

// canProbe says that this program answers probes. A test binary, for one, does not.
var canProbe atomic.Bool

// Finding is what is known about a provider.
type Finding struct {
	Provider Provider `json:"provider"`
	Usable   bool     `json:"usable"`
	Half     bool     `json:"half"`          // computes in F16 too
	Speed    float64  `json:"gflops"`        // of products of matrices, in F16 where it has that
	Why      string   `json:"why,omitempty"` // it is not usable
}

// AnswerProbe is called first thing by main: a process that [Probe] started tries its provider, says what it found and ends.
func AnswerProbe() {
	canProbe.Store(true)
	if len(os.Args) != 3 || os.Args[1] != probeWord {
		return
	}
	f := try(context.Background(), Provider(os.Args[2]))
	if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
		os.Exit(1)
	}
	os.Exit(0) // without the runtime's clean-up, which can hang
}

// Probe looks for every provider of this system, in the order of [Providers]. It takes seconds where there is a GPU.
func Probe(ctx context.Context) ([]Finding, error) {
	path, err := Library()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, p := range Providers() {
		f := Finding{Provider: p, Why: absent(p, path)}
		if f.Why == "" {
			f = ask(ctx, p)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		found = append(found, f)
	}
	return found, nil
}

// absent says why a provider cannot be there, as far as the files tell.
func absent(p Provider, library string) string {
	if p != CUDA {
		return ""
	}
	name := "libonnxruntime_providers_cuda.so"
	if runtime.GOOS == "windows" {
		name = "onnxruntime_providers_cuda.dll"
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(library), name)); err != nil {
		return fmt.Sprintf("%s is not beside ONNX Runtime, in %s", name, filepath.Dir(library))
	}
	return ""
}

// ask tries a provider in a child process. The CPU is tried here, it harms nobody.
func ask(ctx context.Context, p Provider) Finding {
	if p == CPU {
		return try(ctx, p)
	}
	program, err := os.Executable()
	if err != nil || !canProbe.Load() {
		return Finding{Provider: p, Why: "this program cannot try it"}
	}
	return answer(ctx, p, exec.Command(program, probeWord, string(p)), probeLimit)
}

// answer runs the child and reads what it found.
func answer(ctx context.Context, p Provider, child *exec.Cmd, limit time.Duration) Finding {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	var out, complaint bytes.Buffer
	child.Stdout, child.Stderr = &out, &complaint
	child.WaitDelay = time.Second
	if err := child.Start(); err != nil {
		return Finding{Provider: p, Why: "it could not be tried: " + err.Error()}
	}
	release := context.AfterFunc(ctx, func() { child.Process.Kill() })
	err := child.Wait()
	release()
	var f Finding
	switch {
	case ctx.Err() != nil:
		f.Why = fmt.Sprintf("it did not answer within %v", limit)
	case err != nil:
		f.Why = fmt.Sprintf("it crashed when tried (%v): %s", err, lastLine(complaint.String()))
	case json.Unmarshal(out.Bytes(), &f) != nil:
		f.Why = "it gave no answer when tried"
	}
	f.Provider = p
	return f
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// Choice is how a network is best run here, and why not better.
type Choice struct {
	Provider Provider
	Compute  DType    // what the network's graph should compute in
	WhyNot   []string // for each better provider, why it was not taken
}

// Choose takes the first provider that is usable and faster than the CPU.
func Choose(found []Finding) Choice {
	var cpu float64
	for _, f := range found {
		if f.Provider == CPU {
			cpu = f.Speed
		}
	}
	c := Choice{Provider: CPU, Compute: F32}
	for _, f := range found {
		switch {
		case f.Provider == CPU:
			return c
		case !f.Usable:
			c.WhyNot = append(c.WhyNot, fmt.Sprintf("%s: %s", f.Provider, f.Why))
		case f.Speed < cpu:
			c.WhyNot = append(c.WhyNot, fmt.Sprintf("%s: with %.0f GFLOP/s it is slower than the CPU with %.0f", f.Provider, f.Speed, cpu))
		default:
			c.Provider = f.Provider
			if f.Half {
				c.Compute = F16
			}
			return c
		}
	}
	return c
}

// The network of a trial: a row of square layers.
const (
	trialSide   = 512
	trialLayers = 8
	trialRuns   = 3
)

// try runs a small network on the provider, in F16 if it can and else in F32, and compares with what must come out.
func try(ctx context.Context, p Provider) Finding {
	f := Finding{Provider: p}
	if p != CPU {
		if speed, err := trial(ctx, p, F16); err == nil {
			f.Usable, f.Half, f.Speed = true, true, speed
			return f
		}
	}
	speed, err := trial(ctx, p, F32)
	if err != nil {
		f.Why = strings.TrimPrefix(err.Error(), "open network: ")
		return f
	}
	f.Usable, f.Speed = true, speed
	return f
}

// trial returns the speed in GFLOP/s.
func trial(ctx context.Context, p Provider, compute DType) (float64, error) {
	w, x := waves(trialSide*trialSide, 0.7), waves(trialSide*trialSide, 1.3)
	g := NewGraph(nil, compute)
	y := g.Input("x", trialSide, trialSide)
	weight := g.Const("w", w, trialSide, trialSide)
	for range trialLayers {
		y = g.Gemm(y, weight, Value{})
	}
	g.Output("y", y)
	m, err := g.Model()
	if err != nil {
		return 0, err
	}
	s, err := Open(m, Options{Provider: p})
	if err != nil {
		return 0, err
	}
	defer s.Close()
	var out []Tensor
	best := math.Inf(1)
	for range trialRuns {
		began := time.Now()
		if out, err = s.Run(ctx, Tensor{[]int{trialSide, trialSide}, x}); err != nil {
			return 0, err
		}
		best = min(best, time.Since(began).Seconds())
	}
	if err := near(out[0].Data[:trialSide], layered(x[:trialSide], w)); err != nil {
		return 0, err
	}
	return 2 * trialLayers * trialSide * trialSide * trialSide / best / 1e9, nil
}

// waves are numbers that keep the size of what is multiplied by them.
func waves(n int, step float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(math.Sin(step*float64(i)+float64(i%7)) * math.Sqrt(2.0/trialSide))
	}
	return out
}

// layered is the first row of what the network of a trial makes.
func layered(row, w []float32) []float32 {
	for range trialLayers {
		next := make([]float32, len(row))
		for o := range next {
			for i, x := range row {
				next[o] += x * w[o*len(row)+i]
			}
		}
		row = next
	}
	return row
}

// near allows what F16 and TF32 round.
func near(got, want []float32) error {
	var off, size float64
	for i := range want {
		off = max(off, math.Abs(float64(got[i]-want[i])))
		size = max(size, math.Abs(float64(want[i])))
	}
	if !(off <= 0.03*size) {
		return errors.New("it computes wrong numbers")
	}
	return nil
}
