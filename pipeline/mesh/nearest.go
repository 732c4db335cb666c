package mesh

import "math"

// hit is the place on a face that a query found.
type hit struct {
	face   uint32
	point  [3]float64
	square float64    // squared distance; for a ray, of the way along it
	weight [3]float64 // barycentric coordinates of the point
}

// nearest returns the closest place on the faces to p that is nearer than the root of limit; ok is false when there is none.
func (t *bvh) nearest(m *Mesh, p [3]float64, limit float64) (best hit, ok bool) {
	return t.nearestOf(m, p, limit, anyFace)
}

func anyFace(uint32) bool { return true }

// nearestOf looks only at the faces that admit lets through.
func (t *bvh) nearestOf(m *Mesh, p [3]float64, limit float64, admit func(face uint32) bool) (best hit, ok bool) {
	best.square = limit
	var stack [64]int
	top := 1
	stack[0] = 1
	for top > 0 {
		top--
		n := stack[top]
		if t.nodes[n].away(p) >= best.square {
			continue
		}
		if n < t.leaf {
			// The nearer child is looked at first, for it makes the other one's box too far more often.
			l, r := 2*n, 2*n+1
			if t.nodes[l].away(p) < t.nodes[r].away(p) {
				l, r = r, l
			}
			stack[top], stack[top+1] = l, r
			top += 2
			continue
		}
		from, to := t.span(n)
		for i := from; i < to; i++ {
			if t.boxes[i].away(p) >= best.square {
				continue
			}
			f := t.faces[i]
			v := m.Triangles[f]
			a, b, c := wide(m.Vertices[v[0]]), wide(m.Vertices[v[1]]), wide(m.Vertices[v[2]])
			w := closest(p, a, b, c)
			q := blend(a, b, c, w)
			if d := sub(p, q); dot(d, d) < best.square && admit(f) {
				best, ok = hit{f, q, dot(d, d), w}, true
			}
		}
	}
	return best, ok
}

// away is the squared distance of p from the box.
func (b *box) away(p [3]float64) float64 {
	var sum float64
	for k, x := range p {
		if d := float64(b.lo[k]) - x; d > 0 {
			sum += d * d
		} else if d := x - float64(b.hi[k]); d > 0 {
			sum += d * d
		}
	}
	return sum
}

// closest returns the barycentric coordinates of the point of a triangle that is closest to p, found by the region of
// the plane p lies over (Ericson 2005, Real-Time Collision Detection, 5.1.5).
func closest(p, a, b, c [3]float64) [3]float64 {
	ab, ac, ap := sub(b, a), sub(c, a), sub(p, a)
	d1, d2 := dot(ab, ap), dot(ac, ap)
	if d1 <= 0 && d2 <= 0 {
		return [3]float64{1, 0, 0}
	}
	bp := sub(p, b)
	d3, d4 := dot(ab, bp), dot(ac, bp)
	if d3 >= 0 && d4 <= d3 {
		return [3]float64{0, 1, 0}
	}
	vc := d1*d4 - d3*d2
	if vc <= 0 && d1 >= 0 && d3 <= 0 {
		v := d1 / (d1 - d3)
		return [3]float64{1 - v, v, 0}
	}
	cp := sub(p, c)
	d5, d6 := dot(ab, cp), dot(ac, cp)
	if d6 >= 0 && d5 <= d6 {
		return [3]float64{0, 0, 1}
	}
	vb := d5*d2 - d1*d6
	if vb <= 0 && d2 >= 0 && d6 <= 0 {
		w := d2 / (d2 - d6)
		return [3]float64{1 - w, 0, w}
	}
	va := d3*d6 - d5*d4
	if va <= 0 && d4-d3 >= 0 && d5-d6 >= 0 {
		w := (d4 - d3) / (d4 - d3 + d5 - d6)
		return [3]float64{0, 1 - w, w}
	}
	sum := va + vb + vc
	if sum == 0 { // no area, and none of the above: rounding
		return [3]float64{1, 0, 0}
	}
	return [3]float64{va / sum, vb / sum, vc / sum}
}

func blend(a, b, c, w [3]float64) (p [3]float64) {
	for k := range p {
		p[k] = w[0]*a[k] + w[1]*b[k] + w[2]*c[k]
	}
	return p
}

// ray returns how far along the unit direction d from p the first face lies that admit lets through, and the face; limit
// and -1 when there is none nearer.
func (t *bvh) ray(m *Mesh, p, d [3]float64, limit float64, admit func(face uint32) bool) (best float64, face int) {
	best, face = limit, -1
	var inverse [3]float64
	for k := range d {
		inverse[k] = 1 / d[k]
	}
	type entry struct {
		node int
		at   float64 // where the ray enters its box
	}
	var stack [64]entry
	top := 1
	stack[0] = entry{1, t.nodes[1].entered(&p, &inverse, best)}
	for top > 0 {
		top--
		n := stack[top].node
		if stack[top].at > best {
			continue
		}
		if n < t.leaf {
			// The nearer child is looked at first, for what is hit there makes the other one needless.
			l := entry{2 * n, t.nodes[2*n].entered(&p, &inverse, best)}
			r := entry{2*n + 1, t.nodes[2*n+1].entered(&p, &inverse, best)}
			if l.at < r.at {
				l, r = r, l
			}
			for _, e := range [2]entry{l, r} {
				if e.at <= best && e.at < math.Inf(1) {
					stack[top] = e
					top++
				}
			}
			continue
		}
		from, to := t.span(n)
		for i := from; i < to; i++ {
			f := t.faces[i]
			if s := m.rayFace(m.Triangles[f], p, d); s < best && admit(f) {
				best, face = s, int(f)
			}
		}
	}
	return best, face
}

// entered is where a ray enters the box, +Inf when it misses it or that is beyond far: the slab test (Kay and Kajiya
// 1986). NaN, from a ray in a side of the box, counts as on it.
func (b *box) entered(p, inverse *[3]float64, far float64) float64 {
	near := 0.0
	for k := range 3 {
		s, e := (float64(b.lo[k])-p[k])*inverse[k], (float64(b.hi[k])-p[k])*inverse[k]
		if s > e {
			s, e = e, s
		}
		if s > near {
			near = s
		}
		if e < far {
			far = e
		}
	}
	if near > far*(1+1e-12) {
		return math.Inf(1)
	}
	return near
}

// rayFace is the test of Möller and Trumbore (1997), +Inf for a miss; what lies behind p is one.
func (m *Mesh) rayFace(t [3]uint32, p, d [3]float64) float64 {
	a, b, c := &m.Vertices[t[0]], &m.Vertices[t[1]], &m.Vertices[t[2]]
	ax, ay, az := float64(a[0]), float64(a[1]), float64(a[2])
	ux, uy, uz := float64(b[0])-ax, float64(b[1])-ay, float64(b[2])-az
	vx, vy, vz := float64(c[0])-ax, float64(c[1])-ay, float64(c[2])-az
	qx, qy, qz := d[1]*vz-d[2]*vy, d[2]*vx-d[0]*vz, d[0]*vy-d[1]*vx
	det := ux*qx + uy*qy + uz*qz
	if det == 0 {
		return math.Inf(1)
	}
	const edge = 1e-9 // a ray must not slip through between two faces
	ox, oy, oz := p[0]-ax, p[1]-ay, p[2]-az
	x := (ox*qx + oy*qy + oz*qz) / det
	if x < -edge || x > 1+edge {
		return math.Inf(1)
	}
	rx, ry, rz := oy*uz-oz*uy, oz*ux-ox*uz, ox*uy-oy*ux
	y := (d[0]*rx + d[1]*ry + d[2]*rz) / det
	s := (vx*rx + vy*ry + vz*rz) / det
	if y < -edge || x+y > 1+edge || !(s > 0) {
		return math.Inf(1)
	}
	return s
}
