package mesh

import "math"

// Components numbers the parts of the mesh that hang together along edges: label holds a part for every face, in the
// order of their first faces, and n is how many there are. A face with a repeated corner or an index out of range
// belongs to none and gets -1.
func (m *Mesh) Components() (label []int32, n int) {
	part := newSets(len(m.Triangles))
	runs(m.halfEdges(func(f int) bool { return m.cornersDiffer(m.Triangles[f]) }), func(e []halfEdge) {
		for _, o := range e[1:] {
			part.join(e[0].face, o.face)
		}
	})
	label = make([]int32, len(m.Triangles))
	for f, t := range m.Triangles {
		switch root := part.root(uint32(f)); {
		case !m.cornersDiffer(t):
			label[f] = -1
		case root == uint32(f): // the smallest face of a part is its root, so it comes first
			label[f] = int32(n)
			n++
		default:
			label[f] = label[root]
		}
	}
	return label, n
}

func (m *Mesh) cornersDiffer(t [3]uint32) bool {
	n := uint32(len(m.Vertices))
	return t[0] < n && t[1] < n && t[2] < n && t[0] != t[1] && t[1] != t[2] && t[2] != t[0]
}

// KeepLarge drops the parts that are smaller than share (0 to 1) of the largest, and faces that belong to none, and
// tells how many parts went. Size is the volume without its sign when every part is closed, else the area. A cavity is a
// part of its own: a small one is filled by being dropped, and one that is kept never goes without the part round it,
// which is larger. Coordinates that are not finite make a part's size zero.
func (m *Mesh) KeepLarge(share float64) (*Mesh, int) {
	label, n := m.Components()
	size := m.partSizes(label, n)
	largest := 0.0
	for _, s := range size {
		largest = max(largest, s)
	}
	dropped := 0
	keep := make([]bool, n)
	for i, s := range size {
		if keep[i] = s >= share*largest; !keep[i] {
			dropped++
		}
	}
	out := &Mesh{Vertices: m.Vertices, Colors: m.Colors}
	for f, t := range m.Triangles {
		if l := label[f]; l >= 0 && keep[l] {
			out.Triangles = append(out.Triangles, t)
		}
	}
	return out.Compact(), dropped
}

func (m *Mesh) partSizes(label []int32, n int) []float64 {
	size, area := m.partVolumes(label, n), make([]float64, n)
	for f, t := range m.Triangles {
		if l := label[f]; l >= 0 {
			area[l] += norm(m.faceCross(t)) / 2
		}
	}
	runs(m.halfEdges(func(f int) bool { return label[f] >= 0 }), func(e []halfEdge) {
		if len(e) == 1 {
			size = area
		}
	})
	for i, s := range size {
		if size[i] = math.Abs(s); s-s != 0 {
			size[i] = 0
		}
	}
	return size
}

// partVolumes returns the signed volume of every part.
func (m *Mesh) partVolumes(label []int32, n int) []float64 {
	volume := make([]float64, n)
	// About a corner of the part itself, so that a small part far away keeps its digits.
	origin, seen := make([][3]float64, n), make([]bool, n)
	for f, t := range m.Triangles {
		l := label[f]
		if l < 0 {
			continue
		}
		if !seen[l] {
			origin[l], seen[l] = wide(m.Vertices[t[0]]), true
		}
		a, b, c := m.from(t[0], origin[l]), m.from(t[1], origin[l]), m.from(t[2], origin[l])
		volume[l] += dot(a, cross(b, c)) / 6
	}
	return volume
}

// Compact returns the mesh without the vertices no face uses; the others keep their order. Indices out of range go
// with their faces.
func (m *Mesh) Compact() *Mesh {
	n := uint32(len(m.Vertices))
	number := make([]uint32, n)
	out := &Mesh{Triangles: make([][3]uint32, 0, len(m.Triangles))}
	for _, t := range m.Triangles {
		if t[0] < n && t[1] < n && t[2] < n {
			out.Triangles = append(out.Triangles, t)
			number[t[0]], number[t[1]], number[t[2]] = 1, 1, 1
		}
	}
	for v, used := range number {
		if used == 0 {
			continue
		}
		number[v] = uint32(len(out.Vertices))
		out.Vertices = append(out.Vertices, m.Vertices[v])
		if len(m.Colors) == len(m.Vertices) {
			out.Colors = append(out.Colors, m.Colors[v])
		}
	}
	for i, t := range out.Triangles {
		out.Triangles[i] = [3]uint32{number[t[0]], number[t[1]], number[t[2]]}
	}
	return out
}
