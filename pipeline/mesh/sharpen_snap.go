package mesh

import "context"

// snap puts vertices that lie next to an edge or a corner into it.
func (s *sharpener) snap(ctx context.Context) error {
	start, near, _ := s.mesh.neighbours()
	places, sides := append([][3]float64(nil), s.places...), make([]sided, len(s.sides))
	err := s.each(ctx, len(places), func(i int) {
		sides[i] = s.sides[i]
		if sides[i].n == 0 {
			return
		}
		for _, v := range near[start[i]:start[i+1]] {
			if o := &s.sides[v]; o.n == 1 && sides[i].n < 3 && !sides[i].has(o.normals[0]) {
				wider := sides[i]
				wider.normals[wider.n], wider.points[wider.n] = o.normals[0], o.points[0]
				wider.n++
				if x, ok := s.meet(s.places[i], sharpSnap*s.step, &wider); ok {
					sides[i], places[i] = wider, x
				}
			}
		}
	})
	if err != nil {
		return err
	}
	s.unsnap(places, sides, start, near)
	s.places, s.sides = places, sides
	return nil
}

// unsnap takes vertices out of edges and corners again, so that no two side by side are in one place and no face has all
// its corners on one edge.
func (s *sharpener) unsnap(places [][3]float64, sides []sided, start, near []uint32) {
	for i := range places {
		for _, v := range near[start[i]:start[i+1]] {
			if gap := sub(places[v], places[i]); sides[i].n > 1 && int(v) < i && dot(gap, gap) < 0.0025*s.step*s.step {
				places[i], sides[i] = s.places[i], s.sides[i]
			}
		}
	}
	for _, t := range s.mesh.Triangles {
		a, b, c := &sides[t[0]], &sides[t[1]], &sides[t[2]]
		if a.shares(b) < 2 || b.shares(c) < 2 || c.shares(a) < 2 {
			continue
		}
		most, farthest := t[0], -1.0
		for _, v := range t {
			if way := sub(places[v], s.places[v]); dot(way, way) > farthest && sides[v].n == 2 {
				most, farthest = v, dot(way, way)
			}
		}
		places[most], sides[most] = s.places[most], s.sides[most]
	}
}
