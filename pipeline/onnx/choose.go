package onnx

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
)

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

// ProviderVariable is the environment variable that names the one provider to take.
const ProviderVariable = "ORFEAS_PROVIDER"

var (
	bestMutex sync.Mutex
	bestKnown *Choice
)

// Best is the choice among what this machine has, or what the environment says. It is looked for once, which takes
// seconds where there is a GPU.
func Best(ctx context.Context) (Choice, error) {
	bestMutex.Lock()
	defer bestMutex.Unlock()
	if bestKnown != nil {
		return *bestKnown, nil
	}
	found, err := candidates(ctx)
	if err != nil {
		return Choice{}, err
	}
	c := Choose(found)
	bestKnown = &c
	return c, nil
}

// candidates is like [Probe], but tries the CPU only where there is something to compare it with.
func candidates(ctx context.Context) ([]Finding, error) {
	path, err := Library()
	if err != nil {
		return nil, err
	}
	wanted := Provider(os.Getenv(ProviderVariable))
	var found []Finding
	for _, p := range Providers() {
		f := Finding{Provider: p, Usable: p == CPU}
		switch {
		case p == CPU && slices.ContainsFunc(found, func(f Finding) bool { return f.Usable }) && wanted == "":
			f = ask(ctx, p)
		case p == CPU:
		case wanted != "" && wanted != p:
			f.Why = fmt.Sprintf("%s says %s", ProviderVariable, wanted)
		default:
			f = look(ctx, p, path)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		found = append(found, f)
	}
	return found, nil
}
