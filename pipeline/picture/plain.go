package picture

import (
	"context"
	"image"
	"math"
	"slices"
)

// segment finds the subject of a picture without alpha: directly when the background is of one colour, by graph cuts
// otherwise. The result is soft at the edge.
func segment(ctx context.Context, img *image.NRGBA, scribble *image.Gray, step func(string, float64)) (*image.Gray, string, error) {
	if scribble == nil {
		step("looking for a plain background", 0.05)
		if m := plainMatte(img); m != nil {
			return m, "a plain background, told by its colour", nil
		}
	}
	m, err := grabCut(ctx, img, scribble, step)
	return m, "segmentation by colour models and graph cuts", err
}

// The thresholds of a plain background, in 8-bit colour distance.
const (
	plainSpread = 10.0 // most of the border lies this near its median
	plainShare  = 0.90
	softFrom    = 8.0  // nearer than this is background
	softTo      = 34.0 // farther than this is subject
)

// plainMatte cuts out what differs from the background when nearly all of the border is of one colour, nil when it is
// not, or when nothing would be left. Shadows, greyer versions of a light background that lie soft at the subject's
// foot, count as background.
func plainMatte(img *image.NRGBA) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w < 8 || h < 8 {
		return nil
	}
	back, ok := borderColor(img)
	if !ok {
		return nil
	}
	out := image.NewGray(img.Rect)
	var covered int
	for p := range w * h {
		c := img.Pix[4*p : 4*p+3]
		d := distance(c, back)
		if shadow(c, back) {
			d *= 0.35
		}
		v := (d - softFrom) / (softTo - softFrom)
		out.Pix[p] = uint8(255*min(max(v, 0), 1) + 0.5)
		if out.Pix[p] >= 128 {
			covered++
		}
	}
	if covered*2000 < w*h {
		return nil
	}
	solidify(out)
	return out
}

// borderColor returns the median colour of the border, and whether the border is plain.
func borderColor(img *image.NRGBA) ([3]float64, bool) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	ring := max(1, min(w, h)/100)
	var at []int
	for y := range h {
		for x := range w {
			if x < ring || y < ring || x >= w-ring || y >= h-ring {
				at = append(at, 4*(y*w+x))
			}
		}
	}
	var median [3]float64
	values := make([]uint8, len(at))
	for k := range 3 {
		for i, p := range at {
			values[i] = img.Pix[p+k]
		}
		slices.Sort(values)
		median[k] = float64(values[len(values)/2])
	}
	near := 0
	for _, p := range at {
		if distance(img.Pix[p:p+3], median) < plainSpread {
			near++
		}
	}
	return median, float64(near) >= plainShare*float64(len(at))
}

func distance(c []uint8, to [3]float64) float64 {
	var sum float64
	for k := range 3 {
		d := float64(c[k]) - to[k]
		sum += d * d
	}
	return math.Sqrt(sum)
}

// shadow reports whether a colour is a light background made a little darker: all channels down by the same share.
func shadow(c []uint8, back [3]float64) bool {
	if min(back[0], back[1], back[2]) < 200 {
		return false
	}
	lo, hi := math.Inf(1), 0.0
	for k := range 3 {
		f := float64(c[k]) / back[k]
		lo, hi = min(lo, f), max(hi, f)
	}
	return lo > 0.72 && hi <= 1.01 && hi-lo < 0.04
}

// solidify makes the inside of a subject whole: background that is neither connected to the border nor clearly
// background is a highlight, and is filled. Clear background inside stays a hole, such as the handle of a mug.
func solidify(m *image.Gray) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	reached := make([]bool, w*h)
	var stack, region []int
	flood := func(start int) {
		region = region[:0]
		stack = append(stack[:0], start)
		reached[start] = true
		for len(stack) > 0 {
			p := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			region = append(region, p)
			x, y := p%w, p/w
			for _, n := range [4][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				if n[0] < 0 || n[1] < 0 || n[0] >= w || n[1] >= h {
					continue
				}
				if q := n[1]*w + n[0]; !reached[q] && m.Pix[q] < 128 {
					reached[q] = true
					stack = append(stack, q)
				}
			}
		}
	}
	for p := range m.Pix {
		x, y := p%w, p/w
		if m.Pix[p] < 128 && !reached[p] && (x == 0 || y == 0 || x == w-1 || y == h-1) {
			flood(p)
		}
	}
	for p := range m.Pix {
		if m.Pix[p] >= 128 || reached[p] {
			continue
		}
		flood(p)
		clear := 0
		for _, q := range region {
			if m.Pix[q] == 0 {
				clear++
			}
		}
		if len(region)*2500 < w*h || clear*10 < len(region)*7 {
			for _, q := range region {
				m.Pix[q] = 255
			}
		}
	}
	// Half-transparent glints deep inside are subject too: only an edge may be soft.
	for p, v := range m.Pix {
		if v >= 128 && v < 255 && deep(m, p%w, p/w, w, h) {
			m.Pix[p] = 255
		}
	}
}

// deep reports whether all neighbours two pixels away are more than half covered.
func deep(m *image.Gray, x, y, w, h int) bool {
	if x < 2 || y < 2 || x >= w-2 || y >= h-2 {
		return false
	}
	for _, o := range [8]int{-2, 2, -2 * w, 2 * w, -w - 1, -w + 1, w - 1, w + 1} {
		if m.Pix[y*w+x+o] < 128 {
			return false
		}
	}
	return true
}
