//go:build !headless

package render

// The styles of the surface program beside the modes.
const styleEdges = 3

type program struct{ name, vertex, fragment string }

// programs are our own shaders: g3n's standard one ignores the colours of vertices. Everything is premultiplied by its
// alpha, so that a transparent ground comes out right. The surface program draws the edges too, because g3n binds a
// geometry's attributes once, for the first program that draws it.
func programs() []program {
	return []program{
		{"surface", surfaceVertex, lightGLSL() + surfaceFragment},
		{"bed", bedVertex, bedFragment},
		{"ground", groundVertex, groundFragment},
	}
}

const surfaceVertex = `
#include <attributes>
uniform mat3 NormalMatrix;
uniform mat4 MVP;
uniform int Style;
out vec3 turned;
out vec3 normal;
out vec3 color;
void main() {
	turned = NormalMatrix * VertexNormal;
	normal = VertexNormal;
	color = VertexColor;
	gl_Position = MVP * vec4(VertexPosition, 1.0);
	if (Style == 3) gl_Position.z -= 2e-4 * gl_Position.w; // edges lie in front of their faces
}`

const surfaceFragment = `
in vec3 turned;
in vec3 normal;
in vec3 color;
uniform int Style;
uniform float Strength;
out vec4 FragColor;
void main() {
	if (Style == 3) {
		FragColor = vec4(vec3(0.02, 0.03, 0.05) * Strength, Strength);
		return;
	}
	float side = gl_FrontFacing ? 1.0 : -1.0;
	if (Style == 2) {
		FragColor = vec4(normalize(normal) * side * 0.5 + 0.5, 1.0);
		return;
	}
	FragColor = vec4(gamma(lit(Style == 1 ? CLAY : color, normalize(turned) * side)), 1.0);
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
	over(c, vec3(0.52, 0.58, 0.70), 0.09 * edge);
	over(c, vec3(0.62, 0.68, 0.80), 0.14 * edge * max(fine.x, fine.y));
	over(c, vec3(0.66, 0.72, 0.84), 0.26 * edge * max(bold.x, bold.y));
	over(c, vec3(0.86, 0.30, 0.30), 0.60 * edge * axis.y);
	over(c, vec3(0.35, 0.76, 0.40), 0.60 * edge * axis.x);
	if (ShadowAt.z > 0.0) {
		vec2 t = (at - ShadowAt.xy) / ShadowAt.z;
		if (all(greaterThan(t, vec2(0.0))) && all(lessThan(t, vec2(1.0))))
			over(c, vec3(0.0), 0.8 * texture(Shadow, t).r);
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
