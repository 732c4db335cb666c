package export

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orfeas/pipeline/mesh"
)

// soup is a random mesh whose vertices are all used, in order of first use, and all different.
func soup(r *rand.Rand, colored bool) *mesh.Mesh {
	m := &mesh.Mesh{}
	n := 3 + r.IntN(60)
	for i := range n {
		scale := math.Exp(20 * (r.Float64() - 0.5)) // micrometres to kilometres
		m.Vertices = append(m.Vertices, [3]float32{float32(scale * r.NormFloat64()), float32(scale * r.NormFloat64()), float32(i)})
		if colored {
			m.Colors = append(m.Colors, [4]uint8{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255})
		}
	}
	for i := range uint32(n) {
		m.Triangles = append(m.Triangles, [3]uint32{i, uint32(r.IntN(int(i) + 1)), uint32(r.IntN(int(i) + 1))})
	}
	return m
}

// TestSoupsRoundTrip: STL, OBJ, PLY and 3MF give back every bit, GLB, which is in metres, all but the last.
func TestSoupsRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 100 {
		m := soup(r, i%2 == 0)
		for _, f := range Formats {
			data, err := f.Bytes(m, meta)
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if len(got.Vertices) != len(m.Vertices) || fmt.Sprint(got.Triangles) != fmt.Sprint(m.Triangles) {
				t.Fatalf("%s: mesh %d from %v to %v", f.Name, i, m.Triangles, got.Triangles)
			}
			for j, v := range m.Vertices {
				for k := range v {
					d := math.Abs(float64(got.Vertices[j][k]) - float64(v[k]))
					if d > 0 && (f.Name != "glb" || d > 2e-7*math.Abs(float64(v[k]))) {
						t.Fatalf("%s: vertex from %v to %v", f.Name, v, got.Vertices[j])
					}
				}
			}
			if want := m.Colors; f.Ext != "stl" && fmt.Sprint(got.Colors) != fmt.Sprint(want) {
				t.Fatalf("%s: colours from %v to %v", f.Name, want, got.Colors)
			}
		}
	}
}

// TestAlphaRoundTrip: the formats with room for it keep alpha.
func TestAlphaRoundTrip(t *testing.T) {
	m := octahedron()
	m.Colors[2][3] = 77
	for _, f := range []Format{ply, glb, threeMF} {
		data, err := f.Bytes(m, meta)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Decode(bytes.NewReader(data)); err != nil || fmt.Sprint(got.Colors) != fmt.Sprint(m.Colors) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

// TestMislabelled: what a file begins with counts more than its name.
func TestMislabelled(t *testing.T) {
	dir := t.TempDir()
	for _, f := range Formats {
		for _, ext := range []string{"stl", "obj", "ply", "glb", "3mf", "xyz"} {
			path := filepath.Join(dir, f.Name+"."+ext)
			if err := Save(context.Background(), path, Format{Write: f.Write}, octahedron(), meta); err != nil {
				t.Fatal(err)
			}
			m, err := Open(path)
			switch {
			case err == nil && len(m.Triangles) == 8:
			case f.Name == "obj" && ext == "xyz" && errors.Is(err, ErrUnknown):
			case f.Name == "obj" && ext != "obj" && errors.Is(err, ErrMalformed): // an OBJ has no signature
			default:
				t.Errorf("%s named .%s: %v", f.Name, ext, err)
			}
		}
	}
	path := filepath.Join(dir, "solid.stl")
	data, _ := stl.Bytes(octahedron(), meta)
	if err := os.WriteFile(path, append([]byte("solid "), data[6:]...), 0o644); err != nil {
		t.Fatal(err)
	}
	if m, err := Open(path); err != nil || len(m.Triangles) != 8 {
		t.Errorf("binary that begins with solid: %v", err)
	}
	data = append(data, "SOME=COLOURS"...)
	if m, err := stl.Decode(bytes.NewReader(data)); err != nil || len(m.Triangles) != 8 {
		t.Errorf("binary with more behind it: %v", err)
	}
}

// le packs numbers in little-endian order.
func le(values ...any) []byte {
	var b []byte
	for _, v := range values {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	return b
}

// square is four corners in the plane z = 0 of glTF, in metres.
var square = []float32{0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0}

// TestReadsGLB reads what glTF allows and our writer does not use. Every case is the same square of two triangles, which
// looks to +z in the file and to -y in the print frame.
func TestReadsGLB(t *testing.T) {
	const positions = `{"bufferView":0,"componentType":5126,"count":4,"type":"VEC3"}`
	interleaved := le(square[:3], [4]uint8{255, 0, 0, 255}, square[3:6], [4]uint8{255, 0, 0, 255}, square[6:9], [4]uint8{255, 0, 0, 255}, square[9:], [4]uint8{255, 0, 0, 255})
	tests := []struct {
		name, node, primitive, accessors, views string
		bin                                     []byte
	}{
		{"8-bit indices", `"mesh":0`, `"indices":1`, positions + `,{"bufferView":1,"componentType":5121,"count":6,"type":"SCALAR"}`,
			`{"buffer":0,"byteLength":48},{"buffer":0,"byteOffset":48,"byteLength":6}`, le(square, []uint8{0, 1, 2, 0, 2, 3})},
		{"16-bit indices", `"mesh":0`, `"indices":1`, positions + `,{"bufferView":1,"componentType":5123,"count":6,"type":"SCALAR"}`,
			`{"buffer":0,"byteLength":48},{"buffer":0,"byteOffset":48,"byteLength":12}`, le(square, []uint16{0, 1, 2, 0, 2, 3})},
		{"32-bit indices", `"mesh":0`, `"indices":1`, positions + `,{"bufferView":1,"componentType":5125,"count":6,"type":"SCALAR"}`,
			`{"buffer":0,"byteLength":48},{"buffer":0,"byteOffset":48,"byteLength":24}`, le(square, []uint32{0, 1, 2, 0, 2, 3})},
		{"no indices", `"mesh":0`, `"mode":4`, `{"bufferView":0,"componentType":5126,"count":6,"type":"VEC3"}`,
			`{"buffer":0,"byteLength":72}`, le(square[:9], square[:3], square[6:])},
		{"fan", `"mesh":0`, `"mode":6`, positions, `{"buffer":0,"byteLength":48}`, le(square)},
		{"strip", `"mesh":0`, `"mode":5`, positions, `{"buffer":0,"byteLength":48}`, le(square[:6], square[9:], square[6:9])},
		{"mirrored by a scale", `"mesh":0,"scale":[-1,1,1],"translation":[1,0,0]`, `"mode":6`, positions, `{"buffer":0,"byteLength":48}`, le(square)},
		{"mirrored by a matrix", `"mesh":0,"matrix":[-1,0,0,0,0,1,0,0,0,0,1,0,1,0,0,1]`, `"mode":6`, positions, `{"buffer":0,"byteLength":48}`, le(square)},
		{"rotated twice", `"children":[1],"rotation":[0,0,0.7071067811865476,0.7071067811865476]},{"mesh":0,"rotation":[0,0,-0.7071067811865476,0.7071067811865476]`,
			`"mode":6`, positions, `{"buffer":0,"byteLength":48}`, le(square)},
		{"sparse over nothing", `"mesh":0`, `"mode":6`, `{"componentType":5126,"count":4,"type":"VEC3","sparse":{"count":3,"indices":{"bufferView":0,"componentType":5121},"values":{"bufferView":1}}}`,
			`{"buffer":0,"byteLength":3},{"buffer":0,"byteOffset":4,"byteLength":36}`, le([]uint8{1, 2, 3, 0}, square[3:])},
		{"interleaved, 8-bit colours", `"mesh":0`, `"mode":6`, `{"bufferView":0,"componentType":5126,"count":4,"type":"VEC3"},{"bufferView":0,"byteOffset":12,"componentType":5121,"normalized":true,"count":4,"type":"VEC4"}`,
			`{"buffer":0,"byteLength":64,"byteStride":16}`, interleaved},
		{"16-bit colours", `"mesh":0`, `"mode":6`, positions + `,{"bufferView":1,"componentType":5123,"normalized":true,"count":4,"type":"VEC3"}`,
			`{"buffer":0,"byteLength":48},{"buffer":0,"byteOffset":48,"byteLength":32,"byteStride":8}`, le(square, [][4]uint16{{65535}, {65535}, {65535}, {65535}})},
		{"real colours", `"mesh":0`, `"mode":6`, positions + `,{"bufferView":1,"componentType":5126,"count":4,"type":"VEC3"}`,
			`{"buffer":0,"byteLength":48},{"buffer":0,"byteOffset":48,"byteLength":48}`, le(square, [][3]float32{{1}, {1}, {1}, {1}})},
		{"16-bit positions", `"mesh":0`, `"mode":6`, `{"bufferView":0,"componentType":5122,"normalized":true,"count":4,"type":"VEC3"}`,
			`{"buffer":0,"byteLength":32,"byteStride":8}`, le([][4]int16{{0, 0}, {32767, 0}, {32767, 32767}, {0, 32767}})},
	}
	for _, tt := range tests {
		attributes := `"POSITION":0`
		if strings.Contains(tt.name, "colours") {
			attributes += `,"COLOR_0":1`
		}
		doc := func(buffer string) string {
			return fmt.Sprintf(`{"scenes":[{"nodes":[0]}],"nodes":[{%s}],"meshes":[{"primitives":[{"attributes":{%s},%s}]}],"accessors":[%s],"bufferViews":[%s],"buffers":[{%s"byteLength":%d}]}`,
				tt.node, attributes, tt.primitive, tt.accessors, tt.views, buffer, len(tt.bin))
		}
		for _, data := range [][]byte{glbOf(doc(""), tt.bin), glbOf(doc(`"uri":"data:application/octet-stream;base64,`+base64.StdEncoding.EncodeToString(tt.bin)+`",`), nil)} {
			m, err := glb.Decode(bytes.NewReader(data))
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			lo, hi := m.Bounds()
			if len(m.Triangles) != 2 || math.Abs(m.Area()-1e6) > 1 || math.Abs(float64(hi[0]-lo[0]+hi[2]-lo[2])-2000) > 0.01 {
				t.Errorf("%s: %+v", tt.name, m)
			}
			for i := range m.Triangles {
				if n := m.FaceNormal(i); n[1] > -0.999 {
					t.Errorf("%s: face %d looks to %v", tt.name, i, n)
				}
			}
			if colored := strings.Contains(tt.name, "colours"); colored != (m.Colors != nil) || colored && m.Colors[3] != [4]uint8{255, 0, 0, 255} {
				t.Errorf("%s: colours %v", tt.name, m.Colors)
			}
		}
	}
}

// TestReads3MF places a tetrahedron of volume 1/6 in many ways.
func TestReads3MF(t *testing.T) {
	const nested = `<object id="1">` + tetra + `</object><object id="2"><components><component objectid="1" transform="-1 0 0 0 1 0 0 0 1 0 0 0"/><component objectid="1" transform="1 0 0 0 1 0 0 0 1 5 0 0"/></components></object>`
	inch := 25.4 * 25.4 * 25.4
	tests := []struct {
		name   string
		data   []byte
		volume float64
		faces  int
	}{
		{"plain", modelOf("millimeter", `<object id="1">`+tetra+`</object>`, `<item objectid="1"/>`), 1. / 6, 4},
		{"inches", modelOf("inch", `<object id="1">`+tetra+`</object>`, `<item objectid="1"/>`), inch / 6, 4},
		{"scaled", modelOf("micron", `<object id="1">`+tetra+`</object>`, `<item objectid="1" transform="1000 0 0 0 1000 0 0 0 1000 7 7 7"/>`), 1. / 6, 4},
		{"mirrored", modelOf("centimeter", `<object id="1">`+tetra+`</object>`, `<item objectid="1" transform="1 0 0 0 -1 0 0 0 1 0 0 0"/>`), 1000. / 6, 4},
		{"nested", modelOf("millimeter", nested, `<item objectid="2"/>`), 2. / 6, 8},
		{"nested and mirrored again", modelOf("millimeter", nested, `<item objectid="2" transform="0 1 0 1 0 0 0 0 1 0 0 0"/>`), 2. / 6, 8},
		{"not built", modelOf("millimeter", nested, `<item objectid="1"/>`), 1. / 6, 4},
		{"components that double within reason", modelOf("millimeter", doubling(11), `<item objectid="11"/>`), 1024. / 6, 4096},
		{"in another part", zipOf("_rels/.rels", `<Relationships><Relationship Target="/3D/x.model" Id="a" Type="`+modelType+`"/></Relationships>`,
			"3D/x.model", `<model unit="inch"><build><item objectid='8'/></build><resources><object id="8"><component objectid = "1" p:path="/3D/Objects/y.model"/></object></resources></model>`,
			"3D/Objects/Y.model", `<!-- <model> --><model><resources><object id="1" name="a > b">`+tetra+`</object></resources></model>`), inch / 6, 4},
		{"vertices of another extension", modelOf("millimeter", `<s:slicestack id="5"><s:slice ztop="1"><s:vertices><s:vertex x="1" y="2"/></s:vertices></s:slice></s:slicestack><object id="1">`+tetra+`</object>`, `<item objectid="1"/>`), 1. / 6, 4},
	}
	for _, tt := range tests {
		m, err := threeMF.Decode(bytes.NewReader(tt.data))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if v := m.Volume(); len(m.Triangles) != tt.faces || math.Abs(v/tt.volume-1) > 1e-5 {
			t.Errorf("%s: %d faces, volume %g of %g", tt.name, len(m.Triangles), v, tt.volume)
		}
	}
}

// TestReads3MFColors: a palette for the object, and another one for a triangle.
func TestReads3MFColors(t *testing.T) {
	painted := strings.Replace(tetra, `v3="1"/>`, `v3="1" pid="5" p1="1"/>`, 1)
	m, err := threeMF.Decode(bytes.NewReader(modelOf("millimeter", `<basematerials id="4"><base name="a" displaycolor="#010203"/></basematerials>`+
		`<m:colorgroup id="5"><m:color color="#000000"/><m:color color="#0A0B0C0D"/></m:colorgroup>`+
		`<object id="1">`+tetra+`</object><object id="2" pid="4" pindex="0">`+tetra+`</object><object id="3">`+painted+`</object>`,
		`<item objectid="1"/><item objectid="2"/><item objectid="3"/>`)))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int][4]uint8{0: {255, 255, 255, 255}, 4: {1, 2, 3, 255}, 7: {1, 2, 3, 255}, 8: {10, 11, 12, 13}, 11: {255, 255, 255, 255}} {
		if m.Colors[i] != want {
			t.Errorf("vertex %d is %v, not %v", i, m.Colors[i], want)
		}
	}
}
