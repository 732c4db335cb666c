package mesh

import (
	"cmp"
	"slices"
)

// triangulated divides the areas that loops enclose into triangles by clipping ears (Meisters 1975). Outer loops run
// anticlockwise, holes clockwise; loops do not cross. Triangles run anticlockwise, none is without area, and every vertex
// of a loop is one of theirs. ok is false when rounding got in the way.
func triangulated(points [][2]float64, loops [][]uint32) (faces [][3]uint32, ok bool) {
	var outer, holes [][]uint32
	for _, l := range loops {
		if turn := loopArea(points, l); turn > 0 {
			outer = append(outer, l)
		} else if turn < 0 {
			holes = append(holes, l)
		}
	}
	within := make([][][]uint32, len(outer))
	for _, h := range holes {
		best, least := -1, 0.0
		for i, o := range outer {
			if a := loopArea(points, o); (best < 0 || a < least) && contains(points, o, points[h[0]]) {
				best, least = i, a
			}
		}
		if best < 0 {
			return nil, false
		}
		within[best] = append(within[best], h)
	}
	for i, o := range outer {
		loop, ok := bridged(points, o, within[i])
		if !ok {
			return nil, false
		}
		more, ok := clipEars(points, loop)
		if !ok {
			return nil, false
		}
		faces = append(faces, more...)
	}
	return faces, true
}

// loopArea is twice the area, positive for a loop that runs anticlockwise.
func loopArea(points [][2]float64, loop []uint32) (sum float64) {
	o := points[loop[0]]
	for i, v := range loop {
		sum += turn(o, points[v], points[loop[(i+1)%len(loop)]])
	}
	return sum
}

// turn is twice the area of a triangle, positive when it runs anticlockwise.
func turn(a, b, c [2]float64) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

func contains(points [][2]float64, loop []uint32, p [2]float64) bool {
	in := false
	for i, v := range loop {
		a, b := points[v], points[loop[(i+1)%len(loop)]]
		if (a[1] > p[1]) != (b[1] > p[1]) && (turn(a, b, p) > 0) == (b[1] > a[1]) {
			in = !in
		}
	}
	return in
}

// bridged joins the holes to the outer loop, from the rightmost on, each by a bridge from its rightmost point to a point
// of the loop that it can see (Eberly 2002).
func bridged(points [][2]float64, loop []uint32, holes [][]uint32) ([]uint32, bool) {
	rightmost := func(l []uint32) int {
		best := 0
		for i, v := range l {
			if points[v][0] > points[l[best]][0] {
				best = i
			}
		}
		return best
	}
	holes = slices.Clone(holes)
	slices.SortStableFunc(holes, func(a, b []uint32) int {
		return cmp.Compare(points[b[rightmost(b)]][0], points[a[rightmost(a)]][0])
	})
	for _, h := range holes {
		from := rightmost(h)
		at, ok := visible(points, loop, points[h[from]])
		if !ok {
			return nil, false
		}
		joined := slices.Clone(loop[:at+1])
		joined = append(joined, h[from:]...)
		joined = append(joined, h[:from+1]...)
		loop = append(joined, loop[at:]...)
	}
	return loop, true
}

// visible finds a place in the loop that a straight line from p, going to the right, reaches without crossing the loop.
func visible(points [][2]float64, loop []uint32, p [2]float64) (int, bool) {
	n := len(loop)
	best, x := -1, 0.0
	for i, v := range loop {
		a, b := points[v], points[loop[(i+1)%n]]
		if a[1] > p[1] || b[1] < p[1] || a[1] == b[1] {
			continue // the outer side to the right of a hole runs upward
		}
		if at := a[0] + (b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1]); at >= p[0] && (best < 0 || at < x) {
			best, x = i, at
		}
	}
	if best < 0 {
		return 0, false
	}
	// The end of that side that lies farther right is seen, unless another point lies in between; then the one that the
	// line to which is flattest.
	a, b := points[loop[best]], points[loop[(best+1)%n]]
	at := best
	if b[0] > a[0] {
		at = (best + 1) % n
	}
	corner, hit := points[loop[at]], [2]float64{x, p[1]}
	tri := [3][2]float64{p, hit, corner}
	if turn(tri[0], tri[1], tri[2]) < 0 {
		tri[1], tri[2] = tri[2], tri[1]
	}
	flattest := slope(p, corner)
	for i, v := range loop {
		q := points[v]
		if q == corner || q[0] <= p[0] || !inTriangle(tri, q) {
			continue
		}
		before, after := points[loop[(i+n-1)%n]], points[loop[(i+1)%n]]
		if turn(before, q, after) >= 0 {
			continue // only what juts in can be in the way
		}
		if s := slope(p, q); s < flattest || s == flattest && q[0] < points[loop[at]][0] {
			at, flattest = i, s
		}
	}
	return at, true
}

func slope(p, q [2]float64) float64 {
	return max(q[1]-p[1], p[1]-q[1]) / (q[0] - p[0])
}

func inTriangle(t [3][2]float64, p [2]float64) bool {
	return turn(t[0], t[1], p) >= 0 && turn(t[1], t[2], p) >= 0 && turn(t[2], t[0], p) >= 0
}

// clipEars cuts triangles off the loop that no other point lies in, not even on the side, so that in the end none is left
// without area.
func clipEars(points [][2]float64, loop []uint32) (faces [][3]uint32, ok bool) {
	n := len(loop)
	next, prev := make([]int, n), make([]int, n)
	for i := range n {
		next[i], prev[i] = (i+1)%n, (i+n-1)%n
	}
	at := func(i int) [2]float64 { return points[loop[i]] }
	juts := func(i int) bool { return turn(at(prev[i]), at(i), at(next[i])) <= 0 }
	blocks := map[int]bool{}
	var order []int // of the points that jut in or lie straight; some have left since
	for i := range n {
		if juts(i) {
			blocks[i] = true
			order = append(order, i)
		}
	}
	ear := func(i int) bool {
		t := [3][2]float64{at(prev[i]), at(i), at(next[i])}
		if turn(t[0], t[1], t[2]) <= 0 {
			return false
		}
		for _, j := range order {
			if p := at(j); blocks[j] && p != t[0] && p != t[1] && p != t[2] && inTriangle(t, p) {
				return false
			}
		}
		return true
	}
	for i, left, tried := 0, n, 0; left > 2; {
		if !ear(i) {
			if i, tried = next[i], tried+1; tried > left {
				return nil, false
			}
			continue
		}
		a, b := prev[i], next[i]
		faces = append(faces, [3]uint32{loop[a], loop[i], loop[b]})
		next[a], prev[b] = b, a
		for _, j := range [2]int{a, b} {
			if blocks[j] && !juts(j) {
				delete(blocks, j)
			}
		}
		// Skipping one keeps the triangles from becoming a fan.
		i, left, tried = next[b], left-1, 0
		if len(order) > 2*len(blocks)+16 {
			order = slices.DeleteFunc(order, func(j int) bool { return !blocks[j] })
		}
	}
	return faces, true
}
