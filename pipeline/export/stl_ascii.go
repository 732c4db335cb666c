package export

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"orfeas/pipeline/mesh"
)

var stlASCII = Format{Name: "stl-ascii", Ext: "stl", Title: "STL (text)", Write: writeASCIISTL, Read: readSTL}

func writeASCIISTL(w io.Writer, m *mesh.Mesh, meta Meta) error {
	name := oneLine(meta.Title)
	if _, err := fmt.Fprintf(w, "solid %s\n", name); err != nil {
		return err
	}
	var b []byte
	for i, t := range m.Triangles {
		b = appendFloats(append(b[:0], "facet normal"...), m.FaceNormal(i))
		b = append(b, "\nouter loop\n"...)
		for _, v := range t {
			b = append(appendFloats(append(b, "vertex"...), m.Vertices[v]), '\n')
		}
		b = append(b, "endloop\nendfacet\n"...)
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "endsolid %s\n", name)
	return err
}

// appendFloats appends numbers, a space before each, in the fewest digits that read back to the same float32.
func appendFloats(b []byte, v [3]float32) []byte {
	for _, x := range v {
		b = strconv.AppendFloat(append(b, ' '), float64(x), 'g', -1, 32)
	}
	return b
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func readASCIISTL(data []byte) (*mesh.Mesh, error) {
	w := newWelder(len(data) / 256)
	for line := range bytes.Lines(data) {
		f := bytes.Fields(line)
		if len(f) == 0 || !bytes.EqualFold(f[0], []byte("vertex")) {
			continue
		}
		v, err := parseVector(f[1:])
		if err != nil {
			return nil, err
		}
		w.corner(v)
	}
	if w.n != 0 || len(w.mesh.Triangles) == 0 {
		return nil, fmt.Errorf("%w: a text STL without whole faces", ErrMalformed)
	}
	return w.mesh, nil
}

func parseVector(f [][]byte) (v [3]float32, err error) {
	if len(f) < 3 {
		return v, fmt.Errorf("%w: a vertex with %d numbers", ErrMalformed, len(f))
	}
	for k := range v {
		x, err := strconv.ParseFloat(string(f[k]), 32)
		if err != nil {
			return v, fmt.Errorf("%w: %q is not a coordinate", ErrMalformed, f[k])
		}
		v[k] = float32(x)
	}
	return v, nil
}
