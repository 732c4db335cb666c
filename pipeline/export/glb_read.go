package export

import (
	"errors"
	"fmt"
	"image"
	"math"

	"orfeas/pipeline/mesh"
)

// readGLB reads every triangle of the scene, with the nodes' transforms applied. Skins and morph targets stay as they
// are modelled.
func readGLB(data []byte) (*mesh.Mesh, error) {
	file, err := openGLB(data)
	if err != nil {
		return nil, malformedGLB(err)
	}
	g := &glbReader{file: file, mesh: &mesh.Mesh{}, limit: placedLimit(len(data)), seen: make([]bool, len(file.Nodes)), unread: map[int]bool{}}
	scene := 0
	if file.Scene != nil {
		scene = *file.Scene
	}
	s, err := entry[glbScene](file, file.Scenes, scene, "scene")
	if err != nil {
		return nil, malformedGLB(err)
	}
	for _, n := range s.Nodes {
		if err := g.node(n, identity, 0); err != nil {
			return nil, malformedGLB(err)
		}
	}
	if g.mesh.Colors != nil {
		whiten(g.mesh)
	}
	if g.texture != nil && len(g.mesh.UVs) == len(g.mesh.Triangles) {
		g.mesh.Texture = g.texture
		return weldPositions(g.mesh), nil
	}
	g.mesh.UVs = nil
	return g.mesh, nil
}

// malformedGLB says that err is the file's fault. What is too large keeps its own name.
func malformedGLB(err error) error {
	if errors.Is(err, ErrTooLarge) {
		return fmt.Errorf("GLB: %w", err)
	}
	return fmt.Errorf("%w: GLB: %w", ErrMalformed, err)
}

// placedLimit is how many vertices and triangles a file of so many bytes may come to where one shape can be placed many
// times: enough for a full print bed, but nothing that grows without measure.
func placedLimit(bytes int) int { return min(1<<24+bytes/2, maxElements) }

// whiten gives white to the vertices at the end that have no colour yet.
func whiten(m *mesh.Mesh) {
	for len(m.Colors) < len(m.Vertices) {
		m.Colors = append(m.Colors, [4]uint8{255, 255, 255, 255})
	}
}

type glbReader struct {
	file  *glbFile
	mesh  *mesh.Mesh
	limit int
	seen  []bool // the nodes that were visited

	base     int // the first vertex of the primitive
	pictures int // decoded
	image    int // what texture was read from, when it is there
	texture  *image.NRGBA
	unread   map[int]bool // images that are left out, decoded once and for all
}

// maxDepth bounds how deep nodes and components are nested.
const maxDepth = 256

func (g *glbReader) node(i int, parent matrix, depth int) error {
	n, err := entry[glbNode](g.file, g.file.Nodes, i, "node")
	if err != nil {
		return err
	}
	if g.seen[i] || depth > maxDepth { // nodes are strict trees (glTF 2.0, section 3.5.2)
		return fmt.Errorf("node %d is in more than one place, or too deep", i)
	}
	g.seen[i] = true
	local, err := n.transform()
	if err != nil {
		return fmt.Errorf("node %d: %w", i, err)
	}
	at := parent.times(local)
	if n.Mesh != nil {
		m, err := entry[glbMesh](g.file, g.file.Meshes, *n.Mesh, "mesh")
		if err != nil {
			return err
		}
		for _, p := range m.Primitives {
			mode := glbTriangles
			if p.Mode != nil {
				mode = *p.Mode
			}
			if mode < glbTriangles { // points and lines
				continue
			}
			from := len(g.mesh.Triangles)
			err := g.primitive(mode, p.Attributes, p.Indices, at)
			if err == nil && p.Material != nil {
				err = g.surface(*p.Material, p.Attributes, from)
			}
			if err != nil {
				return fmt.Errorf("mesh %d: %w", *n.Mesh, err)
			}
		}
	}
	for _, c := range n.Children {
		if err := g.node(c, at, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// The modes of a primitive that make triangles.
const (
	glbTriangles = 4 + iota
	glbStrip
	glbFan
)

func (g *glbReader) primitive(mode int, attributes map[string]int, indices *int, at matrix) error {
	position, ok := attributes["POSITION"]
	if !ok {
		return nil // nothing is drawn (glTF 2.0, section 3.7.2.1)
	}
	base := len(g.mesh.Vertices)
	g.base = base
	points, n, err := g.numbers(position, 3)
	if err != nil {
		return err
	}
	for p := range n {
		v := at.apply([3]float64(points[3*p:]))
		g.mesh.Vertices = append(g.mesh.Vertices, fromGLTF(v))
	}
	if i, ok := attributes["COLOR_0"]; ok {
		if err := g.colors(i, base); err != nil {
			return err
		}
	}
	corner := func(i int) uint32 { return uint32(i) }
	if indices != nil {
		list, count, err := g.numbers(*indices, 1)
		if err != nil {
			return err
		}
		for _, f := range list {
			if !(f >= 0 && f < float64(n)) {
				return fmt.Errorf("index %g of %d vertices", f, n)
			}
		}
		n, corner = count, func(i int) uint32 { return uint32(list[i]) }
	}
	return g.triangles(mode, n, uint32(base), corner, at.mirrors())
}

// triangles adds those of n corners in a list, a strip or a fan (glTF 2.0, section 3.7.2.1).
func (g *glbReader) triangles(mode, n int, base uint32, corner func(int) uint32, mirrored bool) error {
	count, step := max(n-2, 0), 1
	if mode == glbTriangles {
		count, step = n/3, 3
	}
	if mode > glbFan {
		return fmt.Errorf("primitives of mode %d are not known", mode)
	}
	if err := room(g.mesh, 0, count, g.limit); err != nil {
		return err
	}
	for i := range count {
		a, b, c := i*step, i*step+1, i*step+2
		switch {
		case mode == glbFan:
			a = 0
		case mode == glbStrip && i%2 == 1:
			b, c = c, b
		}
		if mirrored {
			b, c = c, b
		}
		g.mesh.Triangles = append(g.mesh.Triangles, [3]uint32{base + corner(a), base + corner(b), base + corner(c)})
	}
	return nil
}

// colors takes in the linear colours of the vertices from base on.
func (g *glbReader) colors(accessor, base int) error {
	a, err := entry[glbAccessor](g.file, g.file.Accessors, accessor, "accessor")
	if err != nil {
		return err
	}
	width := glbWidths[a.Type]
	if width != 3 && width != 4 {
		return fmt.Errorf("colours of type %.10q", a.Type)
	}
	values, n, err := g.numbers(accessor, width)
	if err != nil {
		return err
	}
	if base+n != len(g.mesh.Vertices) {
		return fmt.Errorf("%d colours for %d vertices", n, len(g.mesh.Vertices)-base)
	}
	for len(g.mesh.Colors) < base { // what came before without colour is white
		g.mesh.Colors = append(g.mesh.Colors, [4]uint8{255, 255, 255, 255})
	}
	for i := range n {
		c := [4]uint8{3: 255}
		for k, f := range values[i*width : (i+1)*width] {
			if f = min(max(f, 0), 1); k < 3 {
				f = gamma(f)
			}
			if !math.IsNaN(f) {
				c[k] = uint8(math.Round(f * 255))
			}
		}
		g.mesh.Colors = append(g.mesh.Colors, c)
	}
	return nil
}
