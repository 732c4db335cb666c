package mesh

import "math"

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
	for i := range q {
		q[i] += o[i]
	}
}

func (q *quadric) at(p [3]float64) float64 {
	x, y, z := p[0], p[1], p[2]
	return q[0]*x*x + 2*q[1]*x*y + 2*q[2]*x*z + 2*q[3]*x + q[4]*y*y + 2*q[5]*y*z + 2*q[6]*y + q[7]*z*z + 2*q[8]*z + q[9]
}

// best returns the point of least error, false where it is not well determined, as on a plane.
func (q *quadric) best() (p [3]float64, ok bool) {
	c0 := q[4]*q[7] - q[5]*q[5]
	c1 := q[2]*q[5] - q[1]*q[7]
	c2 := q[1]*q[5] - q[2]*q[4]
	det := q[0]*c0 + q[1]*c1 + q[2]*c2
	size := q[0] + q[4] + q[7]
	if math.Abs(det) < 1e-10*size*size*size || size == 0 {
		return p, false
	}
	p[0] = -(c0*q[3] + c1*q[6] + c2*q[8]) / det
	p[1] = -(c1*q[3] + (q[0]*q[7]-q[2]*q[2])*q[6] + (q[1]*q[2]-q[0]*q[5])*q[8]) / det
	p[2] = -(c2*q[3] + (q[1]*q[2]-q[0]*q[5])*q[6] + (q[0]*q[4]-q[1]*q[1])*q[8]) / det
	return p, true
}
