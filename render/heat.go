package render

import (
	"fmt"
	"math"
	"strings"
)

// ramp is a scale of sRGB colours over values from 0 to 1, mixed linearly between its stops.
type ramp []stop

type stop struct {
	at    float32
	color [3]float32
}

// The heat maps. Both say red for what will give trouble. Thickness is logarithmic, for between 0.4 and 0.8 mm lies more
// than between 10 and 11; the overhang's 0 is the limit, its 1 a ceiling.
var (
	thicknessRamp = ramp{
		{0, [3]float32{0.62, 0.07, 0.16}}, {0.15, [3]float32{0.90, 0.24, 0.16}}, {0.30, [3]float32{0.97, 0.62, 0.20}},
		{0.45, [3]float32{0.93, 0.87, 0.36}}, {0.62, [3]float32{0.40, 0.77, 0.48}}, {0.82, [3]float32{0.20, 0.60, 0.75}},
		{1, [3]float32{0.24, 0.36, 0.70}}}
	overhangRamp = ramp{
		{0, [3]float32{0.98, 0.83, 0.32}}, {0.4, [3]float32{0.97, 0.55, 0.20}}, {1, [3]float32{0.84, 0.13, 0.17}}}
	noOverhang = [3]float32{0.60, 0.65, 0.72}
	someLean   = [3]float32{0.55, 0.72, 0.62} // leans out, but within the limit
	onTheBed   = [3]float32{0.33, 0.47, 0.72}
)

// thinnestShown and thickestShown are the ends of the thickness scale in mm.
const thinnestShown, thickestShown = 0.2, 20.0

const defaultLimit = 45 // degrees

// bedLayer is how high in mm above the lowest point a surface still lies on the bed, as a certificate says.
const bedLayer = 0.2

func (r ramp) color(t float32) [3]float32 {
	if !(t > r[0].at) {
		return r[0].color
	}
	for i, b := range r[1:] {
		if a := r[i]; t <= b.at {
			k := (t - a.at) / (b.at - a.at)
			var c [3]float32
			for j := range c {
				c[j] = a.color[j] + k*(b.color[j]-a.color[j])
			}
			return c
		}
	}
	return r[len(r)-1].color
}

// glsl declares the ramp as a function of a float.
func (r ramp) glsl(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "vec3 %s(float t) {\n\tvec3 c = %s;\n", name, vec3(r[0].color))
	for i, s := range r[1:] {
		fmt.Fprintf(&b, "\tc = mix(c, %s, clamp((t - %.4f) / %.4f, 0.0, 1.0));\n", vec3(s.color), r[i].at, s.at-r[i].at)
	}
	return b.String() + "\treturn c;\n}\n"
}

func vec3(c [3]float32) string { return fmt.Sprintf("vec3(%.4f, %.4f, %.4f)", c[0], c[1], c[2]) }

// thicknessAt is the place of a wall on the thickness scale, 0 to 1.
func thicknessAt(mm float64) float32 {
	return float32(min(max(math.Log(mm/thinnestShown)/math.Log(thickestShown/thinnestShown), 0), 1))
}

// heatGLSL declares what the surface's shader needs for the heat maps.
func heatGLSL() string {
	return thicknessRamp.glsl("thicknessColor") + overhangRamp.glsl("overhangColor") + fmt.Sprintf(`
const float BED = %.4f;
const vec3 NO_OVERHANG = %s, SOME_LEAN = %s, ON_BED = %s;
// soft keeps a heat map's colours recognisable and lets the shape show.
vec3 soft(vec3 color, vec3 n) { return color * (0.62 + 0.38 * clamp(n.z, 0.0, 1.0)); }
`, bedLayer, vec3(noOverhang), vec3(someLean), vec3(onTheBed))
}
