package onnx

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"
)

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
