package picture

import (
	"image"
	"math"
)

// Linear is the light of an sRGB value, both 0 to 1 (IEC 61966-2-1), and Gamma the value of a light.
func Linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// Gamma is the inverse of [Linear].
func Gamma(l float64) float64 {
	if l <= 0.0031308 {
		return 12.92 * l
	}
	return 1.055*math.Pow(l, 1/2.4) - 0.055
}

// Lab is linear light, each channel 0 to 1, in CIE Lab under D65: L in 0..100, distances roughly what the eye sees.
func Lab(r, g, b float64) [3]float64 {
	bend := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := bend((0.4124564*r + 0.3575761*g + 0.1804375*b) / 0.95047)
	y := bend(0.2126729*r + 0.7151522*g + 0.0721750*b)
	z := bend((0.0193339*r + 0.1191920*g + 0.9503041*b) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// labOf converts opaque sRGB to CIE Lab.
func labOf(img *image.NRGBA) [][3]float32 {
	var linear [256]float64
	for i := range linear {
		linear[i] = Linear(float64(i) / 255)
	}
	out := make([][3]float32, img.Rect.Dx()*img.Rect.Dy())
	for p := range out {
		c := Lab(linear[img.Pix[4*p]], linear[img.Pix[4*p+1]], linear[img.Pix[4*p+2]])
		out[p] = [3]float32{float32(c[0]), float32(c[1]), float32(c[2])}
	}
	return out
}
