package export

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"

	"orfeas/pipeline/mesh"
)

var stlASCII = Format{Name: "stl-ascii", Ext: "stl", Title: "STL (text)", Write: writeASCIISTL, Read: readSTL}

func writeASCIISTL(w io.Writer, m *mesh.Mesh, meta Meta) error {
	name := oneLine(meta.Title)
	// A vertex is in six faces as a rule: it is put into words once.
	var words []byte
	ends := make([]int, 0, len(m.Vertices)+1)
	for _, v := range m.Vertices {
		ends = append(ends, len(words))
		words = append(appendFloats(append(words, "vertex"...), v), '\n')
	}
	ends = append(ends, len(words))
	b := fmt.Appendf(nil, "solid %s\n", name)
	for _, t := range m.Triangles {
		b = appendFloats(append(b, "facet normal"...), faceNormal(m.Vertices[t[0]], m.Vertices[t[1]], m.Vertices[t[2]]))
		b = append(b, "\nouter loop\n"...)
		for _, v := range t {
			b = append(b, words[ends[v]:ends[v+1]]...)
		}
		b = append(b, "endloop\nendfacet\n"...)
		if len(b) > flushAt {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(fmt.Appendf(b, "endsolid %s\n", name))
	return err
}

// flushAt is how many bytes the writers of text gather before they write them.
const flushAt = 1 << 16

// readASCIISTL reads one or more solids as one mesh. A file that ends before its endsolid was cut short, and is refused:
// what is missing would be a hole in the print.
func readASCIISTL(data []byte) (*mesh.Mesh, error) {
	w := newWelder(bytes.Count(data, []byte("endloop")))
	var loop []uint32
	open := false
	for rest := data; ; {
		var word []byte
		if word, rest = nextWord(rest); len(word) == 0 {
			break
		}
		switch strings.ToLower(string(short(word))) {
		case "solid": // its name may be any words
			open, rest = true, afterLine(rest)
		case "endsolid":
			open, rest = false, afterLine(rest)
		case "vertex":
			v, after, err := nextVector(rest)
			if err != nil {
				return nil, err
			}
			if rest = after; len(loop) == 3 {
				return nil, fmt.Errorf("%w: a text STL with a loop of more than three vertices", ErrMalformed)
			}
			loop = append(loop, w.vertex([3]uint32{math.Float32bits(v[0]), math.Float32bits(v[1]), math.Float32bits(v[2])}))
		case "endloop":
			if len(loop) != 3 {
				return nil, fmt.Errorf("%w: a text STL with a loop of %d vertices", ErrMalformed, len(loop))
			}
			w.triangles = append(w.triangles, [3]uint32(loop))
			loop = loop[:0]
		}
	}
	if len(loop) != 0 || open || len(w.triangles) == 0 {
		return nil, fmt.Errorf("%w: a text STL that was cut short after %d faces", ErrMalformed, len(w.triangles))
	}
	return w.mesh(), nil
}

// afterLine returns what follows the end of the line.
func afterLine(b []byte) []byte {
	if i := bytes.IndexAny(b[:min(len(b), 1<<12)], "\r\n"); i >= 0 {
		return b[i:]
	}
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[i:]
	}
	return nil
}
