package export

import (
	"encoding/base64"
	"fmt"
	"image"
	"math"
	"strings"

	"orfeas/pipeline/mesh"
)

type glbMaterial struct {
	Surface struct {
		Factor  []float64       `json:"baseColorFactor"`
		Texture *glbTextureInfo `json:"baseColorTexture"`
	} `json:"pbrMetallicRoughness"`
}

type glbTextureInfo struct {
	Index      int `json:"index"`
	Coord      int `json:"texCoord"`
	Extensions struct {
		Transform *struct {
			Offset   [2]float64  `json:"offset"`
			Rotation float64     `json:"rotation"`
			Scale    *[2]float64 `json:"scale"`
			Coord    *int        `json:"texCoord"`
		} `json:"KHR_texture_transform"`
	} `json:"extensions"`
}

// coord is which of the vertices' places on textures counts.
func (t *glbTextureInfo) coord() int {
	if x := t.Extensions.Transform; x != nil && x.Coord != nil {
		return *x.Coord
	}
	return t.Coord
}

// place scales, turns and moves pairs of u and v, in place, as KHR_texture_transform asks for. It turns anticlockwise seen
// with v downward, as all programs do: the matrix in its text turns the other way (KhronosGroup/glTF, issue 1563).
func (t *glbTextureInfo) place(uvs []float64) {
	x := t.Extensions.Transform
	if x == nil {
		return
	}
	scale := [2]float64{1, 1}
	if x.Scale != nil {
		scale = *x.Scale
	}
	sin, cos := math.Sincos(x.Rotation)
	for i := 0; i+1 < len(uvs); i += 2 {
		u, v := uvs[i]*scale[0], uvs[i+1]*scale[1]
		uvs[i], uvs[i+1] = u*cos+v*sin+x.Offset[0], v*cos-u*sin+x.Offset[1]
	}
}

type glbImage struct {
	URI        string `json:"uri"`
	BufferView *int   `json:"bufferView"`
}

// surface takes in the material of the triangles from one on, which one primitive has made: the texture, when it is the
// only one of the file so far, and else its colours at the vertices; and the base colour of vertices without a colour.
func (g *glbReader) surface(material int, attributes map[string]int, from int) error {
	m, err := entry[glbMaterial](g.file, g.file.Materials, material, "material")
	if err != nil {
		return err
	}
	if t := m.Surface.Texture; t != nil {
		if coord, ok := attributes[fmt.Sprintf("TEXCOORD_%d", t.coord())]; ok {
			return g.textured(t, coord, from)
		}
	}
	if _, coloured := attributes["COLOR_0"]; coloured || len(m.Surface.Factor) < 3 || len(g.mesh.Colors) > g.base {
		return nil
	}
	c := [4]uint8{3: 255}
	for k := range 3 {
		c[k] = byteOf(float32(gamma(min(max(m.Surface.Factor[k], 0), 1))))
	}
	if c[0] == c[1] && c[1] == c[2] { // what is written for want of a colour
		return nil
	}
	for len(g.mesh.Colors) < g.base {
		g.mesh.Colors = append(g.mesh.Colors, [4]uint8{255, 255, 255, 255})
	}
	for len(g.mesh.Colors) < len(g.mesh.Vertices) {
		g.mesh.Colors = append(g.mesh.Colors, c)
	}
	return nil
}

// textured reads a texture and where on it the triangles from one on lie.
func (g *glbReader) textured(info *glbTextureInfo, coord, from int) error {
	t, err := entry[struct {
		Source *int `json:"source"`
	}](g.file, g.file.Textures, info.Index, "texture")
	if err != nil || t.Source == nil { // it is of an extension
		return err
	}
	img := g.texture
	if img == nil || g.image != *t.Source {
		if g.unread[*t.Source] {
			return nil
		}
		if img, err = g.picture(*t.Source); err != nil {
			return err
		}
		if img == nil {
			g.unread[*t.Source] = true
			return nil
		}
	}
	values, n, err := g.numbers(coord, 2)
	if err != nil {
		return err
	}
	if g.base+n != len(g.mesh.Vertices) {
		return fmt.Errorf("%d places on the texture for %d vertices", n, len(g.mesh.Vertices)-g.base)
	}
	info.place(values)
	for i, f := range values {
		if math.IsNaN(f) || math.Abs(f) > 1e6 {
			values[i] = 0
		}
	}
	whiten(g.mesh)
	uvs := make([][3][2]float32, 0, len(g.mesh.Triangles)-from)
	for _, tri := range g.mesh.Triangles[from:] {
		var uv [3][2]float32
		for k, v := range tri {
			i := 2 * (int(v) - g.base)
			uv[k] = [2]float32{float32(values[i]), float32(values[i+1])}
			g.mesh.Colors[v] = texel(img, uv[k])
		}
		uvs = append(uvs, uv)
	}
	if g.texture == nil {
		g.texture, g.image = img, *t.Source
	}
	if g.image == *t.Source && len(g.mesh.UVs) == from { // all before it are on the same texture
		g.mesh.UVs = append(g.mesh.UVs, uvs...)
	}
	return nil
}

// picture decodes an image; it returns nil for one that is not inside the file or is none that [decodeTexture] knows.
func (g *glbReader) picture(i int) (*image.NRGBA, error) {
	// Every change of texture decodes one, and a file may go to and fro between two.
	if g.pictures++; g.pictures > maxPictures {
		return nil, fmt.Errorf("%w: more than %d changes of texture", ErrTooLarge, maxPictures)
	}
	img, err := entry[glbImage](g.file, g.file.Images, i, "image")
	if err != nil {
		return nil, err
	}
	if img.BufferView != nil {
		v, err := entry[glbView](g.file, g.file.BufferViews, *img.BufferView, "buffer view")
		if err != nil {
			return nil, err
		}
		if v.Buffer < 0 || v.Buffer >= len(g.file.data) {
			return nil, fmt.Errorf("buffer %d is not there", v.Buffer)
		}
		data := g.file.data[v.Buffer]
		if v.ByteOffset < 0 || v.ByteLength < 0 || v.ByteOffset > int64(len(data)) || v.ByteLength > int64(len(data))-v.ByteOffset {
			return nil, fmt.Errorf("buffer view %d reaches beyond its buffer", *img.BufferView)
		}
		return decodeTexture(data[v.ByteOffset : v.ByteOffset+v.ByteLength])
	}
	head, text, ok := strings.Cut(img.URI, ",")
	if !ok || !strings.HasPrefix(head, "data:") || !strings.HasSuffix(head, ";base64") {
		return nil, nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return decodeTexture(data)
}

// maxPictures bounds how many textures are decoded for one file.
const maxPictures = 64

// weldPositions makes vertices at the same place one, which a GLB divides where a texture has a seam. Triangles stay as
// they are, so that their places on the texture stay theirs.
func weldPositions(m *mesh.Mesh) *mesh.Mesh {
	w := newWelder(len(m.Triangles))
	number := make([]uint32, len(m.Vertices))
	out := *m
	out.Colors = nil
	for i, v := range m.Vertices {
		number[i] = w.vertex([3]uint32{math.Float32bits(v[0]), math.Float32bits(v[1]), math.Float32bits(v[2])})
		if int(number[i]) == len(out.Colors) {
			out.Colors = append(out.Colors, m.Colors[i])
		}
	}
	out.Vertices = w.vertices
	out.Triangles = make([][3]uint32, len(m.Triangles))
	for f, t := range m.Triangles {
		out.Triangles[f] = [3]uint32{number[t[0]], number[t[1]], number[t[2]]}
	}
	return &out
}
