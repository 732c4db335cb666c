package render

import (
	"math"
	"slices"

	"orfeas/pipeline/mesh"
)

// A mesh of more than proxyAbove triangles gets a stand-in of at most proxyFaces, which software OpenGL draws at thirty
// frames a second while the camera moves.
const (
	proxyAbove = 60_000
	proxyFaces = 20_000
)

// proxy returns the stand-in, or nil for a mesh that is small enough itself.
func proxy(m *mesh.Mesh) *mesh.Mesh {
	if len(m.Triangles) <= proxyAbove {
		return nil
	}
	lo, hi := m.Bounds()
	largest := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2])
	if largest <= 0 {
		return &mesh.Mesh{}
	}
	// A surface of area A crosses about A/cell² cells and leaves two triangles in each; no cell so small that the
	// number of one along an axis would not fit 20 bits.
	cell := max(float32(math.Sqrt(2*m.Area()/proxyFaces)), largest/(1<<20-2))
	for {
		out := cluster(m, lo, cell)
		if len(out.Triangles) <= proxyFaces {
			return out
		}
		cell *= max(1.05, float32(math.Sqrt(float64(len(out.Triangles))/proxyFaces)))
	}
}

// cluster merges the vertices in each cell of a grid into their mean and keeps the triangles that still have three
// corners, once each: Rossignac and Borrel 1993. Crude but quick, and only seen in motion.
func cluster(m *mesh.Mesh, lo [3]float32, cell float32) *mesh.Mesh {
	ids := make(map[uint64]uint32, proxyFaces)
	to := make([]uint32, len(m.Vertices))
	var sums [][8]float64 // position, colour, count
	for i, v := range m.Vertices {
		var key uint64
		for k := range v {
			key = key<<20 | uint64((v[k]-lo[k])/cell)
		}
		id, ok := ids[key]
		if !ok {
			id = uint32(len(sums))
			ids[key], sums = id, append(sums, [8]float64{})
		}
		to[i] = id
		s := &sums[id]
		for k := range v {
			s[k] += float64(v[k])
			if m.Colors != nil {
				s[3+k] += float64(m.Colors[i][k])
			}
		}
		s[7]++
	}
	out := &mesh.Mesh{Vertices: make([][3]float32, len(sums))}
	if m.Colors != nil {
		out.Colors = make([][4]uint8, len(sums))
	}
	for i, s := range sums {
		for k := range 3 {
			out.Vertices[i][k] = float32(s[k] / s[7])
			if m.Colors != nil {
				out.Colors[i][k], out.Colors[i][3] = uint8(s[3+k]/s[7]+0.5), 255
			}
		}
	}
	seen := map[[3]uint32]bool{}
	for _, t := range m.Triangles {
		t = [3]uint32{to[t[0]], to[t[1]], to[t[2]]}
		key := t
		slices.Sort(key[:])
		if key[0] != key[1] && key[1] != key[2] && !seen[key] {
			seen[key] = true
			out.Triangles = append(out.Triangles, t)
		}
	}
	return out
}
