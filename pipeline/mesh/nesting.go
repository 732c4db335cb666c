package mesh

// nested drops the parts that lie inside others, cavities and doubled inner shells, and tells how many. Parts must be
// closed and outward, or, as cavities, inward. overlap is true when a part lies inside another one only in part; then
// nothing is dropped.
func (m *Mesh) nested() (out *Mesh, dropped int, overlap bool) {
	label, n := m.Components()
	if n < 2 {
		return m, 0, false
	}
	var faces []uint32
	parts := make([][]uint32, n)
	for f, l := range label {
		if l >= 0 {
			faces = append(faces, uint32(f))
			parts[l] = append(parts[l], uint32(f))
		}
	}
	tree := newBVH(m, faces)
	keep := make([]bool, n)
	for l, part := range parts {
		// A face whose middle lies on another part's surface decides nothing, so several are asked.
		const asked = 64
		in, seen := 0, 0
		for i := 0; i < len(part); i += max(1, len(part)/asked) {
			t := m.Triangles[part[i]]
			p := narrow(blend(wide(m.Vertices[t[0]]), wide(m.Vertices[t[1]]), wide(m.Vertices[t[2]]), [3]float64{0.4, 0.35, 0.25}))
			seen++
			if tree.winding(m, p, func(f uint32) bool { return label[f] != int32(l) }) > 0 {
				in++
			}
		}
		if in > 0 && in < seen {
			overlap = true
		}
		keep[l] = in == 0
		if !keep[l] {
			dropped++
		}
	}
	if overlap {
		return m, 0, true
	}
	out = &Mesh{Vertices: m.Vertices, Colors: m.Colors}
	for f, t := range m.Triangles {
		if l := label[f]; l >= 0 && keep[l] {
			out.Triangles = append(out.Triangles, t)
		}
	}
	return out.Compact(), dropped, false
}
