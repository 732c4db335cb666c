package mesh

// quadric is the symmetric 4 x 4 matrix of Garland and Heckbert (1997): the sum of squared distances to planes, weighted
// by areas. Order: xx xy xz xw yy yz yw zz zw ww.
type quadric [10]float64

func planeQuadric(n [3]float64, d, weight float64) quadric {
	return quadric{
		weight * n[0] * n[0], weight * n[0] * n[1], weight * n[0] * n[2], weight * n[0] * d,
		weight * n[1] * n[1], weight * n[1] * n[2], weight * n[1] * d,
		weight * n[2] * n[2], weight * n[2] * d, weight * d * d}
}

func (q *quadric) add(o *quadric) {
	q[0], q[1], q[2], q[3], q[4] = q[0]+o[0], q[1]+o[1], q[2]+o[2], q[3]+o[3], q[4]+o[4]
	q[5], q[6], q[7], q[8], q[9] = q[5]+o[5], q[6]+o[6], q[7]+o[7], q[8]+o[8], q[9]+o[9]
}

func (q *quadric) at(p *[3]float64) float64 {
	x, y, z := p[0], p[1], p[2]
	return q[0]*x*x + 2*q[1]*x*y + 2*q[2]*x*z + 2*q[3]*x + q[4]*y*y + 2*q[5]*y*z + 2*q[6]*y + q[7]*z*z + 2*q[8]*z + q[9]
}

// best returns the point of least error. On planes and along straight creases, where a whole set of points has it, the
// one next to m: a spring to m, weak beside the planes, makes the system solvable everywhere. ok is false without planes.
func (q *quadric) best(m *[3]float64) (p [3]float64, ok bool) {
	const spring = 1e-6
	s := spring * (q[0] + q[4] + q[7])
	if s <= 0 {
		return *m, false
	}
	xx, yy, zz := q[0]+s, q[4]+s, q[7]+s
	xy, xz, yz := q[1], q[2], q[5]
	// The gradient at m; solving for the step from m keeps the digits that solving for the point would lose.
	gx := q[0]*m[0] + xy*m[1] + xz*m[2] + q[3]
	gy := xy*m[0] + q[4]*m[1] + yz*m[2] + q[6]
	gz := xz*m[0] + yz*m[1] + q[7]*m[2] + q[8]
	c0, c1, c2 := yy*zz-yz*yz, xz*yz-xy*zz, xy*yz-xz*yy
	det := xx*c0 + xy*c1 + xz*c2
	if det <= 0 {
		return *m, false
	}
	c4, c5, c8 := xx*zz-xz*xz, xy*xz-xx*yz, xx*yy-xy*xy
	return [3]float64{
		m[0] - (c0*gx+c1*gy+c2*gz)/det,
		m[1] - (c1*gx+c4*gy+c5*gz)/det,
		m[2] - (c2*gx+c5*gy+c8*gz)/det}, true
}
