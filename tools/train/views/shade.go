package main

import (
	"image"
	"math"
	"math/rand/v2"
)

// light is drawn at random for every picture.
type light struct {
	sky, ground float32
	from, color [3]vec
	gloss, hard float32
	steps       float32 // levels of cel shading, 0 for none
	unlit       bool    // flat colours
	lines       bool    // dark lines at edges, as in drawings
	smooth      bool
}

func uniform(rng *rand.Rand, lo, hi float64) float32 { return float32(lo + (hi-lo)*rng.Float64()) }

func randomLight(rng *rand.Rand) light {
	l := light{sky: uniform(rng, 0.25, 0.75), ground: uniform(rng, 0.08, 0.4), smooth: rng.Float64() < 0.7}
	for i := range l.from {
		l.from[i] = unit(vec{float32(rng.NormFloat64()), float32(0.7*rng.NormFloat64() + 0.7), float32(0.7*rng.NormFloat64() + 0.9)})
		on := uniform(rng, 0.35, 1.1)
		if i > 0 {
			if on = uniform(rng, 0, 0.5); rng.IntN(2) == 0 {
				on = 0
			}
		}
		for k := range 3 {
			l.color[i][k] = on * float32(1+0.12*rng.NormFloat64())
		}
	}
	if rng.Float64() < 0.6 {
		l.gloss = float32(math.Pow(rng.Float64()*0.5, 1.5))
	}
	l.hard = float32(math.Exp(float64(uniform(rng, 1.8, 4.5))))
	if rng.Float64() < 0.15 {
		l.lines = rng.Float64() < 0.7
		if l.unlit = rng.Float64() < 0.4; !l.unlit {
			l.steps = float32(2 + rng.IntN(3))
		}
	}
	return l
}

// paint shades the first surface; what is empty stays clear.
func (b *buffers) paint(o *object, c camera, l light, rng *rand.Rand) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, b.n, b.n))
	tint, own := vec{1, 1, 1}, vec{1, 1, 1}
	for k := range 3 {
		tint[k] = float32(math.Exp(0.15 * rng.NormFloat64()))
		if o.plain {
			own[k] = uniform(rng, 0.1, 1.1)
		}
	}
	share := 0.2
	if o.plain || o.category == "invented" {
		share = 0.45
	}
	dress := randomPattern(rng, share)
	up := vec{c.turn[0][1], c.turn[1][1], c.turn[2][1]}
	for i, f := range b.face {
		if f < 0 {
			continue
		}
		s := b.at[i]
		mix := func(c [3]vec) vec { return add(scaled(c[0], 1-s[0]-s[1]), add(scaled(c[1], s[0]), scaled(c[2], s[1]))) }
		n := o.flat[f]
		if l.smooth {
			n = mix(o.normals[f])
		}
		n = unit(apply(c.turn, vec{n[0] / c.stretch[0], n[1] / c.stretch[1], n[2] / c.stretch[2]}))
		if n[2] < 0 {
			n = scaled(n, -1)
		}
		var albedo vec
		for k := range 3 {
			albedo[k] = min(max(o.colors[f][k]*own[k]*tint[k], 0), 1)
		}
		if dress.kind != 0 {
			t := o.faces[f]
			albedo = dress.on(albedo, mix([3]vec{o.verts[t[0]], o.verts[t[1]], o.verts[t[2]]}))
		}
		lit := albedo
		if !l.unlit {
			lit = l.on(albedo, n, up)
		}
		if l.lines && b.edge(i) {
			lit = vec{0.01, 0.01, 0.01}
		}
		for k := range 3 {
			out.Pix[4*i+k] = encoded[int(min(max(lit[k], 0), 1)*float32(len(encoded)-1)+0.5)]
		}
		out.Pix[4*i+3] = 255
	}
	return out
}

// encoded is linear light as a byte of a picture.
var encoded = func() (table [4096]uint8) {
	for i := range table {
		table[i] = uint8(255*math.Pow(float64(i)/float64(len(table)-1), 1/2.2) + 0.5)
	}
	return table
}()

// on is Blinn and Phong's model with an ambient light from sky and ground.
func (l light) on(albedo, n, up vec) vec {
	level := func(v float32) float32 {
		if l.steps > 0 {
			return float32(math.Ceil(float64(v*l.steps))) / l.steps
		}
		return v
	}
	ambient := l.ground + (l.sky-l.ground)*(dot(n, up)*0.5+0.5)
	lit := scaled(albedo, level(ambient))
	for i, d := range l.from {
		if l.color[i][0] == 0 {
			continue
		}
		diffuse := max(dot(n, d), 0)
		var shine float32
		if l.gloss > 0 && diffuse > 0 {
			shine = level(l.gloss * float32(math.Pow(float64(max(dot(n, unit(add(d, vec{0, 0, 1}))), 0)), float64(l.hard))))
		}
		for k := range 3 {
			lit[k] += (albedo[k]*level(diffuse) + shine) * l.color[i][k]
		}
	}
	return lit
}

// edge reports whether the depth jumps or the view ends between pixel i and its neighbours.
func (b *buffers) edge(i int) bool {
	x, y := i%b.n, i/b.n
	if x == 0 || y == 0 || x == b.n-1 || y == b.n-1 {
		return true
	}
	for _, q := range [4]int{i - 1, i + 1, i - b.n, i + b.n} {
		if b.face[q] < 0 || math.Abs(float64(b.front[q]-b.front[i])) > 0.03*float64(b.n) {
			return true
		}
	}
	return false
}
