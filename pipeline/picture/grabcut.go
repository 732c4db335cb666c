package picture

import (
	"context"
	"fmt"
	"image"
	"math"
	"os"
	"strconv"
	"sync"

	"golang.org/x/image/draw"
)

var (
	trust = 0.5
)

func env(k string, d float64) float64 {
	if v, err := strconv.ParseFloat(os.Getenv(k), 64); err == nil {
		return v
	}
	return d
}

const (
	voteSide   = 240
	steep      = 8
	cutSide    = 400 // the longer side graph cuts work at
	cutRounds  = 5
	components = 5 // Gaussians in each colour model
	hard       = 1e4

	scribbledKeep   = 192 // from here on a scribble says keep
	scribbledRemove = 64  // and below here remove
)

// grabCut segments by iterated graph cuts (Rother, Kolmogorov and Blake 2004), started by what is salient instead of by
// a rectangle drawn by hand. How far to trust place over colour differs from picture to picture, so several opinions are
// asked on a small copy, and a last cut starts from their vote. The outline is refined at full size by a guided filter.
func grabCut(ctx context.Context, img *image.NRGBA, scribble *image.Gray, step func(string, float64)) (*image.Gray, error) {
	if min(img.Rect.Dx(), img.Rect.Dy()) < 8 {
		return nil, fmt.Errorf("%w: it is only %d x %d pixels", ErrNoSubject, img.Rect.Dx(), img.Rect.Dy())
	}
	step("looking for what stands out", 0.1)
	small := newScene(img, voteSide, scribble)
	if flat(small.lab) {
		return nil, fmt.Errorf("%w: it is all of one colour", ErrNoSubject)
	}
	vote, err := small.vote(ctx)
	if err != nil {
		return nil, err
	}
	step("separating subject and background", 0.5)
	large := newScene(img, cutSide, scribble)
	if r := int(0 * float64(small.w)); r > 0 {
		closed := maxWithin(vote, small.w, small.h, r)
		for p := range closed {
			closed[p] = -closed[p]
		}
		closed = maxWithin(closed, small.w, small.h, r)
		for p := range closed {
			vote[p] = max(vote[p], float32(0.6)*-closed[p])
		}
	}
	vote = resample(vote, small.w, small.h, large.w, large.h)
	prior := make([]float64, len(vote))
	for p, v := range vote {
		prior[p] = 2 * 2 * (float64(v) - 0.5)
	}
	mask, err := large.iterate(ctx, vote, prior, opinion{place: float32(0), smoothness: 15})
	if err != nil {
		return nil, err
	}
	large.tidy(mask)
	step("softening the edge", 0.85)
	return refine(img, mask, large.w, large.h), nil
}

// scene is a picture at the size it is cut at.
type scene struct {
	w, h  int
	lab   [][3]float32
	like  [4][]float32 // of each pixel to its neighbour right, below, below right and above right; 0 over the edge
	marks *image.Gray
}

func newScene(img *image.NRGBA, side int, scribble *image.Gray) *scene {
	small, _ := shrink(img, side)
	s := &scene{w: small.Rect.Dx(), h: small.Rect.Dy(), lab: labOf(small), marks: scribbleFor(scribble, small.Rect)}
	s.like = likeness(s.lab, s.w, s.h)
	return s
}

// opinion is one setting of what the data do not tell.
type opinion struct {
	bell       float64 // how narrowly the subject is expected about its ellipse; 0 for not at all
	place      float32 // how much place counts beside colour in the models: Lab units per longer side
	smoothness float64 // price of an edge between like neighbours
}

var opinions = []opinion{{0, 0, 15}, {0, 60, 15}, {0.4, 0, 15}, {0.4, 60, 5}, {0.2, 30, 15}, {0.2, 0, 5}, {0.2, 0, 30}}

// vote returns the share of opinions that hold each pixel for subject.
func (s *scene) vote(ctx context.Context) ([]float32, error) {
	patches := slic(s.lab, s.w, s.h, 500)
	likely, err := saliency(ctx, patches, s.w, s.h)
	if err != nil {
		return nil, err
	}
	middling := otsu(likely, patches.pixels)
	where := locate(likely, patches, s.w, s.h)
	vote := make([]float32, s.w*s.h)
	var wg sync.WaitGroup
	masks, errs := make([][]float32, len(opinions)), make([]error, len(opinions))
	for i, o := range opinions {
		wg.Go(func() {
			inside, prior := make([]float32, s.w*s.h), make([]float64, s.w*s.h)
			for p := range inside {
				v := steep * (likely[patches.label[p]] - middling)
				inside[p] = float32(where.near(float64(p%s.w), float64(p/s.w), o.bell) / (1 + math.Exp(-v)))
				prior[p] = trust * v
			}
			masks[i], errs[i] = s.iterate(ctx, inside, prior, o)
		})
	}
	wg.Wait()
	for i, m := range masks {
		if errs[i] != nil {
			return nil, errs[i]
		}
		for p, v := range m {
			vote[p] += v / float32(len(opinions))
		}
	}
	return vote, nil
}

// iterate fits colour models to a labelling and cuts by them, in turn, until little changes.
func (s *scene) iterate(ctx context.Context, inside []float32, prior []float64, o opinion) ([]float32, error) {
	points := featuresOf(s.lab, s.w, s.h, o.place)
	for range cutRounds {
		next, err := s.cutOnce(ctx, points, inside, prior, o.smoothness)
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
		if changed*1000 < len(next) {
			break
		}
	}
	return inside, nil
}

// resample scales a field bilinearly.
func resample(v []float32, w, h, toW, toH int) []float32 {
	out := make([]float32, toW*toH)
	for y := range toH {
		fy := min(max((float32(y)+0.5)*float32(h)/float32(toH)-0.5, 0), float32(h-1))
		y0 := int(fy)
		y1, ty := min(y0+1, h-1), fy-float32(y0)
		for x := range toW {
			fx := min(max((float32(x)+0.5)*float32(w)/float32(toW)-0.5, 0), float32(w-1))
			x0 := int(fx)
			x1, tx := min(x0+1, w-1), fx-float32(x0)
			top := v[y0*w+x0]*(1-tx) + v[y0*w+x1]*tx
			out[y*toW+x] = top*(1-ty) + (v[y1*w+x0]*(1-tx)+v[y1*w+x1]*tx)*ty
		}
	}
	return out
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

func flat(colors [][3]float32) bool {
	lo, hi := colors[0], colors[0]
	for _, c := range colors {
		for k := range c {
			lo[k], hi[k] = min(lo[k], c[k]), max(hi[k], c[k])
		}
	}
	return hi[0]-lo[0] < 3 && hi[1]-lo[1] < 3 && hi[2]-lo[2] < 3
}

// featuresOf joins colour and place; the picture's longer side counts as much as place units of Lab.
func featuresOf(lab [][3]float32, w, h int, place float32) []feature {
	scale := place / float32(max(w, h))
	out := make([]feature, len(lab))
	for p, c := range lab {
		out[p] = feature{c[0], c[1], c[2], float32(p%w) * scale, float32(p/w) * scale}
	}
	return out
}

// likeness is how alike neighbours are, exp(-beta d²), over their distance.
func likeness(lab [][3]float32, w, h int) (like [4][]float32) {
	beta := contrast(lab, w, h)
	for i := range like {
		like[i] = make([]float32, w*h)
		o := linkOffsets[2*i]
		for p, c := range lab {
			x, y := p%w+o[0], p/w+o[1]
			if x < 0 || y < 0 || x >= w || y >= h {
				continue
			}
			// Never quite nothing, so that no link is missing.
			like[i][p] = float32((math.Exp(-beta*square(c, lab[y*w+x])) + 1e-6) / math.Hypot(float64(o[0]), float64(o[1])))
		}
	}
	return like
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

// cutOnce fits both models to a labelling and returns the labelling of the minimum cut.
func (s *scene) cutOnce(ctx context.Context, points []feature, inside []float32, prior []float64, smoothness float64) ([]float32, error) {
	w, h, marks := s.w, s.h, s.marks
	n := dims
	if points[len(points)-1][dims-1] == 0 {
		n = 3 // place does not count
	}
	outside := make([]float32, len(inside))
	for p, v := range inside {
		outside[p] = 1 - v
	}
	subject, back := fitMixture(points, inside, int(6)), fitMixture(points, outside, int(10))
	if len(subject) == 0 || len(back) == 0 {
		return nil, fmt.Errorf("%w: nothing stands out from the background", ErrNoSubject)
	}
	g := newGridCut(w, h)
	for p := range points {
		t := min(max(back.cost(&points[p], n)-subject.cost(&points[p], n), -8), 8) + prior[p]
		x, y := p%w, p/w
		if x == 0 || x == w-1 || y == 0 {
			t -= 20 // subjects seldom touch the picture's sides or top, more often its bottom
		} else if y == h-1 {
			t -= 4
		}
		if marks != nil {
			switch v := marks.Pix[y*marks.Stride+x]; {
			case v >= scribbledKeep:
				t = hard
			case v < scribbledRemove:
				t = -hard
			}
		}
		g.terminal[p] = float32(t)
	}
	for i, like := range s.like {
		k := 2 * i
		for p, v := range like {
			if v > 0 {
				g.links[k][p], g.links[k+1][p+g.step[k]] = v*float32(smoothness), v*float32(smoothness)
			}
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
