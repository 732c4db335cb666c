package engine

import (
	"image"
	"math"

	"orfeas/pipeline/picture"
)

const (
	// SculptSide is the side of the square grid on which the network of sculpt sees a subject, SculptPlanes how many
	// planes of bytes it sees of it.
	SculptSide   = 96
	SculptPlanes = 5

	sculptCells = SculptSide - 2*frameCells - 2 // that the longer side of the subject takes; one more is for rounding
)

// SculptView is a subject as the network sees it, in the middle of the grid: node (i,j) lies at X + i Scale, Y + j Scale on
// the picture, in pixels from its corner.
type SculptView struct {
	// Planes is [SculptPlanes, SculptSide, SculptSide]: red, green and blue, times coverage; coverage; and the height of
	// the inflated silhouette, 255 being half the longer side. tools/train makes the network's examples with the same code.
	Planes      []uint8
	X, Y, Scale float64
}

// NewSculptView looks at a subject. It is nil when nothing is covered.
func NewSculptView(sub *picture.Subject) *SculptView {
	s := outline(sub.Matte, sculptCells)
	if s == nil {
		return nil
	}
	left, top := (SculptSide-s.w)/2, (SculptSide-s.h)/2
	v := &SculptView{Planes: make([]uint8, SculptPlanes*SculptSide*SculptSide), Scale: s.scale}
	v.X, v.Y = s.pixel(-left, -top)
	const half = sculptCells / 2.0
	ball := roundness(s)
	square := spread(ball, ball, s, 2)
	for j := range s.h {
		for i := range s.w {
			p, q := j*s.w+i, (top+j)*SculptSide+left+i
			x, y := s.pixel(i, j)
			for k, c := range premultiplied(sub, x, y, s.scale) {
				v.Planes[k*SculptSide*SculptSide+q] = uint8(255*c + 0.5)
			}
			v.Planes[3*SculptSide*SculptSide+q] = uint8(255*(s.cover[p]+0.5) + 0.5)
			v.Planes[4*SculptSide*SculptSide+q] = uint8(255*min(math.Sqrt(square[p])/half, 1) + 0.5)
		}
	}
	return v
}

// premultiplied is the colour at a place of the subject times its coverage, 0 to 1, under the same tent as [sampler]'s.
func premultiplied(sub *picture.Subject, x, y, scale float64) (rgb [3]float64) {
	r := max(scale, 1)
	x, y = x-0.5, y-0.5
	var weight float64
	for v := int(math.Ceil(y - r)); float64(v) < y+r; v++ {
		wy := r - math.Abs(float64(v)-y)
		for u := int(math.Ceil(x - r)); float64(u) < x+r; u++ {
			w := wy * (r - math.Abs(float64(u)-x))
			weight += w
			if (image.Point{X: u, Y: v}).In(sub.Matte.Rect) {
				w *= float64(sub.Matte.Pix[sub.Matte.PixOffset(u, v)])
				c := sub.Color.Pix[sub.Color.PixOffset(u, v):]
				for k := range rgb {
					rgb[k] += w * float64(c[k])
				}
			}
		}
	}
	for k := range rgb {
		rgb[k] /= max(weight, 1e-9) * 255 * 255
	}
	return rgb
}

// Half is half the longer side of the subject, the unit of depth, in pixels.
func (v *SculptView) Half() float64 { return sculptCells / 2.0 * v.Scale }
