package picture

import (
	"image"
	"math"
)

// labOf converts opaque sRGB to CIE Lab under D65, L in 0..100, so that distances are roughly what the eye sees.
func labOf(img *image.NRGBA) [][3]float32 {
	var linear [256]float64
	for i := range linear {
		if v := float64(i) / 255; v <= 0.04045 {
			linear[i] = v / 12.92
		} else {
			linear[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	bend := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	out := make([][3]float32, img.Rect.Dx()*img.Rect.Dy())
	for p := range out {
		r, g, b := linear[img.Pix[4*p]], linear[img.Pix[4*p+1]], linear[img.Pix[4*p+2]]
		x := bend((0.4124564*r + 0.3575761*g + 0.1804375*b) / 0.95047)
		y := bend(0.2126729*r + 0.7151522*g + 0.0721750*b)
		z := bend((0.0193339*r + 0.1191920*g + 0.9503041*b) / 1.08883)
		out[p] = [3]float32{float32(116*y - 16), float32(500 * (x - y)), float32(200 * (y - z))}
	}
	return out
}
