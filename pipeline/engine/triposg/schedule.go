package triposg

import "orfeas/pipeline/engine/latent"

// sigmas are how much noise is left before each of the steps, from 1 on, and the 0 after the last.
func (s Scheduler) sigmas(steps int) []float64 {
	out := make([]float64, steps+1)
	for i := range steps {
		t := 1 - float64(i)/float64(steps)
		out[i] = s.Shift * t / (1 + (s.Shift-1)*t)
	}
	return out
}

// time is what the transformer calls the moment at which that much noise is left.
func (s Scheduler) time(sigma float64) float64 { return float64(s.Trained) * sigma }

// steps go from one to the next; the network predicts the way from the noise to the data.
func (s Scheduler) steps(n int) []latent.Step {
	sigmas, out := s.sigmas(n), make([]latent.Step, n)
	for i := range out {
		out[i] = latent.Step{Time: s.time(sigmas[i]), Length: sigmas[i] - sigmas[i+1]}
	}
	return out
}
