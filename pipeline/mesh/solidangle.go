package mesh

import "math"

// windings evaluates the generalised winding number of a triangle soup (Jacobson et al. 2013): the share of the sphere of
// directions that the faces cover, seen from a point, each with the sign of the side it shows. It is 1 inside a closed
// outward surface and 0 outside, and passes smoothly from one to the other through a hole. Far groups of faces count as
// one dipole (Barill et al. 2018), near ones one by one.
type windings struct {
	mesh  *Mesh
	tree  *bvh
	poles []dipole // per node of the tree
}

type dipole struct {
	centre, moment [3]float64 // of area, and the sum of area times normal
	reach          float64    // squared radius about the centre, times farther^2
}

// farther is how many radii away a group of faces counts as one; the error is about a hundredth.
const farther = 2

func newWindings(m *Mesh, t *bvh) *windings {
	w := &windings{mesh: m, tree: t, poles: make([]dipole, len(t.nodes))}
	area := make([]float64, len(t.nodes))
	for n := len(t.nodes) - 1; n > 0; n-- {
		d := &w.poles[n]
		add := func(a float64, c, moment [3]float64) {
			area[n] += a
			for k := range c {
				d.centre[k] += a * c[k]
				d.moment[k] += moment[k]
			}
		}
		if n < t.leaf {
			for _, c := range [2]int{2 * n, 2*n + 1} {
				add(area[c], w.poles[c].centre, w.poles[c].moment)
			}
		} else {
			from, to := t.span(n)
			for _, f := range t.faces[from:to] {
				v := m.Triangles[f]
				x := m.faceCross(v)
				add(norm(x)/2, blend(wide(m.Vertices[v[0]]), wide(m.Vertices[v[1]]), wide(m.Vertices[v[2]]), [3]float64{1. / 3, 1. / 3, 1. / 3}),
					[3]float64{x[0] / 2, x[1] / 2, x[2] / 2})
			}
		}
		b := &t.nodes[n]
		for k := range d.centre {
			if area[n] > 0 {
				d.centre[k] /= area[n]
			} else {
				d.centre[k] = (float64(b.lo[k]) + float64(b.hi[k])) / 2
			}
			side := math.Max(d.centre[k]-float64(b.lo[k]), float64(b.hi[k])-d.centre[k])
			d.reach += side * side
		}
		d.reach *= farther * farther
	}
	return w
}

// at returns the winding number of p.
func (w *windings) at(p [3]float64) float64 {
	var sum float64
	var stack [64]int
	top := 1
	stack[0] = 1
	for top > 0 {
		top--
		n := stack[top]
		d := &w.poles[n]
		r := sub(d.centre, p)
		if q := dot(r, r); q > d.reach {
			sum += dot(r, d.moment) / (q * math.Sqrt(q))
			continue
		}
		if n < w.tree.leaf {
			stack[top], stack[top+1] = 2*n, 2*n+1
			top += 2
			continue
		}
		from, to := w.tree.span(n)
		for _, f := range w.tree.faces[from:to] {
			sum += w.mesh.solidAngle(w.mesh.Triangles[f], p)
		}
	}
	return sum / (4 * math.Pi)
}

// solidAngle is that of a face seen from p, positive from behind (Van Oosterom and Strackee 1983).
func (m *Mesh) solidAngle(t [3]uint32, p [3]float64) float64 {
	a, b, c := m.from(t[0], p), m.from(t[1], p), m.from(t[2], p)
	la, lb, lc := norm(a), norm(b), norm(c)
	det := dot(a, cross(b, c))
	return 2 * math.Atan2(det, la*lb*lc+dot(a, b)*lc+dot(b, c)*la+dot(c, a)*lb)
}
