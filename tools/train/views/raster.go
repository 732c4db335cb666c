package main

import (
	"math"
	"math/rand/v2"
)

// buffers is what a camera sees on n x n pixels: of the first surface along each ray the depth, the face and where on
// it; of the last the depth. Depths are in pixels, zero at the object's centre, growing away from the camera.
type buffers struct {
	n           int
	front, back []float32
	face        []int32 // -1 for nothing
	at          [][2]float32
}

// camera looks along -z at the origin after turning the object; near is 1/distance, 0 for parallel rays.
type camera struct {
	turn    [3]vec
	stretch vec
	near    float32
}

// shoot sees an object so that it takes share of the picture.
func shoot(o *object, c camera, n int, share float64, rng *rand.Rand) *buffers {
	points := make([]vec, len(o.verts)) // screen x and y, and the turned z
	lo, hi := [2]float32{1e9, 1e9}, [2]float32{-1e9, -1e9}
	for i, v := range o.verts {
		p := apply(c.turn, vec{v[0] * c.stretch[0], v[1] * c.stretch[1], v[2] * c.stretch[2]})
		w := 1 / (1 - p[2]*c.near)
		points[i] = vec{p[0] * w, -p[1] * w, p[2]}
		for k := range 2 {
			lo[k], hi[k] = min(lo[k], points[i][k]), max(hi[k], points[i][k])
		}
	}
	scale := float32(float64(n)*share) / max(hi[0]-lo[0], hi[1]-lo[1], 1e-6)
	jitter := func() float32 { return float32(n)/2 + float32(rng.Float64()-0.5)*2 }
	ox, oy := jitter()-(lo[0]+hi[0])/2*scale, jitter()-(lo[1]+hi[1])/2*scale
	for i, p := range points {
		points[i] = vec{p[0]*scale + ox, p[1]*scale + oy, 1 - p[2]*c.near}
		if c.near == 0 {
			points[i][2] = -p[2]
		}
	}
	b := &buffers{n: n, front: make([]float32, n*n), back: make([]float32, n*n), face: make([]int32, n*n), at: make([][2]float32, n*n)}
	for i := range b.face {
		b.face[i], b.front[i], b.back[i] = -1, 1e9, -1e9
	}
	for i, f := range o.faces {
		b.fill(int32(i), points[f[0]], points[f[1]], points[f[2]], c.near, scale)
	}
	return b
}

// fill draws a triangle. With perspective the third coordinate is w = 1 - z/d, whose inverse is linear on the screen.
func (b *buffers) fill(face int32, p, q, r vec, near, scale float32) {
	area := (q[0]-p[0])*(r[1]-p[1]) - (q[1]-p[1])*(r[0]-p[0])
	if area > -1e-9 && area < 1e-9 {
		return
	}
	inverse := 1 / area
	from := func(v float32) int { return max(int(math.Ceil(float64(v)-0.5)), 0) }
	to := func(v float32) int { return min(int(math.Floor(float64(v)-0.5)), b.n-1) }
	x0, x1 := from(min(p[0], q[0], r[0])), to(max(p[0], q[0], r[0]))
	y0, y1 := from(min(p[1], q[1], r[1])), to(max(p[1], q[1], r[1]))
	for y := y0; y <= y1; y++ {
		fy := float32(y) + 0.5
		for x := x0; x <= x1; x++ {
			fx := float32(x) + 0.5
			u := ((fx-p[0])*(r[1]-p[1]) - (fy-p[1])*(r[0]-p[0])) * inverse
			v := ((q[0]-p[0])*(fy-p[1]) - (q[1]-p[1])*(fx-p[0])) * inverse
			t := 1 - u - v
			if u < 0 || v < 0 || t < 0 {
				continue
			}
			depth := t*p[2] + u*q[2] + v*r[2]
			if near > 0 {
				a, e, g := t/p[2], u/q[2], v/r[2]
				w := 1 / (a + e + g)
				u, v = e*w, g*w
				depth = (w - 1) / near
			}
			depth *= scale
			i := y*b.n + x
			if depth < b.front[i] {
				b.front[i], b.face[i], b.at[i] = depth, face, [2]float32{u, v}
			}
			b.back[i] = max(b.back[i], depth)
		}
	}
}
