package mesh

import "math"

// uncrossed moves the vertices of faces that cross to the middles of their grid edges. In a cell that two sheets of the
// surface pass through, the faces of one can cut those of the other; with all vertices in the middles they cannot,
// whatever the case, and faces of different cells never do. The mesh must come from [Isosurface] on that grid.
func (m *Mesh) uncrossed(g Grid) *Mesh {
	out := &Mesh{Vertices: m.Vertices, Triangles: m.Triangles, Colors: m.Colors}
	for out.SelfIntersections() > 0 {
		faces := out.crossingFaces()
		if len(out.Vertices) > 0 && &out.Vertices[0] == &m.Vertices[0] {
			out.Vertices = append([][3]float32(nil), m.Vertices...)
		}
		changed := false
		for _, f := range faces {
			for _, v := range out.Triangles[f] {
				if p := g.edgeMiddle(out.Vertices[v]); p != out.Vertices[v] {
					out.Vertices[v], changed = p, true
				}
			}
		}
		if !changed {
			break
		}
	}
	return out
}

// edgeMiddle is the middle of the grid edge a point lies on.
func (g Grid) edgeMiddle(p [3]float32) [3]float32 {
	axis, most := 0, -1.0
	for k, x := range p {
		s := (float64(x) - g.Origin[k]) / g.Step
		if off := math.Abs(s - math.Round(s)); off > most {
			axis, most = k, off
		}
	}
	s := math.Floor((float64(p[axis]) - g.Origin[axis]) / g.Step)
	p[axis] = float32(g.Origin[axis] + g.Step*(s+0.5))
	return p
}

// crossingFaces lists the faces that cross others, in order of their places in the hierarchy.
func (m *Mesh) crossingFaces() (faces []uint32) {
	t := newBVH(m, m.allFaces())
	t.pairs(0, t.leaf, func(a, b int) {
		if m.crosses(m.Triangles[t.faces[a]], m.Triangles[t.faces[b]]) {
			faces = append(faces, t.faces[a], t.faces[b])
		}
	})
	return faces
}
