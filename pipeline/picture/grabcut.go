package picture

import (
	"context"
	"fmt"
	"image"
	"math"
)

const (
	cutSide   = 400 // the longer side the last graph cut works at
	cutRounds = 5

	subjectColors, backColors = 6, 10 // Gaussians in the models

	unlikely = 8.0 // the log ratio of the models counts at most so much: a colour never seen proves little
	sides    = 20  // the log ratio against subject at the picture's sides and top, where subjects seldom are cut off,
	foot     = 4   // and at its bottom, where they more often are
	hard     = 1e4

	scribbledKeep   = 192 // from here on a scribble says keep
	scribbledRemove = 64  // and below here remove
)

// grabCut segments by iterated graph cuts (Rother, Kolmogorov and Blake 2004), started by what is salient instead of by
// a rectangle drawn by hand. How far to trust place over colour differs from picture to picture, so several opinions are
// asked on a small copy, and a last cut starts from their vote. The outline is refined at full size by a guided filter.
// How far the opinions were divided comes back as doubt, see [Subject].
func grabCut(ctx context.Context, img *image.NRGBA, scribble *image.Gray, step func(string, float64)) (matte *image.Gray, doubt float64, err error) {
	if min(img.Rect.Dx(), img.Rect.Dy()) < 8 {
		return nil, 0, fmt.Errorf("%w: it is only %d x %d pixels", ErrBlank, img.Rect.Dx(), img.Rect.Dy())
	}
	step("looking for what stands out", 0.1)
	small := newScene(img, voteSide, scribble)
	if flat(small.lab) {
		return nil, 0, fmt.Errorf("%w: it is all of one colour", ErrBlank)
	}
	vote, err := small.vote(ctx)
	if err != nil {
		return nil, 0, err
	}
	doubt = divided(vote)
	step("separating subject and background", 0.5)
	large := newScene(img, cutSide, scribble)
	joinParts(vote, small.w, small.h)
	vote = resample(vote, small.w, small.h, large.w, large.h)
	prior := make([]float64, len(vote))
	for p, v := range vote {
		prior[p] = opinionated * (float64(v) - 0.5)
	}
	mask, err := large.iterate(ctx, vote, prior, opinion{smoothness: 15})
	if err != nil {
		return nil, 0, err
	}
	large.tidy(mask)
	step("softening the edge", 0.85)
	return refine(img, mask, large.w, large.h), doubt, nil
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

// flat reports whether all colours are one, to the eye.
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
	w, h := s.w, s.h
	n := dims
	if points[len(points)-1][dims-1] == 0 {
		n = 3 // place does not count
	}
	outside := make([]float32, len(inside))
	for p, v := range inside {
		outside[p] = 1 - v
	}
	subject, back := fitMixture(points, inside, subjectColors), fitMixture(points, outside, backColors)
	if len(subject) == 0 || len(back) == 0 {
		return nil, fmt.Errorf("%w: nothing stands out from the background", ErrNoSubject)
	}
	terminal := make([]float64, len(points))
	for p := range points {
		t := min(max(back.cost(&points[p], n)-subject.cost(&points[p], n), -unlikely), unlikely) + prior[p]
		x, y := p%w, p/w
		if x == 0 || x == w-1 || y == 0 {
			t -= sides
		} else if y == h-1 {
			t -= foot
		}
		terminal[p] = t
	}
	return s.cut(ctx, terminal, smoothness)
}

// cut returns the labelling of the minimum cut for log ratios of subject against background; the marks are obeyed.
func (s *scene) cut(ctx context.Context, terminal []float64, smoothness float64) ([]float32, error) {
	g := newGridCut(s.w, s.h)
	for p, t := range terminal {
		if s.marks != nil {
			switch v := s.marks.Pix[p]; {
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
	inside := make([]float32, len(terminal))
	for p := range inside {
		if g.tree[p] > 0 {
			inside[p] = 1
		}
	}
	return inside, nil
}
