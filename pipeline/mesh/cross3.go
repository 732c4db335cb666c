package mesh

// cross3 is the test of Guigue and Devillers (2003): both triangles cut the line in which their planes meet in a
// stretch, and the signs of two tetrahedra tell whether the stretches overlap. The inequalities are strict.
func cross3(p, q [3][3]float64) bool {
	sq, ok := sides(&p, &q)
	if !ok {
		return false
	}
	sp, ok := sides(&q, &p)
	if !ok {
		return false
	}
	p, swapQ := lone(p, sp)
	q, swapP := lone(q, sq)
	if swapQ {
		q[1], q[2] = q[2], q[1]
	}
	if swapP {
		p[1], p[2] = p[2], p[1]
	}
	return side(p[1], q[0], p[0], q[1]) < 0 && side(p[0], q[0], p[2], q[2]) < 0
}

// sides tells on which side of p's plane the corners of q are; ok when there are some on both.
func sides(p, q *[3][3]float64) (s [3]int, ok bool) {
	u, v := sub(p[1], p[0]), sub(p[2], p[0])
	n := cross(u, v)
	e := rounding * rounding * dot(u, u) * dot(v, v)
	var above, below bool
	for i := range q {
		w := sub(q[i], p[0])
		if d := dot(n, w); d*d <= e*dot(w, w) {
			continue
		} else if d > 0 {
			s[i], above = 1, true
		} else {
			s[i], below = -1, true
		}
	}
	return s, above && below
}

// lone turns p so that the corner that is alone on its side comes first, and tells whether that is the lower side.
func lone(p [3][3]float64, s [3]int) (turned [3][3]float64, lower bool) {
	want := 1
	if s[0] > 0 && s[1] > 0 || s[1] > 0 && s[2] > 0 || s[2] > 0 && s[0] > 0 {
		want = -1
	}
	for i := range 3 {
		if s[i] == want {
			return [3][3]float64{p[i], p[(i+1)%3], p[(i+2)%3]}, want < 0
		}
	}
	return p, false
}

// side is the sign of the volume of the tetrahedron a, b, c, d, zero within the rounding of its computation.
func side(a, b, c, d [3]float64) int {
	u, v, w := sub(b, a), sub(c, a), sub(d, a)
	switch det := dot(u, cross(v, w)); {
	case det*det <= rounding*rounding*dot(u, u)*dot(v, v)*dot(w, w):
		return 0
	case det > 0:
		return 1
	}
	return -1
}

// rounding bounds the error of a 3 x 3 determinant against the product of the lengths of its rows: six terms of at most
// five roundings each (a coarse form of Shewchuk 1997). The differences of float32 corners are exact or nearly so.
const rounding = 5e-15
