package export

import (
	"fmt"
	"io"
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
	shades := objShades()
	for i, v := range m.Vertices {
		b = appendFloats(append(b, 'v'), v)
		if m.Colors != nil {
			for _, c := range m.Colors[i][:3] {
				b = append(b, shades[c]...)
			}
		}
		if b = append(b, '\n'); len(b) > flushAt {
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
		if b = append(b, '\n'); len(b) > flushAt {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

// objShades puts the 256 values of a colour channel into words, a space before each: as many digits as bring every one
// back to the same byte.
func objShades() (s [256]string) {
	for i := range s {
		s[i] = " " + strconv.FormatFloat(float64(i)/255, 'f', 4, 32)
	}
	return s
}

// writeMTL gives programs without vertex colours the mean one.
func writeMTL(w io.Writer, m *mesh.Mesh, _ Meta) error {
	mean := [3]float64{0.8, 0.8, 0.8}
	if n := float64(len(m.Colors)); n > 0 {
		var sum [3]float64
		for _, c := range m.Colors {
			for k := range sum {
				sum[k] += float64(c[k])
			}
		}
		for k := range mean {
			mean[k] = sum[k] / 255 / n
		}
	}
	_, err := fmt.Fprintf(w, "newmtl surface\nKa 0 0 0\nKd %.4f %.4f %.4f\nKs 0 0 0\nillum 1\n", mean[0], mean[1], mean[2])
	return err
}
