package picture

import "image"

// edgeMatte turns a hard background into soft coverage: pixels at the edge are mixtures of the background and the
// colour of the subject close by, and their share is read off the line between the two.
func edgeMatte(outer []bool, diff [][3]float32, w, h int) *image.Gray {
	depth := depths(outer, w, h)
	m := image.NewGray(image.Rect(0, 0, w, h))
	rows(h, func(y int) {
		for x := range w {
			p := y*w + x
			if d := depth[p]; d > 2 {
				m.Pix[p] = 255
				continue
			} else if d == 0 && !besides(outer, x, y, w, h) {
				continue
			}
			m.Pix[p] = uint8(255*share(diff, depth, x, y, w, h) + 0.5)
		}
	})
	return m
}

// depths counts, up to three, the steps from each pixel to the background.
func depths(outer []bool, w, h int) []uint8 {
	depth := make([]uint8, w*h)
	for p, o := range outer {
		if !o {
			depth[p] = 3
		}
	}
	for level := uint8(1); level < 3; level++ {
		for p, d := range depth {
			if d != 3 {
				continue
			}
			x, y := p%w, p/w
			if x > 0 && depth[p-1] == level-1 || x < w-1 && depth[p+1] == level-1 ||
				y > 0 && depth[p-w] == level-1 || y < h-1 && depth[p+w] == level-1 {
				depth[p] = level
			}
		}
	}
	return depth
}

// besides reports whether one of the eight neighbours is not background.
func besides(outer []bool, x, y, w, h int) bool {
	for v := max(y-1, 0); v <= min(y+1, h-1); v++ {
		for u := max(x-1, 0); u <= min(x+1, w-1); u++ {
			if !outer[v*w+u] {
				return true
			}
		}
	}
	return false
}

// share projects a pixel's colour on the way from the background to the subject's colour nearby, which is that of the
// deepest pixel in reach, and of the deepest the strongest.
func share(diff [][3]float32, depth []uint8, x, y, w, h int) float32 {
	var best [3]float32
	var deepest uint8
	var strength float32
	for v := max(y-2, 0); v <= min(y+2, h-1); v++ {
		for u := max(x-2, 0); u <= min(x+2, w-1); u++ {
			q := v*w + u
			if depth[q] == 0 || depth[q] < deepest {
				continue
			}
			c := diff[q]
			s := c[0]*c[0] + c[1]*c[1] + c[2]*c[2]
			if depth[q] > deepest || s > strength {
				best, deepest, strength = c, depth[q], s
			}
		}
	}
	if strength == 0 {
		return 0
	}
	c := diff[y*w+x]
	return min(max((c[0]*best[0]+c[1]*best[1]+c[2]*best[2])/strength, 0), 1)
}

// maxWithin is the largest value in a window of (2r+1)² pixels, one direction after the other.
func maxWithin(v []float32, w, h, r int) []float32 {
	across, out := make([]float32, len(v)), make([]float32, len(v))
	rows(h, func(y int) {
		for x := range w {
			m := v[y*w+x]
			for u := max(x-r, 0); u <= min(x+r, w-1); u++ {
				m = max(m, v[y*w+u])
			}
			across[y*w+x] = m
		}
	})
	rows(h, func(y int) {
		for x := range w {
			m := across[y*w+x]
			for u := max(y-r, 0); u <= min(y+r, h-1); u++ {
				m = max(m, across[u*w+x])
			}
			out[y*w+x] = m
		}
	})
	return out
}
