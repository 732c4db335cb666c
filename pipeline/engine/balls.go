package engine

import "math"

// roundness returns, per node, the squared height of the union of the largest balls that fit the silhouette: at x the
// maximum over all nodes p of d(p)^2 - |x-p|^2, d being the distance to the outline (Blum's medial axis transform, turned
// back into a solid). Discs become spheres, strips round bars, and a leg is as thick as it is wide, not as the body.
// Both the distance and the maximum are lower envelopes of parabolas (Felzenszwalb and Huttenlocher 2012).
func roundness(s *silhouette) []float64 {
	distance := s.distance()
	d2 := make([]float64, len(s.cover))
	for p, c := range s.cover {
		d2[p] = math.Inf(1)
		if c > 0 {
			d := distance[p] + s.ridge(distance, p)
			d2[p] = -d * d
		}
	}
	envelope(d2, s.w, s.h)
	for p := range d2 {
		d2[p] = max(-d2[p], 0)
		if s.cover[p] <= 0 {
			d2[p] = 0
		}
	}
	return d2
}

// distance returns how far from the outline each node inside is, in cells; 0 outside.
func (s *silhouette) distance() []float64 {
	d2 := make([]float64, len(s.cover))
	for p, c := range s.cover {
		d2[p] = math.Inf(1)
		if c <= 0 {
			d2[p] = 0
		}
	}
	from := envelope(d2, s.w, s.h)
	distance := make([]float64, len(d2))
	for p, c := range s.cover {
		if c > 0 {
			distance[p] = max(math.Sqrt(d2[p])-s.gap(int(from[p])), 0.25)
		}
	}
	return distance
}

// ridge is how much farther from the outline than node p the medial axis beside it lies: across the axis the distance is
// a tent of slope one, whose top is half the difference of the two sides above its highest sample.
func (s *silhouette) ridge(distance []float64, p int) float64 {
	rise := func(step int) float64 {
		a, b, c := distance[p-step], distance[p], distance[p+step]
		if a > b || c > b {
			return 0
		}
		return math.Abs(a-c) / 2
	}
	return min(math.Hypot(rise(1), rise(s.w)), 0.71)
}

// gap is how far before an outside node the outline lies, by the coverage of its neighbours.
func (s *silhouette) gap(p int) float64 {
	i, j := p%s.w, p/s.w
	if i == 0 || j == 0 || i == s.w-1 || j == s.h-1 {
		return 0
	}
	var steepest float64
	for _, q := range [4]int{p - 1, p + 1, p - s.w, p + s.w} {
		if s.cover[q] > 0 {
			steepest = max(steepest, s.cover[q]-s.cover[p])
		}
	}
	if steepest == 0 {
		return 0
	}
	return min(-s.cover[p]/steepest, 1)
}

// envelope replaces f by g(x) = min over p of f(p) + |x-p|^2, along rows and then along columns, and returns the p each
// minimum comes from.
func envelope(f []float64, w, h int) []int32 {
	n := max(w, h)
	row, out := make([]float64, n), make([]float64, n)
	at, from, best := make([]int, n), make([]float64, n+1), make([]int, n)
	sources, column := make([]int32, len(f)), make([]int32, n)
	for j := range h {
		envelope1(f[j*w:(j+1)*w], out[:w], best[:w], at, from)
		copy(f[j*w:], out[:w])
		for i, b := range best[:w] {
			sources[j*w+i] = int32(j*w + b)
		}
	}
	for i := range w {
		for j := range h {
			row[j], column[j] = f[j*w+i], sources[j*w+i]
		}
		envelope1(row[:h], out[:h], best[:h], at, from)
		for j := range h {
			f[j*w+i], sources[j*w+i] = out[j], column[best[j]]
		}
	}
	return sources
}

// envelope1 is envelope on a line: at holds the parabolas of the envelope, from where each begins to be the lowest.
func envelope1(f, out []float64, best, at []int, from []float64) {
	k := -1
	for q := range f {
		if math.IsInf(f[q], 1) {
			continue
		}
		start := math.Inf(-1)
		for k >= 0 {
			p := at[k]
			start = (f[q] + float64(q*q) - f[p] - float64(p*p)) / float64(2*(q-p))
			if start > from[k] {
				break
			}
			k--
			start = math.Inf(-1)
		}
		k++
		at[k], from[k] = q, start
	}
	if k < 0 {
		for x := range out {
			out[x], best[x] = math.Inf(1), x
		}
		return
	}
	from[k+1] = math.Inf(1)
	i := 0
	for x := range out {
		for from[i+1] < float64(x) {
			i++
		}
		d := float64(x - at[i])
		out[x], best[x] = f[at[i]]+d*d, at[i]
	}
}

// spread smooths v over the inside of the silhouette, weighting by weight: the quotient of two box blurs, repeated three
// times so that it comes near a Gaussian. Nodes outside get zero.
func spread(v, weight []float64, s *silhouette, radius int) []float64 {
	top, bottom := make([]float64, len(v)), make([]float64, len(v))
	for p, c := range s.cover {
		if c > 0 {
			top[p], bottom[p] = v[p]*weight[p], weight[p]
		}
	}
	for range 3 {
		boxBlur(top, s.w, s.h, radius)
		boxBlur(bottom, s.w, s.h, radius)
	}
	for p := range top {
		if s.cover[p] > 0 && bottom[p] > 0 {
			top[p] /= bottom[p]
		} else {
			top[p] = 0
		}
	}
	return top
}

// boxBlur means over (2r+1)^2 nodes, zero beyond the grid, by running sums.
func boxBlur(v []float64, w, h, r int) {
	line := make([]float64, max(w, h))
	blur := func(start, step, n int) {
		var sum float64
		for i := range n {
			line[i] = v[start+i*step]
		}
		for i := 0; i < min(r, n); i++ {
			sum += line[i]
		}
		for i := range n {
			if i+r < n {
				sum += line[i+r]
			}
			if i-r-1 >= 0 {
				sum -= line[i-r-1]
			}
			v[start+i*step] = sum / float64(2*r+1)
		}
	}
	for j := range h {
		blur(j*w, 1, w)
	}
	for i := range w {
		blur(i, w, h)
	}
}
