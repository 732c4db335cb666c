package mesh

import (
	"context"
	"fmt"
	"math"
)

// maxSparseSide bounds a side of the grid of [IsosurfaceSparse]; maxCoarseSide one of its first, coarse grid.
const (
	maxSparseSide = 2048
	maxCoarseSide = 257
)

// Field is a scalar field, positive inside, that [IsosurfaceSparse] asks for its values.
type Field struct {
	// Sample sets values[i] to the field at points[i]. It is called from one goroutine, with at most Batch points at a
	// time; its error ends the work.
	Sample func(ctx context.Context, points [][3]float32, values []float32) error
	Batch  int // 0: 65536
	// Stride is the distance of the samples of the first, coarse grid in steps of the grid, made a power of two; 0: 8.
	Stride int
	// Slope is the most that the field changes per unit of length, 1 for a signed distance; 0 when nothing is known.
	Slope float64
	Step  func(fraction float64) // told the share done; may be nil
}

// IsosurfaceSparse extracts the surface of a field that is dear to evaluate: a coarse grid is sampled whole, then again
// and again the cells that the surface runs through at half the step, down to g. Wherever on the way the surface leaves
// the sampled cells it is followed, so that every part of it that the coarse grid meets is found whole, and the mesh of
// those parts is that of [Isosurface], triangle for triangle. Parts that lie between the samples of the coarse grid are
// found for certain only when the field's Slope is given.
//
// Samples are kept in bricks of 8³ beside the surface: the memory goes with its area.
func IsosurfaceSparse(ctx context.Context, g Grid, f Field) (*Mesh, error) {
	if err := g.check(maxSparseSide); err != nil {
		return nil, err
	}
	if f.Batch <= 0 {
		f.Batch = 1 << 16
	}
	if f.Stride <= 0 {
		f.Stride = 8
	}
	if f.Step == nil {
		f.Step = func(float64) {}
	}
	l := newLevel(ctx, g, &f, firstStride(g, f.Stride))
	for k := range l.n[2] {
		for j := range l.n[1] {
			for i := range l.n[0] {
				l.want(i, j, k)
			}
		}
	}
	for {
		if err := l.sample(); err != nil {
			return nil, err
		}
		if l.stride == 1 {
			break
		}
		finer := newLevel(ctx, g, &f, l.stride/2)
		if err := l.refine(finer); err != nil {
			return nil, err
		}
		l = finer
	}
	m, err := march(ctx, g, l.plane)
	if err == nil {
		f.Step(1)
	}
	return m, err
}

// firstStride is the largest power of two up to stride, more where the coarse grid would be too large.
func firstStride(g Grid, stride int) int {
	long := max(g.N[0], g.N[1], g.N[2])
	s := 1
	for 2*s <= min(stride, long) || (long-1)/s+2 > maxCoarseSide {
		s *= 2
	}
	return s
}

// level is the lattice of every stride-th sample of the grid; the last along each axis is that of the grid.
type level struct {
	bricks
	ctx    context.Context
	grid   Grid
	field  *Field
	stride int
	wanted []sample
	done   float64
}

func newLevel(ctx context.Context, g Grid, f *Field, stride int) *level {
	var n [3]int
	for a := range n {
		n[a] = (g.N[a]-2)/stride + 2
	}
	return &level{bricks: *newBricks(n), ctx: ctx, grid: g, field: f, stride: stride}
}

func (l *level) want(i, j, k int) {
	if s := (sample{int16(i), int16(j), int16(k)}); l.ask(s) {
		l.wanted = append(l.wanted, s)
	}
}

func (l *level) point(s sample) [3]float32 {
	var at [3]float64
	for a := range at {
		at[a] = float64(min(int(s[a])*l.stride, l.grid.N[a]-1))
	}
	return l.grid.at(at[0], at[1], at[2])
}

// sample evaluates what is wanted, and what is then found to lie beside the surface, until nothing more is.
func (l *level) sample() error {
	for from := 0; from < len(l.wanted); {
		to := min(from+l.field.Batch, len(l.wanted))
		points, values := make([][3]float32, to-from), make([]float32, to-from)
		for i, s := range l.wanted[from:to] {
			points[i] = l.point(s)
		}
		if err := l.ctx.Err(); err != nil {
			return err
		}
		if err := l.field.Sample(l.ctx, points, values); err != nil {
			return fmt.Errorf("sample the field: %w", err)
		}
		for i, s := range l.wanted[from:to] {
			l.set(s, values[i])
		}
		for _, s := range l.wanted[from:to] {
			l.follow(s)
		}
		from = to
		l.progress(from)
	}
	l.wanted = nil
	return nil
}

// progress guesses that every level is as much work as the coarser ones together three times over.
func (l *level) progress(done int) {
	share := 1 / float64(l.stride*l.stride)
	before := share / 4
	if at := before + (share-before)*float64(done)/float64(len(l.wanted)); at > l.done {
		l.done = at
		l.field.Step(0.95 * at)
	}
}

// follow wants every corner of the four cells round each edge from s that the surface crosses.
func (l *level) follow(s sample) {
	_, inside, known := l.get(s)
	if !known {
		return
	}
	for axis := range 3 {
		for _, way := range [2]int16{-1, 1} {
			o := s
			o[axis] += way
			if _, in, known := l.get(o); known && in != inside {
				l.round(s, o, (axis+1)%3, (axis+2)%3)
			}
		}
	}
}

func (l *level) round(s, o sample, u, v int) {
	for du := int16(-1); du <= 1; du++ {
		for dv := int16(-1); dv <= 1; dv++ {
			for _, c := range [2]sample{s, o} {
				c[u] += du
				c[v] += dv
				l.want(int(c[0]), int(c[1]), int(c[2]))
			}
		}
	}
}

// refine wants of the finer level every sample in the cells that the surface runs through, or may by the field's slope.
func (l *level) refine(finer *level) error {
	finer.done = l.done
	half := math.Sqrt(3) / 2 * float64(l.stride) * l.grid.Step // from the middle of a cell to its corners
	for n, c := range l.used {
		if n&0xff == 0 && l.ctx.Err() != nil {
			return l.ctx.Err()
		}
		if c == nil {
			continue
		}
		for at := range c.values {
			if c.known[at/64]>>(at%64)&1 == 0 {
				continue
			}
			s := l.order[n]
			for a, x := range [3]int{at % 8, at / 8 % 8, at / 64} {
				s[a] = s[a]*brickSide + x
			}
			l.openRound(finer, sample{int16(s[0]), int16(s[1]), int16(s[2])}, math.Abs(float64(c.values[at])) <= l.field.Slope*half)
		}
	}
	return nil
}

// openRound opens the cells round s, all of them or those at an edge the surface crosses. A cell is named by its upper
// corner.
func (l *level) openRound(finer *level, s sample, all bool) {
	var open [8]bool
	_, inside, _ := l.get(s)
	for axis := range 3 {
		for _, way := range [2]int16{0, 1} {
			o := s
			o[axis] += 2*way - 1
			if _, in, known := l.get(o); !known || in || !inside {
				continue
			}
			for c := range open {
				open[c] = open[c] || c>>axis&1 == int(way)
			}
		}
	}
	for c := range open {
		if open[c] || all {
			l.open(finer, sample{s[0] + int16(c&1), s[1] + int16(c>>1&1), s[2] + int16(c>>2)})
		}
	}
}

// open wants the finer samples of the cell below upper, which is of the frame where upper is 0 or beyond the last.
func (l *level) open(finer *level, upper sample) {
	x, y, z, word, bit := upper.split()
	c := l.make(x, y, z)
	if c.opened[word]>>bit&1 != 0 {
		return
	}
	c.opened[word] |= 1 << bit
	var from, to [3]int16
	for a, u := range upper {
		last := int16(finer.n[a] - 1)
		from[a], to[a] = min(max(2*u-2, 0), last), min(2*u, last)
		if int(u) == l.n[a] {
			from[a] = last
		}
	}
	for k := from[2]; k <= to[2]; k++ {
		for j := from[1]; j <= to[1]; j++ {
			for i := from[0]; i <= to[0]; i++ {
				l.copyOrWant(finer, sample{i, j, k})
			}
		}
	}
}

// copyOrWant copies a sample of the finer level that is one of this level too.
func (l *level) copyOrWant(finer *level, s sample) {
	if !finer.ask(s) {
		return
	}
	o, both := s, true
	for a := range s {
		switch {
		case int(s[a]) == finer.n[a]-1:
			o[a] = int16(l.n[a] - 1)
		case s[a]%2 == 0:
			o[a] /= 2
		default:
			both = false
		}
	}
	if both {
		if v, _, known := l.get(o); known {
			finer.set(s, v)
			return
		}
	}
	finer.wanted = append(finer.wanted, s)
}
