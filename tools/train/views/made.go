package main

import (
	"math"
	"math/rand/v2"
)

// box adds a box about a point whose upper side is narrower or wider by taper, and shifted along z by lean.
func (o *object) box(at, half vec, taper, lean float32, color vec) {
	first := int32(len(o.verts))
	for i := range 8 {
		sign := func(bit int) float32 { return float32(i>>bit&1)*2 - 1 }
		v := vec{half[0] * sign(0), half[1] * sign(1), half[2] * sign(2)}
		if sign(1) > 0 {
			v[0], v[2] = v[0]*taper, v[2]*taper+lean
		}
		o.verts = append(o.verts, add(at, v))
	}
	for _, f := range [6][4]int32{{0, 1, 3, 2}, {4, 6, 7, 5}, {0, 4, 5, 1}, {2, 3, 7, 6}, {0, 2, 6, 4}, {1, 5, 7, 3}} {
		for k := range 4 {
			f[k] += first
		}
		o.faces = append(o.faces, [3]int32{f[0], f[1], f[2]}, [3]int32{f[0], f[2], f[3]})
		o.colors = append(o.colors, color, color)
	}
}

// wheel adds one with its axle along x.
func (o *object) wheel(at vec, r, wide float32, tyre, rim vec) {
	lying := turn(2, math.Pi/2)
	o.turned([][2]float32{{r * 0.55, -wide}, {r * 0.95, -wide}, {r, -wide * 0.7}, {r, wide * 0.7}, {r * 0.95, wide}, {r * 0.55, wide}}, lying, at, &tyre)
	o.turned([][2]float32{{0.001, -wide * 0.8}, {r * 0.6, -wide * 0.8}, {r * 0.6, wide * 0.8}, {0.001, wide * 0.8}}, lying, at, &rim)
}

// vehicle adds a car, a lorry, a tractor or a digger of boxes on wheels; it drives along z.
func (o *object) vehicle(rng *rand.Rand) {
	u := func(lo, hi float64) float32 { return uniform(rng, lo, hi) }
	c := palette(rng, 6)
	paint, glass, dark, rim, metal, load := c[0], c[1], scaled(c[2], 0.1), c[3], c[4], c[5]
	wide, long := u(0.3, 0.6), u(0.6, 1.2)
	front, rear := u(0.14, 0.32), u(0.14, 0.3)
	if rng.IntN(3) == 0 {
		rear *= u(1.3, 2)
	}
	floor := max(front, rear) * u(0.6, 1.1)
	deck := u(0.08, 0.3) // half the height of what everything stands on
	o.box(vec{0, floor + deck, 0}, vec{wide, deck, long}, u(0.85, 1), 0, paint)
	top := floor + 2*deck
	// the cabin: sill, windows, roof
	cab, tall := long*u(0.2, 0.6), u(0.2, 0.5)
	at, narrow := u(-0.5, 0.6)*(long-cab), wide*u(0.7, 1)
	taper, lean := u(0.7, 1), u(-0.08, 0.05)
	o.box(vec{0, top + tall*0.2, at}, vec{narrow, tall * 0.2, cab}, 1, 0, paint)
	o.box(vec{0, top + tall*0.7, at}, vec{narrow * 0.97, tall * 0.35, cab * 0.97}, taper, lean, glass)
	o.box(vec{0, top + tall*1.1, at + lean}, vec{narrow * taper, tall * 0.07, cab * taper}, u(0.9, 1.1), 0, []vec{paint, metal}[rng.IntN(2)])
	if hood := long - at - cab; hood > 0.15 && rng.IntN(2) == 0 {
		o.box(vec{0, top + tall*0.25, at + cab + hood/2}, vec{narrow * u(0.6, 1), tall * u(0.15, 0.4), hood / 2}, u(0.8, 1), 0, paint)
	}
	if bed := long + at - cab; bed > 0.25 && rng.IntN(2) == 0 {
		h := u(0.1, 0.6)
		o.box(vec{0, top + h, -long + bed/2}, vec{wide * u(0.8, 1.1), h, bed / 2}, u(0.9, 1.2), 0, load)
	}
	axles := [][2]float32{{long * u(0.5, 0.8), front}, {-long * u(0.5, 0.8), rear}}
	if rng.IntN(4) == 0 {
		axles = append(axles, [2]float32{axles[1][0] + 2.2*rear, rear})
	}
	tread := u(0.05, 0.14)
	for _, a := range axles {
		for _, side := range []float32{-1, 1} {
			o.wheel(vec{side * (wide + tread*u(-0.5, 0.9)), a[1], a[0]}, a[1], tread, dark, rim)
		}
	}
	for _, side := range []float32{-1, 1} { // lamps
		o.box(vec{side * wide * 0.7, top - deck, long}, vec{0.06, 0.05, 0.03}, 1, 0, vec{0.9, 0.9, 0.6})
	}
	if rng.IntN(3) == 0 { // a blade, a bucket, on arms
		ahead := long + u(0.15, 0.4)
		for _, side := range []float32{-1, 1} {
			o.box(vec{side * wide * 0.8, floor, (long + ahead) / 2}, vec{0.04, 0.05, (ahead - long) / 2}, 1, 0, metal)
		}
		o.box(vec{0, floor * u(0.5, 1.2), ahead}, vec{wide * u(1, 1.6), u(0.08, 0.25), u(0.03, 0.15)}, u(0.9, 1.1), u(0, 0.1), []vec{paint, metal}[rng.IntN(2)])
	}
	if rng.IntN(3) == 0 { // an exhaust
		o.turned([][2]float32{{0.001, 0}, {0.04, 0}, {0.04, 0.3}, {0.001, 0.3}}, turn(1, 0), vec{u(-0.3, 0.3) * wide, top, u(-0.9, 0.9) * long}, &dark)
	}
}

// vessel adds a mug, a jug, a pot, a vase, a can or a bottle: turned, open or closed, mostly with a handle, maybe a spout and a lid.
func (o *object) vessel(rng *rand.Rand) {
	u := func(lo, hi float64) float32 { return uniform(rng, lo, hi) }
	c := palette(rng, 3)
	r, h := u(0.25, 0.7), u(0.3, 1)
	belly, lip, foot := u(0.9, 1.35), u(0.7, 1.15), u(0.75, 1)
	if rng.IntN(2) == 0 { // straight, as most mugs and cans are
		belly, lip, foot = 1, u(0.95, 1.05), u(0.9, 1)
	}
	at := func(t float32) float32 { // radius at a height from 0 to 1
		a, b := foot, lip
		return r * (a + (b-a)*t + (belly-(a+b)/2)*4*t*(1-t))
	}
	var profile [][2]float32
	profile = append(profile, [2]float32{0.001, -h}, [2]float32{at(0) * 0.93, -h})
	const rings = 10
	for i := range rings + 1 {
		t := float32(i) / rings
		profile = append(profile, [2]float32{at(t), -h + 0.03 + (2*h-0.03)*t})
	}
	if rng.IntN(4) == 0 { // the neck of a bottle
		n := r * u(0.2, 0.5)
		profile = append(profile, [2]float32{n, h + u(0.05, 0.4)}, [2]float32{n, h + u(0.4, 0.7)}, [2]float32{0.001, h + 0.7})
	} else if rng.Float64() < 0.7 {
		wall := r * u(0.05, 0.15)
		for i := rings; i >= 0; i-- {
			t := float32(i) / rings
			profile = append(profile, [2]float32{max(at(t)-wall, 0.02), -h + wall + (2*h-wall)*t})
		}
		profile = append(profile, [2]float32{0.001, -h + wall})
	} else {
		profile = append(profile, [2]float32{0.001, h + r*u(0, 0.3)})
	}
	o.turned(profile, turn(1, 0), vec{}, &c[0])
	if rng.Float64() < 0.75 {
		ring, thick := h*u(0.3, 0.7), u(0.05, 0.1)
		flat, drop := u(0.7, 1.2), u(-0.2, 0.2)*h
		var parts []part
		const links = 10
		for i := range links {
			point := func(i int) vec {
				s, c := math.Sincos(math.Pi * (float64(i)/links - 0.5))
				return vec{r*0.93 + ring*flat*float32(c), drop + ring*float32(s), 0}
			}
			parts = append(parts, part{a: point(i), b: point(i + 1), radius: thick})
		}
		o.implicit(parts, 0.02, []vec{c[rng.IntN(2)]})
	}
	if rng.IntN(5) == 0 { // a spout on the other side
		o.implicit([]part{{a: vec{-r * 0.8, -h * 0.3, 0}, b: vec{-r - u(0.2, 0.5), h * u(0.4, 1), 0}, radius: u(0.1, 0.2), grows: -u(0, 0.08)}}, 0.02, []vec{c[1]})
	}
	if rng.IntN(6) == 0 { // a lid with a knob
		o.turned([][2]float32{{at(1), h}, {at(1) * 0.8, h + 0.08}, {0.08, h + 0.12}, {0.12, h + 0.2}, {0.001, h + 0.26}}, turn(1, 0), vec{}, &c[2])
	}
	around := turn(1, rng.NormFloat64()*0.7) // handles are mostly seen from the side
	for i, v := range o.verts {
		o.verts[i] = apply(around, v)
	}
}
