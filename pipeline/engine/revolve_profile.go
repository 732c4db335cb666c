package engine

import (
	"math"
	"slices"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// axis is the line a silhouette is turned about, in cells of its grid.
type axis struct {
	x, y     float64    // a point on it
	up       [2]float64 // unit vector along it, y down as in the grid
	symmetry float64    // share of the silhouette whose mirror image lies in it
}

func (a axis) degrees() float64 { return math.Atan2(a.up[0], -a.up[1]) * 180 / math.Pi }

// place is the point u to the right of the axis and v along it.
func (a axis) place(u, v float64) (x, y float64) {
	return a.x + v*a.up[0] - u*a.up[1], a.y + v*a.up[1] + u*a.up[0]
}

// maxTilt is how far from upright an axis is looked for, in degrees, and minGain how much more mirror symmetry an axis must
// have than the upright one: a round thing has the same about any.
const (
	maxTilt = 20
	minGain = 0.01
)

// axisOf finds the axis through the centroid, for the axis of a mirror-symmetric area runs through it.
func axisOf(s *silhouette, tilted bool) axis {
	var n, x, y float64
	var points [][2]float64
	for p, c := range s.cover {
		if c > 0 {
			u, v := float64(p%s.w), float64(p/s.w)
			n, x, y = n+1, x+u, y+v
			points = append(points, [2]float64{u, v})
		}
	}
	try := func(degrees float64) axis {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		a := axis{x: x / n, y: y / n, up: [2]float64{sin, -cos}}
		mirrored := 0
		for _, p := range points {
			d := [2]float64{p[0] - a.x, p[1] - a.y}
			across := -d[0]*a.up[1] + d[1]*a.up[0]
			if s.at(p[0]+2*across*a.up[1], p[1]-2*across*a.up[0]) > 0 {
				mirrored++
			}
		}
		a.symmetry = float64(mirrored) / n
		return a
	}
	best := try(0)
	if !tilted {
		return best
	}
	straight := best.symmetry
	for _, step := range []float64{2, 0.5, 0.1} {
		middle, reach := best.degrees(), 4*step
		if step == 2 {
			middle, reach = 0, maxTilt
		}
		for d := max(middle-reach, -maxTilt); d <= min(middle+reach, maxTilt); d += step {
			if a := try(d); a.symmetry > best.symmetry {
				best = a
			}
		}
	}
	if best.symmetry < straight+minGain {
		return try(0)
	}
	return best
}

// at is the coverage less a half between the nodes, bilinear.
func (s *silhouette) at(x, y float64) float64 {
	if !(x >= 0 && y >= 0 && x < float64(s.w-1) && y < float64(s.h-1)) {
		return -0.5
	}
	i, j := int(x), int(y)
	fx, fy := x-float64(i), y-float64(j)
	c := s.cover[j*s.w+i:]
	return (1-fy)*((1-fx)*c[0]+fx*c[1]) + fy*((1-fx)*c[s.w]+fx*c[s.w+1])
}

// profile is how far a silhouette reaches to both sides of an axis, a row a cell along it, from the bottom up.
type profile struct {
	axis
	low, high   float64 // where it begins and ends along the axis
	left, right []float64
	radius      []float64
}

// minRadius keeps necks from closing, in cells.
const minRadius = 0.5

func profileOf(s *silhouette, a axis, side string) *profile {
	reach := math.Hypot(float64(s.w), float64(s.h))
	// edge is the outermost place the silhouette covers on one side of a row, and whether there is one.
	edge := func(v, way float64) (float64, bool) {
		last := -0.5
		for u := reach; u > -reach; u -= 0.5 {
			x, y := a.place(way*u, v)
			c := s.at(x, y)
			if c > 0 {
				return u + 0.5*c/(c-last), true
			}
			last = c
		}
		return 0, false
	}
	covered := func(v float64) bool { _, ok := edge(v, 1); return ok }
	p := &profile{axis: a, low: math.Inf(1), high: math.Inf(-1)}
	for v := -reach; v <= reach; v++ {
		if covered(v) {
			p.low, p.high = min(p.low, v), max(p.high, v)
		}
	}
	if p.low > p.high {
		return nil
	}
	p.low, p.high = last(p.low, p.low-1, covered), last(p.high, p.high+1, covered)
	n := max(int(p.high-p.low), 2)
	for k := range n + 1 {
		// The ends are taken just inside, where there is still something.
		v := min(max(p.row(k, n), p.low+1e-3), p.high-1e-3)
		l, ok := edge(v, -1)
		r, _ := edge(v, 1)
		if !ok && k > 0 { // a gap between two parts
			l, r = p.left[k-1], p.right[k-1]
		}
		p.left, p.right = append(p.left, max(l, 0)), append(p.right, max(r, 0))
		mean := (l + r) / 2
		switch side {
		case leftSide:
			mean = l
		case rightSide:
			mean = r
		}
		p.radius = append(p.radius, max(mean, 0))
	}
	p.radius = smoothed(p.radius)
	return p
}

// smoothed takes the noise of the pixels, up to half a cell, out of radii: a parabola is fitted to nine of them about each
// (Savitzky and Golay 1964). Where it misses by more there is an edge, which stays.
func smoothed(radius []float64) []float64 {
	weights := [9]float64{-21, 14, 39, 54, 59, 54, 39, 14, -21} // over 231
	out := slices.Clone(radius)
	for k := 4; k < len(radius)-4; k++ {
		fit := 0.0
		for i, w := range weights {
			fit += w / 231 * radius[k-4+i]
		}
		if math.Abs(fit-radius[k]) < 0.5 {
			out[k] = fit
		}
	}
	return out
}

func (p *profile) row(k, n int) float64 { return p.low + (p.high-p.low)*float64(k)/float64(n) }

// last is the last place from in toward out that is covered.
func last(in, out float64, covered func(float64) bool) float64 {
	for range 12 {
		if mid := (in + out) / 2; covered(mid) {
			in = mid
		} else {
			out = mid
		}
	}
	return in
}

// longest is the longest side of what is turned, in cells.
func (p *profile) longest() float64 {
	widest := 0.0
	for _, r := range p.radius {
		widest = max(widest, 2*r)
	}
	return max(widest, p.high-p.low)
}

// side is the outside from the bottom up. A radius below a cell at an end is left out: the end is round or a point there.
func (p *profile) side() (line [][2]float64) {
	n := len(p.radius) - 1
	for k, r := range p.radius {
		if (k == 0 || k == n) && r < 2*minRadius {
			continue
		}
		line = append(line, [2]float64{max(r, minRadius), p.row(k, n)})
	}
	return line
}

func (p *profile) solid() [][2]float64 {
	line := append([][2]float64{{0, p.low}}, p.side()...)
	return append(line, [2]float64{0, p.high})
}

// vessel goes up the outside, over the rim, and down the inside to the floor. The inside is the outside's offset by the
// wall; it ends where the neck is too narrow for one. It has points at the same heights as the outside, so that the two cannot
// cross however few they are. It is nil for no wall, and for a shape with no room for an inside.
func (p *profile) vessel(wall, floor float64, faces int) [][2]float64 {
	if wall <= 0 {
		return nil
	}
	outside := p.side()
	// The very end of a flat top is rounded by the pixels; the rim is as wide as the neck a little below.
	const rim = 1.5
	below := len(outside) - 1
	for below > 0 && p.high-outside[below][1] < rim {
		below--
	}
	for i := below + 1; i < len(outside); i++ {
		outside[i][0] = max(outside[i][0], outside[below][0])
	}
	fine, deepest := p.hollowed(outside, outside, wall, floor)
	if fine == nil {
		return nil
	}
	step := stepFor(fine, faces)
	points := append(resampled(outside[:deepest+1], step), resampled(outside[deepest:], step)[1:]...)
	line, _ := p.hollowed(points, outside, wall, floor)
	if line == nil {
		return nil
	}
	// The bottom and the floor, which are level, get points as the rest has.
	last := len(line) - 1
	line = append(line[:last], spaced(line[last-1:], step)...)
	return append(append(line[:1:1], spaced(line[:2], step)...), line[2:]...)
}

// hollowed adds to points of an outside the inside at their heights, and tells at which of them it ends. The line is nil where
// there is no room.
func (p *profile) hollowed(points, outside [][2]float64, wall, floor float64) (line [][2]float64, deepest int) {
	inside := make([]float64, len(points))
	for i, a := range points {
		inside[i] = a[0] - wall
		for _, b := range outside {
			if d := b[1] - a[1]; math.Abs(d) < wall {
				inside[i] = min(inside[i], b[0]-math.Sqrt(wall*wall-d*d))
			}
		}
	}
	top := len(points) - 1
	deepest = top
	for deepest > 0 && points[deepest-1][1] >= p.low+floor && min(inside[deepest], inside[deepest-1]) >= 2*minRadius {
		deepest--
	}
	if deepest == top {
		return nil, top
	}
	line = append([][2]float64{{0, p.low}}, points...)
	for i := top; i >= deepest; i-- {
		line = append(line, [2]float64{inside[i], points[i][1]})
	}
	return append(line, [2]float64{0, points[deepest][1]}), deepest
}

// paint gives every vertex of the turned mesh, which is still in cells, the colour of the picture at its height and at its
// share of the width on its side.
func (p *profile) paint(m *mesh.Mesh, subject *picture.Subject, s *silhouette) {
	n := len(p.radius) - 1
	m.Colors = make([][4]uint8, len(m.Vertices))
	for i, v := range m.Vertices {
		k := min(max(int(math.Round((float64(v[1])-p.low)/(p.high-p.low)*float64(n))), 0), n)
		reach := p.right[k]
		if v[0] < 0 {
			reach = p.left[k]
		}
		// Just inside the edge, where the picture is not mixed with its background.
		u := float64(v[0]) / max(p.radius[k], minRadius) * max(reach-1, 0)
		x, y := p.place(u, float64(v[1]))
		m.Colors[i] = subject.At(float64(s.box.Min.X)+(x-frameCells)*s.scale, float64(s.box.Min.Y)+(y-frameCells)*s.scale)
	}
}
