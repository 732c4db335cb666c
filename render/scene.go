//go:build !headless

package render

import (
	"fmt"
	"math"

	"github.com/g3n/engine/core"
	"github.com/g3n/engine/geometry"
	"github.com/g3n/engine/gls"
	"github.com/g3n/engine/graphic"
	"github.com/g3n/engine/math32"
	"github.com/g3n/engine/renderer"
	"github.com/go-gl/gl/v3.3-core/gl"

	"orfeas/pipeline/mesh"
)

// model is what becomes of a mesh before it reaches the view's thread.
type model struct {
	full, draft *surface // draft is nil where the full one is small
	shadow      *shadow
	lo, hi      [3]float32
	edge        float32 // mm, of a usual triangle
}

// newModel expects a checked mesh.
func newModel(m *mesh.Mesh) *model {
	out := &model{full: newSurface(m), shadow: newShadow(m)}
	if m.Texture != nil {
		out.full.unfold()
	}
	if p := proxy(painted(m)); p != nil {
		out.draft = newSurface(p)
	}
	out.lo, out.hi = m.Bounds()
	out.edge = float32(math.Sqrt(2 * m.Area() / float64(max(len(m.Triangles), 1))))
	return out
}

// scene is the g3n side of a view. All of it runs on the view's thread.
type scene struct {
	gs            *gls.GLS
	renderer      *renderer.Renderer
	root          *core.Node
	ground, bed   solid
	full, draft   layer // draft is full for a small mesh
	edges         layer // on the geometry of full
	heat, cool    layer // the thickness map and its draft; empty until there is one
	occlusion     *occlusion
	shadowTexture uint32
	texture       uint32 // of the mesh; 0 for none
	model         *model // what is shown, without its vertices; nil for nothing
	near, far     float32
}

// solid is a g3n mesh with our paint on it.
type solid struct {
	mesh  *graphic.Mesh
	paint *paint
}

func newSolid(g *geometry.Geometry, p *paint) solid {
	m := graphic.NewMesh(g, p)
	m.SetCullable(false)
	return solid{m, p}
}

// layer is a g3n mesh in parts that share its geometry and paint, so that drawing a large one can be stopped.
type layer struct {
	parts []*graphic.Mesh
	paint *paint
}

const partTriangles = 128 << 10

// lay makes a layer of a geometry, which it takes over, and adds it to the scene.
func (s *scene) lay(g *geometry.Geometry, triangles int, p *paint) layer {
	l := layer{paint: p}
	for from := 0; from < triangles; from += partTriangles {
		if from > 0 {
			g.Incref()
		}
		m := graphic.NewMesh(g, nil)
		m.AddMaterial(p, 3*from, 3*min(partTriangles, triangles-from))
		m.SetCullable(false) // or g3n reads every vertex for a bounding box
		s.root.Add(m)
		l.parts = append(l.parts, m)
	}
	return l
}

// drop takes layers out of the scene and empties them.
func (s *scene) drop(layers ...*layer) {
	for _, l := range layers {
		for _, m := range l.parts {
			if s.root.Remove(m) { // a draft may be the full layer, which is gone already
				m.Dispose()
			}
		}
		*l = layer{}
	}
}

func newScene(gs *gls.GLS) (*scene, error) {
	s := &scene{gs: gs, renderer: renderer.NewRenderer(gs), root: core.NewNode()}
	if err := s.renderer.AddDefaultShaders(); err != nil { // for the attributes our shaders include
		return nil, fmt.Errorf("prepare shaders: %w", err)
	}
	for _, p := range programs() {
		s.renderer.AddShader(p.name+"_vertex", p.vertex)
		s.renderer.AddShader(p.name+"_fragment", p.fragment)
		s.renderer.AddProgram(p.name, p.name+"_vertex", p.name+"_fragment")
	}
	s.renderer.SetObjectSorting(false)
	s.ground = newSolid(flat(-1, -1, 3, -1, -1, 3), newPaint("ground", false))
	s.ground.paint.SetDepthMask(false)
	s.bed = newSolid(flat(-1, -1, 1, -1, 1, 1, -1, -1, 1, 1, -1, 1), newPaint("bed", true))
	s.bed.paint.setInt("Shadow", 0)
	s.shadowTexture = gs.GenTexture()
	s.occlusion = newOcclusion()
	s.root.Add(s.ground.mesh) // g3n draws opaque things from the last to the first, so this only where nothing else is
	s.root.Add(s.bed.mesh)
	return s, nil
}

// flat is a geometry of points on z = 0.
func flat(xy ...float32) *geometry.Geometry {
	var v math32.ArrayF32
	for i := 0; i < len(xy); i += 2 {
		v = append(v, xy[i], xy[i+1], 0)
	}
	g := geometry.NewGeometry()
	g.AddVBO(gls.NewVBO(v).AddAttrib(gls.VertexPosition))
	return g
}

func (s *surface) geometry() *geometry.Geometry {
	width := 9
	if s.texture != nil {
		width = 11
	}
	v := make(math32.ArrayF32, 0, width*len(s.vertices))
	for _, p := range s.vertices {
		v = append(v, p.at[0], p.at[1], p.at[2], p.normal[0], p.normal[1], p.normal[2], p.color[0], p.color[1], p.color[2])
		if s.texture != nil {
			v = append(v, p.uv[0], p.uv[1])
		}
	}
	ids := make(math32.ArrayU32, 0, 3*len(s.triangles))
	for _, t := range s.triangles {
		ids = append(ids, t[:]...)
	}
	g := geometry.NewGeometry()
	g.SetIndices(ids)
	vbo := gls.NewVBO(v).AddAttrib(gls.VertexPosition).AddAttrib(gls.VertexNormal).AddAttrib(gls.VertexColor)
	if s.texture != nil {
		vbo.AddAttrib(gls.VertexTexcoord)
	}
	g.AddVBO(vbo)
	return g
}

func (s *scene) setMesh(m *model) {
	s.setHeat(nil)
	s.drop(&s.full, &s.edges, &s.draft)
	if s.texture != 0 {
		gl.DeleteTextures(1, &s.texture)
		s.texture = 0
	}
	s.model = m
	if m == nil {
		return
	}
	n := len(m.full.triangles)
	g := m.full.geometry()
	s.full = s.lay(g, n, newPaint("", false))
	s.edges = s.lay(g.Incref(), n, newPaint("", true))
	s.edges.paint.SetWireframe(true)
	s.draft = s.full
	if m.draft != nil {
		s.draft = s.lay(m.draft.geometry(), len(m.draft.triangles), newPaint("", false))
	}
	if m.full.texture != nil {
		s.texture = upload(s.gs, m.full.texture)
	}
	s.bindShadow()
	s.gs.TexImage2D(gls.TEXTURE_2D, 0, gls.RED, shadowPixels, shadowPixels, gls.RED, gls.UNSIGNED_BYTE, m.shadow.pixels)
	s.gs.TexParameteri(gls.TEXTURE_2D, gls.TEXTURE_MIN_FILTER, gls.LINEAR)
	s.gs.TexParameteri(gls.TEXTURE_2D, gls.TEXTURE_MAG_FILTER, gls.LINEAR)
	m.full, m.draft = nil, nil
}

// setHeat replaces the thickness map; nil for none.
func (s *scene) setHeat(h *Heat) {
	s.drop(&s.heat, &s.cool)
	if h == nil {
		return
	}
	s.heat = s.lay(h.full.geometry(), len(h.full.triangles), newPaint("", false))
	s.cool = s.heat
	if h.draft != nil {
		s.cool = s.lay(h.draft.geometry(), len(h.draft.triangles), newPaint("", false))
	}
}

func (s *scene) bindShadow() {
	s.gs.ActiveTexture(gls.TEXTURE0)
	s.gs.BindTexture(gls.TEXTURE_2D, s.shadowTexture)
}
