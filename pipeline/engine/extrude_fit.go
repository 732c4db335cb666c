package engine

import "math"

// piece is a stretch of an arc's samples, first to last, that one primitive describes. In a closed arc last may pass the
// number of samples.
type piece struct {
	primitive
	first, last int
}

// fitter divides the samples of one arc into lines and circular arcs.
type fitter struct {
	samples   [][2]float64
	closed    bool
	px        float64 // a pixel of the picture
	tolerance float64
}

// Lengths in pixels of the picture.
const (
	sampleStep   = 0.5
	firstPiece   = 2   // what the merging starts from
	cornerReach  = 6   // a corner is rounded by the picture no farther than this
	cornerMiss   = 0.8 // and no deeper
	straightness = 0.2 // an arc that rises less over its chord is a line
	shortest     = 4   // arcs shorter than this are not fitted
	blur         = 1.5 // what a corner spoils of the pieces that meet in it
)

// fit describes the samples by as few lines and arcs as keep within the tolerance: beginning with short pieces, it merges
// the two neighbours that fit one primitive best until none fits any more. Then it puts back the corners that the
// pixels have rounded, and moves the places where pieces meet to where they fit best.
func (f *fitter) fit() []piece {
	list := f.merged()
	list = f.sharpened(list)
	f.shift(list)
	for i, p := range list {
		list[i].primitive = f.careful(p.first, p.last)
	}
	return list
}

// at is a sample; those of a closed arc repeat.
func (f *fitter) at(i int) [2]float64 {
	n := len(f.samples)
	return f.samples[((i%n)+n)%n]
}

// between returns at most 128 of the samples from first to last, both ends among them.
func (f *fitter) between(first, last int) [][2]float64 {
	const most = 128
	n := min(last-first+1, most)
	out := make([][2]float64, n)
	for k := range out {
		out[k] = f.at(first + k*(last-first)/max(n-1, 1))
	}
	return out
}

// best is the primitive for a stretch: a line where that is hardly worse than an arc, and how far it is off.
func (f *fitter) best(first, last int) (primitive, float64) {
	q := f.between(first, last)
	line := fitLine(q)
	off := line.worst(q)
	if len(q) < 5 || off < 1e-9 {
		return line, off
	}
	circle, ok := fitCircle(q)
	if !ok {
		return line, off
	}
	chord := gap(q[0], q[len(q)-1])
	if gap(q[0], q[len(q)/2]) < chord && chord*chord/8 < straightness*f.px*circle.r {
		return line, off
	}
	if d := circle.worst(q); d < 0.7*off {
		return circle, d
	}
	return line, off
}

// careful fits a stretch without its ends where it is long, for corners are rounded.
func (f *fitter) careful(first, last int) primitive {
	cut := int(math.Ceil(blur / sampleStep))
	whole := f.closed && last-first >= len(f.samples)
	if last-first >= 5*cut && !whole {
		first, last = first+cut, last-cut
	}
	c, _ := f.best(first, last)
	return c
}

// sharpened drops the short pieces with which the merging has gone round a corner, where the longer pieces on both sides
// meet close to the samples.
func (f *fitter) sharpened(list []piece) []piece {
	long := func(p piece) int { return p.last - p.first }
	reach := int(cornerReach / sampleStep)
	for again := true; again; {
		again = false
		for i := 0; i < len(list) && len(list) > 2; i++ {
			for run := 3; run >= 1; run-- {
				n := len(list)
				if run+2 > n || !f.closed && (i+run+1 >= n) {
					continue
				}
				a, b := list[i], list[(i+run+1)%n]
				total := 0
				for k := 1; k <= run; k++ {
					total += long(list[(i+k)%n])
				}
				if total > reach || long(a) < total || long(b) < total {
					continue
				}
				at, ok := f.corner(a, b, a.last, a.last+total)
				if !ok {
					continue
				}
				list[i].last = at
				list[(i+run+1)%n] = piece{b.primitive, b.first - (a.last + total - at), b.last}
				if (i+run+1)%n > i { // those in between, in order
					list = append(list[:i+1], list[i+run+1:]...)
				} else {
					list = f.rotated(list, i, run)
				}
				again = true
				break
			}
		}
	}
	return list
}

// rotated removes run pieces after i where they go past the end of the list, and starts the list after them.
func (f *fitter) rotated(list []piece, i, run int) []piece {
	n := len(list)
	var out []piece
	for k := run + 1; k <= n; k++ {
		out = append(out, list[(i+k)%n])
	}
	return out
}

// corner is the sample at which a and b meet, if they do so near all the samples in between.
func (f *fitter) corner(a, b piece, first, last int) (at int, ok bool) {
	ca, cb := f.careful(a.first, a.last), f.careful(b.first, b.last)
	p := meet(f.at((first+last)/2), ca, cb)
	for _, c := range [2]primitive{ca, cb} {
		if d, _ := c.offset(p); math.Abs(d) > 0.1*f.px {
			return 0, false
		}
	}
	near := math.Inf(1)
	for i := first; i <= last; i++ {
		q := f.at(i)
		da, _ := ca.offset(q)
		db, _ := cb.offset(q)
		if min(math.Abs(da), math.Abs(db)) > cornerMiss*f.px {
			return 0, false
		}
		if d := gap(p, q); d < near {
			near, at = d, i
		}
	}
	return at, near < 3*cornerMiss*f.px
}

// shift moves every place where two pieces meet to where their squared distances are least.
func (f *fitter) shift(list []piece) {
	cost := func(first, last int) float64 {
		c, _ := f.best(first, last)
		var sum float64
		q := f.between(first, last)
		for _, p := range q {
			d, _ := c.offset(p)
			sum += d * d
		}
		return sum * float64(last-first) / float64(len(q))
	}
	least := int(2 * firstPiece / sampleStep)
	for i := range list {
		j := (i + 1) % len(list)
		if j == i || j == 0 && !f.closed {
			continue
		}
		a, b := &list[i], &list[j]
		now := cost(a.first, a.last) + cost(b.first, b.last)
		for step := 16; step > 0; step /= 2 {
			for _, by := range [2]int{step, -step} {
				for a.last+by-a.first >= least && b.last-b.first-by >= least {
					then := cost(a.first, a.last+by) + cost(b.first+by, b.last)
					if then >= now*(1-1e-9) {
						break
					}
					now = then
					a.last, b.first = a.last+by, b.first+by
				}
			}
		}
	}
}
