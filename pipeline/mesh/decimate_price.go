package mesh

// place returns where the edge would go and the error there: the point of least error when it lies near the edge, else
// the best of the ends and the middle.
func (d *decimator) place(a, b uint32) ([3]float64, float64) {
	va, vb := &d.vertices[a], &d.vertices[b]
	q := va.quadric
	q.add(&vb.quadric)
	pa, pb := &va.position, &vb.position
	middle := [3]float64{(pa[0] + pb[0]) / 2, (pa[1] + pb[1]) / 2, (pa[2] + pb[2]) / 2}
	x, y, z := pb[0]-pa[0], pb[1]-pa[1], pb[2]-pa[2]
	if p, ok := q.best(&middle); ok {
		u, v, w := p[0]-middle[0], p[1]-middle[1], p[2]-middle[2]
		if u*u+v*v+w*w <= 2*(x*x+y*y+z*z) {
			return p, max(q.at(&p), 0)
		}
	}
	best, cost := middle, q.at(&middle)
	for _, p := range [2]*[3]float64{pa, pb} {
		if c := q.at(p); c < cost {
			best, cost = *p, c
		}
	}
	return best, max(cost, 0)
}

// price is what the edge is ordered by: its error, a touch of its length, which orders the flat places, where every
// error is zero, and keeps their triangles even, and the step in colour along it.
func (d *decimator) price(a, b uint32) float32 {
	const length, color = 1e-7, 1e-3
	_, cost := d.place(a, b)
	pa, pb := &d.vertices[a].position, &d.vertices[b].position
	x, y, z := pb[0]-pa[0], pb[1]-pa[1], pb[2]-pa[2]
	factor := length
	if d.colors != nil {
		for k := range 3 {
			s := float64(d.colors[a][k]-d.colors[b][k]) / 255
			factor += color * s * s
		}
	}
	return float32(cost + factor*(x*x+y*y+z*z)*d.weight(a, b))
}
