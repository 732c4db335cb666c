package export

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"math"

	"github.com/qmuntal/gltf"
	"github.com/qmuntal/gltf/modeler"

	"orfeas/pipeline/mesh"
)

var glb = Format{Name: "glb", Ext: "glb", Title: "glTF binary", Write: writeGLB, Read: readGLB}

// toGLTF and fromGLTF change between millimetres, z up, front -y and metres, y up, front +z (glTF 2.0, section 3.4).
func toGLTF(v [3]float32) [3]float32 { return [3]float32{v[0] / 1000, v[2] / 1000, -v[1] / 1000} }
func fromGLTF(v [3]float64) [3]float32 {
	return [3]float32{float32(v[0] * 1000), float32(-v[2] * 1000), float32(v[1] * 1000)}
}

func writeGLB(w io.Writer, m *mesh.Mesh, meta Meta) error {
	positions, normals, uvs, triangles := glbVertices(m)
	indices := make([]uint32, 0, 3*len(m.Triangles))
	for _, t := range triangles {
		indices = append(indices, t[:]...)
	}
	doc := gltf.NewDocument()
	doc.Asset.Generator = meta.Application
	p := &gltf.Primitive{
		Indices: gltf.Index(modeler.WriteIndices(doc, indices)),
		Attributes: gltf.PrimitiveAttributes{
			gltf.POSITION: modeler.WritePosition(doc, positions),
			gltf.NORMAL:   modeler.WriteNormal(doc, normals),
		},
		Material: gltf.Index(0),
	}
	white := [4]float64{1, 1, 1, 1}
	surface := &gltf.PBRMetallicRoughness{BaseColorFactor: &white, MetallicFactor: gltf.Float(0), RoughnessFactor: gltf.Float(0.8)}
	switch {
	case m.Texture != nil: // vertex colours would be multiplied by it
		if err := glbTexture(doc, surface, m.Texture); err != nil {
			return err
		}
		p.Attributes[gltf.TEXCOORD_0] = modeler.WriteTextureCoord(doc, uvs)
	case m.Colors != nil:
		p.Attributes[gltf.COLOR_0] = modeler.WriteColor(doc, linearColors(m.Colors))
	default:
		surface.BaseColorFactor = &[4]float64{0.6, 0.6, 0.6, 1}
	}
	doc.Materials = []*gltf.Material{{Name: "surface", PBRMetallicRoughness: surface}}
	doc.Meshes = []*gltf.Mesh{{Name: meta.Title, Primitives: []*gltf.Primitive{p}}}
	doc.Nodes = []*gltf.Node{{Name: meta.Title, Mesh: gltf.Index(0)}}
	doc.Scenes[0].Nodes = []int{0}
	e := gltf.NewEncoder(w)
	e.AsBinary = true
	return e.Encode(doc)
}

// glbVertices turns the vertices into the frame of glTF. With a texture a vertex is there once for each of its places on it.
func glbVertices(m *mesh.Mesh) (positions, normals [][3]float32, uvs [][2]float32, triangles [][3]uint32) {
	normals, triangles = m.VertexNormals(), m.Triangles
	positions = make([][3]float32, len(m.Vertices))
	for i, v := range m.Vertices {
		positions[i] = toGLTF(v)
		n := normals[i]
		normals[i] = [3]float32{n[0], n[2], -n[1]}
	}
	if m.Texture == nil {
		return positions, normals, nil, triangles
	}
	c := newCorners(m)
	at, up := make([][3]float32, len(c.list)), make([][3]float32, len(c.list))
	uvs = make([][2]float32, len(c.list))
	for i, x := range c.list {
		at[i], up[i], uvs[i] = positions[x.vertex], normals[x.vertex], x.uv
	}
	return at, up, uvs, c.number
}

// glbTexture embeds an image as the base colour, which glTF takes for sRGB (section 3.9.2).
func glbTexture(doc *gltf.Document, surface *gltf.PBRMetallicRoughness, texture *image.NRGBA) error {
	var b bytes.Buffer
	if err := png.Encode(&b, texture); err != nil {
		return err
	}
	img, err := modeler.WriteImage(doc, "colour", "image/png", &b)
	if err != nil {
		return err
	}
	doc.Samplers = []*gltf.Sampler{{MagFilter: gltf.MagLinear, MinFilter: gltf.MinLinearMipMapLinear, WrapS: gltf.WrapClampToEdge, WrapT: gltf.WrapClampToEdge}}
	doc.Textures = []*gltf.Texture{{Source: gltf.Index(img), Sampler: gltf.Index(0)}}
	surface.BaseColorTexture = &gltf.TextureInfo{Index: 0}
	return nil
}

// linearColors converts sRGB to the linear values glTF wants, in 16 bits so that nothing is lost in the dark.
func linearColors(c [][4]uint8) [][4]uint16 {
	var table [256]uint16
	for i := range table {
		table[i] = uint16(math.Round(linear(float64(i)/255) * 65535))
	}
	out := make([][4]uint16, len(c))
	for i, v := range c {
		out[i] = [4]uint16{table[v[0]], table[v[1]], table[v[2]], uint16(v[3]) * 257}
	}
	return out
}

// linear and gamma are the two directions of the sRGB transfer function (IEC 61966-2-1).
func linear(s float64) float64 {
	if s <= 0.04045 {
		return s / 12.92
	}
	return math.Pow((s+0.055)/1.055, 2.4)
}

func gamma(l float64) float64 {
	if l <= 0.0031308 {
		return l * 12.92
	}
	return 1.055*math.Pow(l, 1/2.4) - 0.055
}
