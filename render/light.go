package render

import "math"

// The light is fixed to the camera: a warm key from the upper left, a cool fill from the right, a sky above and a darker
// ground below. The software renderer computes here what the shader computes.
var (
	keyLight   = unit([3]float64{-0.45, 0.6, 0.65})
	fillLight  = unit([3]float64{0.75, 0.1, 0.45})
	clayColor  = [3]float64{0.72, 0.70, 0.66} // sRGB
	skyAmount  = 0.30
	keyAmount  = 0.72
	fillAmount = 0.22
)

// lit returns the sRGB bytes of a surface with the given sRGB colour and unit normal in camera space.
func lit(color, n [3]float64) [3]uint8 {
	sky := skyAmount * (0.75 + 0.35*n[1])
	key := max(0, n[0]*keyLight[0]+n[1]*keyLight[1]+n[2]*keyLight[2])
	fill := max(0, n[0]*fillLight[0]+n[1]*fillLight[1]+n[2]*fillLight[2])
	half := unit([3]float64{keyLight[0], keyLight[1], keyLight[2] + 1})
	gloss := 0.06 * math.Pow(max(0, n[0]*half[0]+n[1]*half[1]+n[2]*half[2]), 32)
	var out [3]uint8
	for k := range 3 {
		l := linear(color[k])*(sky+keyAmount*key+fillAmount*fill) + gloss
		out[k] = uint8(255*min(max(gamma(l), 0), 1) + 0.5)
	}
	return out
}

func linear(s float64) float64 { return math.Pow(s, 2.2) }
func gamma(l float64) float64  { return math.Pow(max(l, 0), 1/2.2) }

func unit(a [3]float64) [3]float64 {
	l := math.Sqrt(a[0]*a[0] + a[1]*a[1] + a[2]*a[2])
	return [3]float64{a[0] / l, a[1] / l, a[2] / l}
}
