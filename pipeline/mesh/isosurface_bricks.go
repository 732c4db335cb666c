package mesh

import (
	"math/bits"
)

// brickSide is the samples along a side of a brick: a slice of its masks is one word.
const brickSide = 8

// brick is a cube of samples; sample (i,j,k) is bit 8j+i of word k of the masks and value 64k+8j+i.
type brick struct {
	asked  [brickSide]uint64 // wanted, or known already
	known  [brickSide]uint64
	inside [brickSide]uint64
	opened [brickSide]uint64 // cells, by their upper corners
	values [brickSide * brickSide * brickSide]float32
}

// bricks is a lattice in which only the bricks in use have memory.
type bricks struct {
	n      [3]int // samples a side
	m      [3]int // bricks a side
	number []uint32
	used   []*brick // used[0] is nil
	order  [][3]int // of used, in bricks
	spare  []brick
}

func newBricks(n [3]int) *bricks {
	b := &bricks{n: n, used: make([]*brick, 1), order: make([][3]int, 1)}
	for a := range n {
		b.m[a] = n[a]/brickSide + 1 // the cells go one further
	}
	b.number = make([]uint32, b.m[0]*b.m[1]*b.m[2])
	return b
}

// sample is a place in the lattice.
type sample [3]int16

func (s sample) split() (x, y, z int, word int, bit uint) {
	x, y, z = int(s[0]), int(s[1]), int(s[2])
	return x / brickSide, y / brickSide, z / brickSide, z % brickSide, uint(y%brickSide*brickSide + x%brickSide)
}

// at returns the brick at (x,y,z), nil where there is none.
func (b *bricks) at(x, y, z int) *brick { return b.used[b.number[(z*b.m[1]+y)*b.m[0]+x]] }

func (b *bricks) make(x, y, z int) *brick {
	at := &b.number[(z*b.m[1]+y)*b.m[0]+x]
	if *at == 0 {
		if len(b.spare) == 0 {
			b.spare = make([]brick, 64)
		}
		*at = uint32(len(b.used))
		b.used, b.order = append(b.used, &b.spare[0]), append(b.order, [3]int{x, y, z})
		b.spare = b.spare[1:]
	}
	return b.used[*at]
}

// ask reports whether the sample lies in the lattice and was not asked for before.
func (b *bricks) ask(s sample) bool {
	for a, x := range s {
		if x < 0 || int(x) >= b.n[a] {
			return false
		}
	}
	x, y, z, word, bit := s.split()
	c := b.make(x, y, z)
	if c.asked[word]>>bit&1 != 0 {
		return false
	}
	c.asked[word] |= 1 << bit
	return true
}

func (b *bricks) set(s sample, v float32) {
	x, y, z, word, bit := s.split()
	c := b.make(x, y, z)
	c.asked[word] |= 1 << bit
	c.known[word] |= 1 << bit
	c.inside[word] |= above(v) << bit
	c.values[uint(word)*64+bit] = v
}

// get tells about a sample. Beyond the lattice all is known and outside.
func (b *bricks) get(s sample) (value float32, inside, known bool) {
	for a, x := range s {
		if x < 0 || int(x) >= b.n[a] {
			return -1, false, true
		}
	}
	x, y, z, word, bit := s.split()
	c := b.at(x, y, z)
	if c == nil {
		return 0, false, false
	}
	return c.values[uint(word)*64+bit], c.inside[word]>>bit&1 != 0, c.known[word]>>bit&1 != 0
}

// plane copies layer k into p, whose masks say that all is known and outside.
func (b *bricks) plane(k int, p *plane) {
	for j := range p.ny {
		row := p.known[(j+1)*p.words : (j+2)*p.words]
		clear(row)
		row[0] |= 1
		row[(p.nx+1)/64] |= 1 << ((p.nx + 1) % 64)
	}
	z, word := k/brickSide, k%brickSide
	for y := range b.m[1] {
		for x := range b.m[0] {
			c := b.at(x, y, z)
			if c == nil || c.known[word] == 0 {
				continue
			}
			for known := c.known[word]; known != 0; {
				j := bits.TrailingZeros64(known) / brickSide
				known &^= 0xff << (j * brickSide)
				row := (y*brickSide + j + 1) * p.words
				put(p.known[row:], x, c.known[word]>>(j*brickSide)&0xff)
				put(p.inside[row:], x, c.inside[word]>>(j*brickSide)&0xff)
				at := (y*brickSide+j)*p.nx + x*brickSide
				copy(p.values[at:min(at+brickSide, (y*brickSide+j+1)*p.nx)], c.values[(word*brickSide+j)*brickSide:])
			}
		}
	}
}

// put sets the eight bits of brick x in a row of a mask that begins with a sample of the frame.
func put(row []uint64, x int, eight uint64) {
	at := x*brickSide + 1
	row[at/64] |= eight << (at % 64)
	if at%64 > 56 {
		row[at/64+1] |= eight >> (64 - at%64)
	}
}
