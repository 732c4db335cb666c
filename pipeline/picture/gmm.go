package picture

import "math"

// feature is what a pixel is judged by: its colour in Lab and its place, scaled to the same order. The place keeps a
// model from claiming like colours at the other end of the picture.
type feature [dims]float32

const dims = 5

// mixture is a mixture of Gaussians over features.
type mixture []gaussian

type gaussian struct {
	mean  [dims]float64
	lower [dims][dims]float64 // inverse of the covariance's Cholesky factor
	log   float64             // log of weight over the root of the determinant
}

// noise is the least standard deviation of each feature: no colour is known better, no place is more particular.
var noise = feature{2, 2, 2, 6, 6}

// thinning takes every so many pixels for a fit: neighbours say much the same.
const thinning = 3

// fitMixture fits k Gaussians to weighted features: clusters by repeated splitting along the direction of most variance
// (Orchard and Bouman 1991), then one Gaussian to each. It needs no random start.
func fitMixture(points []feature, weight []float32, k int) mixture {
	var all []int32
	for i := 0; i < len(weight); i += thinning {
		if weight[i] > 0.01 {
			all = append(all, int32(i))
		}
	}
	clusters := []cluster{newCluster(points, weight, all)}
	for len(clusters) < k {
		worst := 0
		for i, c := range clusters {
			if c.spread*c.total > clusters[worst].spread*clusters[worst].total {
				worst = i
			}
		}
		a, b := clusters[worst].split(points)
		if len(a) == 0 || len(b) == 0 {
			break
		}
		clusters[worst] = newCluster(points, weight, a)
		clusters = append(clusters, newCluster(points, weight, b))
	}
	var total float64
	for _, c := range clusters {
		total += c.total
	}
	var m mixture
	for _, c := range clusters {
		if c.total > 0 {
			m = append(m, c.gaussian(total))
		}
	}
	return m
}

type cluster struct {
	members    []int32
	total      float64
	mean       [dims]float64
	covariance [dims][dims]float64
	axis       [dims]float64 // of most variance
	spread     float64       // that variance
}

func newCluster(points []feature, weight []float32, members []int32) cluster {
	c := cluster{members: members}
	for _, i := range members {
		w := float64(weight[i])
		c.total += w
		for k, v := range points[i] {
			c.mean[k] += w * float64(v)
		}
	}
	if c.total == 0 {
		return c
	}
	for k := range c.mean {
		c.mean[k] /= c.total
	}
	for _, i := range members {
		w := float64(weight[i]) / c.total
		var d [dims]float64
		for k, v := range points[i] {
			d[k] = float64(v) - c.mean[k]
		}
		for a := range dims {
			for b := range a + 1 {
				c.covariance[a][b] += w * d[a] * d[b]
			}
		}
	}
	for a := range dims {
		for b := range a {
			c.covariance[b][a] = c.covariance[a][b]
		}
	}
	c.axis, c.spread = principal(c.covariance)
	return c
}

// principal finds the direction of most variance by power iteration.
func principal(m [dims][dims]float64) (axis [dims]float64, variance float64) {
	axis = [dims]float64{1, 0.7, 0.3, 0.6, 0.5}
	for range 20 {
		var next [dims]float64
		var l float64
		for a := range dims {
			for b := range dims {
				next[a] += m[a][b] * axis[b]
			}
			l += next[a] * next[a]
		}
		if l = math.Sqrt(l); l < 1e-12 {
			break
		}
		variance = l
		for a := range dims {
			axis[a] = next[a] / l
		}
	}
	return axis, variance
}

func (c cluster) split(points []feature) (a, b []int32) {
	for _, i := range c.members {
		var d float64
		for k, v := range points[i] {
			d += c.axis[k] * (float64(v) - c.mean[k])
		}
		if d > 0 {
			a = append(a, i)
		} else {
			b = append(b, i)
		}
	}
	return a, b
}

// gaussian inverts the covariance by its Cholesky factor, L L' = C.
func (c cluster) gaussian(total float64) gaussian {
	g := gaussian{mean: c.mean, log: math.Log(c.total / total)}
	var l [dims][dims]float64
	for a := range dims {
		for b := range a + 1 {
			v := c.covariance[a][b]
			if a == b {
				v += float64(noise[a] * noise[a])
			}
			for k := range b {
				v -= l[a][k] * l[b][k]
			}
			if a == b {
				l[a][a] = math.Sqrt(max(v, 1e-6))
				g.log -= math.Log(l[a][a])
			} else {
				l[a][b] = v / l[b][b]
			}
		}
	}
	for col := range dims {
		for a := col; a < dims; a++ {
			v := 0.0
			if a == col {
				v = 1
			}
			for k := col; k < a; k++ {
				v -= l[a][k] * g.lower[k][col]
			}
			g.lower[a][col] = v / l[a][a]
		}
	}
	return g
}

// cost is the negative log likelihood of the first n of a feature's dimensions, by the likeliest Gaussian.
func (m mixture) cost(f *feature, n int) float64 {
	best := math.Inf(1)
	for i := range m {
		g := &m[i]
		var d [dims]float64
		e := -g.log
		for a := 0; a < n && e < best; a++ { // a sum of squares only grows
			d[a] = float64(f[a]) - g.mean[a]
			var z float64
			for b := 0; b <= a; b++ {
				z += g.lower[a][b] * d[b]
			}
			e += 0.5 * z * z
		}
		best = min(best, e)
	}
	return best
}
