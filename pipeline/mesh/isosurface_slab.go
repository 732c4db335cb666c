package mesh

import (
	"context"
	"math"
	"math/bits"
)

// plane is one layer of samples with a frame of outside samples: sample (i,j) is bit i+1 of row j+1 of its masks.
type plane struct {
	nx, ny int
	words  int       // words per row of a mask
	values []float32 // nx by ny, without the frame; valid only where known
	inside []uint64
	known  []uint64 // cells with an unknown corner are left out
	beyond bool     // the layer is of the frame
	blank  bool     // the masks are as frame leaves them
}

func newPlane(nx, ny int) *plane {
	p := &plane{nx: nx, ny: ny, words: (nx + 2 + 63) / 64, values: make([]float32, nx*ny)}
	n := p.words*(ny+2) + 1 // next reads one word beyond the last
	p.inside, p.known = make([]uint64, n), make([]uint64, n)
	return p
}

// frame makes every sample known and outside.
func (p *plane) frame() {
	if p.blank {
		return
	}
	clear(p.inside)
	for i := range p.known {
		p.known[i] = math.MaxUint64
	}
	p.blank = true
}

// signs sets the inside mask from the values, which are all known.
func (p *plane) signs() {
	for j := range p.ny {
		row := p.values[j*p.nx : (j+1)*p.nx]
		mask := p.inside[(j+1)*p.words : (j+2)*p.words]
		mask[0] = positive(row[:min(63, len(row))]) << 1
		for w := 1; w*64-1 < len(row); w++ {
			mask[w] = positive(row[w*64-1 : min(w*64+63, len(row))])
		}
	}
}

// positive has a bit for each of at most 64 values above zero.
func positive(row []float32) (mask uint64) {
	i := 0
	for ; i+8 <= len(row); i += 8 {
		r := row[i : i+8 : i+8]
		b := above(r[0]) | above(r[1])<<1 | above(r[2])<<2 | above(r[3])<<3 |
			above(r[4])<<4 | above(r[5])<<5 | above(r[6])<<6 | above(r[7])<<7
		mask |= b << (i & 63)
	}
	for ; i < len(row); i++ {
		mask |= above(row[i]) << (i & 63)
	}
	return mask
}

// above is 1 for a value above zero, 0 for one that is not a number, without a branch.
func above(f float32) uint64 {
	return (uint64(math.Float32bits(f)-1) - 0x7f800000) >> 63
}

// at is the value of the framed sample (i,j), -1 on the frame and where it is not a number.
func (p *plane) at(i, j int) float32 {
	if p.beyond || uint(i-1) >= uint(p.nx) || uint(j-1) >= uint(p.ny) {
		return -1
	}
	if v := p.values[(j-1)*p.nx+i-1]; v == v {
		return v
	}
	return -1
}

// next is the mask word whose bits belong to the samples after those of word r. The last bit comes from the next row,
// where it is of the frame.
func next(mask []uint64, r int) uint64 { return mask[r]>>1 | mask[r+1]<<63 }

// pile is a list that grows without copying.
type pile[T any] struct {
	parts [][]T
	n     int
}

func (p *pile[T]) add(x T) {
	last := len(p.parts) - 1
	if last < 0 || len(p.parts[last]) == cap(p.parts[last]) {
		p.parts = append(p.parts, make([]T, 0, min(max(1024, p.n/2), 1<<16)))
		last++
	}
	p.parts[last] = append(p.parts[last], x)
	p.n++
}

// slab is a run of cell layers [from, to), worked on by one goroutine. The vertices on its lowest sample layer are
// made by this slab and by the one below in the same order, and sewn together afterwards.
type slab struct {
	grid     Grid
	fill     func(int, *plane)
	from, to int

	vertices  pile[[3]float32]
	triangles pile[[3]uint32]
	bottom    int // vertices below it lie on the lowest sample layer
	top       int // vertices from it on lie on the highest sample layer

	w, h   int // framed layer size
	planes [2]*plane
	// ids holds for each of the two layers and each sample the vertices on its edges toward +x, +y and +z.
	ids []uint32
}

func (s *slab) run(ctx context.Context) {
	nx, ny := s.grid.N[0], s.grid.N[1]
	s.w, s.h = nx+2, ny+2
	s.planes = [2]*plane{newPlane(nx, ny), newPlane(nx, ny)}
	s.ids = make([]uint32, 2*3*s.w*s.h)
	s.load(0, s.from)
	s.planeVertices(0, s.from)
	s.bottom = s.vertices.n
	for k := s.from; k < s.to; k++ {
		if ctx.Err() != nil {
			return
		}
		lo, hi := (k-s.from)&1, (k-s.from+1)&1
		s.load(hi, k+1)
		s.columnVertices(lo, hi, k)
		s.top = s.vertices.n
		s.planeVertices(hi, k+1)
		s.cells(lo, hi)
	}
}

func (s *slab) load(b, k int) {
	p := s.planes[b]
	p.frame()
	if p.beyond = k < 0 || k >= s.grid.N[2]; !p.beyond {
		s.fill(k, p)
		p.blank = false
	}
}

// crossing is where between an inside and an outside sample the field is zero, kept off the ends so that no triangle
// loses its area.
func crossing(a, b float32) float64 {
	t := float64(a) / (float64(a) - float64(b))
	if math.IsNaN(t) {
		t = 0.5
	}
	return min(max(t, 0.02), 0.98)
}

// vertex adds one at (i,j) of the frame and layer k, and keeps it as that of the edge along axis from there.
func (s *slab) vertex(b, i, j, axis int, x, y, z float64) {
	s.ids[3*((b*s.h+j)*s.w+i)+axis] = uint32(s.vertices.n)
	s.vertices.add(s.grid.at(float64(i-1)+x, float64(j-1)+y, z))
}

func (s *slab) planeVertices(b, k int) {
	p := s.planes[b]
	if p.blank {
		return
	}
	z := float64(k)
	for j := range s.h - 1 {
		for w := range p.words {
			r, above := j*p.words+w, (j+1)*p.words+w
			in, known := p.inside[r], p.known[r]
			x := (in ^ next(p.inside, r)) & known & next(p.known, r)
			y := (in ^ p.inside[above]) & known & p.known[above]
			for both := x | y; both != 0; both &= both - 1 {
				bit := bits.TrailingZeros64(both)
				i := w*64 + bit
				v := p.at(i, j)
				if x>>bit&1 != 0 {
					s.vertex(b, i, j, 0, crossing(v, p.at(i+1, j)), 0, z)
				}
				if y>>bit&1 != 0 {
					s.vertex(b, i, j, 1, 0, crossing(v, p.at(i, j+1)), z)
				}
			}
		}
	}
}

func (s *slab) columnVertices(lo, hi, k int) {
	a, b := s.planes[lo], s.planes[hi]
	for j := range s.h {
		for w := range a.words {
			r := j*a.words + w
			for z := (a.inside[r] ^ b.inside[r]) & a.known[r] & b.known[r]; z != 0; z &= z - 1 {
				i := w*64 + bits.TrailingZeros64(z)
				s.vertex(lo, i, j, 2, 0, 0, float64(k)+crossing(a.at(i, j), b.at(i, j)))
			}
		}
	}
}

// cells adds the triangles of the cells between two layers, 64 at a time: few have a corner on either side.
func (s *slab) cells(lo, hi int) {
	a, b := s.planes[lo], s.planes[hi]
	if a.blank && b.blank {
		return
	}
	edge := s.edges(lo, hi)
	for j := range s.h - 1 {
		for w := range a.words {
			r, q := j*a.words+w, (j+1)*a.words+w
			m := [8]uint64{a.inside[r], next(a.inside, r), a.inside[q], next(a.inside, q),
				b.inside[r], next(b.inside, r), b.inside[q], next(b.inside, q)}
			mixed := (m[0] | m[1] | m[2] | m[3] | m[4] | m[5] | m[6] | m[7]) &^ (m[0] & m[1] & m[2] & m[3] & m[4] & m[5] & m[6] & m[7])
			if mixed == 0 {
				continue
			}
			mixed &= a.known[r] & next(a.known, r) & a.known[q] & next(a.known, q) &
				b.known[r] & next(b.known, r) & b.known[q] & next(b.known, q)
			for ; mixed != 0; mixed &= mixed - 1 {
				bit := bits.TrailingZeros64(mixed)
				c := m[0]>>bit&1 | m[1]>>bit&1<<1 | m[2]>>bit&1<<2 | m[3]>>bit&1<<3 |
					m[4]>>bit&1<<4 | m[5]>>bit&1<<5 | m[6]>>bit&1<<6 | m[7]>>bit&1<<7
				at := 3 * (j*s.w + w*64 + bit)
				for _, t := range cubes[c] {
					s.triangles.add([3]uint32{s.ids[at+edge[t[0]]], s.ids[at+edge[t[1]]], s.ids[at+edge[t[2]]]})
				}
			}
		}
	}
}

// edges is where, from a cell's lowest corner in layer 0 on, the vertices of its edges are in ids.
func (s *slab) edges(lo, hi int) (at [12]int) {
	for e, ends := range cellEdges {
		from := ends[0]
		layer := lo
		if from&4 != 0 {
			layer = hi
		}
		at[e] = 3*((layer*s.h+from>>1&1)*s.w+from&1) + e/4
	}
	return at
}
