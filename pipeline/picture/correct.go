package picture

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"
)

const (
	steadfast   = 4.0  // log ratio for what was cut out before, far from any stroke
	strokeReach = 0.3  // how far a stroke suspends that, over even colour: of the picture's longer side
	strokeStep  = 15.0 // or over a step of colour, in Lab units
	followed    = 2    // rounds of colour models and cut
)

// Correct changes the cut-out by a scribble, which has the values of [CutOptions.Scribble]: a graph cut by the colours of what
// was cut out so far and of what is under the strokes. Only regions that a stroke touches change; everything else stays as
// it is, whatever it was cut out by. Where there is no matte yet, the scribble is all there is to go by.
func (c *Cutout) Correct(ctx context.Context, scribble *image.Gray) (*Cutout, error) {
	img, _ := flatten(c.Image)
	out := &Cutout{Image: img, scale: c.scale, How: c.How + ", corrected by strokes"}
	if c.Matte == nil {
		matte, _, err := grabCut(ctx, img, scribble, func(string, float64) {})
		if err != nil {
			return nil, err
		}
		out.Matte, out.How = matte, "classical segmentation, told by strokes"
	} else {
		s := newScene(img, cutSide, scribble)
		changed, inside, err := s.correct(ctx, c.Matte)
		if err != nil {
			return nil, err
		}
		out.Matte = s.blend(img, c.Matte, changed, inside)
	}
	for p, v := range scribbleFor(scribble, img.Rect).Pix {
		switch {
		case v >= scribbledKeep:
			out.Matte.Pix[p] = 255
		case v < scribbledRemove:
			out.Matte.Pix[p] = 0
		}
	}
	return out, nil
}

// correct cuts anew by what the marks say and returns the labelling, and where it changed in a region that a mark touches.
func (s *scene) correct(ctx context.Context, matte *image.Gray) (changed []bool, inside []float32, err error) {
	before := s.halved(matte)
	near := s.nearStrokes(before)
	next := make([]float32, len(before))
	for p, v := range before {
		next[p] = s.marked(p, v)
	}
	for range followed {
		if next, err = s.follow(ctx, before, next, near); err != nil {
			return nil, nil, fmt.Errorf("follow the strokes: %w", err)
		}
	}
	label, sizes := regions(s.w, s.h, func(p int) bool { return next[p] != before[p] })
	touched := make([]bool, len(sizes))
	for p, l := range label {
		if l > 0 && s.marked(p, 0.5) != 0.5 {
			touched[l] = true
		}
	}
	changed = make([]bool, len(label))
	for p, l := range label {
		changed[p] = touched[l]
		if !touched[l] {
			next[p] = before[p]
		}
	}
	return changed, next, nil
}

// follow cuts once. A pixel goes over to the other side when the colours under the strokes for that side, or those of that
// side so far, explain it better than those of the side it is on; more must speak for it the farther it is from a stroke.
func (s *scene) follow(ctx context.Context, before, now, near []float32) ([]float32, error) {
	points := featuresOf(s.lab, s.w, s.h, 0)
	var side, stroke [2]mixture // of background and subject
	for k := range 2 {
		on, under := make([]float32, len(now)), make([]float32, len(now))
		for p, v := range now {
			switch m := s.marked(p, 0.5); {
			case m == float32(k):
				under[p] = 1
			case m == 0.5 && v == float32(k):
				on[p] = 1
			}
		}
		side[k], stroke[k] = fitMixture(points, on, backColors), fitMixture(points, under, subjectColors)
	}
	least := func(f *feature, k int) float64 {
		best := math.Inf(1)
		for _, m := range []mixture{side[k], stroke[k]} {
			if len(m) > 0 {
				best = min(best, m.cost(f, 3))
			}
		}
		return best
	}
	prior := make([]float64, len(points))
	rows(s.h, func(y int) {
		for p := y * s.w; p < (y+1)*s.w; p++ {
			k := int(before[p])
			stays := 0.0
			if len(side[k]) > 0 {
				stays = least(&points[p], 1-k) - side[k].cost(&points[p], 3)
			}
			prior[p] = float64(2*k-1) * (min(max(stays, -unlikely), unlikely) + steadfast*float64(1-near[p]))
		}
	})
	return s.cut(ctx, prior, 15)
}

// nearStrokes is how near every pixel is to a stroke that says it is on the wrong side: one under it, fading out over distance
// and colour. The distance is geodesic (Criminisi, Sharp and Blake, GeoS, 2008), by raster scans.
func (s *scene) nearStrokes(before []float32) []float32 {
	far := make([]float32, len(before))
	for p, v := range before {
		if far[p] = 100; s.marked(p, v) != v {
			far[p] = 0
		}
	}
	grain := s.grain()
	pace := 1 / (strokeReach * float32(max(s.w, s.h)))
	pull := func(p, x, y int, o [2]int) {
		u, v := x+o[0], y+o[1]
		if u < 0 || v < 0 || u >= s.w || v >= s.h {
			return
		}
		q := v*s.w + u
		d := far[q] + pace*float32(math.Hypot(float64(o[0]), float64(o[1]))) + max(float32(math.Sqrt(square(s.lab[p], s.lab[q])))-grain, 0)/strokeStep
		far[p] = min(far[p], d)
	}
	ahead := [][2]int{{-1, 0}, {0, -1}, {-1, -1}, {1, -1}}
	for range 2 {
		for p := range far {
			for _, o := range ahead {
				pull(p, p%s.w, p/s.w, o)
			}
		}
		for p := len(far) - 1; p >= 0; p-- {
			for _, o := range ahead {
				pull(p, p%s.w, p/s.w, [2]int{-o[0], -o[1]})
			}
		}
	}
	for p, d := range far {
		far[p] = float32(math.Exp(-float64(d * d)))
	}
	return far
}

// grain is the difference between neighbours that three in four pairs do not exceed: noise and fine texture, not edges.
func (s *scene) grain() float32 {
	var d []float32
	for p := 0; p < len(s.lab)-1; p += 7 {
		d = append(d, float32(square(s.lab[p], s.lab[p+1])))
	}
	slices.Sort(d)
	return float32(math.Sqrt(float64(d[len(d)*3/4])))
}

// marked is what a mark makes of a pixel's label.
func (s *scene) marked(p int, v float32) float32 {
	switch m := s.marks.Pix[p]; {
	case m >= scribbledKeep:
		return 1
	case m < scribbledRemove:
		return 0
	}
	return v
}

// halved is which pixels of the scene a matte covers by half.
func (s *scene) halved(matte *image.Gray) []float32 {
	full := make([]float32, len(matte.Pix))
	for i, v := range matte.Pix {
		full[i] = float32(v) / 255
	}
	out := resample(full, matte.Rect.Dx(), matte.Rect.Dy(), s.w, s.h)
	for p, v := range out {
		out[p] = 0
		if v >= 0.5 {
			out[p] = 1
		}
	}
	return out
}

// blend takes the labelling where it changed and a little round that, and the matte elsewhere.
func (s *scene) blend(img *image.NRGBA, matte *image.Gray, changed []bool, inside []float32) *image.Gray {
	const reach = 3
	weight := make([]float32, len(changed))
	for p, c := range changed {
		if c {
			weight[p] = 1
		}
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	weight = resample(maxWithin(weight, s.w, s.h, reach), s.w, s.h, w, h)
	fine := refine(img, inside, s.w, s.h)
	for p, f := range weight {
		fine.Pix[p] = uint8(f*float32(fine.Pix[p]) + (1-f)*float32(matte.Pix[p]) + 0.5)
	}
	return fine
}
