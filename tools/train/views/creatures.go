package main

import (
	"math"
	"math/rand/v2"
)

// creature adds an animal, a figure or a bust of capsules and ellipsoids: real ones and toys with large heads, standing or in a pose.
func (o *object) creature(rng *rand.Rand) {
	b := body{rng: rng}
	switch k := rng.Float64(); {
	case k < 0.45:
		b.quadruped()
	case k < 0.78:
		b.figure()
	case k < 0.9:
		b.bird()
	default:
		b.bust()
	}
	b.fit()
	colors := palette(rng, shades)
	colors[pupil] = vec{0.01, 0.01, 0.01}
	if rng.IntN(2) == 0 { // clothes and fur of one colour
		colors[limb], colors[skull] = colors[trunk], colors[trunk]
	}
	o.implicit(b.parts, uniform(rng, 0.01, 0.06), colors)
}

// The colours of a body.
const (
	trunk = iota
	skull
	limb
	foot
	ear
	muzzle
	pupil
	thing
	shades
)

type body struct {
	rng   *rand.Rand
	parts []part
}

func (b *body) u(lo, hi float64) float32 { return uniform(b.rng, lo, hi) }
func (b *body) n(s float64) float32      { return float32(b.rng.NormFloat64() * s) }
func (b *body) often(p float64) bool     { return b.rng.Float64() < p }

func (b *body) limb(color int, from, to vec, r, end float32) {
	b.parts = append(b.parts, part{a: from, b: to, radius: r, grows: end - r, color: color})
}

func (b *body) ball(color int, at, size vec, frame [3]vec) {
	b.parts = append(b.parts, part{kind: 2, a: at, size: size, frame: frame, color: color})
}

// fit makes all parts lie within the grid of implicit.
func (b *body) fit() {
	lo, hi := vec{1e9, 1e9, 1e9}, vec{-1e9, -1e9, -1e9}
	for _, p := range b.parts {
		r := p.radius + max(p.grows, 0) + max(p.size[0], p.size[1], p.size[2])
		for _, at := range []vec{p.a, p.b} {
			if p.kind != 0 {
				at = p.a
			}
			for k := range 3 {
				lo[k], hi[k] = min(lo[k], at[k]-r), max(hi[k], at[k]+r)
			}
		}
	}
	s, middle := 2.9/max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2]), scaled(add(lo, hi), 0.5)
	for i := range b.parts {
		p := &b.parts[i]
		p.a, p.b, p.size = scaled(sub(p.a, middle), s), scaled(sub(p.b, middle), s), scaled(p.size, s)
		p.radius, p.grows = p.radius*s, p.grows*s
	}
}

// head is a skull of radius r, looking along z turned by frame's transpose, with what animals and people have on it.
func (b *body) head(at vec, r float32, beast bool) {
	yaw := float64(b.n(0.25))
	face := turn(1, yaw)
	place := func(x, y, z float32) vec { return add(at, apply(face, vec{x * r, y * r, z * r})) }
	long, wide := b.u(0.85, 1.2), b.u(0.8, 1.15)
	if beast {
		long = b.u(0.9, 1.6)
	}
	back := turn(1, -yaw) // ellipsoids want the way into their frame
	b.ball(skull, at, vec{wide * r, r * b.u(0.85, 1.15), long * r}, back)
	if beast && b.often(0.75) {
		m, out := b.u(0.4, 0.85), long*b.u(0.5, 1.1)
		b.ball(muzzle, place(0, -b.u(0.15, 0.5), out), vec{m * wide * r, m * r * b.u(0.6, 1), m * r * b.u(0.7, 1.5)}, back)
	} else if b.often(0.4) {
		b.ball(skull, place(0, -0.1, long), vec{0.15 * r, 0.2 * r, 0.25 * r}, back) // a nose
	}
	if b.often(0.8) {
		e, x, y := b.u(0.08, 0.22)*r, b.u(0.3, 0.65)*wide, b.u(0, 0.4)
		z := long * float32(math.Sqrt(float64(max(1-x*x/wide/wide-y*y, 0.05))))
		for _, side := range []float32{-1, 1} {
			b.ball(pupil, place(side*x, y, z), vec{e, e * b.u(1, 1.5), e}, back)
		}
	}
	if b.often(0.85) && beast || b.often(0.25) {
		out, up, l := b.u(0.3, 0.95)*wide, b.u(0.3, 0.8), b.u(0.3, 1.3)
		dx, dy := b.u(0, 1), b.u(-0.3, 1)
		if b.often(0.5) { // horns or pointed ears
			for _, side := range []float32{-1, 1} {
				b.limb(ear, place(side*out, up, 0), place(side*(out+dx*l), up+dy*l, 0), r*b.u(0.18, 0.35), r*b.u(0.05, 0.2))
			}
		}
		if b.often(0.7) { // flat ears
			for _, side := range []float32{-1, 1} {
				b.ball(limb, place(side*(out+dx*l*0.4), up+dy*l*0.4, -0.1), vec{r * (0.15 + dx*l*0.4), r * (0.15 + max(dy, 0)*l*0.4), r * 0.12}, back)
			}
		}
	}
	if !beast && b.often(0.7) { // hair, a cap, a helmet, a tall hat
		if b.often(0.6) {
			b.ball(ear, place(0, b.u(0.15, 0.4), -b.u(0.05, 0.3)), vec{r * wide * b.u(1, 1.2), r * b.u(0.8, 1.1), r * long * b.u(0.95, 1.15)}, back)
		} else {
			b.limb(ear, place(0, 0.6, -0.1), place(0, b.u(1, 2), -b.u(0, 0.5)), r*b.u(0.6, 0.9), r*b.u(0.1, 1.1))
		}
	}
}

// quadruped stands on four legs along z, its head in front.
func (b *body) quadruped() {
	r := float32(0.3)
	long := r * b.u(0.3, 2.2)
	chest, rump := vec{0, 0, long}, vec{0, b.n(0.05), -long}
	b.limb(trunk, chest, rump, r*b.u(0.8, 1.15), r*b.u(0.8, 1.15))
	h := r * b.u(0.5, 1.25)
	neck, lean := b.u(0, 1)*b.u(0, 2.2)*r, float64(b.u(0.1, 1.5))
	at := add(chest, vec{b.n(0.04), r*0.4 + (neck+0.5*h)*float32(math.Sin(lean)), r*0.4 + (neck+0.5*h)*float32(math.Cos(lean))})
	b.limb(trunk, add(chest, vec{0, 0.2 * r, 0}), at, r*b.u(0.5, 0.9), h*b.u(0.5, 0.8))
	b.head(at, h, true)
	leg, thick := r*b.u(1.1, 3.2), r*b.u(0.15, 0.45)
	apart := b.u(0.4, 0.8) * r
	for _, end := range []vec{chest, rump} {
		for _, side := range []float32{-1, 1} {
			top := add(end, vec{side * apart, -0.2 * r, 0})
			sole := add(top, vec{b.n(0.02), -leg, b.n(0.1)})
			b.limb(limb, top, sole, thick*b.u(1, 1.5), thick)
			b.ball(foot, add(sole, vec{0, 0, thick * 0.3}), vec{thick * 1.15, thick * b.u(0.7, 1.2), thick * b.u(1.1, 1.7)}, turn(0, 0))
		}
	}
	if b.often(0.7) {
		tip := add(rump, vec{b.n(0.1), b.u(-1.2, 1.2) * r, -r * b.u(1, 2.2)})
		b.limb(trunk, add(rump, vec{0, 0.3 * r, -0.6 * r}), tip, r*b.u(0.1, 0.3), r*b.u(0.03, 0.35))
	}
}

// figure stands upright: people, bears, robots; every limb has a joint and the sides differ now and then.
func (b *body) figure() {
	h := b.u(0.13, 0.42) // the head's radius, the trunk being about 0.8 high
	w := b.u(0.16, 0.4)
	deep := w * b.u(0.5, 1)
	hip, chest := vec{0, 0, 0}, vec{0, b.u(0.25, 0.6), b.n(0.04)}
	b.ball(trunk, chest, vec{w, w * b.u(0.8, 1.2), deep}, turn(0, 0))
	b.ball(limb, hip, vec{w * b.u(0.7, 1.2), w * b.u(0.7, 1.1), deep * b.u(0.8, 1.2)}, turn(0, 0))
	b.limb(trunk, hip, chest, deep*b.u(0.7, 1), deep)
	at := add(chest, vec{b.n(0.03), w*0.7 + h*b.u(0.7, 1.2), b.n(0.05)})
	b.limb(skull, chest, at, h*b.u(0.3, 0.6), h*b.u(0.4, 0.7))
	b.head(at, h, b.often(0.3))
	leg, arm := b.u(0.15, 0.55), b.u(0.2, 0.45)
	thick := deep * b.u(0.25, 0.6)
	bend := func(from vec, side float32, length, out, ahead float64) vec {
		d := unit(vec{side * float32(math.Sin(out)), -float32(math.Cos(out)), float32(math.Sin(ahead))})
		return add(from, scaled(d, float32(length)))
	}
	out, ahead, stride := float64(b.u(0.1, 1.6)), float64(b.n(0.5)), float64(b.n(0.25))
	same := b.often(0.5)
	for _, side := range []float32{-1, 1} {
		top := add(hip, vec{side * w * 0.5, -0.3 * w, 0})
		knee := bend(top, side, float64(leg), 0.1, stride*float64(side))
		sole := bend(knee, side, float64(leg), 0.05, stride*float64(side)-0.1)
		b.limb(limb, top, knee, thick*1.2, thick)
		b.limb(limb, knee, sole, thick, thick*0.85)
		b.ball(foot, add(sole, vec{0, 0, thick * 0.7}), vec{thick * 1.1, thick * 0.8, thick * b.u(1.5, 2.2)}, turn(0, 0))
		if !same {
			out, ahead = float64(b.u(0.1, 1.8)), float64(b.n(0.6))
		}
		shoulder := add(chest, vec{side * w * 0.95, w * 0.4, 0})
		elbow := bend(shoulder, side, float64(arm), out, ahead)
		hand := bend(elbow, side, float64(arm), out*float64(b.u(0.2, 1.2)), ahead+float64(b.u(0, 1)))
		b.limb(trunk, shoulder, elbow, thick, thick*0.8)
		b.limb(skull, elbow, hand, thick*0.8, thick*0.7)
		b.ball(foot, hand, vec{thick, thick, thick}, turn(0, 0))
		switch {
		case b.often(0.15): // a stick, a sword
			d := unit(vec{b.n(0.4), 1, b.n(0.7)})
			b.limb(thing, add(hand, scaled(d, -b.u(0.05, 0.4))), add(hand, scaled(d, b.u(0.3, 0.9))), 0.035, b.u(0.02, 0.08))
		case b.often(0.1): // a shield, a ball
			s := b.u(0.12, 0.3)
			b.ball(thing, add(hand, vec{0, 0, thick}), vec{s, s * b.u(1, 1.4), s * b.u(0.2, 1)}, turn(1, float64(side)*float64(b.u(0, 1.5))))
		}
	}
	if b.often(0.15) { // a cape, a rucksack
		b.ball(thing, add(chest, vec{0, -b.u(0, 0.3), -deep}), vec{w * b.u(0.7, 1.2), w * b.u(0.8, 2), deep * b.u(0.2, 0.7)}, turn(0, 0))
	}
}

// bird has an egg of a trunk, wings at its sides, a beak and two feet: ducks, penguins, owls, chicks.
func (b *body) bird() {
	r, tilt := float32(0.4), float64(b.u(-1.5, 0.1)) // from lying to upright
	tall := b.u(1, 2)
	axis := apply(turn(0, tilt), vec{0, 0, 1}) // of the trunk
	if axis[1] < 0 {
		axis = scaled(axis, -1)
	}
	into := turn(0, math.Pi/2-math.Asin(float64(min(axis[1], 1))))
	b.ball(trunk, vec{}, vec{r, r * tall, r * b.u(0.8, 1.1)}, into)
	b.ball(muzzle, vec{0, -0.05, r * 0.25}, vec{r * 0.85, r * tall * 0.8, r * 0.8}, into)
	h := r * b.u(0.45, 1)
	at := add(scaled(axis, r*tall*b.u(0.8, 1.2)), vec{0, h * b.u(0.2, 0.9), h * b.u(0, 0.5)})
	b.limb(trunk, scaled(axis, r*0.5), at, r*b.u(0.4, 0.8), h*0.7)
	b.ball(skull, at, vec{h, h, h * b.u(0.95, 1.2)}, turn(0, 0))
	b.limb(foot, add(at, vec{0, -0.1 * h, 0.7 * h}), add(at, vec{0, -h * b.u(0, 0.5), h * b.u(1.2, 2.2)}), h*b.u(0.2, 0.4), h*b.u(0.05, 0.25))
	for _, side := range []float32{-1, 1} {
		b.ball(pupil, add(at, vec{side * 0.55 * h, 0.25 * h, 0.75 * h}), vec{0.12 * h, 0.15 * h, 0.12 * h}, turn(0, 0))
		b.ball(limb, vec{side * r * b.u(0.9, 1.2), 0, 0}, vec{r * b.u(0.12, 0.3), r * tall * b.u(0.5, 0.8), r * b.u(0.3, 0.6)}, product(turn(2, float64(side)*float64(b.u(-0.1, 0.6))), into))
		ankle := vec{side * r * 0.45, -r*tall*max(axis[1], 0.5) - r*b.u(0, 0.6), 0}
		b.limb(foot, vec{side * r * 0.4, -0.4 * r, 0}, ankle, r*0.15, r*0.1)
		b.ball(foot, add(ankle, vec{0, 0, r * 0.25}), vec{r * b.u(0.15, 0.35), r * 0.1, r * b.u(0.3, 0.6)}, turn(0, 0))
	}
	if b.often(0.6) {
		b.limb(trunk, scaled(axis, -r*tall*0.7), add(scaled(axis, -r*tall*b.u(1, 1.4)), vec{0, b.u(-0.1, 0.2), -r * b.u(0.2, 0.7)}), r*b.u(0.2, 0.4), r*b.u(0.05, 0.2))
	}
}

// bust is a head on shoulders that are cut off, now and then on a base.
func (b *body) bust() {
	h := float32(0.4)
	b.head(vec{0, 0.5, 0}, h, b.often(0.15))
	b.limb(skull, vec{0, 0.4, 0}, vec{0, -0.25, -b.u(0, 0.1)}, h*b.u(0.35, 0.6), h*b.u(0.4, 0.7))
	wide := b.u(0.3, 0.8)
	b.ball(trunk, vec{0, -0.35, -0.05}, vec{wide, b.u(0.15, 0.4), b.u(0.2, 0.4)}, turn(0, 0))
	if b.often(0.6) {
		b.parts = append(b.parts, part{kind: 1, a: vec{0, -b.u(0.5, 0.8), 0}, size: vec{wide * b.u(0.5, 1.1), b.u(0.1, 0.3), b.u(0.2, 0.4)}, radius: 0.03, frame: turn(0, 0), color: thing})
	}
}
