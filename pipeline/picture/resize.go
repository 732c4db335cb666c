package picture

import (
	"image"
	"math"
)

// Thumbnail returns the picture scaled down to fit a square of the given side, never up.
func Thumbnail(img image.Image, side int) *image.NRGBA {
	small, _ := shrink(toNRGBA(img), max(side, 1))
	return small
}

// shrink scales the picture so that its longer side is at most side; scale is picture pixels per pixel of the result.
// Every pixel of the result is the mean of those it covers, weighed by alpha and by how much of each it covers.
func shrink(img *image.NRGBA, side int) (small *image.NRGBA, scale float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	long := max(w, h)
	if long <= side {
		return img, 1
	}
	scale = float64(long) / float64(side)
	toW, toH := max(1, int(float64(w)/scale+0.5)), max(1, int(float64(h)/scale+0.5))
	out := image.NewNRGBA(image.Rect(0, 0, toW, toH))
	columns := spans(w, toW)
	lines := spans(h, toH)
	rows(toH, func(y int) {
		sum := make([]float32, 4*w)
		for v := lines[y].first; v <= lines[y].last; v++ {
			f := lines[y].weight(v)
			line := img.Pix[v*img.Stride : v*img.Stride+4*w]
			for i := 0; i < len(line); i += 4 {
				a := f * float32(line[i+3])
				sum[i] += a * float32(line[i])
				sum[i+1] += a * float32(line[i+1])
				sum[i+2] += a * float32(line[i+2])
				sum[i+3] += a
			}
		}
		for x, s := range columns {
			var c [4]float32
			var n float32
			for u := s.first; u <= s.last; u++ {
				f := s.weight(u)
				n += f
				for k := range c {
					c[k] += f * sum[4*u+k]
				}
			}
			to := out.Pix[y*out.Stride+4*x:][:4]
			if c[3] > 0 {
				to[0], to[1], to[2] = uint8(c[0]/c[3]+0.5), uint8(c[1]/c[3]+0.5), uint8(c[2]/c[3]+0.5)
			}
			to[3] = uint8(c[3]/(n*lines[y].total) + 0.5)
		}
	})
	return out, scale
}

// span is the range of samples one sample of a smaller row covers; the two at its ends only in part.
type span struct {
	first, last int
	head, tail  float32
	total       float32
}

func (s *span) weight(i int) float32 {
	switch {
	case i == s.first:
		return s.head
	case i == s.last:
		return s.tail
	}
	return 1
}

func spans(n, to int) []span {
	out := make([]span, to)
	for i := range out {
		a, b := float64(i)*float64(n)/float64(to), float64(i+1)*float64(n)/float64(to)
		s := span{first: int(a), last: min(int(math.Ceil(b))-1, n-1)}
		s.head, s.tail = float32(math.Min(b, float64(s.first+1))-a), float32(b-float64(s.last))
		s.total = float32(b - a)
		out[i] = s
	}
	return out
}
