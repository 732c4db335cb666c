package texture

import "orfeas/pipeline/mesh"

// refined is a mesh whose edges are short enough for colours to be worked out at its vertices. Its first vertices are
// those of the mesh it came from.
type refined struct {
	mesh   *mesh.Mesh
	face   []uint32        // of the mesh it came from
	corner [][3][3]float32 // barycentric coordinates of the corners in that face
}

// maxRefined bounds the triangles that splitting makes: a mesh with that many is fine enough.
const maxRefined = 400_000

// refine halves edges longer than longest, both sides of each at the same point, until there are none or there are
// enough triangles.
func refine(m *mesh.Mesh, longest float64) *refined {
	r := &refined{mesh: &mesh.Mesh{Vertices: m.Vertices[:len(m.Vertices):len(m.Vertices)], Triangles: m.Triangles}}
	r.face, r.corner = make([]uint32, len(m.Triangles)), make([][3][3]float32, len(m.Triangles))
	for f := range r.face {
		r.face[f] = uint32(f)
		r.corner[f] = [3][3]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	}
	for len(r.mesh.Triangles) < maxRefined && r.halve(longest*longest) {
	}
	return r
}

// halve splits every triangle at the middles of its long edges, and tells whether there were any.
func (r *refined) halve(square float64) bool {
	m := r.mesh
	middle := map[[2]uint32]uint32{}
	long := func(a, b uint32) (uint32, bool) {
		d := sub(wide(m.Vertices[a]), wide(m.Vertices[b]))
		if dot(d, d) <= square {
			return 0, false
		}
		key := [2]uint32{min(a, b), max(a, b)}
		v, known := middle[key]
		if !known {
			v = uint32(len(m.Vertices))
			middle[key] = v
			p, q := m.Vertices[a], m.Vertices[b]
			m.Vertices = append(m.Vertices, [3]float32{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2, (p[2] + q[2]) / 2})
		}
		return v, true
	}
	out := refined{mesh: m}
	var triangles [][3]uint32
	for f, t := range m.Triangles {
		c := r.corner[f]
		// A polygon of three to six corners, and then its triangles.
		var ring []uint32
		var at [][3]float32
		cut := 0 // a corner after which an edge was split: the fan starts at the new vertex, so that none is flat
		for k := range 3 {
			ring, at = append(ring, t[k]), append(at, c[k])
			if v, ok := long(t[k], t[(k+1)%3]); ok {
				n := c[(k+1)%3]
				cut = len(ring)
				ring, at = append(ring, v), append(at, [3]float32{(c[k][0] + n[0]) / 2, (c[k][1] + n[1]) / 2, (c[k][2] + n[2]) / 2})
			}
		}
		add := func(a, b, c int) {
			triangles = append(triangles, [3]uint32{ring[a], ring[b], ring[c]})
			out.face = append(out.face, r.face[f])
			out.corner = append(out.corner, [3][3]float32{at[a], at[b], at[c]})
		}
		if n := len(ring); n == 6 {
			add(0, 1, 5)
			add(1, 2, 3)
			add(3, 4, 5)
			add(1, 3, 5)
		} else {
			for k := 1; k+1 < n; k++ {
				add(cut, (cut+k)%n, (cut+k+1)%n)
			}
		}
	}
	m.Triangles = triangles
	*r = out
	return len(middle) > 0
}
