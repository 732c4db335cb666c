package picture

import "math"

// mixture is a mixture of Gaussians over colours, in Lab-like coordinates.
type mixture []gaussian

type gaussian struct {
	mean    [3]float64
	inverse [6]float64 // of the covariance: xx xy xz yy yz zz
	log     float64    // log of weight over the root of the determinant
}

// fitMixture fits k Gaussians to weighted colours: clusters by repeated splitting along the direction of most variance
// (Orchard and Bouman 1991), then one Gaussian to each. It needs no random start.
func fitMixture(colors [][3]float32, weight []float32, k int) mixture {
	var all []int32
	for i, w := range weight {
		if w > 0 {
			all = append(all, int32(i))
		}
	}
	clusters := []cluster{newCluster(colors, weight, all)}
	for len(clusters) < k {
		worst := 0
		for i, c := range clusters {
			if c.spread*c.total > clusters[worst].spread*clusters[worst].total {
				worst = i
			}
		}
		a, b := clusters[worst].split(colors)
		if len(a) == 0 || len(b) == 0 {
			break
		}
		clusters[worst] = newCluster(colors, weight, a)
		clusters = append(clusters, newCluster(colors, weight, b))
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
	mean       [3]float64
	covariance [6]float64
	axis       [3]float64 // of most variance
	spread     float64    // that variance
}

func newCluster(colors [][3]float32, weight []float32, members []int32) cluster {
	c := cluster{members: members}
	for _, i := range members {
		w := float64(weight[i])
		c.total += w
		for k := range 3 {
			c.mean[k] += w * float64(colors[i][k])
		}
	}
	if c.total == 0 {
		return c
	}
	for k := range 3 {
		c.mean[k] /= c.total
	}
	for _, i := range members {
		w := float64(weight[i]) / c.total
		x, y, z := float64(colors[i][0])-c.mean[0], float64(colors[i][1])-c.mean[1], float64(colors[i][2])-c.mean[2]
		for k, v := range [6]float64{x * x, x * y, x * z, y * y, y * z, z * z} {
			c.covariance[k] += w * v
		}
	}
	c.axis = [3]float64{1, 0.7, 0.3}
	for range 20 { // power iteration
		n := times(c.covariance, c.axis)
		l := math.Sqrt(n[0]*n[0] + n[1]*n[1] + n[2]*n[2])
		if l < 1e-12 {
			break
		}
		c.spread = l
		c.axis = [3]float64{n[0] / l, n[1] / l, n[2] / l}
	}
	return c
}

func times(m [6]float64, v [3]float64) [3]float64 {
	return [3]float64{m[0]*v[0] + m[1]*v[1] + m[2]*v[2], m[1]*v[0] + m[3]*v[1] + m[4]*v[2], m[2]*v[0] + m[4]*v[1] + m[5]*v[2]}
}

func (c cluster) split(colors [][3]float32) (a, b []int32) {
	for _, i := range c.members {
		var d float64
		for k := range 3 {
			d += c.axis[k] * (float64(colors[i][k]) - c.mean[k])
		}
		if d > 0 {
			a = append(a, i)
		} else {
			b = append(b, i)
		}
	}
	return a, b
}

func (c cluster) gaussian(total float64) gaussian {
	const floor = 4 // sensor noise: no colour is known better than this
	xx, xy, xz := c.covariance[0]+floor, c.covariance[1], c.covariance[2]
	yy, yz, zz := c.covariance[3]+floor, c.covariance[4], c.covariance[5]+floor
	zz2 := yy*zz - yz*yz
	det := xx*zz2 - xy*(xy*zz-yz*xz) + xz*(xy*yz-yy*xz)
	det = max(det, 1e-9)
	return gaussian{
		mean: c.mean,
		inverse: [6]float64{
			zz2 / det, (xz*yz - xy*zz) / det, (xy*yz - xz*yy) / det,
			(xx*zz - xz*xz) / det, (xy*xz - xx*yz) / det, (xx*yy - xy*xy) / det},
		log: math.Log(c.total/total) - 0.5*math.Log(det),
	}
}

// cost is the negative log likelihood of a colour, by the likeliest Gaussian.
func (m mixture) cost(c [3]float32) float64 {
	best := math.Inf(1)
	for i := range m {
		g := &m[i]
		d := [3]float64{float64(c[0]) - g.mean[0], float64(c[1]) - g.mean[1], float64(c[2]) - g.mean[2]}
		n := times(g.inverse, d)
		best = min(best, 0.5*(d[0]*n[0]+d[1]*n[1]+d[2]*n[2])-g.log)
	}
	return best
}
