package engine

import "math"

// segmentSet is a set of line segments in the plane, sorted into square cells for questions about what is near.
type segmentSet struct {
	ends  [][2][2]float64
	lo    [2]float64
	cell  float64
	w, h  int
	start []int32
	items []int32
}

func newSegmentSet(ends [][2][2]float64) *segmentSet {
	s := &segmentSet{ends: ends, cell: 1, w: 1, h: 1}
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	var total float64
	for _, e := range ends {
		total += gap(e[0], e[1])
		for _, p := range e {
			for k := range p {
				lo[k], hi[k] = min(lo[k], p[k]), max(hi[k], p[k])
			}
		}
	}
	if len(ends) > 0 {
		s.lo = lo
		area := (hi[0] - lo[0]) * (hi[1] - lo[1])
		// Cells about as long as a segment, and not many more cells than segments.
		s.cell = max(total/float64(len(ends)), math.Sqrt(area/float64(4*len(ends)+16)), (hi[0]-lo[0])/4096, (hi[1]-lo[1])/4096, 1e-6)
		s.w, s.h = int((hi[0]-lo[0])/s.cell)+1, int((hi[1]-lo[1])/s.cell)+1
	}
	s.start = make([]int32, s.w*s.h+1)
	for _, e := range ends {
		s.cells(e, func(c int) { s.start[c+1]++ })
	}
	for c := range s.w * s.h {
		s.start[c+1] += s.start[c]
	}
	s.items = make([]int32, s.start[s.w*s.h])
	next := append([]int32(nil), s.start...)
	for i, e := range ends {
		s.cells(e, func(c int) { s.items[next[c]] = int32(i); next[c]++ })
	}
	return s
}

func (s *segmentSet) column(x float64) int { return min(max(int((x-s.lo[0])/s.cell), 0), s.w-1) }
func (s *segmentSet) row(y float64) int    { return min(max(int((y-s.lo[1])/s.cell), 0), s.h-1) }

// cells visits the cells that a segment runs through, row by row.
func (s *segmentSet) cells(e [2][2]float64, visit func(c int)) {
	a, b := e[0], e[1]
	if a[1] > b[1] {
		a, b = b, a
	}
	for j := s.row(a[1]); j <= s.row(b[1]); j++ {
		x0, x1 := a[0], b[0]
		if b[1] > a[1] {
			low, high := s.lo[1]+float64(j)*s.cell, s.lo[1]+float64(j+1)*s.cell
			along := func(y float64) float64 {
				return a[0] + (b[0]-a[0])*min(max((y-a[1])/(b[1]-a[1]), 0), 1)
			}
			x0, x1 = along(low), along(high)
		}
		const slack = 1e-9
		for i := s.column(min(x0, x1) - slack*s.cell); i <= s.column(max(x0, x1)+slack*s.cell); i++ {
			visit(j*s.w + i)
		}
	}
}

// near visits the segments in the cells of a box, some of them more than once, until visit returns false.
func (s *segmentSet) near(lo, hi [2]float64, visit func(i int32) bool) {
	for j := s.row(lo[1]); j <= s.row(hi[1]); j++ {
		for i := s.column(lo[0]); i <= s.column(hi[0]); i++ {
			c := j*s.w + i
			for _, k := range s.items[s.start[c]:s.start[c+1]] {
				if !visit(k) {
					return
				}
			}
		}
	}
}

// closer reports whether a segment lies nearer to p than d.
func (s *segmentSet) closer(p [2]float64, d float64) (found bool) {
	s.near([2]float64{p[0] - d, p[1] - d}, [2]float64{p[0] + d, p[1] + d}, func(i int32) bool {
		found = toSegment(p, s.ends[i]) < d
		return !found
	})
	return found
}

// toSegment is the distance of p to a segment.
func toSegment(p [2]float64, e [2][2]float64) float64 {
	u := [2]float64{e[1][0] - e[0][0], e[1][1] - e[0][1]}
	v := [2]float64{p[0] - e[0][0], p[1] - e[0][1]}
	t := 0.0
	if l := u[0]*u[0] + u[1]*u[1]; l > 0 {
		t = min(max((u[0]*v[0]+u[1]*v[1])/l, 0), 1)
	}
	return math.Hypot(v[0]-t*u[0], v[1]-t*u[1])
}

// crossing tells where along a and b two segments cross, both 0 to 1.
func crossing(a, b [2][2]float64) (s, t float64, ok bool) {
	u := [2]float64{a[1][0] - a[0][0], a[1][1] - a[0][1]}
	v := [2]float64{b[1][0] - b[0][0], b[1][1] - b[0][1]}
	w := [2]float64{b[0][0] - a[0][0], b[0][1] - a[0][1]}
	det := u[0]*v[1] - u[1]*v[0]
	if det == 0 {
		return 0, 0, false
	}
	s, t = (w[0]*v[1]-w[1]*v[0])/det, (w[0]*u[1]-w[1]*u[0])/det
	return s, t, s >= 0 && s <= 1 && t >= 0 && t <= 1
}

// apart is the distance of two segments, 0 when they cross.
func apart(a, b [2][2]float64) float64 {
	if _, _, ok := crossing(a, b); ok {
		return 0
	}
	return min(toSegment(a[0], b), toSegment(a[1], b), toSegment(b[0], a), toSegment(b[1], a))
}
