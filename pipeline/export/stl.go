package export

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"orfeas/pipeline/mesh"
)

var stl = Format{Name: "stl", Ext: "stl", Title: "STL (binary)", Write: writeSTL, Read: readSTL}

const (
	stlHeader = 84 // 80 bytes of text and the number of faces
	stlFace   = 50 // normal, three corners, two bytes nobody uses
)

func writeSTL(w io.Writer, m *mesh.Mesh, meta Meta) error {
	head := make([]byte, stlHeader)
	// Not "solid": readers take that for the text variant.
	copy(head[:80], "binary STL, millimetres; "+meta.Application+"; "+meta.Title)
	binary.LittleEndian.PutUint32(head[80:], uint32(len(m.Triangles)))
	if _, err := w.Write(head); err != nil {
		return err
	}
	const batch = 4096
	buffer := make([]byte, 0, batch*stlFace)
	for i, t := range m.Triangles {
		buffer = appendVector(buffer, m.FaceNormal(i))
		for _, v := range t {
			buffer = appendVector(buffer, m.Vertices[v])
		}
		buffer = append(buffer, 0, 0)
		if len(buffer) == cap(buffer) || i == len(m.Triangles)-1 {
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			buffer = buffer[:0]
		}
	}
	return nil
}

func appendVector(b []byte, v [3]float32) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// readSTL reads both variants. A file is binary when its length is what its count says, whatever its first word is:
// some programs begin binary files with "solid".
func readSTL(data []byte) (*mesh.Mesh, error) {
	if len(data) >= stlHeader {
		n := int64(binary.LittleEndian.Uint32(data[80:]))
		if int64(len(data)) == stlHeader+n*stlFace {
			return readBinarySTL(data[stlHeader:], int(n)), nil
		}
		if !bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(data[:80])), []byte("solid")) {
			return nil, fmt.Errorf("%w: an STL of %d bytes cannot hold the %d faces it declares", ErrMalformed, len(data), n)
		}
	}
	return readASCIISTL(data)
}

func readBinarySTL(data []byte, n int) *mesh.Mesh {
	w := newWelder(n)
	for i := range n {
		for c := range 3 {
			at := data[i*stlFace+12*(c+1):]
			var v [3]float32
			for k := range v {
				v[k] = math.Float32frombits(binary.LittleEndian.Uint32(at[4*k:]))
			}
			w.corner(v)
		}
	}
	return w.mesh
}

// welder rebuilds the shared vertices of a format that repeats every corner: equal coordinates are one vertex.
type welder struct {
	mesh  *mesh.Mesh
	known map[[3]float32]uint32
	face  [3]uint32
	n     int
}

func newWelder(faces int) *welder {
	return &welder{
		mesh:  &mesh.Mesh{Triangles: make([][3]uint32, 0, faces), Vertices: make([][3]float32, 0, faces/2)},
		known: make(map[[3]float32]uint32, faces/2),
	}
}

func (w *welder) corner(v [3]float32) {
	for k := range v {
		v[k] += 0 // makes -0 and 0 one key
	}
	id, ok := w.known[v]
	if !ok {
		id = uint32(len(w.mesh.Vertices))
		w.mesh.Vertices = append(w.mesh.Vertices, v)
		w.known[v] = id
	}
	w.face[w.n] = id
	if w.n++; w.n == 3 {
		w.n = 0
		w.mesh.Triangles = append(w.mesh.Triangles, w.face)
	}
}
