package picture

import (
	"image"
	"math"
	"slices"
)

// background is a plain background: per channel a quadratic over the picture, so that a vignette or a gradient is plain
// too, and how far the border strays from it.
type background struct {
	coef  [3][6]float64
	flat  bool    // one colour: only the constant terms are used
	noise float64 // 90th percentile of the border's distance from the model, in 8-bit steps
}

const (
	plainNoise = 10.0 // most of a plain border lies within this of its model
	plainShare = 0.92
)

// plainBackground fits the border, first by one colour and then by a smooth gradient; ok is false when neither explains
// nearly all of it.
func plainBackground(img *image.NRGBA) (b background, ok bool) {
	at := borderOf(img.Rect)
	values := make([]uint8, len(at))
	for k := range 3 {
		for i, p := range at {
			values[i] = img.Pix[4*p+k]
		}
		slices.Sort(values)
		b.coef[k][0] = float64(values[len(values)/2])
	}
	b.flat = true
	if b.explains(img, at) {
		return b, true
	}
	b.flat = false
	use := at
	for range 4 { // robustly: what strays, a subject cut by the border, is left out of the next fit
		if !b.fit(img, use) {
			return b, false
		}
		use = b.within(img, at)
		if float64(len(use)) < plainShare*0.9*float64(len(at)) {
			return b, false
		}
	}
	return b, b.explains(img, at)
}

// borderOf lists the pixels of a ring a hundredth of the picture wide.
func borderOf(r image.Rectangle) []int {
	w, h := r.Dx(), r.Dy()
	ring := max(1, min(w, h)/100)
	var at []int
	for y := range h {
		whole := y < ring || y >= h-ring
		for x := 0; x < w; x++ {
			if !whole && x == ring && ring < w-ring {
				x = w - ring
			}
			at = append(at, y*w+x)
		}
	}
	return at
}

// explains reports whether the model holds for the border, and measures its noise.
func (b *background) explains(img *image.NRGBA, at []int) bool {
	d := make([]float64, len(at))
	for i, p := range at {
		d[i] = b.distance(img, p)
	}
	slices.Sort(d)
	b.noise = d[len(d)*9/10]
	near, _ := slices.BinarySearch(d, plainNoise)
	return float64(near) >= plainShare*float64(len(d))
}

func (b *background) within(img *image.NRGBA, at []int) []int {
	var out []int
	for _, p := range at {
		if b.distance(img, p) < 2*plainNoise {
			out = append(out, p)
		}
	}
	return out
}

// terms are the monomials of the quadratic at pixel p, on [-1,1]².
func terms(w, h, p int) [6]float64 {
	x, y := 2*(float64(p%w)+0.5)/float64(w)-1, 2*(float64(p/w)+0.5)/float64(h)-1
	return [6]float64{1, x, y, x * x, x * y, y * y}
}

// at is the background's colour behind pixel p.
func (b *background) at(w, h, p int) (c [3]float64) {
	if b.flat {
		return [3]float64{b.coef[0][0], b.coef[1][0], b.coef[2][0]}
	}
	t := terms(w, h, p)
	for k := range c {
		for i, v := range t {
			c[k] += b.coef[k][i] * v
		}
	}
	return c
}

func (b *background) distance(img *image.NRGBA, p int) float64 {
	c := b.at(img.Rect.Dx(), img.Rect.Dy(), p)
	var sum float64
	for k := range 3 {
		d := float64(img.Pix[4*p+k]) - c[k]
		sum += d * d
	}
	return math.Sqrt(sum)
}

// fit solves the normal equations of the three least-squares quadratics by Gauss-Jordan elimination.
func (b *background) fit(img *image.NRGBA, at []int) bool {
	var m [6][9]float64
	for _, p := range at {
		t := terms(img.Rect.Dx(), img.Rect.Dy(), p)
		for i := range 6 {
			for j := range 6 {
				m[i][j] += t[i] * t[j]
			}
			for k := range 3 {
				m[i][6+k] += t[i] * float64(img.Pix[4*p+k])
			}
		}
	}
	for i := range 6 {
		pivot := i
		for j := i + 1; j < 6; j++ {
			if math.Abs(m[j][i]) > math.Abs(m[pivot][i]) {
				pivot = j
			}
		}
		m[i], m[pivot] = m[pivot], m[i]
		if math.Abs(m[i][i]) < 1e-6 {
			return false
		}
		for j := range 6 {
			if j == i {
				continue
			}
			f := m[j][i] / m[i][i]
			for k := i; k < 9; k++ {
				m[j][k] -= f * m[i][k]
			}
		}
	}
	for k := range 3 {
		for i := range 6 {
			b.coef[k][i] = m[i][6+k] / m[i][i]
		}
	}
	return true
}
