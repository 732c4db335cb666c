package triposg

import "math"

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

// sinusoid embeds a time in width numbers, sines first (Vaswani et al. 2017).
func sinusoid(time float64, width int) []float32 {
	out, half := make([]float32, width), width/2
	for j := range half {
		sin, cos := math.Sincos(time * math.Exp(-math.Log(10000)*float64(j)/float64(half)))
		out[j], out[half+j] = float32(sin), float32(cos)
	}
	return out
}

// advance takes x one step along v; the network predicts the way from the noise to the data.
func advance(x, v []float32, sigma, next float64) {
	d := float32(sigma - next)
	for i := range x {
		x[i] += d * v[i]
	}
}

// guided is free + scale · (conditional - free), classifier-free guidance (Ho and Salimans 2022), in the place of conditional.
func guided(conditional, free []float32, scale float64) {
	s := float32(scale)
	for i, f := range free {
		conditional[i] = f + s*(conditional[i]-f)
	}
}

// noise are n normally distributed numbers of a seed. The generator is SplitMix64 (Steele, Lea and Flood 2014) begun at
// the seed; of every two of its numbers a and b, as fractions of 53 bits, (a+1) of 2⁵³ and b, the method of Box and
// Muller makes two of ours, √(-2 ln a) cos 2πb and √(-2 ln a) sin 2πb.
func noise(seed uint64, n int) []float32 {
	next := func() uint64 {
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return (z ^ z>>31) >> 11
	}
	out := make([]float32, 0, n+1)
	for len(out) < n {
		a, b := float64(next()+1)/(1<<53), float64(next())/(1<<53)
		r := math.Sqrt(-2 * math.Log(a))
		sin, cos := math.Sincos(2 * math.Pi * b)
		out = append(out, float32(r*cos), float32(r*sin))
	}
	return out[:n]
}
