package engine

import (
	"image"
	"math"

	"orfeas/pipeline/picture"
)

// clear gives every region smaller than an area, in cells, to the neighbour with which it has the longest border. Islands, which
// have nothing but outside round them, go when they have less than a share of the area of the largest region. That one stays in
// any case.
func (b *board) clear(least, share float64) {
	part := make([]int32, len(b.label))
	var parts [][]int32
	var stack []int32
	largest := 0
	steps := [4]int32{-1, 1, int32(-b.w), int32(b.w)}
	inside := func(q int32) bool { return q >= 0 && int(q) < len(part) }
	for start := range part {
		if part[start] != 0 {
			continue
		}
		id := int32(len(parts) + 1)
		part[start] = id
		stack = append(stack[:0], int32(start))
		var all []int32
		for len(stack) > 0 {
			p := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			all = append(all, p)
			for _, s := range steps {
				if q := p + s; inside(q) && part[q] == 0 && b.label[q] == b.label[p] {
					part[q] = id
					stack = append(stack, q)
				}
			}
		}
		parts = append(parts, all)
		if b.label[start] != 0 {
			largest = max(largest, len(all))
		}
	}
	least = min(least, float64(largest))
	island := max(least, share*float64(largest))
	for _, all := range parts {
		if float64(len(all)) >= island || all[0] == 0 && b.label[0] == nothing {
			continue // or all that is outside, where the subject fills the board
		}
		var votes [256]int
		for _, p := range all {
			for _, s := range steps {
				if q := p + s; inside(q) && part[q] != part[p] {
					votes[b.label[q]]++
				}
			}
		}
		best := b.label[all[0]]
		alone := true
		for l, n := range votes[1:] {
			alone = alone && (n == 0 || uint8(l+1) == best)
		}
		if float64(len(all)) >= least && (!alone || best == nothing) {
			continue
		}
		for l, n := range votes {
			if n > votes[best] {
				best = uint8(l)
			}
		}
		for _, p := range all {
			b.label[p] = best
		}
	}
}

// dusted is the matte without islands and holes of a few pixels, and without islands of less than a share of the largest, and
// the box of what it covers.
func dusted(matte *image.Gray) (*image.Gray, image.Rectangle, error) {
	const (
		speckPixels = 4
		speckShare  = 0.005
	)
	b := &board{w: matte.Rect.Dx(), h: matte.Rect.Dy()}
	b.label = make([]uint8, b.w*b.h)
	for p := range b.label {
		if matte.Pix[p/b.w*matte.Stride+p%b.w] >= 128 {
			b.label[p] = firstColour
		}
	}
	b.clear(speckPixels, speckShare)
	out := image.NewGray(image.Rect(0, 0, b.w, b.h))
	for p, l := range b.label {
		c := matte.Pix[p/b.w*matte.Stride+p%b.w]
		if (c >= 128) != (l != nothing) {
			c = 255 - c
		}
		out.Pix[p] = c
	}
	box := picture.Covered(out)
	if box.Empty() {
		return nil, box, picture.ErrNoSubject
	}
	return out, box, nil
}

// hardness is the share of the outline along which the matte goes from nothing to all from one node to the next. Such an outline
// leaves the true one by up to half a node more than one with half covered nodes.
func (b *board) hardness() float64 {
	const full = 0.45
	edge, hard := 0, 0
	for p, c := range b.matte {
		for _, q := range [2]int{p + 1, p + b.w} {
			if q >= len(b.matte) || (c > 0) == (b.matte[q] > 0) {
				continue
			}
			edge++
			if min(math.Abs(float64(c)), math.Abs(float64(b.matte[q]))) > full {
				hard++
			}
		}
	}
	return float64(hard) / float64(max(edge, 1))
}
