package export

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"orfeas/pipeline/mesh"
)

// readOBJ reads vertices, their colours where every vertex has one, and faces. Faces may come before their vertices:
// whether every index is in range is seen at the end.
func readOBJ(data []byte) (*mesh.Mesh, error) {
	m := &mesh.Mesh{}
	var face []uint32
	for rest := bytes.TrimPrefix(data, []byte("\ufeff")); len(rest) > 0; {
		var line []byte
		line, rest = objLine(rest)
		word, args := nextWord(line)
		var err error
		switch string(word) {
		case "v":
			err = objVertex(m, args)
		case "f":
			if face, err = objFace(face[:0], args, len(m.Vertices)); err == nil {
				err = fan(m, face)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if len(m.Colors) != len(m.Vertices) {
		m.Colors = nil
	}
	return m, nil
}

// objLine splits off a line and those that a backslash at its end joins to it. A comment is never joined: the names of
// folders that programs put there end in a backslash too.
func objLine(b []byte) (line, rest []byte) {
	comment := len(b) > 0 && b[0] == '#'
	for end := 0; end < len(b); end++ {
		i := bytes.IndexByte(b[end:], '\n')
		if i < 0 {
			break
		}
		end += i
		if body := bytes.TrimSuffix(b[:end], []byte("\r")); comment || !bytes.HasSuffix(body, []byte(`\`)) {
			return b[:end], b[end+1:]
		}
	}
	return b, nil
}

// objWord is [nextWord] of a joined line: a backslash by itself and what follows a # is no word.
func objWord(b []byte) (word, rest []byte) {
	for {
		word, rest = nextWord(b)
		if len(word) > 0 && word[0] == '#' {
			return nil, nil
		}
		word = bytes.TrimSuffix(word, []byte(`\`))
		if len(word) > 0 || len(rest) == 0 {
			return word, rest
		}
		b = rest
	}
}

// objVertex reads three coordinates, which a weight may follow or the three channels of a colour from 0 to 1.
func objVertex(m *mesh.Mesh, args []byte) error {
	var x [7]float32
	n := 0
	for ; n < len(x); n++ {
		var word []byte
		if word, args = objWord(args); len(word) == 0 {
			break
		}
		var err error
		if x[n], err = parseFloat(word); err != nil {
			return err
		}
	}
	if n < 3 {
		return fmt.Errorf("%w: a vertex with %d numbers", ErrMalformed, n)
	}
	if n >= 6 && len(m.Colors) == len(m.Vertices) {
		m.Colors = append(m.Colors, [4]uint8{byteOf(x[3]), byteOf(x[4]), byteOf(x[5]), 255})
	}
	m.Vertices = append(m.Vertices, [3]float32(x[:3]))
	return room(m, 0, 0, maxElements)
}

func byteOf(f float32) uint8 { return uint8(math.Round(float64(min(max(f, 0), 1)) * 255)) }

// objFace reads the vertices of corners such as 7, 7/1, 7//2 or -1, counted from 1 or back from the last of n.
func objFace(face []uint32, args []byte, n int) ([]uint32, error) {
	for {
		var corner []byte
		if corner, args = objWord(args); len(corner) == 0 {
			return face, nil
		}
		index, _, _ := bytes.Cut(corner, []byte("/"))
		v, err := strconv.ParseInt(string(index), 10, 64)
		if v < 0 {
			v += int64(n) + 1
		}
		if err != nil || v < 1 || v > maxElements {
			return nil, fmt.Errorf("%w: a face uses vertex %q of %d", ErrMalformed, short(corner), n)
		}
		face = append(face, uint32(v-1))
	}
}

// fan splits a polygon into triangles round its first corner.
func fan(m *mesh.Mesh, face []uint32) error {
	if err := room(m, 0, max(len(face)-2, 0), maxElements); err != nil {
		return err
	}
	for i := 2; i < len(face); i++ {
		m.Triangles = append(m.Triangles, [3]uint32{face[0], face[i-1], face[i]})
	}
	return nil
}
