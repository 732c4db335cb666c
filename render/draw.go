//go:build !headless

package render

import (
	"context"
	"image/color"
	"math"

	"github.com/g3n/engine/gls"
	"github.com/g3n/engine/graphic"
	"github.com/g3n/engine/math32"
	"github.com/go-gl/gl/v3.3-core/gl"
)

// matrices is a camera in the form g3n asks for.
type matrices struct{ view, projection math32.Matrix4 }

func (m matrices) ViewMatrix(to *math32.Matrix4) { *to = m.view }
func (m matrices) ProjMatrix(to *math32.Matrix4) { *to = m.projection }

// draw makes a frame in the framebuffer that is bound. ctx is looked at between the parts of a large mesh.
func (s *scene) draw(ctx context.Context, c Camera, sh Shading, w, h int) error {
	lo, hi := c.Target, c.Target
	var surface layer
	if s.model != nil {
		lo, hi = s.model.lo, s.model.hi
		surface = s.choose(&sh)
		s.dress(surface.paint, c, sh, int(sh.Mode))
		s.dress(s.edges.paint, c, sh, styleEdges)
		// Edges closer than a few pixels would cover the surface altogether.
		apart := float64(s.model.edge * float32(h) / (2 * c.Distance * c.tan()))
		s.edges.paint.set("Strength", float32(0.55*min(max((apart-1)/9, 0.12), 1)))
	}
	lo, hi = s.layBed(c, sh, lo, hi)
	if sh.Background == [2]color.NRGBA{} {
		sh.Background = darkGround
	}
	s.ground.paint.set("TopColor", rgb(sh.Background[0])...)
	s.ground.paint.set("LowColor", rgb(sh.Background[1])...)
	s.gs.Viewport(0, 0, int32(w), int32(h))
	s.gs.ClearColor(0, 0, 0, 0)
	s.gs.DepthMask(true)
	s.gs.Clear(gls.COLOR_BUFFER_BIT | gls.DEPTH_BUFFER_BIT)
	s.near, s.far = c.planes(lo, hi)
	see := matrices{c.View(), c.projection(float32(w)/float32(h), s.near, s.far)}

	// What is transparent comes last, so the ground and the bed between the surface and its edges.
	steps := surface.parts
	steps = append(steps[:len(steps):len(steps)], nil)
	if sh.Wireframe && !sh.Draft {
		steps = append(steps, s.edges.parts...)
	}
	for i, part := range steps {
		s.showOnly(part, part == nil && !sh.Transparent, part == nil && sh.Bed)
		if err := s.renderer.Render(s.root, see); err != nil {
			return err
		}
		if len(steps) > 4 && i < len(steps)-1 {
			gl.Finish()
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// choose returns the layer that is drawn; a thickness map that is not there becomes a plain solid.
func (s *scene) choose(sh *Shading) layer {
	switch {
	case sh.Mode == Thickness && s.heat.parts == nil:
		sh.Mode = Solid
	case sh.Mode == Thickness && sh.Draft:
		return s.cool
	case sh.Mode == Thickness:
		return s.heat
	}
	if sh.Draft {
		return s.draft
	}
	return s.full
}

func (s *scene) showOnly(part *graphic.Mesh, ground, bed bool) {
	for _, l := range []layer{s.full, s.edges, s.draft, s.heat, s.cool} {
		for _, m := range l.parts {
			m.SetVisible(m == part)
		}
	}
	s.ground.mesh.SetVisible(ground)
	s.bed.mesh.SetVisible(bed)
}

// dress gives a paint what the shading asks for.
func (s *scene) dress(p *paint, c Camera, sh Shading, style int) {
	textured := s.texture != 0 && p == s.full.paint && style == int(Colors)
	p.SetShader(surfaceProgram(style, sh.Section.On, textured))
	if textured {
		p.setInt("Texture", textureUnit)
		bindTexture(s.gs, textureUnit, s.texture)
	}
	p.set("Limit", sh.limit())
	p.set("Lowest", s.model.lo[2])
	if !sh.Section.On {
		return
	}
	normal, at := sh.Section.plane()
	right, up, back := c.axes()
	p.set("Cut", normal[0], normal[1], normal[2], at)
	p.set("CutTurned", dot(normal, right), dot(normal, up), dot(normal, back))
	if c.Orthographic {
		p.set("CutEye", -back[0], -back[1], -back[2], 0)
	} else {
		e := c.Eye()
		p.set("CutEye", e[0], e[1], e[2], 1)
	}
	// Lines about a hundredth of the view apart, in steps of two, so that they stay while one zooms a little.
	p.set("Hatch", float32(math.Exp2(math.Round(math.Log2(float64(c.Distance*c.tan()*0.035))))))
}

// layBed makes the bed ready and returns the box grown by it.
func (s *scene) layBed(c Camera, sh Shading, lo, hi [3]float32) (_, _ [3]float32) {
	if !sh.Bed {
		return lo, hi
	}
	half := sh.BedSize / 2
	if !(half > 0) {
		reach := max(abs(lo[0]), abs(hi[0]), abs(lo[1]), abs(hi[1]))
		half = max(110, 10*float32(math.Ceil(float64(reach)*0.14)))
	}
	half = min(half, 1e6)
	above := float32(1)
	if c.Eye()[2] < 0 {
		above = 0.3 // seen through from below
	}
	s.bed.paint.set("Half", half)
	s.bed.paint.set("Above", above)
	bright := float32(0)
	if g := sh.groundAt(0.5); g[1] > 128 {
		bright = 1
	}
	s.bed.paint.set("Bright", bright)
	s.bed.paint.set("ShadowAt", 0, 0, 0)
	if s.model != nil {
		s.bindShadow()
		s.bed.paint.set("ShadowAt", s.model.shadow.x, s.model.shadow.y, s.model.shadow.side)
	}
	for k := range 2 {
		lo[k], hi[k] = min(lo[k], -half), max(hi[k], half)
	}
	lo[2], hi[2] = min(lo[2], 0), max(hi[2], 0)
	return lo, hi
}

func rgb(c color.NRGBA) []float32 {
	return []float32{float32(c.R) / 255, float32(c.G) / 255, float32(c.B) / 255}
}
