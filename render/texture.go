//go:build !headless

package render

import (
	"image"
	"unsafe"

	"github.com/g3n/engine/gls"
	"github.com/go-gl/gl/v3.3-core/gl"
)

const textureUnit = 1

// upload makes an OpenGL texture of an image, with all smaller ones; it is read linear. One too large for the driver is
// halved until it fits.
func upload(gs *gls.GLS, img *image.NRGBA) uint32 {
	var most int32
	gl.GetIntegerv(gl.MAX_TEXTURE_SIZE, &most)
	for w, h := img.Rect.Dx(), img.Rect.Dy(); int32(max(w, h)) > most && most > 0; w, h = img.Rect.Dx(), img.Rect.Dy() {
		img = halved(img)
	}
	var id uint32
	gl.GenTextures(1, &id)
	bindTexture(gs, textureUnit, id)
	gl.PixelStorei(gl.UNPACK_ALIGNMENT, 1)
	gl.PixelStorei(gl.UNPACK_ROW_LENGTH, int32(img.Stride/4))
	at := img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y)
	gl.TexImage2D(gl.TEXTURE_2D, 0, gl.SRGB8_ALPHA8, int32(img.Rect.Dx()), int32(img.Rect.Dy()), 0, gl.RGBA, gl.UNSIGNED_BYTE, unsafe.Pointer(&img.Pix[at]))
	gl.PixelStorei(gl.UNPACK_ROW_LENGTH, 0)
	gl.GenerateMipmap(gl.TEXTURE_2D)
	gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR)
	gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR)
	gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
	gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
	return id
}

// halved takes every second pixel of every second row.
func halved(img *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, max(img.Rect.Dx()/2, 1), max(img.Rect.Dy()/2, 1)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			from := img.PixOffset(img.Rect.Min.X+2*x, img.Rect.Min.Y+2*y)
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[from:])
		}
	}
	return out
}
