//go:build !headless

package render

import (
	"fmt"

	"github.com/g3n/engine/core"
	"github.com/g3n/engine/gls"
	"github.com/go-gl/gl/v3.3-core/gl"
)

// occlusion darkens hollows after a frame is drawn, from its depths alone, so that the triangles do not matter: the
// ambient obscurance of McGuire et al. 2011 with the samples on a spiral, and a blur over the 4 x 4 pixels whose spirals
// are turned differently.
type occlusion struct {
	find, dim     solid
	first, second *core.Node
	shades        uint32 // texture
	into          uint32 // framebuffer over shades
	w, h          int
}

const (
	depthUnit, shadeUnit = 2, 3
	occlusionReach       = 0.16 // of the mesh's size
)

func newOcclusion() *occlusion {
	o := &occlusion{first: core.NewNode(), second: core.NewNode()}
	o.find = newSolid(flat(-1, -1, 3, -1, -1, 3), newPaint("occlusion", false))
	o.dim = newSolid(flat(-1, -1, 3, -1, -1, 3), newPaint("darken", true))
	o.dim.paint.dim, o.dim.paint.blend = true, false
	for _, s := range []solid{o.find, o.dim} {
		s.paint.SetDepthTest(false)
		s.paint.SetDepthMask(false)
		s.paint.setInt("Depth", depthUnit)
		s.paint.setInt("Shades", shadeUnit)
	}
	o.first.Add(o.find.mesh)
	o.second.Add(o.dim.mesh)
	return o
}

// darken multiplies the target's resolved picture, which draw made; size is that of the mesh in mm.
func (s *scene) darken(t *target, c Camera, size float32) error {
	o := s.occlusion
	if err := o.resize(s.gs, t.w, t.h); err != nil {
		return err
	}
	tan := c.tan()
	flatView := float32(0)
	if c.Orthographic {
		tan, flatView = tan*c.Distance, 1
	}
	o.find.paint.set("Lens", tan*float32(t.w)/float32(t.h), tan, flatView)
	o.find.paint.set("Range", s.near, s.far, size*occlusionReach)
	for _, p := range []*paint{o.find.paint, o.dim.paint} {
		p.set("Pixel", 1/float32(t.w), 1/float32(t.h), float32(t.h))
	}
	bindTexture(s.gs, depthUnit, t.plain.depth)
	gl.BindFramebuffer(gl.FRAMEBUFFER, o.into)
	if err := s.renderer.Render(o.first, matrices{c.View(), c.View()}); err != nil {
		return err
	}
	bindTexture(s.gs, shadeUnit, o.shades)
	gl.BindFramebuffer(gl.FRAMEBUFFER, t.wash)
	err := s.renderer.Render(o.second, matrices{c.View(), c.View()})
	bindTexture(s.gs, depthUnit, 0)
	bindTexture(s.gs, shadeUnit, 0)
	return err
}

func bindTexture(gs *gls.GLS, unit int, id uint32) {
	gs.ActiveTexture(uint32(gls.TEXTURE0 + unit))
	gs.BindTexture(gls.TEXTURE_2D, id)
}

func (o *occlusion) resize(gs *gls.GLS, w, h int) error {
	if w == o.w && h == o.h {
		return nil
	}
	if o.into == 0 {
		gl.GenFramebuffers(1, &o.into)
		gl.GenTextures(1, &o.shades)
	}
	bindTexture(gs, shadeUnit, o.shades)
	gl.TexImage2D(gl.TEXTURE_2D, 0, gl.R8, int32(w), int32(h), 0, gl.RED, gl.UNSIGNED_BYTE, nil)
	gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
	gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
	gl.BindFramebuffer(gl.FRAMEBUFFER, o.into)
	gl.FramebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, o.shades, 0)
	if s := gl.CheckFramebufferStatus(gl.FRAMEBUFFER); s != gl.FRAMEBUFFER_COMPLETE {
		return fmt.Errorf("framebuffer of %d x %d for the occlusion: status %#x", w, h, s)
	}
	o.w, o.h = w, h
	return nil
}

const occlusionFragment = `
uniform sampler2D Depth;
uniform vec3 Lens;   // half the frame's width and height at distance one, or of the whole where rays are parallel (z = 1)
uniform vec3 Range;  // near and far plane, reach, mm
uniform vec3 Pixel;  // width and height of one, and how many are in a column
out vec4 FragColor;
vec3 place(vec2 uv) {
	float d = texture(Depth, uv).r;
	float z = Lens.z > 0.5 ? mix(Range.x, Range.y, d) : Range.x * Range.y / (Range.y - d * (Range.y - Range.x));
	return vec3((uv * 2.0 - 1.0) * Lens.xy * (Lens.z > 0.5 ? 1.0 : z), -z);
}
// slope is the difference to the neighbour that lies on the same surface, the nearer one of two.
vec3 slope(vec3 p, vec2 uv, vec2 step) {
	vec3 a = place(uv + step) - p, b = p - place(uv - step);
	return abs(a.z) < abs(b.z) ? a : b;
}
void main() {
	vec2 uv = gl_FragCoord.xy * Pixel.xy;
	if (texture(Depth, uv).r >= 1.0) {
		FragColor = vec4(1.0);
		return;
	}
	vec3 p = place(uv);
	vec3 n = normalize(cross(slope(p, uv, vec2(Pixel.x, 0.0)), slope(p, uv, vec2(0.0, Pixel.y))));
	float reach = Range.z;
	float pixels = clamp(reach / (2.0 * Lens.y * (Lens.z > 0.5 ? 1.0 : -p.z)) * Pixel.z, 3.0, 0.25 * Pixel.z);
	vec2 cell = mod(floor(gl_FragCoord.xy), 4.0);
	float turn = (cell.x + 4.0 * mod(cell.y * 5.0 + cell.x * 2.0, 4.0)) / 16.0;
	float sum = 0.0;
	for (int i = 0; i < 12; i++) {
		float f = (float(i) + 0.3 + 0.6 * turn) / 12.0;
		float angle = (float(i) * 0.3819660 + turn) * 6.2831853;
		vec2 to = uv + vec2(cos(angle), sin(angle)) * f * pixels * Pixel.xy;
		vec3 v = place(to) - p;
		float vv = dot(v, v);
		float fall = max(1.0 - vv / (reach * reach), 0.0);
		sum += max(dot(v, n) * inversesqrt(vv + 1e-6) - 0.08, 0.0) * fall;
	}
	FragColor = vec4(pow(clamp(1.0 - sum * 2.4 / 12.0, 0.0, 1.0), 1.3));
}`

const darkenFragment = `
uniform sampler2D Shades;
uniform sampler2D Depth;
uniform vec3 Pixel;
out vec4 FragColor;
void main() {
	vec2 uv = gl_FragCoord.xy * Pixel.xy;
	float here = texture(Depth, uv).r;
	float sum = 0.0, n = 0.0;
	for (int j = -2; j < 2; j++) for (int i = -2; i < 2; i++) {
		vec2 to = uv + (vec2(float(i), float(j)) + 0.5) * Pixel.xy;
		float w = step(abs(texture(Depth, to).r - here), 0.01) + 1e-4;
		sum += w * texture(Shades, to).r;
		n += w;
	}
	FragColor = vec4(vec3(sum / n), 1.0);
}`
