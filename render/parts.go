//go:build !headless

package render

import (
	"math"

	"github.com/g3n/engine/geometry"
	"github.com/g3n/engine/gls"
	"github.com/g3n/engine/math32"

	"orfeas/pipeline/mesh"
)

// parts is a mesh made ready for the graphics card, and a coarse one to draw while the camera moves.
type parts struct {
	full, draft *buffers
	extent      float32
}

type buffers struct {
	vertices math32.ArrayF32 // position, normal, colour
	indices  math32.ArrayU32
}

// draftFaces is what software OpenGL draws at thirty frames a second.
const draftFaces = 15_000

func buildParts(m *mesh.Mesh) *parts {
	if m == nil || len(m.Triangles) == 0 {
		return nil
	}
	lo, hi := m.Bounds()
	p := &parts{full: newBuffers(m), extent: max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2])}
	if len(m.Triangles) > 3*draftFaces {
		p.draft = newBuffers(cluster(m, draftFaces))
	}
	return p
}

func newBuffers(m *mesh.Mesh) *buffers {
	b := &buffers{make(math32.ArrayF32, 0, 9*len(m.Vertices)), make(math32.ArrayU32, 0, 3*len(m.Triangles))}
	normals := m.VertexNormals()
	for i, v := range m.Vertices {
		c := [3]float32{float32(clayColor[0]), float32(clayColor[1]), float32(clayColor[2])}
		if m.Colors != nil {
			for k := range c {
				c[k] = float32(m.Colors[i][k]) / 255
			}
		}
		n := normals[i]
		b.vertices = append(b.vertices, v[0], v[1], v[2], n[0], n[1], n[2], c[0], c[1], c[2])
	}
	for _, t := range m.Triangles {
		b.indices = append(b.indices, t[:]...)
	}
	return b
}

func (b *buffers) geometry() *geometry.Geometry {
	g := geometry.NewGeometry()
	g.SetIndices(b.indices)
	g.AddVBO(gls.NewVBO(b.vertices).AddAttrib(gls.VertexPosition).AddAttrib(gls.VertexNormal).AddAttrib(gls.VertexColor))
	return g
}

// cluster makes a coarse copy by merging the vertices in each cell of a grid (Rossignac and Borrel 1993): crude, but
// quick, and only seen in motion.
func cluster(m *mesh.Mesh, faces int) *mesh.Mesh {
	lo, _ := m.Bounds()
	cell := float32(math.Sqrt(m.Area() / float64(faces) * 2))
	ids := map[[3]int32]uint32{}
	to := make([]uint32, len(m.Vertices))
	out := &mesh.Mesh{}
	var count []float32
	for i, v := range m.Vertices {
		var key [3]int32
		for k := range v {
			key[k] = int32((v[k] - lo[k]) / cell)
		}
		id, ok := ids[key]
		if !ok {
			id = uint32(len(out.Vertices))
			ids[key] = id
			out.Vertices = append(out.Vertices, [3]float32{})
			count = append(count, 0)
			if m.Colors != nil {
				out.Colors = append(out.Colors, m.Colors[i])
			}
		}
		to[i] = id
		count[id]++
		for k := range v {
			out.Vertices[id][k] += (v[k] - out.Vertices[id][k]) / count[id]
		}
	}
	for _, t := range m.Triangles {
		if a, b, c := to[t[0]], to[t[1]], to[t[2]]; a != b && b != c && c != a {
			out.Triangles = append(out.Triangles, [3]uint32{a, b, c})
		}
	}
	return out
}

// bedLines is a square of the given side on z = 0 with a line every ten millimetres, every fifth stronger, the two axes
// in their colours. The fourth number, the texture coordinate, is the line's strength.
func bedLines(size float32) *geometry.Geometry {
	var v math32.ArrayF32
	half := float32(math.Ceil(float64(size)/20)) * 10
	const pieces = 24 // so that the fade toward the edge can follow the line
	line := func(ax, ay, bx, by float32, c [3]float32, strength float32) {
		for i := range pieces {
			for _, t := range [2]float32{float32(i) / pieces, float32(i+1) / pieces} {
				x, y := ax+t*(bx-ax), ay+t*(by-ay)
				fade := 1 - min(float32(math.Hypot(float64(x), float64(y)))/half, 1)
				v = append(v, x, y, 0, c[0], c[1], c[2], strength*fade, 0)
			}
		}
	}
	gray := [3]float32{0.62, 0.67, 0.78}
	for x := -half; x <= half; x += 10 {
		strength := float32(0.22)
		if int(x)%50 == 0 {
			strength = 0.5
		}
		across, along := gray, gray
		if x == 0 {
			strength, across, along = 0.9, [3]float32{0.3, 0.75, 0.35}, [3]float32{0.85, 0.3, 0.3}
		}
		line(x, -half, x, half, across, strength)
		line(-half, x, half, x, along, strength)
	}
	g := geometry.NewGeometry()
	g.AddVBO(gls.NewVBO(v).AddAttrib(gls.VertexPosition).AddAttrib(gls.VertexColor).AddAttrib(gls.VertexTexcoord))
	return g
}
