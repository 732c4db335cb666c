package mesh

import "context"

// sharp is a face after splitting, with the way it should look: the plane of the corner that it keeps, or that of the
// face it comes from.
type sharp struct {
	corners [3]uint32
	normal  [3]float64
}

// split puts vertices on the edges between planes and in the corners, and returns the faces.
func (s *sharpener) split(ctx context.Context) ([]sharp, error) {
	m := s.mesh
	edges := m.halfEdges(func(int) bool { return true })
	var first []int // of every edge
	for i := range edges {
		if i == 0 || edges[i].key != edges[i-1].key {
			first = append(first, i)
		}
	}
	found := make([]bool, len(first))
	points, sides := make([][3]float64, len(first)), make([]sided, len(first))
	err := s.each(ctx, len(first), func(i int) {
		e := edges[first[i]]
		points[i], sides[i], found[i] = s.separate(uint32(e.key>>32), uint32(e.key))
	})
	if err != nil {
		return nil, err
	}
	cuts := make([][3]uint32, len(m.Triangles)) // the new vertex on each side of a face, 0 for none
	for i, at := range first {
		both := edges[at:]
		if i+1 < len(first) {
			both = edges[at:first[i+1]]
		}
		if !found[i] || sides[i].n == 3 && s.taken(points[i], both, cuts) {
			continue
		}
		a, b := uint32(both[0].key>>32), uint32(both[0].key)
		v := s.add(points[i], middle(s.plain[a], s.plain[b]), sides[i])
		for _, e := range both {
			t := m.Triangles[e.face]
			for k := range 3 {
				if min(t[k], t[(k+1)%3]) == a && max(t[k], t[(k+1)%3]) == b {
					cuts[e.face][k] = v
				}
			}
		}
	}
	out := make([]sharp, 0, len(m.Triangles)+4*len(first))
	for f, t := range m.Triangles {
		out = s.parts(out, t, cuts[f])
	}
	return out, nil
}

// taken reports whether a vertex of the faces at an edge, or a new one on their sides, is in the corner x already.
func (s *sharpener) taken(x [3]float64, both []halfEdge, cuts [][3]uint32) bool {
	for _, e := range both {
		t, cut := s.mesh.Triangles[e.face], cuts[e.face]
		for i, v := range [6]uint32{t[0], t[1], t[2], cut[0], cut[1], cut[2]} {
			if i > 2 && v == 0 {
				continue
			}
			if away := sub(s.places[v], x); dot(away, away) < 0.0025*s.step*s.step {
				return true
			}
		}
	}
	return false
}

func (s *sharpener) add(place, plain [3]float64, sides sided) uint32 {
	s.places, s.plain, s.sides = append(s.places, place), append(s.plain, plain), append(s.sides, sides)
	return uint32(len(s.places) - 1)
}

// parts appends what becomes of a face with new vertices on some of its sides.
func (s *sharpener) parts(out []sharp, t, cut [3]uint32) []sharp {
	whole := s.mesh.faceCross(t)
	add := func(keeps, a, b, c uint32) {
		n := whole
		if d := &s.sides[keeps]; d.n == 1 {
			n = d.normals[0]
		}
		out = append(out, sharp{[3]uint32{a, b, c}, n})
	}
	n := 0
	for _, v := range cut {
		if v != 0 {
			n++
		}
	}
	// Turned so that the first side is cut and, of two, the last as well.
	for n == 1 && cut[0] == 0 || n == 2 && cut[1] != 0 {
		t, cut = [3]uint32{t[1], t[2], t[0]}, [3]uint32{cut[1], cut[2], cut[0]}
	}
	switch n {
	case 0:
		var mean [3]float64
		for _, v := range t {
			for i := range s.sides[v].n {
				mean = middle(mean, s.sides[v].normals[i])
			}
		}
		if mean == [3]float64{} {
			mean = whole
		}
		out = append(out, sharp{t, mean})
	case 1:
		add(t[0], t[0], cut[0], t[2])
		add(t[1], cut[0], t[1], t[2])
	case 2:
		add(t[0], t[0], cut[0], cut[2])
		d, e := sub(s.places[cut[0]], s.places[t[2]]), sub(s.places[t[1]], s.places[cut[2]])
		if dot(d, d) < dot(e, e) {
			add(t[1], cut[0], t[1], t[2])
			add(t[2], cut[0], t[2], cut[2])
		} else {
			add(t[1], cut[0], t[1], cut[2])
			add(t[2], t[1], t[2], cut[2])
		}
	case 3:
		m := middle(s.places[cut[0]], s.places[cut[1]], s.places[cut[2]])
		x, ok := s.meet(m, s.step, &s.sides[t[0]], &s.sides[t[1]], &s.sides[t[2]])
		corner := sided{n: 3}
		if !ok {
			x, corner = m, sided{}
		}
		v := s.add(x, middle(s.plain[t[0]], s.plain[t[1]], s.plain[t[2]]), corner)
		for i := range 3 {
			add(t[i], t[i], cut[i], v)
			add(t[i], v, cut[(i+2)%3], t[i])
		}
	}
	return out
}
