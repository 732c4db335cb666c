package main

import "math"

type vec = [3]float32

func sub(a, b vec) vec            { return vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func add(a, b vec) vec            { return vec{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func scaled(a vec, s float32) vec { return vec{a[0] * s, a[1] * s, a[2] * s} }
func dot(a, b vec) float32        { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func length(a vec) float32        { return float32(math.Sqrt(float64(dot(a, a)))) }
func unit(a vec) vec              { return scaled(a, 1/max(length(a), 1e-12)) }
func apply(m [3]vec, v vec) vec   { return vec{dot(m[0], v), dot(m[1], v), dot(m[2], v)} }
func linear(v float32) float32    { return float32(math.Pow(float64(v), 2.2)) }
func cross(a, b vec) vec {
	return vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

// product is a b.
func product(a, b [3]vec) (out [3]vec) {
	for i := range 3 {
		for j := range 3 {
			out[i][j] = a[i][0]*b[0][j] + a[i][1]*b[1][j] + a[i][2]*b[2][j]
		}
	}
	return out
}

// turn is a rotation about an axis, 0 to 2, by radians.
func turn(axis int, angle float64) (m [3]vec) {
	s, c := math.Sincos(angle)
	i, j := (axis+1)%3, (axis+2)%3
	m[axis][axis] = 1
	m[i][i], m[j][j] = float32(c), float32(c)
	m[i][j], m[j][i] = float32(-s), float32(s)
	return m
}

// shadeSmooth gives every corner a normal: that of its vertex where the edge is soft, under 40 degrees, else the face's.
func (o *object) shadeSmooth() {
	const soft = 0.766
	sums := make([]vec, len(o.verts))
	o.flat = make([]vec, len(o.faces))
	for i, f := range o.faces {
		n := cross(sub(o.verts[f[1]], o.verts[f[0]]), sub(o.verts[f[2]], o.verts[f[0]]))
		for _, p := range f {
			sums[p] = add(sums[p], n)
		}
		o.flat[i] = unit(n)
	}
	o.normals = make([][3]vec, len(o.faces))
	for i, f := range o.faces {
		for k, p := range f {
			n := unit(sums[p])
			if dot(n, o.flat[i]) < soft {
				n = o.flat[i]
			}
			o.normals[i][k] = n
		}
	}
}
