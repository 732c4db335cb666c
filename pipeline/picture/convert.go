package picture

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// toNRGBA converts to straight 8-bit alpha, with bounds at (0,0). It may return img itself.
func toNRGBA(img image.Image) *image.NRGBA {
	b := img.Bounds()
	size := image.Rect(0, 0, b.Dx(), b.Dy())
	switch src := img.(type) {
	case *image.NRGBA:
		if b.Min == (image.Point{}) && src.Stride == 4*b.Dx() {
			return src
		}
	case *image.NRGBA64: // through premultiplied colours, as draw goes, those under a thin alpha would be lost
		out := image.NewNRGBA(size)
		rows(b.Dy(), func(y int) {
			from, to := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):], out.Pix[out.PixOffset(0, y):]
			for i := range 4 * b.Dx() {
				to[i] = from[2*i]
			}
		})
		return out
	case *image.Paletted:
		return unindexed(src, size)
	}
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		// Opaque colours are the same premultiplied or not, and package draw is fast only to the former.
		out := image.NewRGBA(size)
		rows(b.Dy(), func(y int) {
			draw.Draw(out, image.Rect(0, y, b.Dx(), y+1), img, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		})
		return &image.NRGBA{Pix: out.Pix, Stride: out.Stride, Rect: out.Rect}
	}
	out := image.NewNRGBA(size)
	draw.Draw(out, size, img, b.Min, draw.Src)
	return out
}

func unindexed(src *image.Paletted, size image.Rectangle) *image.NRGBA {
	var table [256]color.NRGBA
	for i, c := range src.Palette {
		table[i&255] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	out := image.NewNRGBA(size)
	rows(size.Dy(), func(y int) {
		from, to := src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y+y):], out.Pix[out.PixOffset(0, y):]
		for x := range size.Dx() {
			c := table[from[x]]
			to[4*x], to[4*x+1], to[4*x+2], to[4*x+3] = c.R, c.G, c.B, c.A
		}
	})
	return out
}

// toGray16 keeps the exact samples of a greyscale image, v*257 for 8 bits; nil for colours.
func toGray16(img image.Image) *image.Gray16 {
	b := img.Bounds()
	out := image.NewGray16(image.Rect(0, 0, b.Dx(), b.Dy()))
	switch src := img.(type) {
	case *image.Gray:
		for y := range b.Dy() {
			from, to := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):], out.Pix[out.PixOffset(0, y):]
			for x := range b.Dx() {
				to[2*x], to[2*x+1] = from[x], from[x]
			}
		}
	case *image.Gray16:
		for y := range b.Dy() {
			copy(out.Pix[out.PixOffset(0, y):][:2*b.Dx()], src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):])
		}
	default:
		return nil
	}
	return out
}

const (
	nearlyClear  = 16  // alpha below which a pixel is not there
	nearlySolid  = 240 // and from which it is
	shareOfAlpha = 200 // one in so many pixels, half a percent, must be either for alpha to be a cut-out
)

// hasCutout reports whether the alpha channel says what is subject: a good part of the picture is clear, and a good
// part is solid.
func hasCutout(img *image.NRGBA) bool {
	clear, solid := 0, 0
	for i := 3; i < len(img.Pix); i += 4 {
		if img.Pix[i] < nearlyClear {
			clear++
		} else if img.Pix[i] >= nearlySolid {
			solid++
		}
	}
	least := len(img.Pix) / 4 / shareOfAlpha
	return clear > least && solid > least
}

// flatten lays a picture whose alpha is no cut-out on white, as it would be seen on paper. invisible is true when nothing can
// be seen.
func flatten(img *image.NRGBA) (flat *image.NRGBA, invisible bool) {
	least, most := uint8(255), uint8(0)
	for i := 3; i < len(img.Pix); i += 4 {
		least, most = min(least, img.Pix[i]), max(most, img.Pix[i])
	}
	if least == 255 {
		return img, false
	}
	out := image.NewNRGBA(img.Rect)
	for i := 0; i < len(img.Pix); i += 4 {
		a := uint32(img.Pix[i+3])
		for k := range 3 {
			out.Pix[i+k] = uint8((uint32(img.Pix[i+k])*a + 255*(255-a) + 127) / 255)
		}
		out.Pix[i+3] = 255
	}
	return out, most < nearlyClear
}
