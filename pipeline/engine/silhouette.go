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

// largestIsland is the subject with a matte of its largest island only, 4-connected of pixels at least half covered (the first
// of equals), and of the soft pixels nearer to it than to any other.
func largestIsland(s *picture.Subject) *picture.Subject {
	r := s.Matte.Rect
	w, h := r.Dx(), r.Dy()
	alpha := func(p int) uint8 { return s.Matte.Pix[p/w*s.Matte.Stride+p%w] }
	label, sizes, best := make([]int32, w*h), []int{0}, 0
	var near []int // pixels with labels, in the order in which they got them
	spread := func(from int, least uint8) {
		for next := from; next < len(near); next++ {
			p := near[next]
			for _, q := range [4]int{p - 1, p + 1, p - w, p + w} {
				beyond := q < 0 || q >= w*h || q/w != p/w && q%w != p%w
				if !beyond && label[q] == 0 && alpha(q) >= least {
					label[q] = label[p]
					near = append(near, q)
				}
			}
		}
	}
	for p := range label {
		if label[p] != 0 || alpha(p) < 128 {
			continue
		}
		from := len(near)
		label[p] = int32(len(sizes))
		near = append(near, p)
		spread(from, 128)
		if sizes = append(sizes, len(near)-from); sizes[label[p]] > sizes[best] {
			best = int(label[p])
		}
	}
	if len(sizes) <= 2 {
		return s
	}
	spread(0, 1)
	only := *s
	only.Matte = image.NewGray(r)
	for p, l := range label {
		if l == int32(best) {
			only.Matte.Pix[p/w*only.Matte.Stride+p%w] = alpha(p)
		}
	}
	return &only
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
