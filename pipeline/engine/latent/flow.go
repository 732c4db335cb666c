package latent

import "math"

// Step is one step of the flow: the time that the network is told, and how far along its answer the latents go.
type Step struct{ Time, Length float64 }

// Follow takes x along the flow. ask answers where x flows at step i; done is told how many steps are done.
func Follow(x []float32, steps []Step, ask func(i int) ([]float32, error), done func(steps int) error) error {
	for i, s := range steps {
		v, err := ask(i)
		if err != nil {
			return err
		}
		d := float32(s.Length)
		for k := range x {
			x[k] += d * v[k]
		}
		if err := done(i + 1); err != nil {
			return err
		}
	}
	return nil
}

// Guided is free + scale · (conditional - free), classifier-free guidance (Ho and Salimans 2022), in the place of conditional.
func Guided(conditional, free []float32, scale float64) []float32 {
	s := float32(scale)
	for i, f := range free {
		conditional[i] = f + s*(conditional[i]-f)
	}
	return conditional
}

// Sinusoid embeds a time in width numbers, sines first, of waves from 2π to almost 2π times period long (Vaswani et al. 2017).
func Sinusoid(time float64, width int, period float64) []float32 {
	out, half := make([]float32, width), width/2
	for j := range half {
		sin, cos := math.Sincos(time * math.Exp(-math.Log(period)*float64(j)/float64(half)))
		out[j], out[half+j] = float32(sin), float32(cos)
	}
	return out
}

// Noise are n normally distributed numbers of a seed. The generator is SplitMix64 (Steele, Lea and Flood 2014) begun at
// the seed; of every two of its numbers a and b, as fractions of 53 bits, (a+1) of 2⁵³ and b, the method of Box and
// Muller makes two of ours, √(-2 ln a) cos 2πb and √(-2 ln a) sin 2πb.
func Noise(seed uint64, n int) []float32 {
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
