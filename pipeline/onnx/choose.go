package onnx

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
)

// ProviderVariable is the environment variable that names the one provider to take.
const ProviderVariable = "ORFEAS_PROVIDER"

// Wanted is the provider that the environment names, empty for none.
func Wanted() Provider { return Provider(os.Getenv(ProviderVariable)) }

// Choice is how a network is best run here, and why not better.
type Choice struct {
	Provider Provider
	Compute  DType    // what the network's graph should compute in
	WhyNot   []string // for each better provider, why it was not taken
	Memory   int64    // bytes of a CUDA device that may be taken; 0 for all

	StandIn func(output string, runs bool) error // see [Options]
}

// Choose takes the first provider that is usable and faster than the CPU, or, however fast it is, the wanted one, which
// is empty for none. The CPU is always there.
func Choose(found []Finding, wanted Provider) Choice {
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
		case wanted != "" && wanted != f.Provider:
			c.WhyNot = append(c.WhyNot, fmt.Sprintf("%s: %s says %s", f.Provider, ProviderVariable, wanted))
		case !f.Usable:
			c.WhyNot = append(c.WhyNot, fmt.Sprintf("%s: %s", f.Provider, f.Why))
		case f.Speed < cpu && wanted == "":
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

var (
	bestMutex sync.Mutex
	bestKnown *Choice
)

// Best is the choice among what this machine has, or what the environment says. It is looked for once in the life of the
// program, which takes seconds where there is a GPU.
func Best(ctx context.Context) (Choice, error) {
	bestMutex.Lock()
	defer bestMutex.Unlock()
	if bestKnown != nil {
		return *bestKnown, nil
	}
	path, err := Library()
	if err != nil {
		return Choice{}, err
	}
	var found []Finding
	for _, p := range Providers() {
		f := Finding{Provider: p, Usable: p == CPU}
		switch {
		case p == CPU: // is only tried when there is something to compare it with
			if Wanted() == "" && slices.ContainsFunc(found, func(f Finding) bool { return f.Usable }) {
				f = ask(ctx, p)
			}
		case Wanted() == "" || Wanted() == p:
			f = look(ctx, p, path)
		}
		if ctx.Err() != nil {
			return Choice{}, ctx.Err()
		}
		found = append(found, f)
	}
	c := Choose(found, Wanted())
	bestKnown = &c
	return c, nil
}
