package mesh

// unified returns the mesh with the faces of every part turned one way round, that of the greater area, as far as the
// edges with two faces tell, and how many were turned. whole is false when a part has only one side, like a Möbius strip.
func (m *Mesh) unified() (out *Mesh, turned int, whole bool) {
	next := make([][3]int32, len(m.Triangles)) // the face across each side, ^face where it runs the same way, none without
	const none = int32(-1 << 31)
	for f := range next {
		next[f] = [3]int32{none, none, none}
	}
	side := func(f uint32, key uint64) int {
		t := m.Triangles[f]
		for i := range 3 {
			if a, b := uint64(t[i]), uint64(t[(i+1)%3]); min(a, b) == key>>32 && max(a, b) == key&0xffffffff {
				return i
			}
		}
		return 0
	}
	runs(m.halfEdges(func(f int) bool { return m.cornersDiffer(m.Triangles[f]) }), func(e []halfEdge) {
		if len(e) != 2 || e[0].face == e[1].face {
			return
		}
		a, b := int32(e[0].face), int32(e[1].face)
		if e[0].back == e[1].back {
			a, b = ^a, ^b
		}
		next[e[0].face][side(e[0].face, e[0].key)] = b
		next[e[1].face][side(e[1].face, e[1].key)] = a
	})
	out = &Mesh{Vertices: m.Vertices, Colors: m.Colors, Triangles: append([][3]uint32(nil), m.Triangles...)}
	seen, flip := make([]bool, len(next)), make([]bool, len(next))
	whole = true
	var part []int32
	for first := range next {
		if seen[first] {
			continue
		}
		seen[first] = true
		part = append(part[:0], int32(first))
		var kept, other float64 // area
		for i := 0; i < len(part); i++ {
			f := part[i]
			if area := norm(m.faceCross(m.Triangles[f])); flip[f] {
				other += area
			} else {
				kept += area
			}
			for _, g := range next[f] {
				if g == none {
					continue
				}
				same := g < 0
				if same {
					g = ^g
				}
				if want := flip[f] != same; !seen[g] {
					seen[g], flip[g] = true, want
					part = append(part, g)
				} else if flip[g] != want {
					whole = false
				}
			}
		}
		for _, f := range part {
			if flip[f] != (other > kept) {
				t := &out.Triangles[f]
				t[1], t[2] = t[2], t[1]
				turned++
			}
		}
	}
	return out, turned, whole
}

// outward turns the parts with a negative volume over, in place, and returns how many faces that were.
func (m *Mesh) outward() int {
	label, n := m.Components()
	volume := m.partVolumes(label, n)
	turned := 0
	for f, l := range label {
		if l >= 0 && volume[l] < 0 {
			t := &m.Triangles[f]
			t[1], t[2] = t[2], t[1]
			turned++
		}
	}
	return turned
}
