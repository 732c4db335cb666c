package render

import (
	"orfeas/pipeline/mesh"
)

// maxRefined bounds the triangles a refinement adds.
const maxRefined = 400_000

// refined halves edges until none is longer than a length, so that a value for each face can vary over a large flat one.
// Whether an edge is halved depends on the edge alone: neighbours agree, and no cracks open.
func refined(m *mesh.Mesh, longest float32) *mesh.Mesh {
	out := &mesh.Mesh{Vertices: m.Vertices[:len(m.Vertices):len(m.Vertices)], Triangles: m.Triangles}
	for range 16 {
		next, more := halveEdges(out, longest)
		if !more || len(next.Triangles) > len(m.Triangles)+maxRefined {
			break
		}
		out = next
	}
	return out
}

func halveEdges(m *mesh.Mesh, longest float32) (*mesh.Mesh, bool) {
	middles := map[[2]uint32]uint32{}
	out := &mesh.Mesh{Vertices: m.Vertices}
	middle := func(a, b uint32) (uint32, bool) {
		if a > b {
			a, b = b, a
		}
		p, q := out.Vertices[a], out.Vertices[b]
		if d := along(q, p, -1); dot(d, d) <= longest*longest {
			return 0, false
		}
		id, ok := middles[[2]uint32{a, b}]
		if !ok {
			id = uint32(len(out.Vertices))
			middles[[2]uint32{a, b}] = id
			out.Vertices = append(out.Vertices, [3]float32{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2, (p[2] + q[2]) / 2})
		}
		return id, true
	}
	for _, t := range m.Triangles {
		var mid [3]uint32
		n, first := 0, 0 // how many edges are halved, and the last of them, or of three the one that is not
		var halved [3]bool
		for k := range t {
			if mid[k], halved[k] = middle(t[k], t[(k+1)%3]); halved[k] {
				n, first = n+1, k
			}
		}
		if n == 2 {
			for k := range halved {
				if !halved[k] {
					first = k
				}
			}
		}
		// Turned so that what is special is edge 0, from a to b.
		a, b, c := t[first], t[(first+1)%3], t[(first+2)%3]
		ab, bc, ca := mid[first], mid[(first+1)%3], mid[(first+2)%3]
		switch n {
		case 0:
			out.Triangles = append(out.Triangles, t)
		case 1:
			out.Triangles = append(out.Triangles, [3]uint32{a, ab, c}, [3]uint32{ab, b, c})
		case 2:
			out.Triangles = append(out.Triangles, [3]uint32{a, b, bc}, [3]uint32{a, bc, ca}, [3]uint32{ca, bc, c})
		case 3:
			out.Triangles = append(out.Triangles, [3]uint32{a, ab, ca}, [3]uint32{ab, b, bc}, [3]uint32{ca, bc, c}, [3]uint32{ab, bc, ca})
		}
	}
	return out, len(middles) > 0
}
