package engine

import "math"

// Constants of the turned heights. The cap and the agreement with the mirror image were compared on rendered objects of
// known shape and checked on others; the limits of single chords were set by eye, so that petals get no creases.
const (
	turnedCap  = 1.6  // at most this times the squared height of the balls
	turnedGrid = 72   // cells of the longer side a smoothing of one cell goes with
	minMirror  = 0.85 // agreement of a silhouette with its mirror image where turning begins,
	fullMirror = 0.95 // and where it is complete
	minSingle  = 0.92 // the same for the share of its rows' widths that is covered: below, rows cross petals or legs
	fullSingle = 0.98
)

// turned blends the squared heights toward those of a thing turned on a lathe: in every row the depth is that of the
// circle over the row's chord. A vase keeps its flat foot and a bottle its round belly, where the balls, which know
// nothing of uprightness, would round off both ends. The share grows with the evidence, see [lathe].
func turned(s *silhouette, square, smooth []float64, share float64) {
	share *= lathe(s)
	if share == 0 {
		return
	}
	ratio := make([]float64, len(square))
	power := chordPower(s)
	for p, q := range square {
		if q > 0 {
			ratio[p] = min(power[p], turnedCap*max(q, 1)) / smooth[p]
		}
	}
	ratio = spread(ratio, smooth, s, max(1, max(s.w, s.h)/turnedGrid))
	for p := range square {
		square[p] += share * (ratio[p]*smooth[p] - square[p])
	}
}

// chordPower returns (x-l)(r-x) for a node at x on the chord from l to r of its row: the power of the point, which on a
// disc is the squared height of the sphere. Zero outside.
func chordPower(s *silhouette) []float64 {
	out := make([]float64, len(s.cover))
	for j := range s.h {
		row := s.cover[j*s.w : (j+1)*s.w]
		for i := 0; i < s.w; i++ {
			if row[i] <= 0 {
				continue
			}
			end := i
			for row[end] > 0 { // the frame is never covered
				end++
			}
			l := float64(i) - row[i]/(row[i]-row[i-1])
			r := float64(end) - row[end]/(row[end]-row[end-1])
			for ; i < end; i++ {
				out[j*s.w+i] = max((float64(i)-l)*(r-float64(i)), 0)
			}
		}
	}
	return out
}

// lathe says how much a silhouette looks like something turned about an upright axis, from 0 to 1: it agrees with its
// mirror image, has one chord in a row and is not much wider than high.
func lathe(s *silhouette) float64 {
	left, right, top, bottom := s.w, -1, s.h, -1
	for p, c := range s.cover {
		if c > 0 {
			left, right = min(left, p%s.w), max(right, p%s.w)
			top, bottom = min(top, p/s.w), max(bottom, p/s.w)
		}
	}
	var both, either, covered, spanned int
	for j := top; j <= bottom; j++ {
		row := s.cover[j*s.w:]
		first, last := -1, -1
		for i := left; i <= right; i++ {
			a, b := row[i] > 0, row[left+right-i] > 0
			if a && b {
				both++
			}
			if a || b {
				either++
			}
			if a {
				covered++
				last = i
				if first < 0 {
					first = i
				}
			}
		}
		if first >= 0 {
			spanned += last - first + 1
		}
	}
	mirror := float64(both) / float64(max(either, 1))
	single := float64(covered) / float64(max(spanned, 1))
	wide := float64(right-left+1) / float64(max(bottom-top+1, 1))
	return unit((mirror-minMirror)/(fullMirror-minMirror)) * unit((single-minSingle)/(fullSingle-minSingle)) * unit(2-wide)
}

func unit(x float64) float64 { return min(max(x, 0), 1) }

const (
	leanPerSkew = 1.9  // slope in depth per skew, the least-absolute fit over rendered objects of known shape
	maxSkew     = 0.25 // more is a bar held aslant as likely as a thing that runs into depth
)

// lean is the slope, toward the viewer per step to the right, of the sheet halfway between the front and the back of a
// thing as one meets it: seen from a little above, what lies lower in the picture lies nearer, so a silhouette that
// sinks to the right comes nearer there. The evidence is the mixed second moment of the silhouette over the sum of the
// pure ones: zero for all that is mirror-symmetric.
func lean(s *silhouette) float64 {
	var n, x, y, xx, yy, xy float64
	for p, c := range s.cover {
		if c > 0 {
			u, v := float64(p%s.w), float64(p/s.w)
			n, x, y = n+1, x+u, y+v
			xx, yy, xy = xx+u*u, yy+v*v, xy+u*v
		}
	}
	if n == 0 {
		return 0
	}
	spread := xx + yy - (x*x+y*y)/n
	if spread <= 0 {
		return 0
	}
	skew := (xy - x*y/n) / spread
	return leanPerSkew * math.Copysign(min(math.Abs(skew), maxSkew), skew)
}
