package export

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// glbOf wraps JSON and a binary chunk into a GLB.
func glbOf(json string, bin []byte) []byte {
	json += strings.Repeat(" ", -len(json)&3)
	bin = append(bin, make([]byte, -len(bin)&3)...)
	b := binary.LittleEndian.AppendUint32([]byte("glTF\x02\x00\x00\x00"), uint32(28+len(json)+len(bin)))
	b = append(binary.LittleEndian.AppendUint32(b, uint32(len(json))), "JSON"+json...)
	b = append(binary.LittleEndian.AppendUint32(b, uint32(len(bin))), "BIN\x00"...)
	return append(b, bin...)
}

// glbAccessorOf is a GLB with one triangle whose accessor and buffer view are as given, in a buffer of 36 bytes.
func glbAccessorOf(accessor, view string) []byte {
	return glbOf(`{"asset":{"version":"2.0"},"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
"accessors":[`+accessor+`],"bufferViews":[`+view+`],"buffers":[{"byteLength":36}]}`, make([]byte, 36))
}

// zipOf packs parts, given as name and content in turn.
func zipOf(parts ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, _ := z.Create(parts[i])
		_, _ = w.Write([]byte(parts[i+1]))
	}
	_ = z.Close()
	return b.Bytes()
}

// modelOf is a 3MF of the resources and build items given.
func modelOf(unit, resources, items string) []byte {
	return zipOf("3D/3dmodel.model", `<?xml version="1.0"?><model unit="`+unit+`" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources>`+
		resources+`</resources><build>`+items+`</build></model>`)
}

// tetra is a mesh for an object: corner of a cube of side 1, faces outward, volume 1/6.
const tetra = `<mesh><vertices><vertex x="0" y="0" z="0"/><vertex x="1" y="0" z="0"/><vertex x="0" y="1" z="0"/><vertex x="0" y="0" z="1"/></vertices>` +
	`<triangles><triangle v1="0" v2="2" v3="1"/><triangle v1="0" v2="1" v3="3"/><triangle v1="0" v2="3" v3="2"/><triangle v1="1" v2="2" v3="3"/></triangles></mesh>`

// doubling is n objects of which each holds the one before twice.
func doubling(n int) string {
	s := `<object id="1">` + tetra + `</object>`
	for i := 2; i <= n; i++ {
		s += fmt.Sprintf(`<object id="%d"><components><component objectid="%d"/><component objectid="%d"/></components></object>`, i, i-1, i-1)
	}
	return s
}

const plyVertex = "element vertex 3\nproperty float x\nproperty float y\nproperty float z\n"

func TestHostileFiles(t *testing.T) {
	huge := make([]byte, stlHeader)
	copy(huge[80:], "\xff\xff\xff\xff")
	solid := append([]byte("solid "), huge[6:]...)
	none := glbOf(`{"asset":{"version":"2.0"}}`, nil)
	const accessor = `{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3"}`
	const view = `{"buffer":0,"byteLength":36}`
	tests := []struct {
		name string
		f    Format
		data []byte
	}{
		{"four billion faces", stl, huge},
		{"four billion faces and the word solid", stl, solid},
		{"text without faces", stl, []byte("solid x\nendsolid x\n")},
		{"text cut short", stl, []byte("solid x\nvertex 1 2 3\nvertex 1 2\n")},
		{"text without its end", stl, []byte("solid x\nouter loop vertex 0 0 0 vertex 1 0 0 vertex 0 1 0 endloop")},
		{"four corners", stl, []byte("solid x\nouter loop vertex 0 0 0 vertex 1 0 0 vertex 0 1 0 vertex 1 1 1 endloop endsolid")},
		{"infinite", stl, []byte("solid x\nouter loop vertex 0 0 0 vertex 1 0 inf vertex 0 1 0 endloop endsolid")},
		{"index before the first", obj, []byte("v 0 0 0\nf -2 1 1\n")},
		{"index 0", obj, []byte("v 0 0 0\nf 0 1 1\n")},
		{"index out of range", obj, []byte("v 0 0 0\nf 1 2 3\n")},
		{"index beyond any number", obj, []byte("v 0 0 0\nf 1 1 99999999999999999999\n")},
		{"no faces", obj, []byte("v 0 0 0\n")},
		{"not a number", obj, []byte("v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")},
		{"beyond a float", obj, []byte("v 1e99 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")},
		{"two numbers", obj, []byte("v 1 0\nf 1 1 1\n")},
		{"only backslashes", obj, bytes.Repeat([]byte("\\\n"), 1<<16)},
		{"one long line", obj, bytes.Repeat([]byte("f 1 "), 1<<18)},
		{"header only", ply, []byte("ply\nformat ascii 1.0\n")},
		{"a billion vertices", ply, []byte("ply\nformat binary_little_endian 1.0\nelement vertex 999999999\nproperty float x\nproperty float y\nproperty float z\nend_header\n")},
		{"beyond any number", ply, []byte("ply\nformat ascii 1.0\nelement vertex 99999999999999999999\n")},
		{"no properties", ply, []byte("ply\nformat ascii 1.0\nelement vertex 99999999999\nend_header\n")},
		{"many elements of nothing", ply, []byte("ply\nformat ascii 1.0\n" + plyVertex + strings.Repeat("element e 9999999999\n", 2000) + "end_header\n0 0 0 1 0 0 0 1 0\n")},
		{"a list of four billion", ply, []byte("ply\nformat binary_little_endian 1.0\n" + plyVertex + "element face 1\nproperty list uint int vertex_indices\nend_header\n" + strings.Repeat("\x00", 36) + "\xff\xff\xff\xff")},
		{"a list of less than nothing", ply, []byte("ply\nformat ascii 1.0\n" + plyVertex + "element face 1\nproperty list char int vertex_indices\nend_header\n0 0 0 1 0 0 0 1 0 -3 0 1 2\n")},
		{"a list of NaN", ply, []byte("ply\nformat ascii 1.0\n" + plyVertex + "element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0 1 0 0 0 1 0 nan 0 1 2\n")},
		{"a corner that is no vertex", ply, []byte("ply\nformat ascii 1.0\n" + plyVertex + "element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0 1 0 0 0 1 0 3 0 1 -2\n")},
		{"an unknown kind", ply, []byte("ply\nformat ascii 1.0\nelement vertex 3\nproperty quad x\n")},
		{"an endless header", ply, append([]byte("ply\n"), bytes.Repeat([]byte("comment\n"), 1<<16)...)},
		{"no scene", glb, none},
		{"cut in its header", glb, none[:16]},
		{"longer than it is", glb, append(append([]byte{}, none[:8]...), append([]byte("\xff\xff\xff\xff"), none[12:]...)...)},
		{"a chunk longer than it is", glb, append(append([]byte{}, none[:12]...), append([]byte("\xff\xff\xff\xff"), none[16:]...)...)},
		{"accessor that is not there", glb, glbAccessorOf("", "")},
		{"four billion elements of nothing", glb, glbAccessorOf(`{"componentType":5126,"count":4000000000,"type":"VEC3"}`, "")},
		{"four billion elements", glb, glbAccessorOf(`{"bufferView":0,"componentType":5126,"count":4000000000,"type":"VEC3"}`, view)},
		{"less than nothing", glb, glbAccessorOf(`{"bufferView":0,"componentType":5126,"count":-1,"type":"VEC3"}`, view)},
		{"one element too many", glb, glbAccessorOf(`{"bufferView":0,"componentType":5126,"count":4,"type":"VEC3"}`, view)},
		{"an offset beyond", glb, glbAccessorOf(`{"bufferView":0,"byteOffset":9223372036854775807,"componentType":5126,"count":3,"type":"VEC3"}`, view)},
		{"an offset before", glb, glbAccessorOf(`{"bufferView":0,"byteOffset":-4,"componentType":5126,"count":3,"type":"VEC3"}`, view)},
		{"a view beyond", glb, glbAccessorOf(accessor, `{"buffer":0,"byteOffset":9223372036854775807,"byteLength":36}`)},
		{"a stride beyond", glb, glbAccessorOf(accessor, `{"buffer":0,"byteLength":36,"byteStride":9223372036854775807}`)},
		{"a stride too small", glb, glbAccessorOf(accessor, `{"buffer":0,"byteLength":36,"byteStride":4}`)},
		{"an unknown type", glb, glbAccessorOf(`{"bufferView":0,"componentType":1,"count":3,"type":"VEC3"}`, view)},
		{"more replaced than there are", glb, glbAccessorOf(`{"componentType":5126,"count":3,"type":"VEC3","sparse":{"count":4,"indices":{"bufferView":0,"componentType":5121},"values":{"bufferView":0}}}`, view)},
		{"replaced beyond", glb, glbAccessorOf(`{"componentType":5126,"count":3,"type":"VEC3","sparse":{"count":1,"indices":{"bufferView":0,"componentType":5125},"values":{"bufferView":7}}}`, view)},
		{"node its own child", glb, glbOf(`{"asset":{"version":"2.0"},"scenes":[{"nodes":[0]}],"nodes":[{"children":[0]}]}`, nil)},
		{"node with two parents", glb, glbOf(`{"scenes":[{"nodes":[0]}],"nodes":[{"children":[1,1]},{}]}`, nil)},
		{"a file outside", glb, glbOf(`{"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"buffers":[{"uri":"/etc/passwd","byteLength":10}]}`, nil)},
		{"compressed meshes", glb, glbOf(`{"extensionsRequired":["KHR_draco_mesh_compression"],"scenes":[{}]}`, nil)},
		{"JSON without end", glb, glbOf(strings.Repeat("[", 1<<16), nil)},
		{"not a zip", threeMF, []byte("PK\x03\x04 and no more")},
		{"no model", threeMF, zipOf("hello.txt", "hello")},
		{"a model that is none", threeMF, zipOf("3D/3dmodel.model", "hello")},
		{"a model cut short", threeMF, zipOf("3D/3dmodel.model", `<model><resources><object id="1">`+tetra)},
		{"a document type", threeMF, zipOf("3D/3dmodel.model", `<!DOCTYPE x [<!ENTITY a "b">]><model></model>`)},
		{"a tag without end", threeMF, zipOf("3D/3dmodel.model", `<model a="`+strings.Repeat("x", 4<<20))},
		{"an object that is not there", threeMF, modelOf("inch", "", `<item objectid="1"/>`)},
		{"an object twice", threeMF, modelOf("inch", `<object id="1"/><object id="1"/>`, "")},
		{"a part that is not there", threeMF, modelOf("inch", "", `<item objectid="1" p:path="/3D/other.model"/>`)},
		{"an unknown unit", threeMF, modelOf("mile", `<object id="1">`+tetra+`</object>`, `<item objectid="1"/>`)},
		{"an infinite transform", threeMF, modelOf("inch", `<object id="1">`+tetra+`</object>`, `<item objectid="1" transform="inf 0 0 0 1 0 0 0 1 0 0 0"/>`)},
		{"a corner out of range", threeMF, modelOf("inch", `<object id="1"><mesh><vertex x="0" y="0" z="0"/><triangle v1="0" v2="0" v3="1"/></mesh></object>`, `<item objectid="1"/>`)},
		{"a component of itself", threeMF, modelOf("inch", `<object id="1"><components><component objectid="1"/></components></object>`, `<item objectid="1"/>`)},
		{"components that double", threeMF, modelOf("inch", doubling(60), `<item objectid="60"/>`)},
		{"empty components that double", threeMF, modelOf("inch", strings.Replace(doubling(60), tetra, "", 1), `<item objectid="60"/>`)},
		{"a million components", threeMF, modelOf("inch", `<object id="1">`+tetra+`</object><object id="2">`+strings.Repeat(`<component objectid="1"/>`, 1<<20)+`</object>`, `<item objectid="2"/>`)},
		{"a zip bomb", threeMF, zipOf("3D/3dmodel.model", strings.Repeat(" ", 80<<20))},
	}
	for _, f := range Formats {
		tests = append(tests, struct {
			name string
			f    Format
			data []byte
		}{"empty", f, nil})
	}
	for _, tt := range tests {
		t.Run(tt.f.Name+"/"+tt.name, func(t *testing.T) {
			before := allocated()
			m, err := tt.f.Decode(bytes.NewReader(tt.data))
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("%v, %v", m, err)
			}
			if used := allocated() - before; used > 96<<20+64*uint64(len(tt.data)) {
				t.Errorf("%d bytes made it allocate %d MB", len(tt.data), used>>20)
			}
		})
	}
}

// allocated is how many bytes were ever taken from the heap.
func allocated() uint64 {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.TotalAlloc
}

// TestTruncated cuts a file of every format at every length. Only an OBJ may not notice.
func TestTruncated(t *testing.T) {
	for _, f := range Formats {
		data, err := f.Bytes(octahedron(), meta)
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.TrimRight(data, "\n") // without its last line break a text is whole
		for n := range len(data) {
			m, err := f.Decode(bytes.NewReader(data[:n]))
			if f.Name == "obj" && err == nil && len(m.Triangles) <= 8 {
				continue
			}
			if f.Name == "stl-ascii" && err == nil && n > bytes.LastIndex(data, []byte("endsolid")) {
				continue // only its name was cut
			}
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("%s cut to %d of %d bytes: %v", f.Name, n, len(data), err)
			}
		}
	}
}

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "no.stl")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing there: %v", err)
	}
	folder := filepath.Join(dir, "folder.stl")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range append([]string{folder}, noFiles(t, dir)...) {
		if _, err := Open(path); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "it is") {
			t.Errorf("%s: %v", path, err)
		}
	}
	big := filepath.Join(dir, "big.stl")
	if err := os.WriteFile(big, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, MaxBytes+1); err != nil {
		t.Skip("a large sparse file cannot be made here: ", err)
	}
	if _, err := Open(big); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large file: %v", err)
	}
}
