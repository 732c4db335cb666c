package engine

import "math"

// primitive is a straight line or a circle in the plane.
type primitive struct {
	circle bool
	p      [2]float64 // a point on the line, or the centre
	d      [2]float64 // unit direction of the line
	r      float64    // radius
}

// offset is the signed distance of q and the unit vector along which it grows.
func (c primitive) offset(q [2]float64) (float64, [2]float64) {
	v := [2]float64{q[0] - c.p[0], q[1] - c.p[1]}
	if !c.circle {
		n := [2]float64{-c.d[1], c.d[0]}
		return v[0]*n[0] + v[1]*n[1], n
	}
	l := math.Hypot(v[0], v[1])
	if l == 0 {
		return -c.r, [2]float64{1, 0}
	}
	return l - c.r, [2]float64{v[0] / l, v[1] / l}
}

// worst is the largest distance of any of the points.
func (c primitive) worst(points [][2]float64) (w float64) {
	for _, q := range points {
		d, _ := c.offset(q)
		w = max(w, math.Abs(d))
	}
	return w
}

// fitLine is the line with the least squared distances.
func fitLine(points [][2]float64) primitive {
	m, xx, xy, yy := spreadOf(points)
	sin, cos := math.Sincos(math.Atan2(2*xy, xx-yy) / 2)
	return primitive{p: m, d: [2]float64{cos, sin}}
}

// spreadOf is the mean of points and their variances.
func spreadOf(points [][2]float64) (m [2]float64, xx, xy, yy float64) {
	n := float64(len(points))
	for _, q := range points {
		m[0], m[1] = m[0]+q[0]/n, m[1]+q[1]/n
	}
	for _, q := range points {
		x, y := q[0]-m[0], q[1]-m[1]
		xx, xy, yy = xx+x*x/n, xy+x*y/n, yy+y*y/n
	}
	return m, xx, xy, yy
}

// fitCircle is Taubin's algebraic circle (1991), by Newton steps as in Chernov (2010), which short arcs do not bias as much
// as the simpler ones. ok is false for points that lie straight.
func fitCircle(points [][2]float64) (c primitive, ok bool) {
	m, xx, xy, yy := spreadOf(points)
	n := float64(len(points))
	var xz, yz, zz float64
	z := xx + yy
	for _, q := range points {
		x, y := q[0]-m[0], q[1]-m[1]
		s := x*x + y*y
		xz, yz, zz = xz+x*s/n, yz+y*s/n, zz+s*s/n
	}
	cov := xx*yy - xy*xy
	v := zz - z*z
	a3 := 4 * z
	a2 := -3*z*z - zz
	a1 := v*z + 4*cov*z - xz*xz - yz*yz
	a0 := xz*(xz*yy-yz*xy) + yz*(yz*xx-xz*xy) - v*cov
	x := 0.0
	y := a0
	for range 50 {
		slope := a1 + x*(2*a2+3*a3*x)
		next := x - y/slope
		if next == x || math.IsNaN(next) || math.IsInf(next, 0) {
			break
		}
		value := a0 + next*(a1+next*(a2+next*a3))
		if math.Abs(value) >= math.Abs(y) {
			break
		}
		x, y = next, value
	}
	det := x*x - x*z + cov
	if math.Abs(det) < 1e-12*z*z {
		return c, false
	}
	u, w := (xz*(yy-x)-yz*xy)/det/2, (yz*(xx-x)-xz*xy)/det/2
	return primitive{circle: true, p: [2]float64{u + m[0], w + m[1]}, r: math.Sqrt(u*u + w*w + z)}, true
}

// meet is the point nearest to start that lies on all primitives, or as near to them as a compromise can: damped
// Gauss-Newton steps, so that lines that run into each other without a corner do not send it far along them.
func meet(start [2]float64, on ...primitive) [2]float64 {
	const damping = 3e-3
	p := start
	for range 20 {
		xx, xy, yy := damping, 0.0, damping
		var g [2]float64
		for _, c := range on {
			d, n := c.offset(p)
			xx, xy, yy = xx+n[0]*n[0], xy+n[0]*n[1], yy+n[1]*n[1]
			g[0], g[1] = g[0]+d*n[0], g[1]+d*n[1]
		}
		det := xx*yy - xy*xy
		p[0] -= (g[0]*yy - g[1]*xy) / det
		p[1] -= (g[1]*xx - g[0]*xy) / det
	}
	return p
}

// sampled walks from a to b on the primitive, the way that passes near via, and gives the points after a up to b. A circle
// gets points evenly, so that no chord is farther from it than tolerance; where the ends are a little off it, so are they.
func (c primitive) sampled(a, via, b [2]float64, tolerance float64) (out [][2]float64) {
	if c.circle {
		angle := func(q [2]float64) float64 { return math.Atan2(q[1]-c.p[1], q[0]-c.p[0]) }
		from := angle(a)
		turn := func(q [2]float64) float64 { // anticlockwise from a, 0 to 2 pi
			t := math.Mod(angle(q)-from+4*math.Pi, 2*math.Pi)
			return t
		}
		sweep := turn(b)
		if a == b {
			sweep = 2 * math.Pi
		}
		if turn(via) > sweep {
			sweep -= 2 * math.Pi
		}
		n := segments(c.r, sweep, tolerance)
		ra, rb := gap(a, c.p), gap(b, c.p)
		for k := 1; k < n; k++ {
			t := float64(k) / float64(n)
			sin, cos := math.Sincos(from + t*sweep)
			r := c.r + max(0, 1-3*t)*(ra-c.r) + max(0, 3*t-2)*(rb-c.r)
			out = append(out, [2]float64{c.p[0] + r*cos, c.p[1] + r*sin})
		}
	}
	return append(out, b)
}

// segments is how many chords of an arc keep within a tolerance; at least three quarters of a turn take three.
func segments(r, sweep, tolerance float64) int {
	step := 2 * math.Acos(max(1-tolerance/max(r, 1e-9), 0.5))
	return max(1, int(math.Ceil(math.Abs(sweep)/step-1e-9)))
}
