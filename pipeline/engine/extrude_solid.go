package engine

import "errors"

// terrace is a triangulated plane whose parts are lifted to different heights over a flat bottom. Heights are in the units of
// the plane's points.
type terrace struct {
	*plane
	height []float64         // of every region, all different; 0 for what is not there
	part   []int32           // of every triangle, a connected piece of a region; 0 outside
	region []uint8           // of every part
	edges  []*edging         // of every part; nil for a sharp edge
	depth  map[int32]float64 // of points on the inner lines of an edge's treatment: how far from the edge
}

// errTangled says that borders do not divide the plane, which those that do not cross always do.
var errTangled = errors.New("the outlines do not close")

// borderEdge is a directed side of the triangulation between two parts.
type borderEdge struct {
	from, to    int32
	left, right int32 // parts
}

// flood numbers the connected parts between borders and returns what the borders say that each is.
func (t *terrace) flood() (is []int32, err error) {
	t.part = make([]int32, len(t.tri))
	for i := range t.part {
		t.part[i] = -1
	}
	var stack []int32
	for start := range t.tri {
		if t.part[start] >= 0 {
			continue
		}
		id, mark := int32(len(is)), int32(0)
		stack = append(stack[:0], int32(start))
		t.part[start] = id
		for len(stack) > 0 {
			f := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for k, n := range t.next[f] {
				switch m := t.border[f][k]; {
				case m > 0 && mark > 0 && m != mark:
					return nil, errTangled
				case m > 0:
					mark = m
				case n >= 0 && t.part[n] < 0:
					t.part[n] = id
					stack = append(stack, n)
				}
			}
		}
		is = append(is, max(mark-1, 0))
	}
	return is, nil
}

// settle finds the parts; their borders then name them, so that they can be found again.
func (t *terrace) settle() error {
	is, err := t.flood()
	if err != nil {
		return err
	}
	t.region = make([]uint8, len(is))
	for i, r := range is {
		t.region[i] = uint8(r)
	}
	for f := range t.tri {
		for k := range 3 {
			if t.border[f][k] > 0 {
				t.border[f][k] = 1 + t.part[f]
			}
		}
	}
	return nil
}

// again finds the parts after points and creases have been added.
func (t *terrace) again() error {
	is, err := t.flood()
	for f, p := range t.part {
		if err == nil {
			t.part[f] = is[p]
		}
	}
	return err
}

// borders lists the sides of parts that are there, with the part on the left.
func (t *terrace) borders() (out []borderEdge) {
	for f, tri := range t.tri {
		if t.region[t.part[f]] == nothing {
			continue
		}
		for k := range 3 {
			if t.border[f][k] > 0 {
				out = append(out, borderEdge{tri[(k+1)%3], tri[(k+2)%3], t.part[f], t.part[t.next[f][k]]})
			}
		}
	}
	return out
}

func (t *terrace) top(part int32) float64 { return t.height[t.region[part]] }

// heights returns how high a part lies over a point: its region's height, less what the treatment of its edges takes there.
func (t *terrace) heights(borders []borderEdge) func(v, part int32) float64 {
	type key struct{ v, part int32 }
	onEdge := map[key]bool{}
	for _, e := range borders {
		if t.edges[e.left] != nil && t.top(e.right) < t.top(e.left) {
			onEdge[key{e.from, e.left}], onEdge[key{e.to, e.left}] = true, true
		}
	}
	return func(v, part int32) float64 {
		e := t.edges[part]
		if e == nil {
			return t.top(part)
		}
		if onEdge[key{v, part}] {
			return t.top(part) - e.drop(0)
		}
		if d, ok := t.depth[v]; ok {
			return t.top(part) - e.drop(d)
		}
		p := t.points[v]
		return t.top(part) - e.drop(e.distance([2]float64{float64(p[0]), float64(p[1])}))
	}
}
