package export

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"orfeas/pipeline/mesh"
)

var ply = Format{Name: "ply", Ext: "ply", Title: "Stanford PLY", Write: writePLY, Read: readPLY}

// writePLY writes little-endian binary, with alpha only where a vertex is not opaque: not every program knows it.
func writePLY(w io.Writer, m *mesh.Mesh, meta Meta) error {
	b := fmt.Appendf(nil, "ply\nformat binary_little_endian 1.0\ncomment %s, millimetres, z up\nelement vertex %d\n"+
		"property float x\nproperty float y\nproperty float z\n", oneLine(meta.Application), len(m.Vertices))
	channels := 3
	if m.Colors != nil {
		b = append(b, "property uchar red\nproperty uchar green\nproperty uchar blue\n"...)
		if slices.ContainsFunc(m.Colors, func(c [4]uint8) bool { return c[3] != 255 }) {
			b = append(b, "property uchar alpha\n"...)
			channels = 4
		}
	}
	b = fmt.Appendf(b, "element face %d\nproperty list uchar int vertex_indices\nend_header\n", len(m.Triangles))
	for i, v := range m.Vertices {
		var at [12]byte
		putVector(&at, v)
		b = append(b, at[:]...)
		if m.Colors != nil {
			b = append(b, m.Colors[i][:channels]...)
		}
		if len(b) > flushAt {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	for _, t := range m.Triangles {
		at := [13]byte{3}
		for k, v := range t {
			binary.LittleEndian.PutUint32(at[1+4*k:], v)
		}
		if b = append(b, at[:]...); len(b) > flushAt {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}
