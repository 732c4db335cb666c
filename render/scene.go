//go:build !headless

package render

import (
	"fmt"
	"image/color"
	"math"

	"github.com/g3n/engine/core"
	"github.com/g3n/engine/geometry"
	"github.com/g3n/engine/gls"
	"github.com/g3n/engine/graphic"
	"github.com/g3n/engine/math32"
	"github.com/g3n/engine/renderer"

	"orfeas/pipeline/mesh"
)

// model is what becomes of a mesh before it reaches the view's thread.
type model struct {
	full, draft *surface // draft is nil where the full one is small
	shadow      *shadow
	lo, hi      [3]float32
}

// newModel expects a checked mesh.
func newModel(m *mesh.Mesh) *model {
	out := &model{full: newSurface(m), shadow: newShadow(m)}
	if p := proxy(m); p != nil {
		out.draft = newSurface(p)
	}
	out.lo, out.hi = m.Bounds()
	return out
}

// scene is the g3n side of a view. All of it runs on the view's thread.
type scene struct {
	gs                 *gls.GLS
	renderer           *renderer.Renderer
	root               *core.Node
	ground, bed        solid
	full, draft, edges solid // edges share the geometry of full; draft is full for a small mesh
	shadowTexture      uint32
	model              *model // what is shown, without its vertices; nil for nothing
}

// solid is a g3n mesh with our paint on it.
type solid struct {
	mesh  *graphic.Mesh
	paint *paint
}

func newSolid(g *geometry.Geometry, p *paint) solid {
	m := graphic.NewMesh(g, p)
	m.SetCullable(false) // or g3n reads every vertex for a bounding box
	return solid{m, p}
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
	v := make(math32.ArrayF32, 0, 9*len(s.vertices))
	for _, p := range s.vertices {
		v = append(v, p.at[0], p.at[1], p.at[2], p.normal[0], p.normal[1], p.normal[2], p.color[0], p.color[1], p.color[2])
	}
	ids := make(math32.ArrayU32, 0, 3*len(s.triangles))
	for _, t := range s.triangles {
		ids = append(ids, t[:]...)
	}
	g := geometry.NewGeometry()
	g.SetIndices(ids)
	g.AddVBO(gls.NewVBO(v).AddAttrib(gls.VertexPosition).AddAttrib(gls.VertexNormal).AddAttrib(gls.VertexColor))
	return g
}

func (s *scene) setMesh(m *model) {
	for _, old := range []solid{s.full, s.edges, s.draft} {
		if old.mesh != nil && s.root.Remove(old.mesh) {
			old.mesh.Dispose()
		}
	}
	s.full, s.edges, s.draft, s.model = solid{}, solid{}, solid{}, m
	if m == nil {
		return
	}
	g := m.full.geometry()
	s.full = newSolid(g, newPaint("surface", false))
	s.edges = newSolid(g.Incref(), newPaint("surface", true))
	s.edges.paint.SetWireframe(true)
	s.edges.paint.setInt("Style", styleEdges)
	// The edges of a dense mesh would cover it altogether.
	n := float64(len(m.full.triangles))
	s.edges.paint.set("Strength", float32(0.5*min(max(math.Sqrt(40_000/n), 0.2), 1)))
	s.root.Add(s.full.mesh)
	s.root.Add(s.edges.mesh)
	s.draft = s.full
	if m.draft != nil {
		s.draft = newSolid(m.draft.geometry(), newPaint("surface", false))
		s.root.Add(s.draft.mesh)
	}
	s.bindShadow()
	s.gs.TexImage2D(gls.TEXTURE_2D, 0, gls.RED, shadowPixels, shadowPixels, gls.RED, gls.UNSIGNED_BYTE, m.shadow.pixels)
	s.gs.TexParameteri(gls.TEXTURE_2D, gls.TEXTURE_MIN_FILTER, gls.LINEAR)
	s.gs.TexParameteri(gls.TEXTURE_2D, gls.TEXTURE_MAG_FILTER, gls.LINEAR)
	m.full, m.draft = nil, nil
}

func (s *scene) bindShadow() {
	s.gs.ActiveTexture(gls.TEXTURE0)
	s.gs.BindTexture(gls.TEXTURE_2D, s.shadowTexture)
}

// matrices is a camera in the form g3n asks for.
type matrices struct{ view, projection math32.Matrix4 }

func (m matrices) ViewMatrix(to *math32.Matrix4) { *to = m.view }
func (m matrices) ProjMatrix(to *math32.Matrix4) { *to = m.projection }

func (s *scene) draw(c Camera, sh Shading, w, h int) error {
	lo, hi := c.Target, c.Target
	if s.model != nil {
		lo, hi = s.model.lo, s.model.hi
		s.full.mesh.SetVisible(!sh.Draft)
		s.draft.mesh.SetVisible(sh.Draft)
		if s.draft == s.full {
			s.full.mesh.SetVisible(true)
		}
		s.full.paint.setInt("Style", int(sh.Mode))
		s.draft.paint.setInt("Style", int(sh.Mode))
		s.edges.mesh.SetVisible(sh.Wireframe && !sh.Draft)
	}
	lo, hi = s.layBed(c, sh, lo, hi)
	if sh.Background == [2]color.NRGBA{} {
		sh.Background = darkGround
	}
	s.ground.mesh.SetVisible(!sh.Transparent)
	s.ground.paint.set("TopColor", rgb(sh.Background[0])...)
	s.ground.paint.set("LowColor", rgb(sh.Background[1])...)
	s.gs.Viewport(0, 0, int32(w), int32(h))
	s.gs.ClearColor(0, 0, 0, 0)
	s.gs.DepthMask(true)
	s.gs.Clear(gls.COLOR_BUFFER_BIT | gls.DEPTH_BUFFER_BIT)
	near, far := c.planes(lo, hi)
	return s.renderer.Render(s.root, matrices{c.View(), c.projection(float32(w)/float32(h), near, far)})
}

// layBed makes the bed ready and returns the box grown by it.
func (s *scene) layBed(c Camera, sh Shading, lo, hi [3]float32) (_, _ [3]float32) {
	s.bed.mesh.SetVisible(sh.Bed)
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
