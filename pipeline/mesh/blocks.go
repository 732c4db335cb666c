package mesh

import (
	"context"
	"math"
)

// side of a block of samples, a power of two.
const blockSide = 4

// blocks are the samples of a field on a grid, kept only where its surface may pass: blocks of 4 x 4 x 4 samples, the
// others standing for one value.
type blocks struct {
	grid   Grid
	n      [3]int    // blocks along x, y, z
	flat   []float32 // the value of a block that has no samples
	index  []int32   // into values, -1 for none
	values []block
}

// block holds the samples of one, x fastest.
type block [blockSide * blockSide * blockSide]float32

// sampleBlocks evaluates a field. far is asked for the ball round each block: it returns a value of the field's sign there
// and true when the surface does not pass through the ball. fill gets the first point of every other block. Both are
// called from several goroutines.
func sampleBlocks(ctx context.Context, g Grid, far func(p [3]float64, radius float64) (float32, bool), fill func(first [3]float64, out *block), step func(float64)) (*blocks, error) {
	b := &blocks{grid: g}
	for k, n := range g.N {
		b.n[k] = (n + blockSide - 1) / blockSide
	}
	b.flat = make([]float32, b.n[0]*b.n[1]*b.n[2])
	b.index = make([]int32, len(b.flat))
	const root = 16 // blocks, a power of two
	var roots [][3]int
	for z := 0; z < b.n[2]; z += root {
		for y := 0; y < b.n[1]; y += root {
			for x := 0; x < b.n[0]; x += root {
				roots = append(roots, [3]int{x, y, z})
			}
		}
	}
	err := inParallel(ctx, len(roots), func(i int) { b.split(ctx, roots[i], root, far) }, func(f float64) { step(0.3 * f) })
	if err != nil {
		return nil, err
	}
	var active []int
	for i, x := range b.index {
		if x == 0 {
			b.index[i] = int32(len(active))
			active = append(active, i)
		}
	}
	b.values = make([]block, len(active))
	const batch = 64
	err = inParallel(ctx, (len(active)+batch-1)/batch, func(n int) {
		for i := n * batch; i < min((n+1)*batch, len(active)) && ctx.Err() == nil; i++ {
			fill(b.first(active[i]), &b.values[i])
		}
	}, func(f float64) { step(0.3 + 0.7*f) })
	return b, err
}

// split marks the blocks of a cube of them that are not far, going down from eighth to eighth.
func (b *blocks) split(ctx context.Context, at [3]int, side int, far func(p [3]float64, radius float64) (float32, bool)) {
	if at[0] >= b.n[0] || at[1] >= b.n[1] || at[2] >= b.n[2] || ctx.Err() != nil {
		return
	}
	h := b.grid.Step
	half := float64(side*blockSide-1) / 2
	var p [3]float64
	for k := range p {
		p[k] = b.grid.Origin[k] + h*(float64(at[k]*blockSide)+half)
	}
	value, ok := far(p, (half*math.Sqrt(3)+1)*h) // a cell reaches into the next block
	if !ok && side > 1 {
		for i := range 8 {
			s := side / 2
			b.split(ctx, [3]int{at[0] + i&1*s, at[1] + i>>1&1*s, at[2] + i>>2*s}, s, far)
		}
		return
	}
	for z := at[2]; z < min(at[2]+side, b.n[2]); z++ {
		for y := at[1]; y < min(at[1]+side, b.n[1]); y++ {
			for x := at[0]; x < min(at[0]+side, b.n[0]); x++ {
				i := (z*b.n[1]+y)*b.n[0] + x
				b.flat[i], b.index[i] = value, -1
				if !ok {
					b.index[i] = 0
				}
			}
		}
	}
}

// first is the place of a block's first sample.
func (b *blocks) first(i int) (p [3]float64) {
	for k, n := range [3]int{i % b.n[0], i / b.n[0] % b.n[1], i / (b.n[0] * b.n[1])} {
		p[k] = b.grid.Origin[k] + b.grid.Step*float64(n*blockSide)
	}
	return p
}

// inBlock is the place of a block's sample, in steps from its first.
func inBlock(s int) (x, y, z int) {
	return s % blockSide, s / blockSide % blockSide, s / (blockSide * blockSide)
}

// at is the value of a sample, below zero beyond the grid.
func (b *blocks) at(s [3]int) float32 {
	for k, n := range b.grid.N {
		if s[k] < 0 || s[k] >= n {
			return -1
		}
	}
	n := (s[2]/blockSide*b.n[1]+s[1]/blockSide)*b.n[0] + s[0]/blockSide
	if x := b.index[n]; x >= 0 {
		return b.values[x][(s[2]%blockSide*blockSide+s[1]%blockSide)*blockSide+s[0]%blockSide]
	}
	return b.flat[n]
}

// layer hands the samples to [Isosurface].
func (b *blocks) layer(k int, out []float32) {
	for j := range b.grid.N[1] {
		row := out[j*b.grid.N[0] : (j+1)*b.grid.N[0]]
		first := (k/blockSide*b.n[1] + j/blockSide) * b.n[0]
		from := (k%blockSide*blockSide + j%blockSide) * blockSide
		for i := range row {
			n := first + i/blockSide
			if x := b.index[n]; x >= 0 {
				row[i] = b.values[x][from+i%blockSide]
			} else {
				row[i] = b.flat[n]
			}
		}
	}
}
