package pipeline

import (
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// project gives every vertex of a mesh in the model frame the picture's colour seen along z: the front as it is, the
// back mirrored. The mesh's box in x and y is laid over the matte's, as engines promise (see package engine).
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
		m.Colors[i] = sample(s, x, y)
	}
}

// sample reads the subject's colour at a point, bilinear between pixel centres.
func sample(s *picture.Subject, x, y float64) [4]uint8 {
	c := s.Color
	w, h := c.Rect.Dx(), c.Rect.Dy()
	x = min(max(x-0.5, 0), float64(w-1))
	y = min(max(y-0.5, 0), float64(h-1))
	i, j := int(x), int(y)
	fx, fy := x-float64(i), y-float64(j)
	i1, j1 := min(i+1, w-1), min(j+1, h-1)
	out := [4]uint8{3: 255}
	for k := range 3 {
		at := func(u, v int) float64 { return float64(c.Pix[v*c.Stride+4*u+k]) }
		out[k] = uint8((1-fy)*((1-fx)*at(i, j)+fx*at(i1, j)) + fy*((1-fx)*at(i, j1)+fx*at(i1, j1)) + 0.5)
	}
	return out
}
