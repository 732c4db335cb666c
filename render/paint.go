//go:build !headless

package render

import (
	"github.com/g3n/engine/gls"
	"github.com/g3n/engine/material"
)

// paint is a g3n material with one of our shaders and the numbers it takes.
type paint struct {
	material.Material
	floats map[string]*number
	blend  bool
	dim    bool // multiplies what is there
}

// number is a uniform of one to four floats, or one integer.
type number struct {
	uniform gls.Uniform
	v       []float32
	integer bool
}

func newPaint(shader string, blend bool) *paint {
	p := &paint{floats: map[string]*number{}, blend: blend}
	p.Init()
	p.SetShader(shader)
	p.SetShaderUnique(true)
	p.SetUseLights(material.UseLightNone)
	p.SetSide(material.SideDouble) // open meshes have insides too
	p.SetBlending(material.BlendNone)
	p.SetTransparent(blend)
	p.SetDepthMask(!blend)
	return p
}

func (p *paint) number(name string) *number {
	n := p.floats[name]
	if n == nil {
		n = &number{}
		n.uniform.Init(name)
		p.floats[name] = n
	}
	return n
}

func (p *paint) set(name string, v ...float32) { p.number(name).v = v }

func (p *paint) setInt(name string, i int) {
	n := p.number(name)
	n.v, n.integer = []float32{float32(i)}, true
}

// RenderSetup is what g3n calls before it draws. Its own blending squares alpha, so ours is set after it.
func (p *paint) RenderSetup(gs *gls.GLS) {
	p.Material.RenderSetup(gs)
	if p.blend {
		gs.Enable(gls.BLEND)
		gs.BlendEquation(gls.FUNC_ADD)
		gs.BlendFunc(gls.ONE, gls.ONE_MINUS_SRC_ALPHA)
	}
	if p.dim {
		gs.Enable(gls.BLEND)
		gs.BlendEquation(gls.FUNC_ADD)
		gs.BlendFunc(gls.ZERO, gls.SRC_COLOR)
	}
	for _, n := range p.floats {
		at := n.uniform.Location(gs)
		switch {
		case n.integer:
			gs.Uniform1i(at, int32(n.v[0]))
		case len(n.v) == 1:
			gs.Uniform1f(at, n.v[0])
		case len(n.v) == 3:
			gs.Uniform3f(at, n.v[0], n.v[1], n.v[2])
		case len(n.v) == 4:
			gs.Uniform4f(at, n.v[0], n.v[1], n.v[2], n.v[3])
		}
	}
}
