package picture

import (
	"context"
	"fmt"
	"image"
	"math"

	"golang.org/x/image/draw"
)

const (
	cutSide    = 320 // the longer side graph cuts work at
	cutRounds  = 5
	components = 5  // Gaussians in each colour model
	smoothness = 50 // weight of an edge between like neighbours (Rother et al. use 50)
	hard       = 1e4
)

// grabCut segments by iterated graph cuts (Rother, Kolmogorov and Blake 2004): a colour model of the background from the
// picture's border and one of the subject from what differs from it near the centre, then cuts and new models in turn.
// The outline is refined at full size by a guided filter.
func grabCut(ctx context.Context, img *image.NRGBA, scribble *image.Gray, step func(string, float64)) (*image.Gray, error) {
	small, _ := shrink(img, cutSide)
	w, h := small.Rect.Dx(), small.Rect.Dy()
	if w < 8 || h < 8 {
		return nil, fmt.Errorf("%w: it is only %d x %d pixels", ErrNoSubject, img.Rect.Dx(), img.Rect.Dy())
	}
	colors := opponent(small)
	if flat(colors) {
		return nil, fmt.Errorf("%w: it is all of one colour", ErrNoSubject)
	}
	marks := scribbleFor(scribble, small.Rect)
	prior := centrePrior(colors, w, h)
	inside := make([]float32, w*h)
	for p := range inside {
		if prior[p] > 0 {
			inside[p] = 1
		}
	}
	beta := contrast(colors, w, h)
	for round := range cutRounds {
		step(fmt.Sprintf("separating subject and background %d/%d", round+1, cutRounds), 0.1+0.7*float64(round)/cutRounds)
		next, err := cutOnce(ctx, colors, inside, prior, marks, w, h, beta)
		if err != nil {
			return nil, err
		}
		changed := 0
		for p := range next {
			if next[p] != inside[p] {
				changed++
			}
		}
		inside = next
		if changed*1000 < w*h {
			break
		}
	}
	mask := tidy(inside, w, h, marks)
	step("softening the edge", 0.85)
	return refine(img, mask, w, h), nil
}

// opponent converts to brightness and two colour differences, roughly as far apart as the eye sees them.
func opponent(img *image.NRGBA) [][3]float32 {
	out := make([][3]float32, img.Rect.Dx()*img.Rect.Dy())
	for p := range out {
		r, g, b := float32(img.Pix[4*p]), float32(img.Pix[4*p+1]), float32(img.Pix[4*p+2])
		out[p] = [3]float32{(r + g + b) / 3, (r - g) * 0.8, (r+g)*0.4 - b*0.8}
	}
	return out
}

func flat(colors [][3]float32) bool {
	lo, hi := colors[0], colors[0]
	for _, c := range colors {
		for k := range c {
			lo[k], hi[k] = min(lo[k], c[k]), max(hi[k], c[k])
		}
	}
	return hi[0]-lo[0] < 6 && hi[1]-lo[1] < 6 && hi[2]-lo[2] < 6
}

// centrePrior is the cost of calling a pixel background less that of calling it subject, before any model of the
// subject: how badly the border's colours explain it, weighed by a bell over the middle of the picture.
func centrePrior(colors [][3]float32, w, h int) []float64 {
	border := make([]float32, w*h)
	band := max(2, min(w, h)/16)
	for p := range border {
		x, y := p%w, p/w
		if min(x, y, w-1-x, h-1-y) < band {
			border[p] = 1
		}
	}
	back := fitMixture(colors, border, 8)
	cost := make([]float64, w*h)
	var mean float64
	for p, c := range colors {
		cost[p] = min(back.cost(c), 40)
		mean += cost[p] / float64(w*h)
	}
	for p := range cost {
		x, y := (float64(p%w)+0.5)/float64(w)*2-1, (float64(p/w)+0.5)/float64(h)*2-1
		bell := math.Exp(-1.5 * (x*x + y*y))
		cost[p] = (cost[p] - mean) + 6*(bell-0.42)
	}
	return cost
}

// contrast is the beta of the smoothness term: half the inverse of the mean squared difference between neighbours.
func contrast(colors [][3]float32, w, h int) float64 {
	var sum float64
	var n int
	for y := range h - 1 {
		for x := range w - 1 {
			p := y*w + x
			sum += square(colors[p], colors[p+1]) + square(colors[p], colors[p+w])
			n += 2
		}
	}
	return 1 / (2*sum/float64(n) + 1e-6)
}

func square(a, b [3]float32) float64 {
	x, y, z := float64(a[0]-b[0]), float64(a[1]-b[1]), float64(a[2]-b[2])
	return x*x + y*y + z*z
}

// cutOnce fits both colour models to a labelling and returns the labelling of the minimum cut.
func cutOnce(ctx context.Context, colors [][3]float32, inside []float32, prior []float64, marks *image.Gray, w, h int, beta float64) ([]float32, error) {
	outside := make([]float32, len(inside))
	for p, v := range inside {
		outside[p] = 1 - v
	}
	subject, back := fitMixture(colors, inside, components), fitMixture(colors, outside, components)
	if len(subject) == 0 || len(back) == 0 {
		return nil, fmt.Errorf("%w: nothing stands out from the background", ErrNoSubject)
	}
	g := newGridCut(w, h)
	for p, c := range colors {
		t := back.cost(c) - subject.cost(c) + 0.25*min(max(prior[p], -12), 12)
		x, y := p%w, p/w
		if x == 0 || x == w-1 || y == 0 {
			t -= 20 // subjects seldom touch the picture's sides or top, more often its bottom
		} else if y == h-1 {
			t -= 4
		}
		if marks != nil {
			switch v := marks.Pix[y*marks.Stride+x]; {
			case v >= 192:
				t = hard
			case v < 64:
				t = -hard
			}
		}
		g.terminal[p] = float32(t)
		for k := 0; k < 8; k += 2 {
			if !g.has(int32(p), k) {
				continue
			}
			q := p + g.step[k]
			v := smoothness * math.Exp(-beta*square(c, colors[q]))
			if k >= 4 {
				v /= math.Sqrt2
			}
			g.links[k][p], g.links[k^1][q] = float32(v)*0.3, float32(v)*0.3
		}
	}
	if err := g.solve(ctx); err != nil {
		return nil, err
	}
	for p := range outside {
		outside[p] = 0
		if g.tree[p] > 0 {
			outside[p] = 1
		}
	}
	return outside, nil
}

// tidy keeps the islands that matter, one tenth of the largest or more, and fills pinholes.
func tidy(inside []float32, w, h int, marks *image.Gray) []float32 {
	fill := func(value float32, small func(n, largest int) bool, to float32) {
		label := make([]int, w*h)
		sizes := []int{0}
		var stack []int
		for start := range inside {
			if inside[start] != value || label[start] != 0 {
				continue
			}
			id := len(sizes)
			sizes = append(sizes, 0)
			label[start] = id
			stack = append(stack[:0], start)
			for len(stack) > 0 {
				p := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				sizes[id]++
				x, y := p%w, p/w
				for _, o := range linkOffsets[:4] {
					u, v := x+o[0], y+o[1]
					if u < 0 || v < 0 || u >= w || v >= h {
						continue
					}
					if q := v*w + u; inside[q] == value && label[q] == 0 {
						label[q] = id
						stack = append(stack, q)
					}
				}
			}
		}
		largest := 0
		for _, n := range sizes {
			largest = max(largest, n)
		}
		for p := range inside {
			if label[p] > 0 && small(sizes[label[p]], largest) && (marks == nil || marks.Pix[p/w*marks.Stride+p%w] == 128) {
				inside[p] = to
			}
		}
	}
	fill(1, func(n, largest int) bool { return n*10 < largest }, 0)
	fill(0, func(n, _ int) bool { return n*400 < w*h }, 1)
	return inside
}

// refine brings a small mask to the size of the picture with an edge that follows the picture's: a guided filter (He,
// Sun and Tang 2013) with the brightness as the guide, sharpened so that only the edge stays soft.
func refine(img *image.NRGBA, mask []float32, w, h int) *image.Gray {
	small := image.NewGray(image.Rect(0, 0, w, h))
	for p, v := range mask {
		small.Pix[p] = uint8(255 * v)
	}
	big := image.NewGray(img.Rect)
	draw.CatmullRom.Scale(big, big.Rect, small, small.Rect, draw.Src, nil)
	n := len(big.Pix)
	guide, value := make([]float32, n), make([]float32, n)
	for p := range n {
		guide[p] = (float32(img.Pix[4*p]) + float32(img.Pix[4*p+1]) + float32(img.Pix[4*p+2])) / 765
		value[p] = float32(big.Pix[p]) / 255
	}
	radius := max(2, max(img.Rect.Dx(), img.Rect.Dy())/160)
	out := guided(guide, value, img.Rect.Dx(), img.Rect.Dy(), radius, 1e-4)
	for p, v := range out {
		big.Pix[p] = uint8(255*min(max((v-0.5)*2+0.5, 0), 1) + 0.5)
	}
	return big
}
