package hunyuan

import (
	"fmt"
	"math"
	"strings"

	"orfeas/pipeline/engine/latent"
)

// Scheduler says how the steps are spread. Those of networks that were distilled go from phase to phase (Wang et al.,
// "Phased Consistency Model", arXiv 2405.18407).
type Scheduler struct {
	Target string
	Params struct {
		Trained int     `json:"num_train_timesteps"`
		Shift   float64 `json:"shift"`
		Phases  int     `json:"pcm_timesteps"`
	}
}

// The schedulers, by the ends of their names in config.yaml.
const (
	flowScheduler        = "FlowMatchEulerDiscreteScheduler"
	consistencyScheduler = "ConsistencyFlowMatchEulerDiscreteScheduler"
)

// What the official code takes for settings that are not there.
const (
	usualTrained = 1000
	usualPhases  = 50
)

// complete fills in what is not there, and refuses other schedulers.
func (s *Scheduler) complete() error {
	p := &s.Params
	if p.Trained == 0 {
		p.Trained = usualTrained
	}
	if p.Shift == 0 {
		p.Shift = 1
	}
	if p.Phases == 0 {
		p.Phases = usualPhases
	}
	name := s.Target[strings.LastIndex(s.Target, ".")+1:]
	switch {
	case name != flowScheduler && name != consistencyScheduler:
		return fmt.Errorf("a scheduler %q", s.Target)
	case p.Trained < 2 || p.Trained > 1e6 || p.Phases < 1 || p.Phases > p.Trained || !(p.Shift > 0 && p.Shift <= 100):
		return fmt.Errorf("%d time steps in %d phases with a shift of %g", p.Trained, p.Phases, p.Shift)
	}
	return nil
}

// phased reports whether steps go from phase to phase.
func (s Scheduler) phased() bool { return strings.HasSuffix(s.Target, consistencyScheduler) }

// sigmas are how far the latents are from the noise, 0, to the shape, 1, before each of the steps and after the last.
func (s Scheduler) sigmas(steps int) []float64 {
	out := make([]float64, steps+1)
	for i := range steps {
		if s.phased() {
			out[i] = s.phase(int(math.Floor(float64(i) * float64(s.Params.Phases) / float64(steps))))
			continue
		}
		t := float64(i) / float64(max(steps-1, 1))
		out[i] = s.Params.Shift * t / (1 + (s.Params.Shift-1)*t)
	}
	out[steps] = 1
	return out
}

// phase is where a phase begins, of the times it was trained with.
func (s Scheduler) phase(i int) float64 {
	at := i*(s.Params.Trained/s.Params.Phases) - 1
	return float64(max(at, 0)) / float64(s.Params.Trained-1)
}

// steps go from one to the next; the network predicts the way from the noise to the shape. The last of those that are
// spread evenly would go nowhere, and is left out.
func (s Scheduler) steps(n int) []latent.Step {
	sigmas := s.sigmas(n)
	var out []latent.Step
	for i, sigma := range sigmas[:n] {
		if d := sigmas[i+1] - sigma; d > 0 {
			out = append(out, latent.Step{Time: sigma, Length: d})
		}
	}
	return out
}
