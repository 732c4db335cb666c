package picture

import (
	"context"
	"math"
	"sync"
)

const (
	voteSide    = 240  // the longer side opinions are asked at
	patches     = 500  // superpixels there
	steep       = 8.0  // log ratio per unit of saliency
	trust       = 0.25 // share of it that stays when the colour models speak too
	opinionated = 4.0  // log ratio of a vote of all against one of none
	joint       = 0.04 // gaps between parts under so many of the picture's width are left open to doubt
	doubt       = 0.6
)

// opinion is one setting of what the data do not tell.
type opinion struct {
	bell       float64 // how narrowly the subject is expected about its ellipse; 0 for not at all
	place      float32 // how much place counts beside colour in the models: Lab units per longer side
	smoothness float64 // price of an edge between like neighbours
}

// opinions span the settings that are each right for some pictures.
var opinions = []opinion{{0, 0, 15}, {0, 60, 15}, {0.4, 0, 15}, {0.4, 60, 5}, {0.2, 30, 15}, {0.2, 0, 5}, {0.2, 0, 30}}

// vote returns the share of opinions that hold each pixel for subject.
func (s *scene) vote(ctx context.Context) ([]float32, error) {
	parts := slic(s.lab, s.w, s.h, patches)
	likely, err := saliency(ctx, parts, s.w, s.h)
	if err != nil {
		return nil, err
	}
	middling := otsu(likely, parts.pixels)
	where := locate(likely, parts, s.w, s.h)
	vote := make([]float32, s.w*s.h)
	var wg sync.WaitGroup
	masks, errs := make([][]float32, len(opinions)), make([]error, len(opinions))
	for i, o := range opinions {
		wg.Go(func() {
			inside, prior := make([]float32, s.w*s.h), make([]float64, s.w*s.h)
			for p := range inside {
				v := steep * (likely[parts.label[p]] - middling)
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

// divided is how many pixels a vote leaves in dispute, each counted by its minority, for one that the majority holds for
// subject.
func divided(vote []float32) float64 {
	var disputed, subject float64
	for _, v := range vote {
		disputed += float64(min(v, 1-v))
		if v > 0.5 {
			subject++
		}
	}
	return disputed / max(subject, 1)
}

// joinParts closes the vote morphologically: what lies between parts of a subject, such as the pillars between windows,
// may be subject whatever its colour, and is left to the last cut.
func joinParts(vote []float32, w, h int) {
	r := int(joint * float64(w))
	closed := maxWithin(vote, w, h, r)
	for p := range closed {
		closed[p] = -closed[p]
	}
	closed = maxWithin(closed, w, h, r)
	for p := range vote {
		vote[p] = max(vote[p], -doubt*closed[p])
	}
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
