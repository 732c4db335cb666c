//go:build !headless

package render

import "fmt"

// The styles of the surface program beside the modes.
const styleEdges = 16

type program struct{ name, vertex, fragment string }

// programs are our own shaders: g3n's standard one ignores the colours of vertices. Everything is premultiplied by its
// alpha, so that a transparent ground comes out right. A surface has one for each of its looks, since software OpenGL
// works out every branch of a shader, taken or not; g3n compiles one when it is first used.
func programs() []program {
	all := []program{
		{"bed", bedVertex, bedFragment},
		{"ground", groundVertex, groundFragment},
		{"occlusion", groundVertex, occlusionFragment},
		{"darken", groundVertex, darkenFragment},
	}
	for _, style := range []int{int(Colors), int(Solid), int(Clay), int(Normals), int(Overhang), int(Thickness), styleEdges} {
		for _, cut := range []bool{false, true} {
			for _, textured := range []bool{false, true} {
				if textured && style != int(Colors) {
					continue
				}
				defines := fmt.Sprintf("#define STYLE %d\n", style)
				if cut {
					defines += "#define CUT\n"
				}
				if textured {
					defines += "#define TEXTURED\n"
				}
				all = append(all, program{surfaceProgram(style, cut, textured), defines + surfaceVertex, defines + lightGLSL() + heatGLSL() + surfaceFragment})
			}
		}
	}
	return all
}

func surfaceProgram(style int, cut, textured bool) string {
	return fmt.Sprintf("surface-%d-%t-%t", style, cut, textured)
}

// surfaceVertex uses every attribute, if only for nothing: g3n binds those of a geometry once, as the first program that
// draws it asks.
const surfaceVertex = `
#include <attributes>
uniform mat3 NormalMatrix;
uniform mat4 MVP;
#if STYLE != 16
out vec3 turned;
#endif
#if STYLE == 3
out vec3 normal;
#endif
#ifdef TEXTURED
out vec2 texel;
#elif STYLE == 0 || STYLE == 5
out vec3 color;
#endif
#if defined(CUT) || STYLE == 4
out vec3 at;
#endif
void main() {
	gl_Position = MVP * vec4(VertexPosition, 1.0);
	gl_Position.z += 1e-30 * (VertexNormal.x + VertexColor.x + VertexTexcoord.x);
#if STYLE == 16
	gl_Position.z -= 2e-4 * gl_Position.w; // edges lie in front of their faces
#else
	turned = NormalMatrix * VertexNormal;
#endif
#if STYLE == 3
	normal = VertexNormal;
#endif
#ifdef TEXTURED
	texel = VertexTexcoord;
#elif STYLE == 0 || STYLE == 5
	color = VertexColor;
#endif
#if defined(CUT) || STYLE == 4
	at = VertexPosition;
#endif
}`

// surfaceFragment draws a face by its STYLE, a Mode or styleEdges. Cut is a plane's normal and offset: what lies beyond is
// gone. Behind the plane the first face of a closed mesh is one seen from inside, so painting the insides as a flat
// face at the place where the ray meets the plane closes the cut. In thickness maps the red of a colour is the value.
const surfaceFragment = `
#if STYLE != 16
in vec3 turned;
#endif
#if STYLE == 3
in vec3 normal;
#endif
#ifdef TEXTURED
in vec2 texel;
uniform sampler2D Texture;
#elif STYLE == 0 || STYLE == 5
in vec3 color;
#endif
#if defined(CUT) || STYLE == 4
in vec3 at;
#endif
uniform float Strength;
uniform float Limit;
uniform float Lowest;
uniform vec4 Cut;
uniform vec4 CutEye;  // a point on the ray and 1, or its direction and 0
uniform vec3 CutTurned;
uniform float Hatch;  // mm
out vec4 FragColor;
#if defined(CUT) && STYLE != 16
vec3 cap() {
	vec3 tint = STYLE >= 4 ? vec3(0.42, 0.44, 0.50) : vec3(0.86, 0.45, 0.20);
	vec3 dir = CutEye.w > 0.5 ? at - CutEye.xyz : CutEye.xyz;
	float t = (Cut.w - dot(Cut.xyz, at)) / dot(Cut.xyz, dir);
	vec3 p = at + dir * t;
	float x = (p.x + p.y + p.z) / Hatch;
	float line = abs(fract(x) - 0.5) / max(fwidth(x), 1e-6);
	if (dot(Cut.xyz, dir) >= 0.0) return tint * 0.6; // an open mesh from its inside
	return tint * (0.72 + 0.28 * max(CutTurned.z, 0.0)) * (1.0 - 0.28 * (1.0 - smoothstep(0.4, 1.4, line)));
}
#endif
#if STYLE == 4
vec3 leaning(vec3 n) {
	float lean = degrees(asin(clamp(-n.z, -1.0, 1.0)));
	if (lean > Limit + 0.05) {
		if (at.z <= Lowest + BED) return ON_BED;
		return overhangColor((lean - Limit) / max(90.0 - Limit, 1.0));
	}
	return mix(NO_OVERHANG, SOME_LEAN, clamp(lean / max(Limit, 1.0), 0.0, 1.0));
}
#endif
void main() {
#if STYLE == 16
	#ifdef CUT
	if (dot(at, Cut.xyz) > Cut.w || !gl_FrontFacing) discard;
	#endif
	FragColor = vec4(vec3(0.02, 0.03, 0.05) * Strength, Strength);
#else
	// What takes derivatives comes before anything is discarded.
	#if STYLE == 4
	vec3 facing = normalize(cross(dFdx(at), dFdy(at)));
	#endif
	#ifdef CUT
	vec3 closed = cap();
	if (dot(at, Cut.xyz) > Cut.w) discard;
	if (!gl_FrontFacing) {
		FragColor = vec4(closed, 1.0);
		return;
	}
	#endif
	float side = gl_FrontFacing ? 1.0 : -1.0;
	vec3 n = normalize(turned) * side;
	#if STYLE == 1
	FragColor = vec4(gamma(lit(PLASTIC, n)), 1.0);
	#elif STYLE == 2
	FragColor = vec4(gamma(matt(CLAY, n) * 1.06), 1.0);
	#elif STYLE == 3
	FragColor = vec4(normalize(normal) * side * 0.5 + 0.5, 1.0);
	#elif STYLE == 4
	FragColor = vec4(soft(leaning(facing * side), n), 1.0);
	#elif STYLE == 5
	FragColor = vec4(soft(thicknessColor(color.r), n), 1.0);
	#elif defined(TEXTURED)
	FragColor = vec4(gamma(lit(texture(Texture, texel).rgb, n)), 1.0);
	#else
	FragColor = vec4(gamma(lit(color, n)), 1.0);
	#endif
#endif
}`

const bedVertex = `
#include <attributes>
uniform mat4 MVP;
uniform float Half;
out vec2 at;
void main() {
	at = VertexPosition.xy * Half;
	gl_Position = MVP * vec4(at, 0.0, 1.0);
	gl_Position.z += 2e-5 * gl_Position.w; // a mesh that stands on the bed wins
}`

const bedFragment = `
in vec2 at;
uniform float Half;
uniform float Above;
uniform float Bright; // 1 on a bright ground, where the lines are dark
uniform sampler2D Shadow;
uniform vec3 ShadowAt;
out vec4 FragColor;
// strokes is the coverage of lines of the given width in pixels, gone where they would run into each other.
vec2 strokes(float every, float width) {
	vec2 g = at / every, d = max(fwidth(g), 1e-6);
	vec2 away = abs(fract(g - 0.5) - 0.5) / d;
	return (1.0 - smoothstep(width * 0.5 - 0.5, width * 0.5 + 0.5, away)) * (1.0 - smoothstep(0.12, 0.4, d));
}
void over(inout vec4 below, vec3 color, float alpha) { below = below * (1.0 - alpha) + vec4(color, 1.0) * alpha; }
void main() {
	float edge = 1.0 - smoothstep(0.55, 1.0, length(at) / Half);
	vec2 fine = strokes(10.0, 1.2), bold = strokes(50.0, 1.5);
	vec2 axis = 1.0 - smoothstep(0.4, 1.4, abs(at) / max(fwidth(at), 1e-6));
	vec4 c = vec4(0.0);
	vec3 ink = mix(vec3(0.62, 0.68, 0.80), vec3(0.20, 0.24, 0.32), Bright);
	over(c, ink, 0.08 * edge);
	over(c, ink, 0.14 * edge * max(fine.x, fine.y));
	over(c, ink, 0.27 * edge * max(bold.x, bold.y));
	over(c, vec3(0.86, 0.30, 0.30), 0.60 * edge * axis.y);
	over(c, vec3(0.35, 0.76, 0.40), 0.60 * edge * axis.x);
	if (ShadowAt.z > 0.0) {
		vec2 t = (at - ShadowAt.xy) / ShadowAt.z;
		if (all(greaterThan(t, vec2(0.0))) && all(lessThan(t, vec2(1.0))))
			over(c, vec3(0.0), (0.8 - 0.35 * Bright) * texture(Shadow, t).r);
	}
	FragColor = c * Above;
}`

const groundVertex = `
#include <attributes>
out float height;
void main() {
	height = VertexPosition.y * 0.5 + 0.5;
	gl_Position = vec4(VertexPosition.xy, 0.999999, 1.0);
}`

const groundFragment = `
in float height;
uniform vec3 TopColor;
uniform vec3 LowColor;
out vec4 FragColor;
void main() {
	// Half a step of ordered noise hides the bands of a dark gradient.
	float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))) - 0.5;
	FragColor = vec4(mix(LowColor, TopColor, height) + noise / 255.0, 1.0);
}`
