package texture

import "orfeas/pipeline/picture"

// labOf is a colour in CIE Lab, and ofLab the sRGB colour nearest to one.
func labOf(c [4]uint8) [3]float64 {
	light := func(k int) float64 { return picture.Linear(float64(c[k]) / 255) }
	return picture.Lab(light(0), light(1), light(2))
}

func ofLab(c [3]float64) [4]uint8 {
	unbend := func(t float64) float64 {
		if t*t*t > 216.0/24389 {
			return t * t * t
		}
		return (116*t - 16) * 27 / 24389
	}
	fy := (c[0] + 16) / 116
	x, y, z := 0.95047*unbend(fy+c[1]/500), unbend(fy), 1.08883*unbend(fy-c[2]/200)
	out := [4]uint8{3: 255}
	for k, l := range [3]float64{
		3.2404542*x - 1.5371385*y - 0.4985314*z, -0.9692660*x + 1.8760108*y + 0.0415560*z, 0.0556434*x - 0.2040259*y + 1.0572252*z,
	} {
		out[k] = uint8(255*picture.Gamma(min(max(l, 0), 1)) + 0.5)
	}
	return out
}
