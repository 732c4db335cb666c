package picture

import (
	"context"
	"image"
	"math"
)

// plainMatte cuts out what differs from a plain background, nil when the background is not plain or nothing would be
// left. Background is what can be reached from the border through pixels like it; enclosed pixels like it are holes, as
// in the handle of a mug, but near-background glints are not.
func plainMatte(ctx context.Context, img *image.NRGBA) (*image.Gray, error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w < 8 || h < 8 {
		return nil, nil
	}
	back, ok := plainBackground(img)
	if !ok {
		return nil, nil
	}
	diff := differences(img, &back)
	mean := meanDistance(diff, w, h)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	like := likeBackground(diff, mean, w, h, back.noise)
	outer := fromBorder(like, w, h)
	holes(like, outer, diff, w, h, back.noise)
	unshade(img, outer, diff, &back)
	dropFaint(outer, mean, w, h)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	covered := 0
	for _, o := range outer {
		if !o {
			covered++
		}
	}
	if covered*5000 < w*h {
		return nil, nil
	}
	return edgeMatte(outer, diff, w, h), nil
}

// differences are the pixels' colours less the background's.
func differences(img *image.NRGBA, back *background) [][3]float32 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := make([][3]float32, w*h)
	rows(h, func(y int) {
		c := back.at(w, h, y*w)
		for p := y * w; p < (y+1)*w; p++ {
			if !back.flat {
				c = back.at(w, h, p)
			}
			for k := range 3 {
				out[p][k] = float32(img.Pix[4*p+k]) - float32(c[k])
			}
		}
	})
	return out
}

func length(c [3]float32) float32 {
	return float32(math.Sqrt(float64(c[0]*c[0] + c[1]*c[1] + c[2]*c[2])))
}

// meanDistance is how far the mean of each pixel's 3x3 neighbourhood is from the background: noise cancels in it, a
// subject hardly lighter than its background does not.
func meanDistance(diff [][3]float32, w, h int) []float32 {
	out := make([]float32, w*h)
	rows(h, func(y int) {
		y0, y1 := max(y-1, 0), min(y+1, h-1)
		column := func(x int) (s [3]float32) {
			for p := y0*w + x; p <= y1*w+x; p += w {
				c := &diff[p]
				s[0], s[1], s[2] = s[0]+c[0], s[1]+c[1], s[2]+c[2]
			}
			return s
		}
		var left [3]float32
		here := column(0)
		for x := range w {
			var right [3]float32
			if x+1 < w {
				right = column(x + 1)
			}
			n := float32((min(x+1, w-1) - max(x-1, 0) + 1) * (y1 - y0 + 1))
			out[y*w+x] = length([3]float32{left[0] + here[0] + right[0], left[1] + here[1] + right[1], left[2] + here[2] + right[2]}) / n
			left, here = here, right
		}
	})
	return out
}

const (
	faint = 2.5  // steps of 8-bit colour under which a mean difference is rounding
	vivid = 24.0 // and over which a pixel is never background

	block   = 8    // compression rings through a block of so many pixels
	ringing = 0.05 // with such a share of the strongest difference in it
)

// likeBackground marks what may be background: pixels nearer to it than half of the strongest difference close by, so
// that the outline of a pale subject is found as well as that of a dark one with its halo of compression noise.
func likeBackground(diff [][3]float32, mean []float32, w, h int, noise float64) []bool {
	low := float32(faint + noise)
	strong, around := maxWithin(mean, w, h, 2), maxWithin(mean, w, h, block)
	like := make([]bool, w*h)
	rows(h, func(y int) {
		for p := y * w; p < (y+1)*w; p++ {
			limit := min(max(low, strong[p]/2, ringing*around[p]), vivid)
			like[p] = mean[p] < max(low, ringing*around[p]) || length(diff[p]) < limit && mean[p] < 2*limit
		}
	})
	return like
}

// fromBorder marks what is connected to the border through like pixels.
func fromBorder(like []bool, w, h int) []bool {
	outer := make([]bool, w*h)
	var stack []int32
	visit := func(p int) {
		if like[p] && !outer[p] {
			outer[p] = true
			stack = append(stack, int32(p))
		}
	}
	for x := range w {
		visit(x)
		visit((h-1)*w + x)
	}
	for y := range h {
		visit(y * w)
		visit(y*w + w - 1)
	}
	spread(&stack, w, h, visit)
	return outer
}

// spread visits the four neighbours of every stacked pixel; visit pushes those that belong.
func spread(stack *[]int32, w, h int, visit func(p int)) {
	for len(*stack) > 0 {
		p := int((*stack)[len(*stack)-1])
		*stack = (*stack)[:len(*stack)-1]
		x, y := p%w, p/w
		if x > 0 {
			visit(p - 1)
		}
		if x < w-1 {
			visit(p + 1)
		}
		if y > 0 {
			visit(p - w)
		}
		if y < h-1 {
			visit(p + w)
		}
	}
}

// unshade adds soft shadows to the background: what is reached from it without crossing an edge, and is the background's
// colour a little darker. It holds back when that would take most of what was found, which then is no shadow.
func unshade(img *image.NRGBA, outer []bool, diff [][3]float32, back *background) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	seen := make([]bool, w*h)
	var stack []int32
	var from int
	darker := func(p int) bool {
		c := back.at(w, h, p)
		lo, hi := math.Inf(1), math.Inf(-1)
		for k := range 3 {
			f := 1 + float64(diff[p][k])/max(c[k], 1)
			lo, hi = min(lo, f), max(hi, f)
		}
		return lo > 0.4 && hi < 1.005 && hi-lo < 0.02
	}
	steepest := 2 + 1.5*back.noise
	var shaded []int
	visit := func(p int) {
		if outer[p] || seen[p] || !darker(p) {
			return
		}
		var step float64
		for k := range 3 {
			step = max(step, math.Abs(float64(diff[p][k]-diff[from][k])))
		}
		if step <= steepest {
			seen[p] = true
			stack = append(stack, int32(p))
			shaded = append(shaded, p)
		}
	}
	subject := 0
	for p, o := range outer {
		if !o {
			subject++
			continue
		}
		from = p
		for _, q := range [4]int{p - 1, p + 1, p - w, p + w} {
			if q >= 0 && q < w*h && !outer[q] {
				visit(q)
			}
		}
	}
	for len(stack) > 0 {
		p := int(stack[len(stack)-1])
		stack = stack[:len(stack)-1]
		from = p
		x, y := p%w, p/w
		for _, n := range [4][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
			if n[0] >= 0 && n[1] >= 0 && n[0] < w && n[1] < h {
				visit(n[1]*w + n[0])
			}
		}
	}
	if len(shaded)*5 > subject*3 {
		return
	}
	for _, p := range shaded {
		outer[p] = true
	}
}
