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
	buffer := make([]byte, batch*stlFace)
	for from := 0; from < len(m.Triangles); from += batch {
		faces := m.Triangles[from:min(from+batch, len(m.Triangles))]
		for i, t := range faces {
			b := (*[stlFace]byte)(buffer[i*stlFace:])
			p, q, r := m.Vertices[t[0]], m.Vertices[t[1]], m.Vertices[t[2]]
			putVector((*[12]byte)(b[:]), faceNormal(p, q, r))
			putVector((*[12]byte)(b[12:]), p)
			putVector((*[12]byte)(b[24:]), q)
			putVector((*[12]byte)(b[36:]), r)
		}
		if _, err := w.Write(buffer[:len(faces)*stlFace]); err != nil {
			return err
		}
	}
	return nil
}

func putVector(b *[12]byte, v [3]float32) {
	binary.LittleEndian.PutUint32(b[0:], math.Float32bits(v[0]))
	binary.LittleEndian.PutUint32(b[4:], math.Float32bits(v[1]))
	binary.LittleEndian.PutUint32(b[8:], math.Float32bits(v[2]))
}

// faceNormal is [mesh.Mesh.FaceNormal] of three corners at hand, +z when they have no area. It is written out because
// it is what a binary STL costs.
func faceNormal(p, q, r [3]float32) [3]float32 {
	ux, uy, uz := float64(q[0])-float64(p[0]), float64(q[1])-float64(p[1]), float64(q[2])-float64(p[2])
	vx, vy, vz := float64(r[0])-float64(p[0]), float64(r[1])-float64(p[1]), float64(r[2])-float64(p[2])
	x, y, z := uy*vz-uz*vy, uz*vx-ux*vz, ux*vy-uy*vx
	l := math.Sqrt(x*x + y*y + z*z)
	if l == 0 || l > math.MaxFloat64 {
		return [3]float32{0, 0, 1}
	}
	return [3]float32{float32(x / l), float32(y / l), float32(z / l)}
}

// readSTL reads both variants. A file is binary when its length is what its count says, whatever its first word is:
// some programs begin binary files with "solid".
func readSTL(data []byte) (*mesh.Mesh, error) {
	switch {
	case isBinarySTL(data):
		return readBinarySTL(data[stlHeader:]), nil
	case isTextSTL(data):
		return readASCIISTL(data)
	case len(data) < stlHeader:
		return nil, fmt.Errorf("%w: an STL of only %d bytes", ErrMalformed, len(data))
	}
	// Some programs append a signature or colours of their own: what follows the faces is left alone.
	n, room := int64(binary.LittleEndian.Uint32(data[80:])), int64(len(data)-stlHeader)/stlFace
	if n == 0 || n > room {
		return nil, fmt.Errorf("%w: an STL that declares %d faces and has room for %d", ErrMalformed, n, room)
	}
	return readBinarySTL(data[stlHeader : stlHeader+n*stlFace]), nil
}

// isBinarySTL reports whether data is as long as a binary STL of the faces it declares.
func isBinarySTL(data []byte) bool {
	return len(data) > stlHeader &&
		int64(len(data)) == stlHeader+stlFace*int64(binary.LittleEndian.Uint32(data[80:]))
}

// isTextSTL reports whether data begins with the word "solid".
func isTextSTL(data []byte) bool {
	word, _ := nextWord(data[:min(len(data), 512)])
	return bytes.EqualFold(word, []byte("solid"))
}

func readBinarySTL(data []byte) *mesh.Mesh {
	n := len(data) / stlFace
	w := newWelder(n)
	for i := range n {
		b := (*[stlFace]byte)(data[i*stlFace:])
		var t [3]uint32
		for c := range t {
			at := b[12+12*c : 24+12*c]
			t[c] = w.vertex([3]uint32{
				binary.LittleEndian.Uint32(at[0:]), binary.LittleEndian.Uint32(at[4:]), binary.LittleEndian.Uint32(at[8:])})
		}
		w.triangles = append(w.triangles, t)
	}
	return w.mesh()
}
