package main

import "math"

// scene is a signed distance field with colours (linear light), on a background or on none.
type scene struct {
	size       int
	background *vec
	field      func(p vec) (float64, vec)
}

var white = &vec{1, 1, 1}

var scenes = map[string]scene{
	"samples/duck.png":     {640, nil, duck},
	"samples/mushroom.png": {640, nil, mushroom},
	"samples/rocket.png":   {640, white, rocket},
	"samples/vase.png":     {640, white, vase},
	"samples/flower.png":   {640, nil, flower},
	"icon.png":             {512, nil, icon},
}

func sphere(p, c vec, r float64) float64 { return p.minus(c).length() - r }

func ellipsoid(p, c, r vec) float64 {
	q := p.minus(c)
	k := vec{q.x / r.x, q.y / r.y, q.z / r.z}.length()
	g := vec{q.x / (r.x * r.x), q.y / (r.y * r.y), q.z / (r.z * r.z)}.length()
	return k * (k - 1) / max(g, 1e-9)
}

func capsule(p, a, b vec, ra, rb float64) float64 {
	d := b.minus(a)
	t := min(max(p.minus(a).dot(d)/d.dot(d), 0), 1)
	return p.minus(a.plus(d.times(t))).length() - (ra + t*(rb-ra))
}

// blend is a smooth minimum (Quilez' polynomial form) with radius k.
func blend(a, b, k float64) float64 {
	h := max(k-math.Abs(a-b), 0) / k
	return min(a, b) - h*h*k/4
}

// part is one coloured piece of a scene.
type part struct {
	d float64
	c vec
}

func nearest(parts ...part) (float64, vec) {
	best := parts[0]
	for _, p := range parts[1:] {
		if p.d < best.d {
			best = p
		}
	}
	return best.d, best.c
}

func duck(p vec) (float64, vec) {
	body := ellipsoid(p, vec{-0.08, -0.3, 0}, vec{0.58, 0.4, 0.42})
	body = blend(body, sphere(p, vec{0.24, 0.3, 0}, 0.33), 0.22)
	body = blend(body, capsule(p, vec{-0.5, -0.2, 0}, vec{-0.78, 0.1, 0}, 0.2, 0.05), 0.2)
	body = blend(body, ellipsoid(p, vec{-0.16, -0.28, 0.36}, vec{0.3, 0.17, 0.13}), 0.05)
	bill := ellipsoid(p, vec{0.58, 0.24, 0.05}, vec{0.22, 0.075, 0.15})
	eye := sphere(p, vec{0.34, 0.4, 0.28}, 0.062)
	return nearest(part{body, vec{0.95, 0.62, 0.06}}, part{bill, vec{0.9, 0.22, 0.03}}, part{eye, vec{0.02, 0.02, 0.03}})
}

func mushroom(p vec) (float64, vec) {
	stem := capsule(p, vec{0, -0.75, 0}, vec{0, -0.1, 0}, 0.25, 0.17)
	cap := max(ellipsoid(p, vec{0, 0, 0}, vec{0.78, 0.68, 0.7}), -(p.y+0.06)-0.04)
	c := vec{0.72, 0.03, 0.03}
	for _, s := range [][3]float64{{0, 0.34, 0.16}, {-0.42, 0.22, 0.13}, {0.44, 0.26, 0.12}, {-0.15, 0.05, 0.09}, {0.24, 0.02, 0.1}, {-0.24, 0.52, 0.08}, {0.2, 0.56, 0.08}, {0.62, 0.03, 0.07}, {-0.62, 0.0, 0.06}} {
		if math.Hypot(p.x-s[0], p.y-s[1]) < s[2] {
			c = vec{0.9, 0.88, 0.82}
		}
	}
	return nearest(part{blend(stem, cap+0.02, 0.03), vec{0.86, 0.8, 0.68}}, part{cap, c})
}

func rocket(p vec) (float64, vec) {
	r := math.Hypot(p.x, p.z)
	t := (p.y + 0.55) / 1.45
	width := 0.0
	if t > 0 && t < 1 {
		width = 0.3 * math.Pow(math.Sin(math.Pi*min(0.28+0.72*t, 1)), 0.75)
	}
	body := max(r-width, -0.55-p.y, p.y-0.9) * 0.7
	c := vec{0.82, 0.83, 0.86}
	if p.y > 0.5 || p.y < -0.42 {
		c = vec{0.75, 0.05, 0.06}
	}
	fin := max(math.Abs(p.z)-0.035, -0.78-p.y, p.y+0.1-0.9*(0.62-math.Abs(p.x)), math.Abs(p.x)-0.52, 0.12-math.Abs(p.x)) * 0.7
	nozzle := max(r-0.2-0.3*(-0.5-p.y), -0.68-p.y, p.y+0.5) * 0.7
	window := sphere(p, vec{0, 0.18, 0.27}, 0.115)
	ring := max(math.Hypot(math.Hypot(p.x, p.y-0.18)-0.13, p.z-0.27)-0.035, -1)
	return nearest(part{body, c}, part{fin, vec{0.75, 0.05, 0.06}}, part{nozzle, vec{0.12, 0.12, 0.14}},
		part{window, vec{0.1, 0.35, 0.7}}, part{ring, vec{0.5, 0.5, 0.55}})
}

func vase(p vec) (float64, vec) {
	r := math.Hypot(p.x, p.z)
	y := min(max(p.y, -0.85), 0.85)
	profile := 0.34 + 0.17*math.Sin(2.6*y+2.2) + 0.07*y*y
	d := max(r-profile, math.Abs(p.y)-0.85) * 0.6
	c := vec{0.06, 0.28, 0.4}
	if s := math.Sin(26*p.y + 3*math.Sin(5*math.Atan2(p.x, p.z))); math.Abs(p.y+0.1) < 0.24 && s > 0.2 {
		c = vec{0.9, 0.72, 0.4}
	}
	return d, c
}

func flower(p vec) (float64, vec) {
	a := math.Atan2(p.x, p.y)
	k := 2 * math.Pi / 5
	a = math.Abs(a-k*math.Round(a/k)) / (k / 2)
	r := math.Hypot(p.x, p.y)
	edge := 0.92 - 0.5*math.Pow(a, 0.85)
	d := max((r-edge)*0.55, math.Abs(p.z)-0.14*max(1-r/0.95, 0.25))
	c := vec{0.95, 0.6, 0.05}
	if r < 0.34 {
		c = vec{0.75, 0.08, 0.1}
	}
	return d * 0.8, c
}

// icon is a bent sphere coming out of a picture's frame.
func icon(p vec) (float64, vec) {
	q := vec{p.x, p.y, p.z}
	outer := max(math.Abs(q.x), math.Abs(q.y)) - 0.86
	round := vec{max(math.Abs(q.x)-0.66, 0), max(math.Abs(q.y)-0.66, 0), 0}.length() - 0.2
	plate := max(max(outer, round), math.Abs(q.z+0.5)-0.08)
	ball := sphere(q, vec{0.02, -0.02, 0.05}, 0.56)
	blue := vec{0.02, 0.05 + 0.08*(q.y+1), 0.3 + 0.15*(q.x+1)}
	warm := vec{0.9, 0.32 + 0.2*q.y, 0.1 + 0.12*max(q.x, 0)}
	return nearest(part{plate, blue}, part{ball, warm})
}
