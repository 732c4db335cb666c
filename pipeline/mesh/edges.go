package mesh

import "slices"

// halfEdge is a side of a face, as it runs: key holds the smaller vertex in its upper and the larger in its lower half.
type halfEdge struct {
	key  uint64
	face uint32
	back bool // runs from the larger vertex to the smaller
}

// halfEdges returns the sides of the given faces with equal edges side by side. A counting sort by the smaller vertex
// leaves only a handful to compare each time.
func (m *Mesh) halfEdges(use func(face int) bool) []halfEdge {
	start := make([]uint32, len(m.Vertices)+1)
	each := func(do func(e halfEdge)) {
		for f, t := range m.Triangles {
			if !use(f) {
				continue
			}
			for i := range 3 {
				a, b := t[i], t[(i+1)%3]
				e := halfEdge{uint64(a)<<32 | uint64(b), uint32(f), false}
				if a > b {
					e = halfEdge{uint64(b)<<32 | uint64(a), uint32(f), true}
				}
				do(e)
			}
		}
	}
	each(func(e halfEdge) { start[e.key>>32+1]++ })
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	out := make([]halfEdge, start[len(start)-1])
	next := slices.Clone(start)
	each(func(e halfEdge) {
		v := e.key >> 32
		out[next[v]] = e
		next[v]++
	})
	for v := range m.Vertices {
		run := out[start[v]:start[v+1]]
		// Insertion sort: a vertex has about three, and equal ones must stay in order.
		for i := 1; i < len(run); i++ {
			for j := i; j > 0 && run[j].key < run[j-1].key; j-- {
				run[j], run[j-1] = run[j-1], run[j]
			}
			if i > 64 {
				slices.SortStableFunc(run, func(a, b halfEdge) int {
					switch {
					case a.key < b.key:
						return -1
					case a.key > b.key:
						return 1
					}
					return 0
				})
				break
			}
		}
	}
	return out
}

// runs calls do with every group of half-edges on the same edge.
func runs(edges []halfEdge, do func([]halfEdge)) {
	for len(edges) > 0 {
		n := 1
		for n < len(edges) && edges[n].key == edges[0].key {
			n++
		}
		do(edges[:n])
		edges = edges[n:]
	}
}

// sets is a disjoint-set forest with path halving.
type sets []uint32

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = uint32(i)
	}
	return s
}

func (s sets) root(i uint32) uint32 {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

// join keeps the smaller root, so that the result does not depend on the order.
func (s sets) join(a, b uint32) {
	a, b = s.root(a), s.root(b)
	s[max(a, b)] = min(a, b)
}
