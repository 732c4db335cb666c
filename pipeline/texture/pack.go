package texture

import "math"

// pack lays the islands, shrunk, one after the other where they come to lie highest, as stones fall in a well known game
// (Lévy et al. 2002): every column of the texture remembers how far it is filled, every island the upper and lower ends
// of its columns. It reports whether all fit.
func (a *Atlas) pack(islands []island, shrink float64) bool {
	filled := make([]int32, a.Size)
	for n := range islands {
		s := &islands[n]
		top, bottom := s.columns(shrink, a.Padding)
		if len(top) > a.Size {
			return false
		}
		bestX, bestY, least := -1, int32(0), int64(math.MaxInt64)
		for x := 0; x+len(top) <= a.Size; x++ {
			y, waste := int32(0), int64(0)
			for i, t := range top {
				y = max(y, filled[x+i]-t)
			}
			if int64(y)*int64(len(top)) >= least { // even without any waste it is no better
				continue
			}
			for i, t := range top {
				waste += int64(y + t - filled[x+i])
			}
			if cost := int64(y)*int64(len(top)) + waste; cost < least {
				bestX, bestY, least = x, y, cost
			}
		}
		for i, b := range bottom {
			filled[bestX+i] = bestY + b
			if filled[bestX+i] > int32(a.Size) {
				return false
			}
		}
		pad := float64(a.Padding)
		for i, f := range s.faces {
			for k, p := range s.at[i] {
				a.UVs[f][k] = [2]float32{
					float32((float64(bestX) + pad + shrink*p[0]) / float64(a.Size)), float32((float64(bestY) + pad + shrink*p[1]) / float64(a.Size))}
			}
		}
	}
	return true
}

// columns returns the first row each column of the island needs and the row after the last, with a padding on all sides.
// Two neighbours share theirs, one having its padding below and the other above, so that the gap is twice as wide.
func (s *island) columns(shrink float64, padding int) (top, bottom []int32) {
	w := int(math.Ceil(shrink*s.w)) + 2*padding + 1
	top, bottom = make([]int32, w), make([]int32, w)
	for i := range top {
		top[i], bottom[i] = math.MaxInt32, math.MinInt32
	}
	pad := float64(padding)
	for _, e := range s.edge {
		p, q := e[0], e[1]
		if p[0] > q[0] {
			p, q = q, p
		}
		x0, y0, x1, y1 := pad+shrink*p[0], pad+shrink*p[1], pad+shrink*q[0], pad+shrink*q[1]
		slope := 0.0
		if x1 > x0 {
			slope = (y1 - y0) / (x1 - x0)
		}
		for x := max(int(x0-pad), 0); x <= min(int(x1+pad), w-1); x++ {
			// The edge within the column and the padding about it.
			from, to := min(max(float64(x)-pad, x0), x1), max(min(float64(x+1)+pad, x1), x0)
			ya, yb := y0+slope*(from-x0), y0+slope*(to-x0)
			if x1 == x0 {
				ya, yb = y0, y1
			}
			top[x] = min(top[x], int32(math.Floor(min(ya, yb)-pad)))
			bottom[x] = max(bottom[x], int32(math.Ceil(max(ya, yb)+pad)))
		}
	}
	for i := range top {
		if top[i] > bottom[i] {
			top[i], bottom[i] = 0, 0
			if i > 0 {
				top[i], bottom[i] = top[i-1], bottom[i-1]
			}
		}
		top[i] = max(top[i], 0)
	}
	return top, bottom
}
