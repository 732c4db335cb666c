package export

import (
	"bytes"
	"testing"
)

// The targets are worth their time with -fuzzminimizetime 1x: the readers allocate, and minimising what that makes look
// new takes all of it.

// fuzz feeds a reader with what its own writer makes and with the seeds, then with anything: it must neither panic nor
// return a mesh that cannot be written.
func fuzz(f *testing.F, format Format, seeds ...string) {
	data, err := format.Bytes(octahedron(), meta)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{})
	f.Add(data[:len(data)/2])
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { decodes(t, format, data) })
}

func decodes(t *testing.T, format Format, data []byte) {
	m, err := format.Decode(bytes.NewReader(data))
	if err == nil && checkMesh(m) != nil {
		t.Fatal("a mesh that cannot be written was read")
	}
}

func FuzzSTL(f *testing.F) {
	fuzz(f, stl, "solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1e0 0 0\nvertex 0 +1 0\nendloop\nendfacet\nendsolid a\n")
}

func FuzzOBJ(f *testing.F) {
	fuzz(f, obj, "mtllib x.mtl\no a\nv 0 0 0 1 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvn 0 0 1\nusemtl b\nf 1/1/1 2//1 3 4\nf -1 -2 \\\n-3\n")
}

func FuzzPLY(f *testing.F) {
	head := "element vertex 3\nproperty float x\nproperty double y\nproperty float z\nproperty uchar red\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n"
	fuzz(f, ply, "ply\nformat ascii 1.0\ncomment c\n"+head+"0 0 0 9\n1 0 0 9\n0 1 0 9\n3 0 1 2\n", "ply\nformat binary_big_endian 1.0\n"+head+"\x00\x00")
}

func FuzzGLB(f *testing.F) {
	textured, err := glb.Bytes(checkered(), meta)
	if err != nil {
		f.Fatal(err)
	}
	fuzz(f, glb, string(textured), string(glbAccessorOf(`{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3"}`, `{"buffer":0,"byteLength":36}`)))
}

func Fuzz3MF(f *testing.F) { fuzz(f, threeMF) }

// FuzzGLBJSON and Fuzz3MFModel get past what wraps the text: lengths, and the checksums of the zip.
func FuzzGLBJSON(f *testing.F) {
	f.Add(`{"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0,"children":[1],"scale":[1,2,3]},{"matrix":[1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1]}],
"meshes":[{"primitives":[{"attributes":{"POSITION":0,"COLOR_0":2},"indices":1,"mode":5}]}],"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","byteOffset":0},
{"bufferView":1,"componentType":5121,"count":3,"type":"SCALAR"},{"bufferView":0,"componentType":5121,"normalized":true,"count":3,"type":"VEC4"}],
"bufferViews":[{"buffer":0,"byteLength":36},{"buffer":0,"byteOffset":36,"byteLength":4,"byteStride":4}],"buffers":[{"byteLength":40}]}`)
	f.Fuzz(func(t *testing.T, json string) { decodes(t, glb, glbOf(json, make([]byte, 40))) })
}

func Fuzz3MFModel(f *testing.F) {
	f.Add("millimeter", `<basematerials id="9"><base name="a" displaycolor="#FF0000"/></basematerials><object id="1" pid="9" pindex="0">`+tetra+`</object>`+
		`<object id="2"><components><component objectid="1" transform="1 0 0 0 1 0 0 0 1 5 5 5"/></components></object>`, `<item objectid="2"/>`)
	f.Add("inch", doubling(4), `<item objectid="4" transform="1 0 0 0 1 0 0 0 1 0 0 0"/>`)
	// A mesh that its object does not close was once written to after the object had gone.
	f.Add("inch", `<object id="1"><mesh></object><vertex x="0" y="0" z="0"/><triangle v1="0" v2="0" v3="0"/>`, "")
	f.Fuzz(func(t *testing.T, unit, resources, items string) {
		decodes(t, threeMF, modelOf(unit, resources, items))
	})
}
