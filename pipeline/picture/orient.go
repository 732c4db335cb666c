package picture

import "image"

// source tells which stored pixel is at (x,y) of the upright picture, for a stored picture of w x h.
func source(turn, x, y, w, h int) (int, int) {
	switch turn {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

func uprightSize(turn int, r image.Rectangle) image.Rectangle {
	if turn >= 5 {
		return image.Rect(0, 0, r.Dy(), r.Dx())
	}
	return image.Rect(0, 0, r.Dx(), r.Dy())
}

func upright(img *image.NRGBA, turn int) *image.NRGBA {
	if turn == 1 {
		return img
	}
	out := image.NewNRGBA(uprightSize(turn, img.Rect))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			u, v := source(turn, x, y, img.Rect.Dx(), img.Rect.Dy())
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[img.PixOffset(u, v):])
		}
	}
	return out
}

func uprightGray(img *image.Gray16, turn int) *image.Gray16 {
	if turn == 1 {
		return img
	}
	out := image.NewGray16(uprightSize(turn, img.Rect))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			u, v := source(turn, x, y, img.Rect.Dx(), img.Rect.Dy())
			copy(out.Pix[out.PixOffset(x, y):][:2], img.Pix[img.PixOffset(u, v):])
		}
	}
	return out
}
