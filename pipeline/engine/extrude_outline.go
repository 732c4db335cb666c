package engine

import (
	"context"
	"math"
	"slices"
)

// outlines is a network with a fitted description of its arcs. Coordinates are cells of the partition.
type outlines struct {
	*network
	pieces [][]piece      // of every arc; nil for one that stays as the pixels have it
	places [][][2]float64 // of every arc with pieces: samples at the middle of each, for the way round
	px     float64        // a pixel of the picture
	blunt  []bool         // of every arc: pieces meet where the pixels do, not where they would without their corners' rounding
	at     [][2]float64   // the junctions, moved to where the pieces that end in them meet
}

// fitted describes the arcs by lines and circular arcs within a tolerance in cells.
func (n *network) fitted(ctx context.Context, px, tolerance float64) (*outlines, error) {
	o := &outlines{network: n, px: px, pieces: make([][]piece, len(n.arcs)), places: make([][][2]float64, len(n.arcs)), blunt: make([]bool, len(n.arcs)), at: slices.Clone(n.junctions)}
	for i, a := range n.arcs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		line := a.points
		closed := a.from < 0
		if closed {
			line = append(slices.Clone(line), line[0])
		}
		if length(line) < shortest*px {
			continue
		}
		f := &fitter{closed: closed, px: px, tolerance: tolerance}
		f.samples = append([][2]float64{line[0]}, spaced(line, sampleStep*px)...)
		if closed {
			f.samples = f.samples[:len(f.samples)-1]
		}
		o.pieces[i] = f.fit()
		for _, p := range o.pieces[i] {
			o.places[i] = append(o.places[i], f.at((p.first+p.last)/2), f.at(p.last))
		}
	}
	o.settle()
	return o, nil
}

// settle moves the junctions.
func (o *outlines) settle() {
	on := make([][]primitive, len(o.at))
	for i, a := range o.arcs {
		if list := o.pieces[i]; list != nil && a.from >= 0 {
			on[a.from] = append(on[a.from], list[0].primitive)
			on[a.to] = append(on[a.to], list[len(list)-1].primitive)
		}
	}
	for j := range o.at {
		if p := meet(o.junctions[j], on[j]...); len(on[j]) == 3 && gap(p, o.junctions[j]) < 1.5*o.px {
			o.at[j] = p
		}
	}
}

// lines returns the points of every arc, as its field points are. No chord is farther from its circle than chord.
func (o *outlines) lines(chord float64) [][][2]float64 {
	out := make([][][2]float64, len(o.arcs))
	for i := range o.arcs {
		out[i] = o.line(i, chord)
	}
	return out
}

func (o *outlines) line(i int, chord float64) [][2]float64 {
	a, list := o.arcs[i], o.pieces[i]
	closed := a.from < 0
	if list == nil {
		line := slices.Clone(a.points)
		if !closed {
			line[0], line[len(line)-1] = o.at[a.from], o.at[a.to]
		}
		return line
	}
	middle := func(k int) [2]float64 { return o.places[i][2*k] }
	joint := func(k int) [2]float64 { // after piece k
		raw := o.places[i][2*k+1]
		p := meet(raw, list[k].primitive, list[(k+1)%len(list)].primitive)
		if o.blunt[i] || gap(p, raw) > 3*cornerMiss*o.px {
			return raw
		}
		return p
	}
	var line [][2]float64
	var at [2]float64
	switch {
	case !closed:
		at = o.at[a.from]
		line = append(line, at)
	case len(list) == 1:
		c := list[0].primitive
		at = [2]float64{c.p[0] + c.r, c.p[1]}
	default:
		at = joint(len(list) - 1)
	}
	first := at
	for k, p := range list {
		end := first
		if k < len(list)-1 {
			end = joint(k)
		} else if !closed {
			end = o.at[a.to]
		}
		if !closed || len(list) > 1 || p.circle {
			line = append(line, p.sampled(at, middle(k), end, chord)...)
		}
		at = end
	}
	if closed && len(list) == 1 && signedArea(a.points) < 0 {
		slices.Reverse(line)
	}
	return line // of a closed arc, the first point comes last
}

// affordable chooses chords fine enough to look round, and coarser ones where there would be more faces than asked for.
func (o *outlines) affordable(ctx context.Context, in Input) ([][][2]float64, error) {
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, a := range o.arcs {
		for _, p := range a.points {
			for k := range 2 {
				lo[k], hi[k] = min(lo[k], p[k]), max(hi[k], p[k])
			}
		}
	}
	side := max(hi[0]-lo[0], hi[1]-lo[1])
	perPoint := map[string]int{sharpEdge: 4, chamferEdge: 6, roundEdge: 16}[in.choice("edge")]
	chord := side / chordShare
	for ; chord < side/coarsest; chord *= 1.5 {
		points := 0
		for _, l := range o.lines(chord) {
			points += len(l)
		}
		if points*perPoint <= in.Faces {
			break
		}
	}
	return o.untangled(ctx, chord)
}

// untangled returns the lines of all arcs, free of crossings: arcs that come too close to one another, or to themselves, get
// blunt corners first, and if that does not help go back to what the pixels have, which does not cross.
func (o *outlines) untangled(ctx context.Context, chord float64) ([][][2]float64, error) {
	lines := o.lines(chord)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		changed := false
		for i, bad := range o.clashes(lines) {
			if bad && o.pieces[i] != nil {
				if o.blunt[i] {
					o.reset(i)
				}
				o.blunt[i], changed = true, true
			}
		}
		if !changed {
			return lines, nil
		}
		lines = o.lines(chord)
	}
}

// reset gives an arc back its own points, and those it ends in.
func (o *outlines) reset(i int) {
	o.pieces[i] = nil
	if a := o.arcs[i]; a.from >= 0 {
		o.at[a.from], o.at[a.to] = o.junctions[a.from], o.junctions[a.to]
	}
}

// clearance is how near lines may come, in cells.
const clearance = 0.01

// clashes tells which arcs come too close to others or to themselves, or no longer run round anything.
func (o *outlines) clashes(lines [][][2]float64) []bool {
	var ends [][2][2]float64
	var names [][2]int // of the ends: junctions below 0
	var owner []int
	bad := make([]bool, len(lines))
	first := 0
	for i, l := range lines {
		a := o.arcs[i]
		last := len(l) - 1
		if a.from < 0 {
			last++
			was, is := signedArea(a.points), signedArea(l)
			bad[i] = len(l) < 3 || was*is <= 0 || math.Abs(is-was) > 0.25*math.Abs(was)+2*o.px*o.px
		}
		name := func(k int) int {
			switch {
			case a.from >= 0 && k == 0:
				return -1 - int(a.from)
			case a.from >= 0 && k == len(l)-1:
				return -1 - int(a.to)
			}
			return first + k%len(l)
		}
		for k := range last {
			ends = append(ends, [2][2]float64{l[k], l[(k+1)%len(l)]})
			names = append(names, [2]int{name(k), name(k + 1)})
			owner = append(owner, i)
		}
		first += len(l)
	}
	set := newSegmentSet(ends)
	for i, e := range ends {
		if gap(e[0], e[1]) < clearance {
			bad[owner[i]] = true
		}
		lo := [2]float64{min(e[0][0], e[1][0]) - clearance, min(e[0][1], e[1][1]) - clearance}
		hi := [2]float64{max(e[0][0], e[1][0]) + clearance, max(e[0][1], e[1][1]) + clearance}
		set.near(lo, hi, func(k int32) bool {
			if int(k) > i && tooClose(e, ends[k], names[i], names[k]) {
				bad[owner[i]], bad[owner[k]] = true, true
			}
			return true
		})
	}
	return bad
}

// tooClose reports whether two segments touch, or, where they share an end, run along each other.
func tooClose(a, b [2][2]float64, from, to [2]int) bool {
	for i := range 2 {
		for k := range 2 {
			if from[i] == to[k] {
				return from[1-i] == to[1-k] || min(toSegment(a[1-i], b), toSegment(b[1-k], a)) < clearance
			}
		}
	}
	return apart(a, b) < clearance
}

// signedArea is that of a closed line, positive for one that runs anticlockwise.
func signedArea(l [][2]float64) (sum float64) {
	for i, p := range l {
		q := l[(i+1)%len(l)]
		sum += (p[0]-l[0][0])*(q[1]-l[0][1]) - (p[1]-l[0][1])*(q[0]-l[0][0])
	}
	return sum / 2
}
