package render

import (
	"fmt"
	"math"
)

// The light of a studio, fixed to the camera: sky above and ground below, a warm key from the upper left, a cool soft
// fill from the right, and a rim where the surface turns away. Colours are linear. The software renderer computes lit
// here, the shader the same formula from the same numbers (lightGLSL).
var (
	skyLight    = [3]float64{0.25, 0.28, 0.33}
	groundLight = [3]float64{0.065, 0.058, 0.052}
	keyFrom     = unit([3]float64{-0.60, 0.65, 0.50})
	keyLight    = [3]float64{0.84, 0.79, 0.72}
	fillFrom    = unit([3]float64{0.80, 0.05, 0.45})
	fillLight   = [3]float64{0.12, 0.15, 0.20}
	rimLight    = [3]float64{0.24, 0.28, 0.34}
	half        = unit([3]float64{keyFrom[0], keyFrom[1], keyFrom[2] + 1}) // Blinn 1977
	clay        = [3]float64{linear(0.77), linear(0.74), linear(0.70)}
	plastic     = [3]float64{linear(0.50), linear(0.60), linear(0.74)}
)

const (
	gloss, glossPower = 0.10, 48 // a tight highlight ...
	sheen, sheenPower = 0.05, 8  // ... in a broad one, as on satin plastic
	rimPower          = 3
)

// lit returns the sRGB bytes of a surface with the given linear colour and unit normal in camera space.
func lit(color, n [3]float64) [3]uint8 {
	up, key, fill := 0.5+0.5*n[1], max(0, inner(n, keyFrom)), max(0, inner(n, fillFrom))
	h := max(0, inner(n, half))
	shine := gloss*math.Pow(h, glossPower) + sheen*math.Pow(h, sheenPower)
	rim := math.Pow(1-min(max(n[2], 0), 1), rimPower) * (0.4 + 0.6*up)
	var out [3]uint8
	for k := range 3 {
		light := groundLight[k] + up*(skyLight[k]-groundLight[k]) + key*keyLight[k] + fill*fillLight[k]
		out[k] = uint8(255*gamma(color[k]*light+shine+rim*rimLight[k]*(0.25+0.75*color[k])) + 0.5)
	}
	return out
}

// lightGLSL declares matt and lit(linear colour, normal) and gamma for the shaders.
func lightGLSL() string {
	vec := func(v [3]float64) string { return fmt.Sprintf("vec3(%.6f, %.6f, %.6f)", v[0], v[1], v[2]) }
	return fmt.Sprintf(`
vec3 gamma(vec3 l) {
	l = clamp(l, 0.0, 1.0);
	return mix(12.92 * l, 1.055 * pow(l, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, l));
}
vec3 matt(vec3 color, vec3 n) {
	return color * (mix(%s, %s, 0.5 + 0.5 * n.y) + max(dot(n, %s), 0.0) * %s + max(dot(n, %s), 0.0) * %s);
}
vec3 lit(vec3 color, vec3 n) {
	float up = 0.5 + 0.5 * n.y;
	float h = max(dot(n, %s), 0.0);
	float shine = %.3f * pow(h, %d.0) + %.3f * pow(h, %d.0);
	float rim = pow(1.0 - clamp(n.z, 0.0, 1.0), %d.0) * (0.4 + 0.6 * up);
	return matt(color, n) + shine + rim * %s * (0.25 + 0.75 * color);
}
const vec3 CLAY = %s, PLASTIC = %s;
`, vec(groundLight), vec(skyLight), vec(keyFrom), vec(keyLight), vec(fillFrom), vec(fillLight), vec(half),
		gloss, glossPower, sheen, sheenPower, rimPower, vec(rimLight), vec(clay), vec(plastic))
}

// linear and gamma are the sRGB transfer function, IEC 61966-2-1, and its inverse.
func linear(s float64) float64 {
	if s <= 0.04045 {
		return s / 12.92
	}
	return math.Pow((s+0.055)/1.055, 2.4)
}

func gamma(l float64) float64 {
	l = min(max(l, 0), 1)
	if l <= 0.0031308 {
		return 12.92 * l
	}
	return 1.055*math.Pow(l, 1/2.4) - 0.055
}

func inner(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func unit(a [3]float64) [3]float64 {
	l := math.Sqrt(inner(a, a))
	return [3]float64{a[0] / l, a[1] / l, a[2] / l}
}
