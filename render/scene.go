//go:build !headless

package render

import (
	"fmt"

	"github.com/g3n/engine/core"
	"github.com/g3n/engine/geometry"
	"github.com/g3n/engine/gls"
	"github.com/g3n/engine/graphic"
	"github.com/g3n/engine/material"
	"github.com/g3n/engine/math32"
	"github.com/g3n/engine/renderer"
	"github.com/go-gl/gl/v3.3-core/gl"
)

// scene is the g3n side of a view. All of it runs on the view's thread.
type scene struct {
	gs       *gls.GLS
	renderer *renderer.Renderer
	root     *core.Node
	ground   *graphic.Mesh
	bed      *graphic.Lines
	bedSize  float32
	full     [3]*graphic.Mesh // per mode
	wire     *graphic.Mesh
	draft    [3]*graphic.Mesh // a coarse stand-in, nil where the full mesh is small
	reach    float32          // how far the mesh or the bed goes from the middle
}

func newScene(c glContext) (*scene, string, error) {
	if err := gl.InitWithProcAddrFunc(c.proc); err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrNoGL, err)
	}
	gs, err := gls.New()
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrNoGL, err)
	}
	gs.SetCheckErrors(false) // or the library ends the process at the first OpenGL error
	s := &scene{gs: gs, renderer: renderer.NewRenderer(gs), root: core.NewNode()}
	if err := s.renderer.AddDefaultShaders(); err != nil { // for the attributes our shaders include
		return nil, "", fmt.Errorf("compile shaders: %w", err)
	}
	for _, p := range programs {
		s.renderer.AddShader(p.name+"_vertex", p.vertex)
		s.renderer.AddShader(p.name+"_fragment", p.fragment)
		s.renderer.AddProgram(p.name, p.name+"_vertex", p.name+"_fragment")
	}
	s.renderer.SetObjectSorting(false)
	s.ground = newGround()
	s.root.Add(s.ground)
	s.setMesh(nil)
	return s, c.name() + ", " + gl.GoStr(gl.GetString(gl.RENDERER)), nil
}

// newMaterial names the shader and what the preprocessor is to see.
func newMaterial(shader string, defines ...string) *material.Standard {
	m := material.NewStandard(&math32.Color{R: 1, G: 1, B: 1})
	m.SetShader(shader)
	m.SetUseLights(material.UseLightNone)
	m.SetSide(material.SideDouble)
	for _, d := range defines {
		m.ShaderDefines.Set(d, "1")
	}
	return m
}

// newGround is a triangle that covers the frame, behind everything.
func newGround() *graphic.Mesh {
	g := geometry.NewGeometry()
	g.AddVBO(gls.NewVBO(math32.ArrayF32{-1, -1, 0, 3, -1, 0, -1, 3, 0}).AddAttrib(gls.VertexPosition))
	m := newMaterial("ground") // at the far end of the depth range: g3n draws it last, where nothing else is
	m.SetDepthMask(false)
	return uncullable(graphic.NewMesh(g, m))
}

// uncullable keeps g3n from leaving a mesh out by its bounding sphere, which it would compute anew from every vertex.
func uncullable(m *graphic.Mesh) *graphic.Mesh {
	m.SetCullable(false)
	return m
}

func (s *scene) setMesh(p *parts) {
	for _, m := range append(append(s.full[:], s.draft[:]...), s.wire) {
		if m != nil {
			s.root.Remove(m)
			m.Dispose()
		}
	}
	s.full, s.draft, s.wire = [3]*graphic.Mesh{}, [3]*graphic.Mesh{}, nil
	size := float32(200)
	if p != nil {
		size = max(size, 1.4*p.extent)
		full := p.full.geometry()
		s.full = shaded(full)
		wire := newMaterial("edges")
		wire.SetWireframe(true)
		wire.SetTransparent(true)
		wire.SetDepthMask(false)
		s.wire = uncullable(graphic.NewMesh(full.Incref(), wire))
		s.draft = s.full
		if p.draft != nil {
			s.draft = shaded(p.draft.geometry())
		}
	}
	s.layBed(size)
	seen := map[*graphic.Mesh]bool{nil: true}
	for _, m := range append(append(s.full[:], s.draft[:]...), s.wire) {
		if !seen[m] {
			seen[m] = true
			s.root.Add(m)
		}
	}
}

// shaded makes one mesh per mode over one geometry.
func shaded(g *geometry.Geometry) (out [3]*graphic.Mesh) {
	for mode, defines := range [][]string{Colors: nil, Clay: {"CLAY"}, Normals: {"NORMALS"}} {
		if mode > 0 {
			g.Incref()
		}
		m := newMaterial("surface", defines...)
		m.SetPolygonOffset(1, 1) // leaves room for the edges
		out[mode] = uncullable(graphic.NewMesh(g, m))
	}
	return out
}

// layBed draws the grid anew when its size changes.
func (s *scene) layBed(size float32) {
	if size == s.bedSize {
		return
	}
	if s.bed != nil {
		s.root.Remove(s.bed)
		s.bed.Dispose()
	}
	s.bedSize, s.reach = size, size
	m := newMaterial("bed")
	m.SetTransparent(true)
	m.SetDepthMask(false)
	s.bed = graphic.NewLines(bedLines(size), m)
	s.bed.SetCullable(false)
	s.root.Add(s.bed)
}

// matrices is a camera in the form g3n asks for.
type matrices struct{ view, projection math32.Matrix4 }

func (m matrices) ViewMatrix(to *math32.Matrix4) { *to = m.view }
func (m matrices) ProjMatrix(to *math32.Matrix4) { *to = m.projection }

func (s *scene) draw(c Camera, sh Shading, w, h int) error {
	for i := range s.full {
		show := func(m *graphic.Mesh, on bool) {
			if m != nil {
				m.SetVisible(on)
			}
		}
		now := Mode(i) == sh.Mode
		if s.draft[i] != s.full[i] {
			show(s.draft[i], now && sh.Draft)
			show(s.full[i], now && !sh.Draft)
		} else {
			show(s.full[i], now)
		}
	}
	if s.wire != nil {
		s.wire.SetVisible(sh.Wireframe && !sh.Draft)
	}
	s.bed.SetVisible(sh.Bed)
	s.gs.Viewport(0, 0, int32(w), int32(h))
	s.gs.Clear(gls.COLOR_BUFFER_BIT | gls.DEPTH_BUFFER_BIT)
	return s.renderer.Render(s.root, matrices{math32.Matrix4(c.View()), math32.Matrix4(c.Projection(float32(w)/float32(h), s.reach))})
}
