package main

import (
	"math"
	"math/rand/v2"
)

// pattern varies the colour of a surface by where it is: marbled, striped or spotted, so that not every edge of colour is one of shape.
type pattern struct {
	kind        int // 0 for none
	other       vec
	dir         vec
	often, soft float32
	level, much float32
	seed        uint32
}

func randomPattern(rng *rand.Rand, share float64) pattern {
	if rng.Float64() > share {
		return pattern{}
	}
	p := pattern{kind: 1 + rng.IntN(3), other: randomVec(rng, 0, 0.9), often: float32(math.Exp(float64(uniform(rng, 0.7, 2.8)))), seed: rng.Uint32()}
	p.dir = unit(vec{float32(rng.NormFloat64()), float32(rng.NormFloat64()), float32(rng.NormFloat64())})
	p.soft, p.level, p.much = uniform(rng, 0.02, 0.3), uniform(rng, 0.3, 0.7), uniform(rng, 0.15, 1)
	return p
}

// on is the colour at a point of the surface whose own colour is given.
func (p pattern) on(color, at vec) vec {
	var t float32
	switch p.kind {
	case 0:
		return color
	case 1:
		t = (p.noise(scaled(at, p.often)) + 0.5*p.noise(scaled(at, 2*p.often)) + 0.25*p.noise(scaled(at, 4*p.often))) / 1.75
	case 2:
		t = 0.5 + 0.5*float32(math.Sin(float64(2*p.often*dot(at, p.dir)+3*p.noise(scaled(at, 2)))))
		t = min(max((t-p.level)/p.soft+0.5, 0), 1)
	default:
		t = min(max((p.noise(scaled(at, p.often))-p.level)/p.soft+0.5, 0), 1)
	}
	return add(color, scaled(sub(p.other, color), t*p.much))
}

// noise is value noise: random numbers at whole points, smoothly between, 0 to 1.
func (p pattern) noise(at vec) float32 {
	var cell [3]int32
	var part vec
	for k := range 3 {
		f := float32(math.Floor(float64(at[k])))
		cell[k], part[k] = int32(f), at[k]-f
		part[k] *= part[k] * (3 - 2*part[k])
	}
	var sum float32
	for corner := range int32(8) {
		w := float32(1)
		h := p.seed
		for k := range 3 {
			on := corner >> k & 1
			if on == 1 {
				w *= part[k]
			} else {
				w *= 1 - part[k]
			}
			h = (h ^ uint32(cell[k]+on)) * 0x9E3779B1
			h ^= h >> 15
		}
		h *= 0x85EBCA6B
		sum += w * float32(h>>8) / (1 << 24)
	}
	return sum
}
