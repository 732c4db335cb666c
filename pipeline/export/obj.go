package export

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"

	"orfeas/pipeline/mesh"
)

var obj = Format{
	Name: "obj", Ext: "obj", Title: "Wavefront OBJ", Write: writeOBJ, Read: readOBJ,
	Companion: &Companion{Ext: "mtl", Write: writeMTL},
}

// writeOBJ writes vertex colours after the coordinates, as MeshLab began and most programs read.
func writeOBJ(w io.Writer, m *mesh.Mesh, meta Meta) error {
	b := fmt.Appendf(nil, "# %s, millimetres, z up\n", oneLine(meta.Application))
	for _, e := range meta.Extra {
		if e[0] == companionName {
			b = fmt.Appendf(b, "mtllib %s\nusemtl surface\n", e[1])
		}
	}
	b = fmt.Appendf(b, "o %s\n", oneLine(meta.Title))
	for i, v := range m.Vertices {
		b = appendFloats(append(b, 'v'), v)
		if m.Colors != nil {
			c := m.Colors[i]
			for k := range 3 {
				b = strconv.AppendFloat(append(b, ' '), float64(c[k])/255, 'f', 4, 32)
			}
		}
		b = append(b, '\n')
		if len(b) > 1<<16 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	for _, t := range m.Triangles {
		b = append(b, 'f')
		for _, v := range t {
			b = strconv.AppendUint(append(b, ' '), uint64(v)+1, 10)
		}
		b = append(b, '\n')
		if len(b) > 1<<16 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

// writeMTL gives programs without vertex colours the mean one.
func writeMTL(w io.Writer, m *mesh.Mesh, _ Meta) error {
	mean := [3]float64{0.8, 0.8, 0.8}
	if n := float64(len(m.Colors)); n > 0 {
		mean = [3]float64{}
		for _, c := range m.Colors {
			for k := range mean {
				mean[k] += float64(c[k]) / 255 / n
			}
		}
	}
	_, err := fmt.Fprintf(w, "newmtl surface\nKa 0 0 0\nKd %.4f %.4f %.4f\nKs 0 0 0\nillum 1\n", mean[0], mean[1], mean[2])
	return err
}

func readOBJ(data []byte) (*mesh.Mesh, error) {
	m := &mesh.Mesh{}
	var face []uint32
	for line := range bytes.Lines(data) {
		f := bytes.Fields(line)
		if len(f) == 0 {
			continue
		}
		switch string(f[0]) {
		case "v":
			v, err := parseVector(f[1:])
			if err != nil {
				return nil, err
			}
			m.Vertices = append(m.Vertices, v)
			if len(f) >= 7 {
				c, err := parseVector(f[4:])
				if err != nil {
					return nil, err
				}
				m.Colors = append(m.Colors, [4]uint8{byteOf(c[0]), byteOf(c[1]), byteOf(c[2]), 255})
			}
		case "f":
			face = face[:0]
			for _, corner := range f[1:] {
				v, err := objIndex(corner, len(m.Vertices))
				if err != nil {
					return nil, err
				}
				face = append(face, v)
			}
			m.Triangles = fan(m.Triangles, face)
		}
	}
	if len(m.Colors) != len(m.Vertices) {
		m.Colors = nil
	}
	return m, nil
}

func byteOf(f float32) uint8 { return uint8(math.Round(float64(min(max(f, 0), 1)) * 255)) }

// objIndex reads the vertex of a corner such as 7, 7/1, 7//2 or -1, counted from 1 or back from the last.
func objIndex(corner []byte, n int) (uint32, error) {
	if i := bytes.IndexByte(corner, '/'); i >= 0 {
		corner = corner[:i]
	}
	v, err := strconv.ParseInt(string(corner), 10, 64)
	if v < 0 {
		v += int64(n) + 1
	}
	if err != nil || v < 1 || v > int64(n) {
		return 0, fmt.Errorf("%w: a face uses vertex %q of %d", ErrMalformed, corner, n)
	}
	return uint32(v - 1), nil
}

// fan splits a polygon into triangles round its first corner.
func fan(to [][3]uint32, face []uint32) [][3]uint32 {
	for i := 2; i < len(face); i++ {
		to = append(to, [3]uint32{face[0], face[i-1], face[i]})
	}
	return to
}
