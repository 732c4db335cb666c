package main

import (
	"math"
	"math/rand/v2"
)

// warped is another object made of one: stretched, tapered, twisted, bent and waved at random, so that a set of rigid objects,
// most of them boxy, also shows what is posed or grown crooked.
func (o *object) warped(rng *rand.Rand) *object {
	w := &object{category: o.category, plain: o.plain, verts: append([]vec(nil), o.verts...), faces: o.faces, colors: o.colors}
	w.refine(0.3)
	for k := range 3 {
		s := float32(math.Exp(0.22 * rng.NormFloat64()))
		for i := range w.verts {
			w.verts[i][k] *= s
		}
	}
	if rng.Float64() < 0.3 {
		w.along(rng, func(t, p, q float32, how float32) (float32, float32, float32) {
			s := 1 + 0.5*how*t
			return t, p * s, q * s
		})
	}
	if rng.Float64() < 0.2 {
		w.along(rng, func(t, p, q float32, how float32) (float32, float32, float32) {
			s, c := math.Sincos(float64(t * how * 0.7))
			return t, p*float32(c) - q*float32(s), p*float32(s) + q*float32(c)
		})
	}
	if rng.Float64() < 0.7 {
		w.along(rng, func(t, p, q float32, how float32) (float32, float32, float32) {
			if k := 1.2 * how; k > 0.02 || k < -0.02 {
				s, c := math.Sincos(float64(k * t))
				r := max(1-k*p, 0.1) / k // from the centre of the bend
				return r * float32(s), 1/k - r*float32(c), q
			}
			return t, p, q
		})
	}
	if rng.Float64() < 0.4 {
		w.wave(rng)
	}
	w.centre()
	w.shadeSmooth()
	return w
}

// rounded is another object made of one: its edges worn away by some steps of smoothing, so that a set of objects low in polygons
// also shows what is scanned, moulded or grown.
func (o *object) rounded(rng *rand.Rand) *object {
	w := &object{category: o.category, plain: o.plain, colors: o.colors}
	known := map[vec]int32{}
	at := make([]int32, len(o.verts)) // vertices that lie in one place become one
	for i, v := range o.verts {
		q := vec{}
		for k := range 3 {
			q[k] = float32(math.Round(float64(v[k]) * 500))
		}
		if _, ok := known[q]; !ok {
			known[q] = int32(len(w.verts))
			w.verts = append(w.verts, v)
		}
		at[i] = known[q]
	}
	for _, f := range o.faces {
		w.faces = append(w.faces, [3]int32{at[f[0]], at[f[1]], at[f[2]]})
	}
	w.refine(0.16)
	sides := map[[2]int32]int{}
	for _, f := range w.faces {
		for k := range 3 {
			a, b := f[k], f[(k+1)%3]
			sides[[2]int32{min(a, b), max(a, b)}]++
		}
	}
	rim := make([]bool, len(w.verts)) // of an open sheet: stays, or gaps would come where two of them meet
	for e, n := range sides {
		if n == 1 {
			rim[e[0]], rim[e[1]] = true, true
		}
	}
	for range 2 + rng.IntN(7) {
		sums, counts := make([]vec, len(w.verts)), make([]float32, len(w.verts))
		for _, f := range w.faces {
			for k := range 3 {
				a, b := f[k], f[(k+1)%3]
				sums[a], counts[a] = add(sums[a], w.verts[b]), counts[a]+1
				sums[b], counts[b] = add(sums[b], w.verts[a]), counts[b]+1
			}
		}
		for i := range w.verts {
			if counts[i] > 0 && !rim[i] {
				w.verts[i] = add(scaled(w.verts[i], 0.4), scaled(sums[i], 0.6/counts[i]))
			}
		}
	}
	w.centre()
	w.shadeSmooth()
	return w
}

// along moves every vertex by where it lies along an axis, mostly the longest one, and across it; how is normally
// distributed, at most 1.5 either way. The three are turned about the axis at random before they are given.
func (o *object) along(rng *rand.Rand, move func(t, p, q, how float32) (float32, float32, float32)) {
	o.centre()
	axis, size := rng.IntN(3), vec{}
	for _, v := range o.verts {
		for k := range 3 {
			size[k] = max(size[k], v[k])
		}
	}
	if rng.Float64() < 0.7 {
		for k := range 3 {
			if size[k] > size[axis] {
				axis = k
			}
		}
	}
	how := float32(min(max(0.6*rng.NormFloat64(), -1.5), 1.5))
	round := turn(axis, float64(rng.IntN(4))*math.Pi/2+0.2*rng.NormFloat64())
	j, k := (axis+1)%3, (axis+2)%3
	for i, v := range o.verts {
		v = apply(round, v)
		v[axis], v[j], v[k] = move(v[axis], v[j], v[k], how)
		o.verts[i] = v
	}
	if rng.IntN(2) == 0 { // as it stood, so that what was upright stays so half of the time
		back := turn(axis, 0)
		for a := range 3 {
			for b := range 3 {
				back[a][b] = round[b][a]
			}
		}
		for i, v := range o.verts {
			o.verts[i] = apply(back, v)
		}
	}
}

// wave moves the vertices by three soft waves.
func (o *object) wave(rng *rand.Rand) {
	for range 3 {
		direction, push := unit(vec{float32(rng.NormFloat64()), float32(rng.NormFloat64()), float32(rng.NormFloat64())}), randomVec(rng, -0.08, 0.08)
		often, phase := float64(uniform(rng, 1.5, 5)), 2*math.Pi*rng.Float64()
		for i, v := range o.verts {
			o.verts[i] = add(v, scaled(push, float32(math.Sin(often*float64(dot(v, direction))+phase))))
		}
	}
}

// refine halves edges longer than limit, in all faces that share them, until none is left or there are enough faces.
func (o *object) refine(limit float32) {
	for range 4 {
		middles := map[[2]int32]int32{}
		middle := func(a, b int32) int32 {
			if d := sub(o.verts[a], o.verts[b]); dot(d, d) <= limit*limit {
				return -1
			}
			key := [2]int32{min(a, b), max(a, b)}
			m, known := middles[key]
			if !known {
				m = int32(len(o.verts))
				o.verts = append(o.verts, scaled(add(o.verts[a], o.verts[b]), 0.5))
				middles[key] = m
			}
			return m
		}
		var faces [][3]int32
		var colors []vec
		for i, f := range o.faces {
			var corners []int32 // the triangle with its middles, turned so that a middle comes first if there is one
			for k := range 3 {
				corners = append(corners, f[k])
				if m := middle(f[k], f[(k+1)%3]); m >= 0 {
					corners = append(corners, m)
				}
			}
			if len(corners) == 6 {
				faces = append(faces, [3]int32{corners[1], corners[3], corners[5]})
				for k := range 3 {
					faces = append(faces, [3]int32{corners[2*k], corners[2*k+1], corners[(2*k+5)%6]})
				}
			} else {
				first := 0
				for k := range corners {
					if corners[k] != f[0] && corners[k] != f[1] && corners[k] != f[2] {
						first = k
					}
				}
				for k := 1; k+1 < len(corners); k++ {
					faces = append(faces, [3]int32{corners[first], corners[(first+k)%len(corners)], corners[(first+k+1)%len(corners)]})
				}
			}
			for len(colors) < len(faces) {
				colors = append(colors, o.colors[i])
			}
		}
		if len(middles) == 0 || len(faces) > 20000 {
			return
		}
		o.faces, o.colors = faces, colors
	}
}
