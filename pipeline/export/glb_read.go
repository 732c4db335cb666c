package export

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"github.com/qmuntal/gltf"
	"github.com/qmuntal/gltf/modeler"

	"orfeas/pipeline/mesh"
)

// noFiles keeps a GLB from naming files of this machine: everything has to be inside it.
type noFiles struct{}

func (noFiles) Open(string) (fs.File, error) { return nil, fs.ErrNotExist }

// readGLB reads every triangle primitive of the scene, with the nodes' transforms applied.
func readGLB(data []byte) (m *mesh.Mesh, err error) {
	// The library indexes by what the file says; what slips past the checks below is a fault of the file.
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, malformedGLB(fmt.Errorf("%v", r))
		}
	}()
	doc := new(gltf.Document)
	if err := gltf.NewDecoderFS(bytes.NewReader(data), noFiles{}).Decode(doc); err != nil {
		return nil, malformedGLB(err)
	}
	g := &glbReader{doc: doc, mesh: &mesh.Mesh{}}
	if len(doc.Scenes) == 0 {
		return nil, malformedGLB(errors.New("no scene"))
	}
	scene := 0
	if doc.Scene != nil {
		scene = *doc.Scene
	}
	for _, n := range doc.Scenes[scene].Nodes {
		if err := g.node(n, identity, 0); err != nil {
			return nil, malformedGLB(err)
		}
	}
	if len(g.mesh.Colors) != len(g.mesh.Vertices) {
		g.mesh.Colors = nil
	}
	return g.mesh, nil
}

type glbReader struct {
	doc   *gltf.Document
	mesh  *mesh.Mesh
	nodes int
}

const maxNodes = 100_000

func (g *glbReader) node(i int, parent matrix, depth int) error {
	if g.nodes++; depth > 64 || g.nodes > maxNodes {
		return errors.New("nodes nested without end")
	}
	n := g.doc.Nodes[i]
	at := parent.times(nodeMatrix(n))
	if n.Mesh != nil {
		for _, p := range g.doc.Meshes[*n.Mesh].Primitives {
			if p.Mode != gltf.PrimitiveTriangles {
				continue
			}
			if err := g.primitive(p, at); err != nil {
				return err
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

func (g *glbReader) primitive(p *gltf.Primitive, at matrix) error {
	positions, err := modeler.ReadPosition(g.doc, g.doc.Accessors[p.Attributes[gltf.POSITION]], nil)
	if err != nil {
		return err
	}
	base := uint32(len(g.mesh.Vertices))
	if len(g.mesh.Vertices)+len(positions) > MaxBytes/12 {
		return ErrTooLarge
	}
	for _, v := range positions {
		g.mesh.Vertices = append(g.mesh.Vertices, fromGLTF(at.apply(v)))
	}
	if i, ok := p.Attributes[gltf.COLOR_0]; ok {
		colors, err := modeler.ReadColor64(g.doc, g.doc.Accessors[i], nil)
		if err != nil {
			return err
		}
		for _, c := range colors {
			g.mesh.Colors = append(g.mesh.Colors, [4]uint8{srgbByte(c[0]), srgbByte(c[1]), srgbByte(c[2]), uint8(c[3] >> 8)})
		}
	}
	var indices []uint32
	if p.Indices != nil {
		if indices, err = modeler.ReadIndices(g.doc, g.doc.Accessors[*p.Indices], nil); err != nil {
			return err
		}
	} else {
		for i := range positions {
			indices = append(indices, uint32(i))
		}
	}
	for i := 0; i+2 < len(indices); i += 3 {
		t := [3]uint32{base + indices[i], base + indices[i+1], base + indices[i+2]}
		if at.mirrors() {
			t[1], t[2] = t[2], t[1]
		}
		g.mesh.Triangles = append(g.mesh.Triangles, t)
	}
	return nil
}

// matrix is 4 x 4, column-major, as in glTF.
type matrix [16]float64

var identity = matrix{0: 1, 5: 1, 10: 1, 15: 1}

func (a matrix) times(b matrix) (out matrix) {
	for c := range 4 {
		for r := range 4 {
			for k := range 4 {
				out[4*c+r] += a[4*k+r] * b[4*c+k]
			}
		}
	}
	return out
}

func (a matrix) apply(v [3]float32) (out [3]float32) {
	for r := range 3 {
		out[r] = float32(a[r]*float64(v[0]) + a[4+r]*float64(v[1]) + a[8+r]*float64(v[2]) + a[12+r])
	}
	return out
}

// mirrors reports whether the matrix turns the faces inside out.
func (a matrix) mirrors() bool {
	return a[0]*(a[5]*a[10]-a[6]*a[9])-a[4]*(a[1]*a[10]-a[2]*a[9])+a[8]*(a[1]*a[6]-a[2]*a[5]) < 0
}

func nodeMatrix(n *gltf.Node) matrix {
	if m := n.MatrixOrDefault(); m != gltf.DefaultMatrix {
		return matrix(m)
	}
	t, q, s := n.TranslationOrDefault(), n.RotationOrDefault(), n.ScaleOrDefault()
	x, y, z, w := q[0], q[1], q[2], q[3]
	return matrix{
		s[0] * (1 - 2*(y*y+z*z)), s[0] * 2 * (x*y + z*w), s[0] * 2 * (x*z - y*w), 0,
		s[1] * 2 * (x*y - z*w), s[1] * (1 - 2*(x*x+z*z)), s[1] * 2 * (y*z + x*w), 0,
		s[2] * 2 * (x*z + y*w), s[2] * 2 * (y*z - x*w), s[2] * (1 - 2*(x*x+y*y)), 0,
		t[0], t[1], t[2], 1,
	}
}
