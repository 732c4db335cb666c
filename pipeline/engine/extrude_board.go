package engine

import (
	"context"
	"image"
	"math"
)

// board is the grid on which an extrusion is laid out, before its outlines are fitted. Its coordinates are cells with the
// origin at the lower left corner of the matte's box, y up; node (i,j) is the middle of a cell, at i-left+0.5, j-below+0.5.
type board struct {
	w, h        int
	left, below int
	scale       float64 // matte pixels per cell
	box         image.Rectangle
	matte       []float32 // coverage less a half, of the subject
	label       []uint8
}

const (
	leastCells = 256  // along the longer side of the subject; smaller pictures are interpolated
	mostCells  = 4608 // along a side of the board; larger ones are averaged
	boardFrame = 3    // cells outside all round
)

// newBoard reaches from lo to hi, in matte pixels from the lower left corner of its box.
func newBoard(matte *image.Gray, box image.Rectangle, lo, hi [2]float64) *board {
	side := max(hi[0]-lo[0], hi[1]-lo[1])
	b := &board{box: box, scale: max(min(1, float64(max(box.Dx(), box.Dy()))/leastCells), side/mostCells)}
	b.left = int(math.Ceil(-lo[0]/b.scale)) + boardFrame
	b.below = int(math.Ceil(-lo[1]/b.scale)) + boardFrame
	b.w = b.left + int(math.Ceil(hi[0]/b.scale)) + boardFrame
	b.h = b.below + int(math.Ceil(hi[1]/b.scale)) + boardFrame
	b.matte = make([]float32, b.w*b.h)
	b.label = make([]uint8, b.w*b.h)
	value := sampler(matte, b.scale)
	if b.scale == 1 {
		value = func(x, y float64) float64 {
			if p := (image.Point{X: int(x), Y: int(y)}); p.In(box) {
				return float64(matte.GrayAt(p.X, p.Y).Y)
			}
			return 0
		}
	}
	const reach = 2
	for j := range b.h {
		for i := range b.w {
			x, y := b.pixel(i, j)
			c := -0.5
			if x > float64(box.Min.X)-reach && y > float64(box.Min.Y)-reach && x < float64(box.Max.X)+reach && y < float64(box.Max.Y)+reach &&
				i > 0 && j > 0 && i < b.w-1 && j < b.h-1 {
				c = value(x, y)/255 - 0.5
			}
			b.matte[j*b.w+i] = float32(c)
		}
	}
	return b
}

// place is where a node lies on the board, and pixel where on the matte.
func (b *board) place(i, j int) (x, y float64) {
	return float64(i-b.left) + 0.5, float64(j-b.below) + 0.5
}

func (b *board) pixel(i, j int) (x, y float64) {
	x, y = b.place(i, j)
	return float64(b.box.Min.X) + x*b.scale, float64(b.box.Max.Y) - y*b.scale
}

// zeroAt is where a value that is positive on one of two nodes passes zero between them.
func zeroAt(a, b float32) float64 {
	if (a > 0) == (b > 0) {
		return 0.5 // a region too small for its own was given to its neighbour
	}
	return float64(a / (a - b))
}

// contour is the outline of where a value is above 0, as points no farther apart than a cell and a half.
func (b *board) contour(value []float32) [][2]float64 {
	p := partition{w: b.w, h: b.h, label: make([]uint8, len(b.label))}
	for i, c := range value {
		if c > 0 {
			p.label[i] = 1
		}
	}
	p.cross = func(i, j int) float64 { return zeroAt(value[i], value[j]) }
	var out [][2]float64
	x, y := b.place(0, 0)
	for _, a := range p.trace().arcs {
		for _, q := range a.points {
			out = append(out, [2]float64{q[0] + x, q[1] + y})
		}
	}
	return out
}

// distances is how far every node is from the outline of where a value is above 0, negative where it is: the nearest point
// of a node is that of one of its neighbours (Danielsson 1980), found in two passes.
func (b *board) distances(ctx context.Context, value []float32) ([]float32, error) {
	points := b.contour(value)
	nearest := make([]int32, len(b.label))
	for p := range nearest {
		nearest[p] = -1
	}
	try := func(i, j int, c int32) {
		if c < 0 {
			return
		}
		x, y := b.place(i, j)
		n := &nearest[j*b.w+i]
		q := points[c]
		d := (q[0]-x)*(q[0]-x) + (q[1]-y)*(q[1]-y)
		if *n >= 0 {
			if o := points[*n]; d >= (o[0]-x)*(o[0]-x)+(o[1]-y)*(o[1]-y) {
				return
			}
		}
		*n = c
	}
	for c, q := range points {
		i, j := int(q[0]-0.5)+b.left, int(q[1]-0.5)+b.below
		for k := range 4 {
			try(min(max(i+k%2, 0), b.w-1), min(max(j+k/2, 0), b.h-1), int32(c))
		}
	}
	for pass := range 2 {
		for row := range b.h {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			j, back := row, -1
			if pass == 1 {
				j, back = b.h-1-row, 1
			}
			for i := range b.w {
				for d := -1; d <= 1; d++ {
					if u, v := i+d, j+back; u >= 0 && u < b.w && v >= 0 && v < b.h {
						try(i, j, nearest[v*b.w+u])
					}
				}
				if i > 0 {
					try(i, j, nearest[j*b.w+i-1])
				}
			}
			for i := b.w - 2; i >= 0; i-- {
				try(i, j, nearest[j*b.w+i+1])
			}
		}
	}
	out := make([]float32, len(nearest))
	for p, c := range nearest {
		x, y := b.place(p%b.w, p/b.w)
		d := float32(gap(points[c], [2]float64{x, y}))
		if value[p] > 0 {
			d = -d
		}
		out[p] = d
	}
	return out, nil
}

// grown is how far every node is from the outline of the subject grown by some cells, given how far it is from the subject,
// negative inside. What the outline encloses is filled.
func (b *board) grown(ctx context.Context, subject []float32, by float64) ([]float32, error) {
	value := make([]float32, len(subject)) // above 0 within
	for p := range value {
		value[p] = 1
	}
	// From the corner, which lies outside, over what the growth does not reach.
	stack := []int32{0}
	value[0] = float32(by) - subject[0]
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, q := range [4]int32{p - 1, p + 1, p - int32(b.w), p + int32(b.w)} {
			if q < 0 || int(q) >= len(value) || value[q] != 1 {
				continue
			}
			if value[q] = float32(by) - subject[q]; value[q] <= 0 {
				stack = append(stack, q)
			}
		}
	}
	return b.distances(ctx, value)
}
