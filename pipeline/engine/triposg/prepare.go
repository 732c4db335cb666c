package triposg

import (
	"image"

	"orfeas/pipeline/engine/latent"
)

// The network was trained with its subject on white, a tenth of its longer side beside it.
const (
	margin = 0.1
	white  = 1
)

// prepared crops a picture whose alpha is the cut-out to what is covered at all, lays it over white and pads it to a
// square, a pixel more or less. It is nil when nothing is covered. Fractions are cut off, as the official code does.
func prepared(img *image.NRGBA) *image.NRGBA {
	box := latent.Covered(img)
	if box.Empty() {
		return nil
	}
	w, h := box.Dx(), box.Dy()
	px, py := padding(w, h)
	out := image.NewNRGBA(image.Rect(0, 0, w+2*px, h+2*py))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	for y := range h {
		for x := range w {
			from := img.Pix[img.PixOffset(box.Min.X+x, box.Min.Y+y):][:4]
			to := out.Pix[out.PixOffset(px+x, py+y):][:3]
			a := float32(from[3]) / 255
			for c := range to {
				v := float32(float32(from[c])/255*a) + float32(white*(1-a)) // the conversions keep products from being fused
				to[c] = uint8(255 * v)
			}
		}
	}
	return out
}

// padding is how much goes on the left and the right, and above and below.
func padding(w, h int) (x, y int) {
	if w > h {
		x = int(margin * float64(w))
		return x, int(float64(x) + float64(w-h)/2)
	}
	y = int(margin * float64(h))
	return int(float64(y) + float64(h-w)/2), y
}
