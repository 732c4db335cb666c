package engine

import (
	"image"
	"math"

	"orfeas/pipeline/picture"
)

// silhouette is a matte resampled to a grid: cover is its coverage less one half, so that the outline is where it is
// zero, positive inside. There are always two cells of background all round.
type silhouette struct {
	w, h  int
	cover []float64
	scale float64         // matte pixels per cell
	box   image.Rectangle // of the matte, where it is at least half covered
}

const frameCells = 2

// outline resamples the matte so that the longer side of its half-covered box takes n cells. It returns nil when
// nothing is covered.
func outline(matte *image.Gray, n int) *silhouette {
	box := picture.Covered(matte)
	if box.Empty() {
		return nil
	}
	s := &silhouette{box: box, scale: float64(max(box.Dx(), box.Dy())) / float64(n)}
	s.w = int(math.Ceil(float64(box.Dx())/s.scale)) + 2*frameCells + 1
	s.h = int(math.Ceil(float64(box.Dy())/s.scale)) + 2*frameCells + 1
	s.cover = make([]float64, s.w*s.h)
	values := sampler(matte, s.scale)
	for j := range s.h {
		for i := range s.w {
			x, y := s.pixel(i, j)
			c := values(x, y)/255 - 0.5
			if i == 0 || j == 0 || i == s.w-1 || j == s.h-1 {
				c = -0.5 // a subject that fills the picture still ends at its edge
			}
			s.cover[j*s.w+i] = c
		}
	}
	return s
}

// pixel is where node (i,j) lies on the matte, in pixels from its corner.
func (s *silhouette) pixel(i, j int) (x, y float64) {
	return float64(s.box.Min.X) + (float64(i)-frameCells)*s.scale, float64(s.box.Min.Y) + (float64(j)-frameCells)*s.scale
}

// sampler reads a matte with a tent as wide as a cell, and never narrower than a pixel: bilinear where the grid is
// finer than the matte, a weighted mean where it is coarser. Outside the matte there is nothing.
func sampler(matte *image.Gray, scale float64) func(x, y float64) float64 {
	r := max(scale, 1)
	b := matte.Rect
	return func(x, y float64) float64 {
		x, y = x-0.5, y-0.5 // pixel centres
		var sum, weight float64
		for v := int(math.Ceil(y - r)); float64(v) < y+r; v++ {
			wy := r - math.Abs(float64(v)-y)
			for u := int(math.Ceil(x - r)); float64(u) < x+r; u++ {
				w := wy * (r - math.Abs(float64(u)-x))
				weight += w
				if (image.Point{X: u, Y: v}).In(b) {
					sum += w * float64(matte.Pix[v*matte.Stride+u])
				}
			}
		}
		if weight == 0 {
			return 0
		}
		return sum / weight
	}
}

// keepLargest empties every island of the silhouette but the one with the most cells (the first of equals) and those with
// at least a share of them.
func (s *silhouette) keepLargest(share float64) {
	label, sizes := s.islands(func(p int) bool { return s.cover[p] > 0 })
	best := 0
	for id, n := range sizes {
		if n > sizes[best] {
			best = id
		}
	}
	for p := range s.cover {
		if l := label[p]; l != 0 && l != int32(best) && float64(sizes[l]) < share*float64(sizes[best]) {
			s.cover[p] = -0.5
		}
	}
}

// islands labels the 4-connected nodes for which is holds, never in the frame, from 1 in the order of their first nodes;
// sizes counts the nodes of each label.
func (s *silhouette) islands(is func(p int) bool) (label []int32, sizes []int) {
	label, sizes = make([]int32, len(s.cover)), []int{0}
	var stack []int
	for start := range s.cover {
		if label[start] != 0 || !is(start) {
			continue
		}
		id := int32(len(sizes))
		sizes = append(sizes, 0)
		label[start] = id
		stack = append(stack[:0], start)
		for len(stack) > 0 {
			p := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			sizes[id]++
			for _, q := range [4]int{p - 1, p + 1, p - s.w, p + s.w} {
				if label[q] == 0 && is(q) {
					label[q] = id
					stack = append(stack, q)
				}
			}
		}
	}
	return label, sizes
}
