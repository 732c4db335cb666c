package mesh

import (
	"context"
	"math"
	"sync"
)

// settled makes a mesh of the faces. Round those that have turned over, have lost their area or cross others, vertices are
// first evened out along their edge or in their plane; where that is no help they are put back to their plain places,
// until all is well. With all put back the mesh is the one that came in, which does not cross itself.
func (s *sharpener) settled(ctx context.Context, faces []sharp) (*Mesh, error) {
	const evened, rounds = 6, 18
	back := make([]bool, len(s.places))
	out := &Mesh{Vertices: make([][3]float32, len(s.places)), Triangles: make([][3]uint32, len(faces))}
	for f := range faces {
		out.Triangles[f] = faces[f].corners
	}
	start, near, _ := out.neighbours()
	for round := range rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range out.Vertices {
			if out.Vertices[i] = narrow(s.places[i]); back[i] {
				out.Vertices[i] = narrow(s.plain[i])
			}
		}
		bad, any := s.bad(ctx, out, faces, back)
		if !any {
			return out, ctx.Err()
		}
		if round%evened > 2 {
			bad = out.roundAbout(bad)
		}
		marked := make([]bool, len(s.places))
		for f, is := range bad {
			if is {
				for _, v := range out.Triangles[f] {
					marked[v] = true
				}
			}
		}
		if round < evened {
			s.even(marked, start, near)
			continue
		}
		changed := false
		for v, is := range marked {
			changed = changed || is && !back[v]
			back[v] = back[v] || is
		}
		if !changed {
			break
		}
	}
	return s.mesh, nil
}

// even moves the marked vertices to the middle of those of their neighbours that lie on all of their planes.
func (s *sharpener) even(marked []bool, start, near []uint32) {
	to := append([][3]float64(nil), s.places...)
	each(len(to), func(i int) {
		d := &s.sides[i]
		if !marked[i] || d.n == 0 || d.n == 3 {
			return
		}
		var sum [3]float64
		n := 0.0
		for _, v := range near[start[i]:start[i+1]] {
			if o := &s.sides[v]; d.shares(o) == d.n || o.n == 3 {
				n++
				for k := range sum {
					sum[k] += s.places[v][k]
				}
			}
		}
		if n > 1 {
			m := [3]float64{sum[0] / n, sum[1] / n, sum[2] / n}
			if x, ok := s.meet(m, s.step, d); ok {
				to[i] = x
			}
		}
	})
	s.places = to
}

// bad marks the faces that cannot stay as they are.
func (s *sharpener) bad(ctx context.Context, m *Mesh, faces []sharp, back []bool) (bad []bool, any bool) {
	bad = make([]bool, len(faces))
	for f, t := range m.Triangles {
		if back[t[0]] && back[t[1]] && back[t[2]] {
			continue
		}
		n, want := m.faceCross(t), faces[f].normal
		l := norm(n)
		bad[f] = l < 1e-5*s.step*s.step || dot(n, want) < 0.1*l*norm(want)
		any = any || bad[f]
	}
	if any {
		return bad, any // what crosses is looked for only when that is all there is left to find
	}
	var mu sync.Mutex
	m.crossings(ctx, newBVH(m, m.facesWithArea()), math.MaxInt, func(f, g uint32) {
		mu.Lock()
		bad[f], bad[g], any = true, true, true
		mu.Unlock()
	})
	return bad, any
}

// roundAbout marks the faces too that share a vertex with one that is marked.
func (m *Mesh) roundAbout(marked []bool) []bool {
	touched := make([]bool, len(m.Vertices))
	for f, t := range m.Triangles {
		if marked[f] {
			touched[t[0]], touched[t[1]], touched[t[2]] = true, true, true
		}
	}
	out := make([]bool, len(marked))
	for f, t := range m.Triangles {
		out[f] = touched[t[0]] || touched[t[1]] || touched[t[2]]
	}
	return out
}
