package pipeline

import (
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// project gives every vertex of a mesh in the model frame the picture's colour seen along z: the front as it is, the
// back mirrored. The mesh's box in x and y is laid over the matte's, as engines promise that give no colours themselves
// (see package engine).
func project(m *mesh.Mesh, s *picture.Subject) {
	box := picture.Covered(s.Matte)
	lo, hi := m.Bounds()
	// A mesh without an extent has nothing to be painted by.
	if box.Empty() || hi[0] <= lo[0] || hi[1] <= lo[1] {
		return
	}
	sx := float64(box.Dx()) / float64(hi[0]-lo[0])
	sy := float64(box.Dy()) / float64(hi[1]-lo[1])
	m.Colors = make([][4]uint8, len(m.Vertices))
	for i, v := range m.Vertices {
		x := float64(box.Min.X) + float64(v[0]-lo[0])*sx
		y := float64(box.Min.Y) + float64(hi[1]-v[1])*sy
		m.Colors[i] = s.At(x, y)
	}
}
