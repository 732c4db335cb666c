package engine

import (
	"cmp"
	"context"
	"math"
	"slices"

	"orfeas/pipeline/picture"
)

// shade is one of the colours a subject is made of.
type shade struct {
	rgb   [3]float64 // sRGB, 0 to 255
	lab   [3]float64
	count float64 // of nodes
}

// palette finds at most n colours of nodes by k-means in CIE Lab over a histogram. It begins with the colour that there is most
// of and adds the one that the others are worst for (as Arthur and Vassilvitskii 2007, but the likeliest instead of a
// random one), so that the same picture always gives the same colours. The one there is most of comes first.
func palette(colours [][3]uint8, use []bool, n int) []shade {
	bins := histogram(colours, use)
	if len(bins) == 0 {
		return nil
	}
	var seeds []shade
	far := make([]float64, len(bins))
	for i := range far {
		far[i] = 1
	}
	const same = 10 // Lab distance below which colours are one
	for len(seeds) < n {
		best := -1
		for i, b := range bins {
			if far[i] > 0 && (best < 0 || b.count*far[i] > bins[best].count*far[best]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		seeds = append(seeds, bins[best])
		for i, b := range bins {
			d := apartLab(b.lab, bins[best].lab)
			if d *= d; len(seeds) == 1 || d < far[i] {
				far[i] = d
			}
			if far[i] < same*same {
				far[i] = 0
			}
		}
	}
	for range 30 {
		next := make([]shade, len(seeds))
		for _, b := range bins {
			s := &next[nearestShade(seeds, b.lab)]
			for k := range 3 {
				s.rgb[k] += b.rgb[k] * b.count
				s.lab[k] += b.lab[k] * b.count
			}
			s.count += b.count
		}
		next = slices.DeleteFunc(next, func(s shade) bool { return s.count == 0 })
		for i := range next {
			for k := range 3 {
				next[i].rgb[k] /= next[i].count
				next[i].lab[k] /= next[i].count
			}
		}
		done := slices.Equal(next, seeds)
		if seeds = next; done {
			break
		}
	}
	slices.SortStableFunc(seeds, func(a, b shade) int { return cmp.Compare(b.count, a.count) })
	return seeds
}

// histogram has a bin for every 8 x 8 x 8 colours, with their mean.
func histogram(colours [][3]uint8, use []bool) (bins []shade) {
	all := make([]shade, 1<<15)
	for p, c := range colours {
		if !use[p] {
			continue
		}
		b := &all[int(c[0]>>3)<<10|int(c[1]>>3)<<5|int(c[2]>>3)]
		b.count++
		for k := range 3 {
			b.rgb[k] += float64(c[k])
		}
	}
	for _, b := range all {
		if b.count > 0 {
			for k := range 3 {
				b.rgb[k] /= b.count
			}
			b.lab = labOf(b.rgb)
			bins = append(bins, b)
		}
	}
	return bins
}

func nearestShade(shades []shade, lab [3]float64) int {
	best, least := 0, math.Inf(1)
	for i, s := range shades {
		if d := apartLab(s.lab, lab); d < least {
			best, least = i, d
		}
	}
	return best
}

func apartLab(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// labOf converts sRGB, each channel 0 to 255, to CIE Lab.
func labOf(c [3]float64) [3]float64 {
	return picture.Lab(picture.Linear(c[0]/255), picture.Linear(c[1]/255), picture.Linear(c[2]/255))
}

// colours reads the subject at every node that it covers.
func (b *board) colours(s *picture.Subject) [][3]uint8 {
	out := make([][3]uint8, len(b.label))
	for p, c := range b.matte {
		if c > 0 {
			x, y := b.pixel(p%b.w, p/b.w)
			v := s.At(x, y)
			out[p] = [3]uint8{v[0], v[1], v[2]}
		}
	}
	return out
}

// pure marks the covered nodes that are not a mixture of those on both sides of them, as the pixels along the edge of the subject
// and between two colours are. apart is how far to look, in nodes.
func (b *board) pure(colours [][3]uint8, apart int) []bool {
	out := make([]bool, len(colours))
	const contrast = 24
	for p, c := range colours {
		if b.matte[p] <= 0 {
			continue
		}
		out[p] = true
		for _, s := range [4]int{apart, apart * b.w, apart * (b.w + 1), apart * (b.w - 1)} {
			l, r := p-s, p+s
			if l < 0 || r >= len(colours) || b.matte[l] <= 0 || b.matte[r] <= 0 {
				out[p] = false // mixed with what is behind the subject
				break
			}
			t, d := mixture(c, colours[l], colours[r])
			if d > contrast && t > 0.15 && t < 0.85 {
				out[p] = false
			}
		}
	}
	return out
}

// mixture is how far c lies from a toward b, and how far these are apart.
func mixture(c, a, b [3]uint8) (t, d float64) {
	var dot, square float64
	for k := range 3 {
		u := float64(b[k]) - float64(a[k])
		dot += u * (float64(c[k]) - float64(a[k]))
		square += u * u
	}
	if square == 0 {
		return 0, 0
	}
	return dot / square, math.Sqrt(square)
}

// paint labels the covered nodes by the nearest of the shades, counted from first. Mixed nodes get the nearest of the shades beside
// them, from the pure ones inward, so that there is no third colour between two.
func (b *board) paint(ctx context.Context, colours [][3]uint8, pure []bool, shades []shade, first uint8) error {
	const none = 255
	var edge []int32
	cache := map[[3]uint8]uint8{}
	for p, c := range b.matte {
		if c <= 0 {
			continue
		}
		b.label[p] = none
		if !pure[p] {
			edge = append(edge, int32(p))
			continue
		}
		l, ok := cache[colours[p]]
		if !ok {
			l = first + uint8(nearestShade(shades, labOf(wide3(colours[p]))))
			cache[colours[p]] = l
		}
		b.label[p] = l
	}
	for len(edge) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		var rest []int32
		labels := make([]uint8, len(edge))
		for i, p := range edge {
			best, least := uint8(none), math.Inf(1)
			lab := labOf(wide3(colours[p]))
			for _, q := range [4]int{int(p) - 1, int(p) + 1, int(p) - b.w, int(p) + b.w} {
				if l := b.label[q]; b.matte[q] > 0 && l != none {
					if d := apartLab(shades[l-first].lab, lab); d < least {
						best, least = l, d
					}
				}
			}
			labels[i] = best
		}
		for i, p := range edge {
			if b.label[p] = labels[i]; labels[i] == none {
				rest = append(rest, p)
			}
		}
		if len(rest) == len(edge) { // nothing pure beside them
			for _, p := range rest {
				b.label[p] = first + uint8(nearestShade(shades, labOf(wide3(colours[p]))))
			}
			return nil
		}
		edge = rest
	}
	return nil
}

func wide3(c [3]uint8) [3]float64 { return [3]float64{float64(c[0]), float64(c[1]), float64(c[2])} }
