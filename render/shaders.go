//go:build !headless

package render

// programs are our own shaders: g3n's standard one ignores the colours of vertices. The light is that of light.go.
var programs = []struct{ name, vertex, fragment string }{
	{"surface", `
#include <attributes>
uniform mat4 ModelViewMatrix;
uniform mat3 NormalMatrix;
uniform mat4 MVP;
out vec3 toEye;
out vec3 normal;
out vec3 color;
void main() {
	toEye = -(ModelViewMatrix * vec4(VertexPosition, 1.0)).xyz;
	normal = NormalMatrix * VertexNormal;
	color = VertexColor;
	gl_Position = MVP * vec4(VertexPosition, 1.0);
}`, `
precision highp float;
in vec3 toEye;
in vec3 normal;
in vec3 color;
out vec4 FragColor;
void main() {
	vec3 n = normalize(normal);
	if (!gl_FrontFacing) n = -n;
	vec3 base = color;
#ifdef CLAY
	base = vec3(0.72, 0.70, 0.66);
#endif
#ifdef NORMALS
	FragColor = vec4(n * 0.5 + 0.5, 1.0);
	return;
#endif
	vec3 key = normalize(vec3(-0.45, 0.6, 0.65));
	vec3 fill = normalize(vec3(0.75, 0.1, 0.45));
	float light = 0.30 * (0.75 + 0.35 * n.y) + 0.72 * max(dot(n, key), 0.0) + 0.22 * max(dot(n, fill), 0.0);
	vec3 eye = normalize(toEye);
	float gloss = 0.06 * pow(max(dot(n, normalize(key + eye)), 0.0), 32.0);
	float rim = 0.10 * pow(1.0 - max(dot(n, eye), 0.0), 3.0);
	vec3 lit = pow(base, vec3(2.2)) * light + gloss + rim * vec3(0.6, 0.75, 1.0);
	if (!gl_FrontFacing) lit *= vec3(1.0, 0.45, 0.45);
	FragColor = vec4(pow(lit, vec3(1.0 / 2.2)), 1.0);
}`},
	{"edges", `
#include <attributes>
uniform mat4 MVP;
void main() { gl_Position = MVP * vec4(VertexPosition, 1.0); }`, `
precision highp float;
out vec4 FragColor;
void main() { FragColor = vec4(0.02, 0.03, 0.06, 0.45); }`},
	{"bed", `
#include <attributes>
uniform mat4 MVP;
out vec4 color;
void main() {
	color = vec4(VertexColor, VertexTexcoord.x);
	gl_Position = MVP * vec4(VertexPosition, 1.0);
}`, `
precision highp float;
in vec4 color;
out vec4 FragColor;
void main() { FragColor = color; }`},
	{"ground", `
#include <attributes>
out float height;
void main() {
	height = VertexPosition.y * 0.5 + 0.5;
	gl_Position = vec4(VertexPosition.xy, 0.999999, 1.0);
}`, `
precision highp float;
in float height;
out vec4 FragColor;
void main() { FragColor = vec4(mix(vec3(0.055, 0.060, 0.075), vec3(0.125, 0.140, 0.180), height), 1.0); }`},
}
