package mesh

// winding counts how often the faces that use admits surround p: the signed crossings of a ray from p along +x. Only for
// closed, oriented surfaces is that the same for every ray. In the (y, z) plane a point on an edge belongs to one of the
// two faces beside it, by a half-open rule on values that both compute alike, so that a ray through an edge or a corner
// counts once (the simulation of simplicity of Edelsbrunner and Mücke 1990 in its plainest form).
func (t *bvh) winding(m *Mesh, p [3]float32, use func(face uint32) bool) int {
	total := 0
	var visit func(n int)
	visit = func(n int) {
		if b := &t.nodes[n]; b.hi[0] < p[0] || b.lo[1] > p[1] || b.hi[1] < p[1] || b.lo[2] > p[2] || b.hi[2] < p[2] {
			return
		}
		if n < t.leaf {
			visit(2 * n)
			visit(2*n + 1)
			return
		}
		from, to := t.span(n)
		for _, f := range t.faces[from:to] {
			if use(f) {
				total += m.crossing(m.Triangles[f], wide(p))
			}
		}
	}
	visit(1)
	return total
}

// crossing is +1 when the ray from p along +x leaves through the face, -1 when it enters, else 0.
func (m *Mesh) crossing(t [3]uint32, p [3]float64) int {
	turns := 0 // of the face's outline round p in the (y, z) plane
	for i := range 3 {
		u, v, way := t[i], t[(i+1)%3], 1
		if u > v {
			u, v, way = v, u, -1 // the same sums for both faces of an edge
		}
		a, b := m.from(u, p), m.from(v, p)
		if (a[1] > 0) == (b[1] > 0) {
			continue
		}
		if a[1] <= 0 {
			way = -way // from low to high y above p is clockwise
		}
		// The edge passes above p where a.z*b.y - b.z*a.y has the sign of b.y - a.y.
		if (a[2]*b[1]-b[2]*a[1] > 0) == (b[1] > a[1]) {
			turns += way
		}
	}
	if turns == 0 {
		return 0
	}
	if ahead := dot(m.faceCross(t), m.from(t[0], p)); (ahead > 0) != (turns > 0) {
		return 0 // the face lies behind
	}
	return turns
}
