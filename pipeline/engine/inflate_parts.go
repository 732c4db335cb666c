package engine

import (
	"context"
	"math"
)

const (
	partStep   = 14.0 // 8-bit colour steps between neighbouring nodes from which on a contour runs between them
	partArea   = 300  // a part has at least one such share of the silhouette
	partRadius = 70   // and room for a circle of one such share of the longer side: less is a line
	speckSize  = 10   // what is in no part, and in every direction shorter than such a share of the longer side, is no line
	partsClear = 0.5  // share of the silhouette that must be part of something: else contours are texture
	partRise   = 0.03 // of a part over the contours round it, as a share of the longer side
)

// layered raises the parts of a subject that clear inner contours set apart, so that a drawn figure gets arms, buttons and
// eyes and its lines become grooves. Every part rises like a cushion over its own outline, by Poisson's equation on the
// parts alone, and levels off at the same height, so that small ones do not drown in large ones. Where there are no clear
// contours, or only one part, nothing changes.
func layered(ctx context.Context, s *silhouette, square []float64, in Input) error {
	share := in.number("parts")
	if share == 0 {
		return nil
	}
	parts := s.parts(in)
	if parts == nil {
		return nil
	}
	u, err := poisson(ctx, parts, poissonSteps)
	if err != nil {
		return err
	}
	rise := partRise * float64(max(s.w, s.h))
	for p, v := range u {
		u[p] = math.Sqrt(v / (1 + v/(rise*rise)))
	}
	boxBlur(u, s.w, s.h, 1) // a cushion is steepest at its edge, where the grid would show
	boxBlur(u, s.w, s.h, 1)
	for p, q := range square {
		if q > 0 {
			h := math.Sqrt(q)
			// Near the outline there is little height for a part to rise from.
			h += share * u[p] * min(1, h/(2*rise))
			square[p] = h * h
		}
	}
	return nil
}

// parts is the silhouette without its inner contours, nil when those are not clear or there is but one part.
func (s *silhouette) parts(in Input) *silhouette {
	color := s.colors(in)
	like := func(p, q int) bool {
		var d float64
		for k := range 3 {
			d = max(d, math.Abs(color[p][k]-color[q][k]))
		}
		return d < partStep
	}
	// A contour may run through a node as well as between two.
	inner := make([]bool, len(s.cover))
	var area int
	for p, c := range s.cover {
		if c <= 0 {
			continue
		}
		area++
		inner[p] = true
		for _, q := range [4]int{p - 1, p + 1, p - s.w, p + s.w} {
			inner[p] = inner[p] && (s.cover[q] <= 0 || like(p, q))
		}
	}
	label, sizes := s.islands(func(p int) bool { return inner[p] })
	reach := make([]float64, len(sizes))
	d2 := make([]float64, len(s.cover))
	for p := range d2 {
		if inner[p] {
			d2[p] = math.Inf(1)
		}
	}
	envelope(d2, s.w, s.h)
	for p, l := range label {
		reach[l] = max(reach[l], d2[p])
	}
	least := math.Pow(float64(max(s.w, s.h))/partRadius, 2)
	count, covered := 0, 0
	part := make([]bool, len(sizes))
	for l, n := range sizes {
		if part[l] = l > 0 && n*partArea >= area && reach[l] >= least; part[l] {
			count++
			covered += n
		}
	}
	if count < 2 || float64(covered) < partsClear*float64(area) {
		return nil
	}
	s.joinSpecks(label, part)
	// The edge of a part is as fine as the grid; smoothed, it lies between the nodes.
	soft := make([]float64, len(s.cover))
	for p, l := range label {
		if part[l] {
			soft[p] = 1
		}
	}
	boxBlur(soft, s.w, s.h, 1)
	boxBlur(soft, s.w, s.h, 1)
	out := &silhouette{w: s.w, h: s.h, scale: s.scale, box: s.box, cover: make([]float64, len(s.cover))}
	for p, c := range soft {
		out.cover[p] = min(s.cover[p], c-0.5)
	}
	return out
}

// joinSpecks gives what is in no part to the part it lies in, when it is small and round: a glint, not a line.
func (s *silhouette) joinSpecks(label []int32, part []bool) {
	rest, sizes := s.islands(func(p int) bool { return s.cover[p] > 0 && !part[label[p]] })
	type speck struct {
		x0, y0, x1, y1 int
		in             int32 // the one part around, 0 before any was seen, -1 for several
	}
	specks := make([]speck, len(sizes))
	for l := range specks {
		specks[l] = speck{x0: s.w, y0: s.h}
	}
	for p, l := range rest {
		if l == 0 {
			continue
		}
		k := &specks[l]
		k.x0, k.y0, k.x1, k.y1 = min(k.x0, p%s.w), min(k.y0, p/s.w), max(k.x1, p%s.w), max(k.y1, p/s.w)
		for _, q := range [4]int{p - 1, p + 1, p - s.w, p + s.w} {
			switch around := label[q]; {
			case rest[q] == l || around == k.in:
			case s.cover[q] <= 0 || k.in != 0:
				k.in = -1
			default:
				k.in = around
			}
		}
	}
	for p, l := range rest {
		if k := specks[l]; l > 0 && k.in > 0 && max(k.x1-k.x0, k.y1-k.y0)*speckSize < max(s.w, s.h) {
			label[p] = k.in
		}
	}
}

// colors samples the subject's colours at the grid's nodes, as means over a cell so that grain is no contour.
func (s *silhouette) colors(in Input) [][3]float64 {
	out := make([][3]float64, s.w*s.h)
	for j := range s.h {
		for i := range s.w {
			x, y := s.pixel(i, j)
			for _, d := range [4][2]float64{{-0.25, -0.25}, {0.25, -0.25}, {-0.25, 0.25}, {0.25, 0.25}} {
				c := in.Subject.At(x+d[0]*s.scale, y+d[1]*s.scale)
				for k := range 3 {
					out[j*s.w+i][k] += float64(c[k]) / 4
				}
			}
		}
	}
	return out
}
