package texture

import "math"

// labOf is a colour in CIE Lab under D65, and ofLab the sRGB colour nearest to one.
func labOf(c [4]uint8) [3]float64 {
	var l [3]float64
	for k := range l {
		if l[k] = float64(c[k]) / 255; l[k] <= 0.04045 {
			l[k] /= 12.92
		} else {
			l[k] = math.Pow((l[k]+0.055)/1.055, 2.4)
		}
	}
	bend := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := bend((0.4124564*l[0] + 0.3575761*l[1] + 0.1804375*l[2]) / 0.95047)
	y := bend(0.2126729*l[0] + 0.7151522*l[1] + 0.0721750*l[2])
	z := bend((0.0193339*l[0] + 0.1191920*l[1] + 0.9503041*l[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
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
		if l = min(max(l, 0), 1); l <= 0.0031308 {
			l *= 12.92
		} else {
			l = 1.055*math.Pow(l, 1/2.4) - 0.055
		}
		out[k] = uint8(255*l + 0.5)
	}
	return out
}
