package texture

import (
	"image"
	"math"

	"orfeas/pipeline/picture"
)

const (
	eyesSide  = 96   // pixels along the longer side of the picture that eyes are looked for in
	dark      = 25   // how much darker than its surroundings an eye is at least, in steps of 256
	eyesAlike = 0.7  // the least correlation of one eye with the mirror image of the other
	eyesAbove = 0.65 // of the height: wheels are lower
)

// spot is a dark blob of radius about 1.4 times scale, in pixels.
type spot struct {
	x, y int
	dark float64
}

// eyes reports whether a subject looks at the viewer: two dark spots of one size beside each other, each the mirror
// image of the other, and not in a row of more, as windows are. An engine that mirrors what it sees makes shapes that
// are the same front and back whatever they are; this tells a figure seen three-quarter, whose back of the head has no
// face, from one seen from the side, which shows one eye.
//
// Spots are the extremes of differences of Gaussians, in the plane and over the scales, but for those that are drawn out
// like lines (Lowe 2004, sections 3 and 4.1).
func eyes(s *picture.Subject) bool {
	box := picture.Covered(s.Matte)
	long := max(box.Dx(), box.Dy())
	if long == 0 {
		return false
	}
	w, h := max(1, eyesSide*box.Dx()/long), max(1, eyesSide*box.Dy()/long)
	light, inside := brightness(s, box, w, h)
	var depth [7][]float64
	scale := func(n int) float64 { return 0.85 * math.Pow(math.Sqrt2, float64(n)) }
	for n := range depth {
		narrow := gaussian(light, w, h, scale(n))
		depth[n] = gaussian(light, w, h, 1.8*scale(n))
		for i := range narrow {
			depth[n][i] -= narrow[i]
		}
	}
	for n := 1; n+1 < len(depth); n++ {
		spots := darkSpots([3][]float64(depth[n-1:n+2]), inside, w, h, scale(n))
		if paired(light, depth[n], spots, w, h, scale(n)) {
			return true
		}
	}
	return false
}

// darkSpots are the greatest of their neighbourhood and of both scales beside their own, in the upper part and with the
// subject all round.
func darkSpots(depth [3][]float64, inside []float64, w, h int, scale float64) (found []spot) {
	reach := int(scale) + 1
	for y := reach; y < min(h-reach, int(eyesAbove*float64(h))); y++ {
	next:
		for x := reach; x < w-reach; x++ {
			d := depth[1][y*w+x]
			if d < dark || !round(depth[1], y*w+x, w) {
				continue
			}
			for v := y - reach; v <= y+reach; v++ {
				for u := x - reach; u <= x+reach; u++ {
					i := v*w + u
					if max(depth[0][i], depth[1][i], depth[2][i]) > d || inside[i] < 0.9 {
						continue next
					}
				}
			}
			found = append(found, spot{x, y, d})
		}
	}
	return found
}

// round reports whether the curvatures of an image at a maximum differ by less than a factor of eight.
func round(d []float64, i, w int) bool {
	xx, yy := d[i-1]+d[i+1]-2*d[i], d[i-w]+d[i+w]-2*d[i]
	xy := (d[i-w-1] + d[i+w+1] - d[i-w+1] - d[i+w-1]) / 4
	const most = 8.0
	return xx*yy-xy*xy > 0 && (xx+yy)*(xx+yy)/(xx*yy-xy*xy) < (most+1)*(most+1)/most
}

// paired looks for two spots that are a pair of eyes.
func paired(light, depth []float64, spots []spot, w, h int, scale float64) bool {
	for _, a := range spots {
		for _, b := range spots {
			dx, dy := b.x-a.x, b.y-a.y
			apart := math.Hypot(float64(dx), float64(dy))
			if dx <= 0 || 2*max(dy, -dy) > dx || apart < 2.2*scale || apart > 14*scale || min(a.dark, b.dark) < 0.5*max(a.dark, b.dark) {
				continue
			}
			third := false
			for _, p := range [2]image.Point{{X: a.x - dx, Y: a.y - dy}, {X: b.x + dx, Y: b.y + dy}} {
				third = third || p.In(image.Rect(0, 0, w, h)) && depth[p.Y*w+p.X] > min(a.dark, b.dark)/2
			}
			if !third && mirrored(light, w, h, a, b, int(2.5*scale)+1) > eyesAlike {
				return true
			}
		}
	}
	return false
}

// mirrored is the correlation of the square round a with the mirror image of that round b, 0 where one is not whole.
func mirrored(light []float64, w, h int, a, b spot, reach int) float64 {
	frame := image.Rect(reach, reach, w-reach, h-reach)
	if !image.Pt(a.x, a.y).In(frame) || !image.Pt(b.x, b.y).In(frame) {
		return 0
	}
	var n, p, q, pp, qq, pq float64
	for v := -reach; v <= reach; v++ {
		for u := -reach; u <= reach; u++ {
			l, m := light[(a.y+v)*w+a.x+u], light[(b.y+v)*w+b.x-u]
			n, p, q, pp, qq, pq = n+1, p+l, q+m, pp+l*l, qq+m*m, pq+l*m
		}
	}
	return (pq - p*q/n) / math.Sqrt(max((pp-p*p/n)*(qq-q*q/n), 1e-9))
}

// gaussian blurs an image whose edges go on beyond it.
func gaussian(in []float64, w, h int, sigma float64) []float64 {
	reach := int(3*sigma) + 1
	kernel, sum := make([]float64, 2*reach+1), 0.0
	for i := range kernel {
		d := float64(i-reach) / sigma
		kernel[i] = math.Exp(-d * d / 2)
		sum += kernel[i]
	}
	along := func(in []float64, dx, dy int) []float64 {
		out := make([]float64, len(in))
		for y := range h {
			for x := range w {
				for i, k := range kernel {
					u, v := min(max(x+(i-reach)*dx, 0), w-1), min(max(y+(i-reach)*dy, 0), h-1)
					out[y*w+x] += k / sum * in[v*w+u]
				}
			}
		}
		return out
	}
	return along(along(in, 1, 0), 0, 1)
}
