package engine

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// edging is how the upper edge of a part is treated: a chamfer of 45 degrees or a quarter of a circle, of a size in the plane's
// units, along the borders where the part is the higher one.
type edging struct {
	size  float64
	round bool
	fall  *segmentSet
}

// drop is how far a surface lies below the top, at a distance from the edge.
func (e *edging) drop(d float64) float64 {
	in := max(e.size-d, 0)
	if !e.round {
		return in
	}
	return e.size - math.Sqrt(max(e.size*e.size-in*in, 0))
}

// depths are the distances from the edge, below its size, at which the surface bends.
func (e *edging) depths() (out []float64) {
	const steps = 6
	for k := 1; k < steps; k++ {
		if t := float64(k) / steps; e.round {
			out = append(out, e.size*(1-math.Cos(math.Pi/2*t)))
		} else {
			out = append(out, e.size*t)
		}
	}
	return out
}

// distance is how far p is from the edge, where that is less than its size.
func (e *edging) distance(p [2]float64) float64 {
	d := e.size
	e.fall.near([2]float64{p[0] - d, p[1] - d}, [2]float64{p[0] + d, p[1] + d}, func(i int32) bool {
		d = min(d, toSegment(p, e.fall.ends[i]))
		return true
	})
	return d
}

const (
	edgeShare  = 0.8 // of a step, and of half the width of a part, that the treatment of an edge takes at most
	leastEdge  = 4   // units below which an edge stays sharp
	miterLimit = 0.5 // 1 + the cosine of the turn at an inward corner; sharper ones are rounded
)

// treat gives every part an edge of a size, less where a step is low or a part narrow: its area over its perimeter is half
// the width of a strip. Then it draws the lines along which the surface bends into the plane.
func (t *terrace) treat(ctx context.Context, size float64, round bool) error {
	n := len(t.region)
	t.edges, t.depth = make([]*edging, n), map[int32]float64{}
	if size <= 0 {
		return nil
	}
	borders := t.borders()
	area, around, limit := make([]float64, n), make([]float64, n), make([]float64, n)
	fall, rise := make([][]borderEdge, n), make([][]borderEdge, n)
	for f, tri := range t.tri {
		area[t.part[f]] += float64(t.side(tri[0], tri[1], tri[2])) / 2
	}
	for p := range limit {
		limit[p] = math.Inf(1)
	}
	for _, e := range borders {
		p := e.left
		around[p] += gap(t.xy(e.from), t.xy(e.to))
		if step := t.top(p) - t.top(e.right); step > 0 {
			fall[p] = append(fall[p], e)
			limit[p] = min(limit[p], edgeShare*step)
		} else {
			rise[p] = append(rise[p], e)
		}
	}
	type drawn struct {
		line  [2][2]float64
		depth float64
	}
	var all []drawn
	for p := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(fall[p]) == 0 {
			continue
		}
		s := min(size, limit[p], edgeShare*area[p]/around[p])
		if s < leastEdge {
			continue
		}
		e := &edging{size: s, round: round, fall: newSegmentSet(t.ends(fall[p]))}
		t.edges[p] = e
		inset := func(d float64) (whole bool) {
			lines, whole := t.inset(int32(p), e, fall[p], rise[p], d)
			for _, l := range lines {
				all = append(all, drawn{l, d})
			}
			return whole
		}
		// A chamfer needs more than its inner line only where the part is too narrow to have all of that.
		if whole := inset(s); whole && !round {
			continue
		}
		for _, d := range e.depths() {
			inset(d)
		}
	}
	for _, l := range all {
		var ids [2]int32
		for k, q := range l.line {
			ids[k] = t.insert([2]int64{int64(math.Round(q[0])), int64(math.Round(q[1]))})
			if _, ok := t.depth[ids[k]]; !ok {
				t.depth[ids[k]] = l.depth
			}
		}
		if ids[0] != ids[1] {
			t.connect(ids[0], ids[1], crease, crease)
		}
	}
	return ctx.Err()
}

func (t *terrace) xy(v int32) [2]float64 {
	return [2]float64{float64(t.points[v][0]), float64(t.points[v][1])}
}

func (t *terrace) ends(edges []borderEdge) (out [][2][2]float64) {
	for _, e := range edges {
		out = append(out, [2][2]float64{t.xy(e.from), t.xy(e.to)})
	}
	return out
}

// inset is the line inside a part at a distance from its falling borders: every border is moved inward, its neighbours
// mitred, and where the moved lines cross one another they are cut, and what is nearer to a border than it should be left out.
// whole is false where something was.
func (t *terrace) inset(part int32, e *edging, fall, rise []borderEdge, d float64) (out [][2][2]float64, whole bool) {
	raw := t.moved(fall, d)
	set, risen := newSegmentSet(raw), newSegmentSet(t.ends(rise))
	type cut struct {
		at float64
		p  [2]float64
	}
	cuts := make([][]cut, len(raw))
	for i, a := range raw {
		lo := [2]float64{min(a[0][0], a[1][0]), min(a[0][1], a[1][1])}
		hi := [2]float64{max(a[0][0], a[1][0]), max(a[0][1], a[1][1])}
		point := func(s float64) [2]float64 {
			return [2]float64{a[0][0] + s*(a[1][0]-a[0][0]), a[0][1] + s*(a[1][1]-a[0][1])}
		}
		set.near(lo, hi, func(k int32) bool {
			b := raw[k]
			if int(k) > i && a[1] != b[0] && a[0] != b[1] {
				if s, u, ok := crossing(a, b); ok {
					p := point(s)
					cuts[i], cuts[k] = append(cuts[i], cut{s, p}), append(cuts[k], cut{u, p})
				}
			}
			return true
		})
		if len(rise) > 0 {
			risen.near(lo, hi, func(k int32) bool {
				if s, _, ok := crossing(a, risen.ends[k]); ok {
					cuts[i] = append(cuts[i], cut{s, point(s)})
				}
				return true
			})
		}
	}
	slack := max(0.002*d, 1)
	whole = true
	for i, a := range raw {
		c := append(cuts[i], cut{0, a[0]}, cut{1, a[1]})
		slices.SortFunc(c, func(a, b cut) int { return cmp.Compare(a.at, b.at) })
		for k := 1; k < len(c); k++ {
			p, q := c[k-1].p, c[k].p
			middle := [2]float64{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2}
			switch {
			case gap(p, q) < 1:
			case !t.within(middle, part):
			case e.fall.closer(middle, d-slack):
				whole = false
			default:
				out = append(out, [2][2]float64{p, q})
			}
		}
	}
	return out, whole
}

// within reports whether a point lies in a part.
func (t *terrace) within(p [2]float64, part int32) bool {
	return math.Abs(p[0]) < planeMax && math.Abs(p[1]) < planeMax &&
		t.part[t.locate([2]int64{int64(math.Round(p[0])), int64(math.Round(p[1]))})] == part
}

// moved is the borders moved to the left by d. Neighbours are mitred, inward corners that are sharp go round in an arc, and where
// a line of borders ends, at one that does not fall, it goes straight on, to be cut there.
func (t *terrace) moved(edges []borderEdge, d float64) (out [][2][2]float64) {
	from, to := map[int32]int{}, map[int32]int{}
	for i, e := range edges {
		from[e.from], to[e.to] = i, i
	}
	normal := func(i int) [2]float64 {
		a, b := t.xy(edges[i].from), t.xy(edges[i].to)
		l := gap(a, b)
		return [2]float64{-(b[1] - a[1]) / l, (b[0] - a[0]) / l}
	}
	along := func(v int32, n [2]float64, d float64) [2]float64 {
		p := t.xy(v)
		return [2]float64{p[0] + d*n[0], p[1] + d*n[1]}
	}
	// corner is the points that v moves to, between border i and border k after it.
	corner := func(v int32, i, k int) [][2]float64 {
		m, n := normal(i), normal(k)
		c := 1 + m[0]*n[0] + m[1]*n[1]
		turn := math.Atan2(m[0]*n[1]-m[1]*n[0], m[0]*n[0]+m[1]*n[1])
		if turn > 0 || c >= miterLimit {
			c = max(c, 1e-3)
			return [][2]float64{along(v, [2]float64{(m[0] + n[0]) / c, (m[1] + n[1]) / c}, d)}
		}
		const step = math.Pi / 12
		var arc [][2]float64
		for s, steps := 0, int(math.Ceil(-turn/step)); s <= steps; s++ {
			sin, cos := math.Sincos(turn * float64(s) / float64(steps))
			arc = append(arc, along(v, [2]float64{m[0]*cos - m[1]*sin, m[0]*sin + m[1]*cos}, d))
		}
		return arc
	}
	for i, e := range edges {
		n := normal(i)
		a, b := along(e.from, n, d), along(e.to, n, d)
		if k, ok := to[e.from]; ok {
			c := corner(e.from, k, i)
			a = c[len(c)-1]
		} else {
			a = [2]float64{a[0] - 2*d*n[1], a[1] + 2*d*n[0]}
		}
		if k, ok := from[e.to]; ok {
			c := corner(e.to, i, k)
			b = c[0]
			for j := 1; j < len(c); j++ {
				out = append(out, [2][2]float64{c[j-1], c[j]})
			}
		} else {
			b = [2]float64{b[0] + 2*d*n[1], b[1] - 2*d*n[0]}
		}
		out = append(out, [2][2]float64{a, b})
	}
	return out
}
