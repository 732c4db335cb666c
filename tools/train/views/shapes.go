package main

import (
	"context"
	"math"
	"math/rand/v2"

	"orfeas/pipeline/mesh"
)

// invent makes a shape without an artist: an animal or a figure of capsules, a vehicle, a vessel, blended primitives, a horn,
// something turned or something cut out.
func invent(rng *rand.Rand) *object {
	o := &object{category: "invented"}
	switch k := rng.Float64(); {
	case k < 0.34:
		o.creature(rng)
	case k < 0.46:
		o.vehicle(rng)
	case k < 0.58:
		o.vessel(rng)
	case k < 0.7:
		parts, soft := blend(rng)
		o.implicit(parts, soft, nil)
	case k < 0.8:
		parts, soft := horn(rng)
		o.implicit(parts, soft, nil)
	case k < 0.9:
		o.lathe(rng)
	default:
		o.cutOut(rng)
	}
	o.centre()
	o.colour(rng)
	o.shadeSmooth()
	return o
}

// part is a primitive: a capsule between two points, whose radius may grow on the way, or a box or an ellipsoid about the first.
type part struct {
	kind   int
	a, b   vec
	radius float32
	grows  float32 // radius at b less that at a
	size   vec
	frame  [3]vec
	color  int // in the palette of the whole
}

// distance is about that to the surface, negative inside.
func (p part) distance(at vec) float32 {
	switch p.kind {
	case 0:
		d, e := sub(at, p.a), sub(p.b, p.a)
		t := min(max(dot(d, e)/max(dot(e, e), 1e-9), 0), 1)
		return length(sub(d, scaled(e, t))) - p.radius - p.grows*t
	case 1:
		d := apply(p.frame, sub(at, p.a))
		var out vec
		inner := float32(-1e9)
		for k := range 3 {
			q := float32(math.Abs(float64(d[k]))) - p.size[k] + p.radius
			out[k], inner = max(q, 0), max(inner, q)
		}
		return length(out) + min(inner, 0) - p.radius
	default:
		d := apply(p.frame, sub(at, p.a))
		least := min(p.size[0], p.size[1], p.size[2])
		return (length(vec{d[0] / p.size[0], d[1] / p.size[1], d[2] / p.size[2]}) - 1) * least
	}
}

func randomFrame(rng *rand.Rand) [3]vec {
	return product(turn(0, rng.NormFloat64()*0.6), product(turn(1, rng.Float64()*2*math.Pi), turn(2, rng.NormFloat64()*0.4)))
}

func randomVec(rng *rand.Rand, lo, hi float64) vec {
	return vec{uniform(rng, lo, hi), uniform(rng, lo, hi), uniform(rng, lo, hi)}
}

func blend(rng *rand.Rand) (parts []part, soft float32) {
	for range 2 + rng.IntN(6) {
		p := part{kind: 1 + rng.IntN(2), a: randomVec(rng, -0.5, 0.5), size: randomVec(rng, 0.1, 0.5), frame: randomFrame(rng)}
		p.radius = uniform(rng, 0.01, 0.5) * min(p.size[0], p.size[1], p.size[2])
		if rng.IntN(3) == 0 {
			p = part{a: p.a, b: randomVec(rng, -0.8, 0.8), radius: uniform(rng, 0.06, 0.25)}
		}
		parts = append(parts, p)
		if rng.IntN(3) == 0 { // its mirror image
			p.a[0], p.b[0] = -p.a[0], -p.b[0]
			for k := range 3 {
				p.frame[k][0] = -p.frame[k][0]
			}
			parts = append(parts, p)
		}
	}
	return parts, uniform(rng, 0.005, 0.15)
}

// horn is a tube along an arc or a coil, thinner toward one end or both: horns, handles, hooks, bananas, tails.
func horn(rng *rand.Rand) (parts []part, soft float32) {
	const links = 9
	r, bend, coil := uniform(rng, 0.06, 0.3), uniform(rng, 0, 0.45), float32(0)
	if rng.IntN(4) == 0 {
		coil = uniform(rng, -0.12, 0.12)
	}
	thin := [2]float32{uniform(rng, 0.1, 1), uniform(rng, 0.1, 1)}
	frame := randomFrame(rng)
	step := uniform(rng, 0.12, 0.3)
	at, angle := vec{}, float64(0)
	var points []vec
	var middle vec
	for range links + 1 {
		points = append(points, at)
		middle = add(middle, scaled(at, 1.0/(links+1)))
		s, c := math.Sincos(angle)
		at = add(at, apply(frame, vec{step * float32(c), step * float32(s), coil}))
		angle += float64(bend)
	}
	radius := func(i int) float32 {
		t := float32(i) / links
		return r * (1 - (1-thin[0])*max(1-3*t, 0) - (1-thin[1])*max(3*t-2, 0))
	}
	for i := range links {
		parts = append(parts, part{a: sub(points[i], middle), b: sub(points[i+1], middle), radius: (radius(i) + radius(i+1)) / 2})
	}
	return parts, uniform(rng, 0.01, 0.05)
}

// implicit adds the surface of the smooth union of parts (the exponential one). With a palette every face has the colour of the
// part nearest to it.
func (o *object) implicit(parts []part, soft float32, palette []vec) {
	const n, reach = 48, 1.6
	grid := mesh.Grid{N: [3]int{n, n, n}, Origin: [3]float64{-reach, -reach, -reach}, Step: 2 * reach / (n - 1)}
	m, err := mesh.Isosurface(context.Background(), grid, func(k int, out []float32) {
		for i := range out {
			at := vec{float32(i%n)*float32(grid.Step) - reach, float32(i/n)*float32(grid.Step) - reach, float32(k)*float32(grid.Step) - reach}
			var sum float64
			for _, p := range parts {
				sum += math.Exp(-float64(max(min(p.distance(at), 1), -0.7) / soft))
			}
			out[i] = soft * float32(math.Log(sum+1e-300))
		}
	})
	if err != nil {
		panic(err) // the grid is good and nothing cancels
	}
	first := int32(len(o.verts))
	o.verts = append(o.verts, m.Vertices...)
	for _, t := range m.Triangles {
		f := [3]int32{first + int32(t[0]), first + int32(t[1]), first + int32(t[2])}
		o.faces = append(o.faces, f)
		if palette == nil {
			continue
		}
		middle, nearest, least := o.middle(f), 0, float32(math.Inf(1))
		for i, p := range parts {
			if d := p.distance(middle); d < least {
				nearest, least = i, d
			}
		}
		o.colors = append(o.colors, palette[parts[nearest].color])
	}
}

// middle is the centre of gravity of a face.
func (o *object) middle(f [3]int32) vec {
	return scaled(add(o.verts[f[0]], add(o.verts[f[1]], o.verts[f[2]])), 1.0/3)
}

// lathe turns a random profile about y, now and then open at the top like a cup.
func (o *object) lathe(rng *rand.Rand) {
	var profile [][2]float32
	rings := 4 + rng.IntN(8)
	r := uniform(rng, 0.1, 0.6)
	height := uniform(rng, 0.2, 1)
	for i := range rings {
		profile = append(profile, [2]float32{r, height * (2*float32(i)/float32(rings-1) - 1)})
		if rng.IntN(3) > 0 {
			r = min(max(r+float32(rng.NormFloat64()*0.15), 0.05), 0.8)
		}
	}
	if rng.IntN(2) == 0 { // rounder
		for range 2 {
			var fine [][2]float32
			for i := range len(profile) - 1 {
				a, b := profile[i], profile[i+1]
				fine = append(fine, [2]float32{a[0]*0.75 + b[0]*0.25, a[1]*0.75 + b[1]*0.25}, [2]float32{a[0]*0.25 + b[0]*0.75, a[1]*0.25 + b[1]*0.75})
			}
			profile = fine
		}
	}
	open := rng.IntN(3) == 0
	profile = append([][2]float32{{0.001, profile[0][1]}}, profile...)
	last := profile[len(profile)-1]
	if open {
		wall := uniform(rng, 0.03, 0.1)
		profile = append(profile, [2]float32{max(last[0]-wall, 0.02), last[1]}, [2]float32{max(profile[1][0]-wall, 0.02), profile[0][1] + wall})
		last = profile[len(profile)-1]
	}
	profile = append(profile, [2]float32{0.001, last[1]})
	o.turned(profile, turn(1, 0), vec{}, nil)
}

// turned adds what a profile of radius and height makes about its axis, y before the frame is applied, in the colour if there is one.
func (o *object) turned(profile [][2]float32, frame [3]vec, at vec, color *vec) {
	const around = 40
	first := int32(len(o.verts))
	for _, p := range profile {
		for a := range around {
			s, c := math.Sincos(2 * math.Pi * float64(a) / around)
			o.verts = append(o.verts, add(at, apply(frame, vec{p[0] * float32(c), p[1], p[0] * float32(s)})))
		}
	}
	for i := range len(profile) - 1 {
		for a := range around {
			p, q := first+int32(i*around+a), first+int32(i*around+(a+1)%around)
			o.faces = append(o.faces, [3]int32{p, q, p + around}, [3]int32{q, q + around, p + around})
			if color != nil {
				o.colors = append(o.colors, *color, *color)
			}
		}
	}
}

// cutOut extrudes a random star-shaped outline.
func (o *object) cutOut(rng *rand.Rand) {
	n := 3 + rng.IntN(40)
	deep := uniform(rng, 0.03, 0.7)
	var wave [5]float64
	for i := range wave {
		wave[i] = rng.NormFloat64() * 0.25 / float64(i+1)
	}
	wide := uniform(rng, 0.3, 1)
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		r := 0.7
		for k, w := range wave {
			r += w * math.Cos(float64(k+1)*a+float64(k))
		}
		s, c := math.Sincos(a)
		x, y := float32(max(r, 0.15)*c)*wide, float32(max(r, 0.15)*s)
		o.verts = append(o.verts, vec{x, y, deep}, vec{x, y, -deep})
	}
	o.verts = append(o.verts, vec{0, 0, deep}, vec{0, 0, -deep})
	m := int32(2 * n)
	for i := range int32(n) {
		p, q := 2*i, 2*((i+1)%int32(n))
		o.faces = append(o.faces, [3]int32{m, p, q}, [3]int32{m + 1, q + 1, p + 1}, [3]int32{p, p + 1, q}, [3]int32{q, p + 1, q + 1})
	}
}

// centre puts the box's centre at the origin and makes the longest side 2.
func (o *object) centre() {
	lo, hi := vec{1e9, 1e9, 1e9}, vec{-1e9, -1e9, -1e9}
	for _, v := range o.verts {
		for k := range 3 {
			lo[k], hi[k] = min(lo[k], v[k]), max(hi[k], v[k])
		}
	}
	scale := 2 / max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2], 1e-6)
	for i, v := range o.verts {
		o.verts[i] = scaled(sub(v, scaled(add(lo, hi), 0.5)), scale)
	}
}

// palette is n colours, no two alike.
func palette(rng *rand.Rand, n int) (out []vec) {
	grey := rng.Float64() < 0.2
	for range n {
		c := randomVec(rng, 0.02, 1)
		if grey {
			c = vec{c[0], c[0], c[0]}
		}
		for k := range 3 {
			c[k] = linear(c[k])
		}
		out = append(out, c)
	}
	return out
}

// colour gives the faces that have none bands or patches of up to four colours.
func (o *object) colour(rng *rand.Rand) {
	n := 1 + rng.IntN(4)
	colors := palette(rng, n)
	dir, often := randomVec(rng, -1, 1), uniform(rng, 0.5, 4)
	bend := randomVec(rng, -3, 3)
	for _, f := range o.faces[len(o.colors):] {
		c := o.middle(f)
		k := float64(dot(c, dir)*often) + 0.5*math.Sin(float64(dot(c, bend)))
		o.colors = append(o.colors, colors[((int(math.Floor(k))%n)+n)%n])
	}
}
