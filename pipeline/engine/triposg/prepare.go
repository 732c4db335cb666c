package triposg

import "image"

// The network was trained with its subject on white, a tenth of its longer side beside it.
const (
	margin = 0.1
	white  = 1
)

// prepared crops a picture whose alpha is the cut-out to what is covered at all, lays it over white and pads it to a
// square, a pixel more or less. It is nil when nothing is covered. Fractions are cut off, as the official code does.
func prepared(img *image.NRGBA) *image.NRGBA {
	box := image.Rectangle{Min: img.Rect.Max, Max: img.Rect.Min}
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			if img.Pix[img.PixOffset(x, y)+3] > 0 {
				box.Min.X, box.Min.Y = min(box.Min.X, x), min(box.Min.Y, y)
				box.Max.X, box.Max.Y = max(box.Max.X, x+1), max(box.Max.Y, y+1)
			}
		}
	}
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
