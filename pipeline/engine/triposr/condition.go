package triposr

import (
	"image"

	"orfeas/pipeline/engine/dino"
)

// The picture the network was trained on has its subject on grey, and a margin round it.
const (
	foregroundRatio = 0.85
	grey            = 0.5
)

// condition makes the network's input of a picture whose alpha is the cut-out: size x size RGB from 0 to 1, channels
// last. It is nil when nothing is covered. A picture that is covered everywhere is taken as it is, padded to a square.
//
// ratio is how much of the frame's side the subject takes.
func condition(img *image.NRGBA, ratio float64, size int) []float32 {
	if covered(img) {
		img = padded(img, max(img.Rect.Dx(), img.Rect.Dy()))
	} else if img = framed(img, ratio); img == nil {
		return nil
	}
	rgb := over(img, grey)
	x := make([]float32, len(rgb))
	for i, v := range rgb {
		x[i] = float32(v) / 255
	}
	return dino.Bilinear(x, img.Rect.Dx(), img.Rect.Dy(), 3, size, size)
}

func covered(img *image.NRGBA) bool {
	for i := 3; i < len(img.Pix); i += 4 {
		if img.Pix[i] != 255 {
			return false
		}
	}
	return true
}

// framed crops to what is covered at all and pads it to a square of which that is the given ratio. As in the official
// code the last row and column that are covered are lost.
func framed(img *image.NRGBA, ratio float64) *image.NRGBA {
	box := image.Rectangle{Min: img.Rect.Max, Max: img.Rect.Min}
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			if img.Pix[img.PixOffset(x, y)+3] > 0 {
				box.Min.X, box.Min.Y = min(box.Min.X, x), min(box.Min.Y, y)
				box.Max.X, box.Max.Y = max(box.Max.X, x), max(box.Max.Y, y)
			}
		}
	}
	if box.Dx() <= 0 || box.Dy() <= 0 {
		return nil
	}
	side := max(box.Dx(), box.Dy())
	return padded(padded(img.SubImage(box).(*image.NRGBA), side), int(float64(side)/ratio))
}

// padded puts the picture in the middle of a transparent square, the smaller half of what remains before it.
func padded(img *image.NRGBA, side int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	x, y := (side-img.Rect.Dx())/2, (side-img.Rect.Dy())/2
	for j := range img.Rect.Dy() {
		copy(out.Pix[out.PixOffset(x, y+j):], img.Pix[j*img.Stride:][:4*img.Rect.Dx()])
	}
	return out
}

// over lays the picture over a grey, RGB. Fractions are cut off, as the official code does.
func over(img *image.NRGBA, grey float32) []uint8 {
	out := make([]uint8, 0, len(img.Pix)/4*3)
	for i := 0; i+3 < len(img.Pix); i += 4 {
		a := float32(img.Pix[i+3]) / 255
		for _, c := range img.Pix[i : i+3] {
			v := float32(float32(c)/255*a) + float32((1-a)*grey) // the conversions keep products from being fused
			out = append(out, uint8(v*255))
		}
	}
	return out
}
