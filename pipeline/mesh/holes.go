package mesh

import "math"

// maxHole bounds the edges of a hole that is closed by faces: the work grows with their third power.
const maxHole = 200

// filled closes the holes of up to maxHole edges with the faces of least area (Barequet and Sharir 1995), and tells how
// many. Only simple loops are closed, in an oriented mesh: those whose vertices have one open edge in and one out. A sheet
// is no hole: the faces must have less area than three quarters of the part they close.
func (m *Mesh) filled() (*Mesh, int) {
	edges := m.halfEdges(func(f int) bool { return m.cornersDiffer(m.Triangles[f]) })
	const none = ^uint32(0)
	next := make([]uint32, len(m.Vertices))
	for v := range next {
		next[v] = none
	}
	tangled := make([]bool, len(m.Vertices))
	entered := make([]bool, len(m.Vertices))
	open := 0
	runs(edges, func(e []halfEdge) {
		if len(e) != 1 {
			return
		}
		open++
		// The hole's edge runs against the face's.
		from, to := uint32(e[0].key), uint32(e[0].key>>32)
		if e[0].back {
			from, to = to, from
		}
		tangled[from] = tangled[from] || next[from] != none
		tangled[to] = tangled[to] || entered[to]
		next[from], entered[to] = to, true
	})
	if open == 0 {
		return m, 0
	}
	joined := func(a, b uint32) bool { return hasEdge(edges, a, b) }
	out := &Mesh{Vertices: m.Vertices, Colors: m.Colors, Triangles: append([][3]uint32(nil), m.Triangles...)}
	label, parts := m.Components()
	area, part := make([]float64, parts), make([]int32, len(m.Vertices))
	for f, t := range m.Triangles {
		if l := label[f]; l >= 0 {
			area[l] += norm(m.faceCross(t))
			part[t[0]], part[t[1]], part[t[2]] = l, l, l
		}
	}
	done := make([]bool, len(next))
	holes := 0
	for first := range uint32(len(next)) {
		var loop []uint32
		v := first
		for v != none && !done[v] && !tangled[v] && next[v] != none {
			done[v] = true
			loop = append(loop, v)
			v = next[v]
		}
		if v != first || len(loop) < 3 || len(loop) > maxHole {
			continue
		}
		if faces, size := m.patch(loop, joined); faces != nil && size < 0.75*area[part[first]] {
			out.Triangles = append(out.Triangles, faces...)
			holes++
		}
	}
	return out, holes
}

// hasEdge searches the sorted half-edges.
func hasEdge(edges []halfEdge, a, b uint32) bool {
	key := uint64(min(a, b))<<32 | uint64(max(a, b))
	lo, hi := 0, len(edges)
	for lo < hi {
		if mid := (lo + hi) / 2; edges[mid].key < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(edges) && edges[lo].key == key
}

// patch triangulates a loop so that the total area is least, without edges that the mesh has already and without faces
// that have no area; nil when there is no such way. The area is twice that, as lengths of cross products are.
func (m *Mesh) patch(loop []uint32, joined func(a, b uint32) bool) ([][3]uint32, float64) {
	n := len(loop)
	cost := make([]float64, n*n) // of the chain from i to j, closed by the edge between them
	via := make([]int, n*n)
	for span := 1; span < n; span++ {
		for i := 0; i+span < n; i++ {
			j := i + span
			if span == 1 {
				continue
			}
			best := math.Inf(1)
			if span == n-1 || !joined(loop[i], loop[j]) {
				for k := i + 1; k < j; k++ {
					area := norm(m.faceCross([3]uint32{loop[i], loop[k], loop[j]}))
					if area == 0 {
						continue
					}
					if c := cost[i*n+k] + cost[k*n+j] + area; c < best {
						best, via[i*n+j] = c, k
					}
				}
			}
			cost[i*n+j] = best
		}
	}
	if math.IsInf(cost[n-1], 1) {
		return nil, 0
	}
	var faces [][3]uint32
	var emit func(i, j int)
	emit = func(i, j int) {
		if j-i < 2 {
			return
		}
		k := via[i*n+j]
		faces = append(faces, [3]uint32{loop[i], loop[k], loop[j]})
		emit(i, k)
		emit(k, j)
	}
	emit(0, n-1)
	return faces, cost[n-1]
}
