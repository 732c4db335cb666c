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
		x, y, z := d.centre[0]-p[0], d.centre[1]-p[1], d.centre[2]-p[2]
		if q := x*x + y*y + z*z; q > d.reach {
			sum += (x*d.moment[0] + y*d.moment[1] + z*d.moment[2]) / (q * math.Sqrt(q))
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
	a, b, c := &m.Vertices[t[0]], &m.Vertices[t[1]], &m.Vertices[t[2]]
	ax, ay, az := float64(a[0])-p[0], float64(a[1])-p[1], float64(a[2])-p[2]
	bx, by, bz := float64(b[0])-p[0], float64(b[1])-p[1], float64(b[2])-p[2]
	cx, cy, cz := float64(c[0])-p[0], float64(c[1])-p[1], float64(c[2])-p[2]
	la, lb, lc := math.Sqrt(ax*ax+ay*ay+az*az), math.Sqrt(bx*bx+by*by+bz*bz), math.Sqrt(cx*cx+cy*cy+cz*cz)
	det := ax*(by*cz-bz*cy) + ay*(bz*cx-bx*cz) + az*(bx*cy-by*cx)
	ab, bc, ca := ax*bx+ay*by+az*bz, bx*cx+by*cy+bz*cz, cx*ax+cy*ay+cz*az
	return 2 * math.Atan2(det, la*lb*lc+ab*lc+bc*la+ca*lb)
}
