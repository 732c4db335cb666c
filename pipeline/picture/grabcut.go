package picture

import (
	"context"
	"fmt"
	"image"
	"math"
	"os"
	"strconv"

	"golang.org/x/image/draw"
)

var (
	smoothness = env("SM", 15)
	neutral    = env("NEU", 0.4)
	trust      = env("TRUST", 0.5)
)

func env(k string, d float64) float64 {
	if v, err := strconv.ParseFloat(os.Getenv(k), 64); err == nil {
		return v
	}
	return d
}

const (
	cutSide    = 320 // the longer side graph cuts work at
	cutRounds  = 5
	components = 5 // Gaussians in each colour model
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
	colors := labOf(small)
	points := featuresOf(colors, w, h)
	if flat(colors) {
		return nil, fmt.Errorf("%w: it is all of one colour", ErrNoSubject)
	}
	marks := scribbleFor(scribble, small.Rect)
	patches := slic(colors, w, h, 500)
	likely, err := saliency(ctx, patches, w, h)
	if err != nil {
		return nil, err
	}
	middling, slope := otsu(likely, patches.pixels), env("SLOPE", 8.)
	prior, inside := make([]float64, w*h), make([]float32, w*h)
	for p := range inside {
		v := likely[patches.label[p]]
		prior[p] = slope * (v - middling)
		inside[p] = float32(1 / (1 + math.Exp(-prior[p])))
	}
	beta := contrast(colors, w, h)
	for round := range cutRounds {
		step(fmt.Sprintf("separating subject and background %d/%d", round+1, cutRounds), 0.1+0.7*float64(round)/cutRounds)
		next, err := cutOnce(ctx, colors, points, inside, prior, marks, w, h, beta)
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

// featuresOf joins colour and place; the picture's longer side counts as much as 60 units of Lab.
func featuresOf(lab [][3]float32, w, h int) []feature {
	scale := float32(env("PL", 0)) / float32(max(w, h))
	out := make([]feature, len(lab))
	for p, c := range lab {
		out[p] = feature{c[0], c[1], c[2], float32(p%w) * scale, float32(p/w) * scale}
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
	return hi[0]-lo[0] < 3 && hi[1]-lo[1] < 3 && hi[2]-lo[2] < 3
}

// otsu is the threshold that best parts weighted values in 0..1 into two classes (Otsu 1979).
func otsu(v []float64, weight []int) float64 {
	var count, sum [64]float64
	var n, total float64
	for i, x := range v {
		k := min(int(x*64), 63)
		count[k] += float64(weight[i])
		sum[k] += x * float64(weight[i])
		n += float64(weight[i])
		total += x * float64(weight[i])
	}
	var below, part, best float64
	at := 0.5
	for k := range 63 {
		below += count[k]
		part += sum[k]
		if below == 0 || below == n {
			continue
		}
		d := part/below - (total-part)/(n-below)
		if between := below * (n - below) * d * d; between > best {
			best, at = between, float64(k+1)/64
		}
	}
	return at
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
func cutOnce(ctx context.Context, colors [][3]float32, points []feature, inside []float32, prior []float64, marks *image.Gray, w, h int, beta float64) ([]float32, error) {
	outside := make([]float32, len(inside))
	for p, v := range inside {
		outside[p] = 1 - v
	}
	subject, back := fitMixture(points, inside, int(env("KF", 6))), fitMixture(points, outside, int(env("KB", 10)))
	if len(subject) == 0 || len(back) == 0 {
		return nil, fmt.Errorf("%w: nothing stands out from the background", ErrNoSubject)
	}
	g := newGridCut(w, h)
	for p, c := range colors {
		t := min(max(back.cost(&points[p])-subject.cost(&points[p]), -8), 8) + trust*prior[p]
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
			g.links[k][p], g.links[k^1][q] = float32(v), float32(v)
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
	fill(1, func(n, largest int) bool { return float64(n) < env("CO",0.1)*float64(largest) }, 0)
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
