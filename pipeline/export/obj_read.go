package export

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"strconv"

	"orfeas/pipeline/mesh"
)

// readOBJ reads vertices, their colours where every vertex has one, and faces. Faces may come before their vertices:
// whether every index is in range is seen at the end.
func readOBJ(data []byte) (*mesh.Mesh, error) {
	return readOBJBeside(data, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
}

// readOBJBeside reads the texture too, when the file has one for all of its faces and it is found. One that is missing or
// cannot be read is no error: the shape is there without it.
func readOBJBeside(data []byte, beside func(name string) ([]byte, error)) (*mesh.Mesh, error) {
	m := &mesh.Mesh{}
	var face, places []uint32
	var uvs [][2]float32
	var on [][3]uint32 // the numbers in uvs of every triangle's corners
	library := ""
	for rest := bytes.TrimPrefix(data, []byte("\ufeff")); len(rest) > 0; {
		var line []byte
		line, rest = objLine(rest)
		word, args := nextWord(line)
		var err error
		switch string(word) {
		case "v":
			err = objVertex(m, args)
		case "f":
			if face, places, err = objFace(face[:0], places[:0], args, len(m.Vertices), len(uvs)); err == nil {
				err = fan(m, face)
			}
			for i := 2; i < len(places) && err == nil; i++ {
				on = append(on, [3]uint32{places[0], places[i-1], places[i]})
			}
		case "vt":
			var uv [2]float32
			if uv, err = objPlace(args); err == nil {
				uvs = append(uvs, uv)
			}
		case "mtllib":
			library = string(bytes.TrimSpace(args))
		}
		if err != nil {
			return nil, err
		}
	}
	if len(m.Colors) != len(m.Vertices) {
		m.Colors = nil
	}
	if len(on) == len(m.Triangles) && library != "" {
		return m, objPaint(m, uvs, on, library, beside)
	}
	return m, nil
}

// objPlace reads a place on a texture; it is turned to be counted from the upper edge.
func objPlace(args []byte) (uv [2]float32, err error) {
	for k := range uv {
		var word []byte
		if word, args = objWord(args); len(word) > 0 { // one-dimensional textures have no second
			if uv[k], err = parseFloat(word); err != nil {
				return uv, err
			}
		}
	}
	uv[1] = 1 - uv[1]
	return uv, nil
}

// objPaint puts the texture of the material library on a mesh. A library with several textures is more than a mesh has
// room for: its colours are left out.
func objPaint(m *mesh.Mesh, uvs [][2]float32, on [][3]uint32, library string, beside func(string) ([]byte, error)) error {
	text, err := beside(library)
	if err != nil {
		return nil
	}
	texture := ""
	for line := range bytes.Lines(text) {
		word, args := nextWord(line)
		if string(word) != "map_Kd" {
			continue
		}
		name := string(bytes.TrimSpace(args))
		if texture != "" && texture != name {
			return nil
		}
		texture = name
	}
	if texture == "" {
		return nil
	}
	data, err := beside(texture)
	if err != nil {
		return nil
	}
	if m.Texture, err = decodeTexture(data); m.Texture == nil {
		return err
	}
	m.UVs = make([][3][2]float32, len(on))
	for f, t := range on {
		for k, i := range t {
			if int64(i) >= int64(len(uvs)) {
				return fmt.Errorf("%w: a face uses place %d of %d on the texture", ErrMalformed, i+1, len(uvs))
			}
			m.UVs[f][k] = uvs[i]
		}
	}
	n := uint32(len(m.Vertices))
	for _, t := range m.Triangles {
		if t[0] >= n || t[1] >= n || t[2] >= n {
			return nil // which is found out later
		}
	}
	colourByTexture(m)
	return nil
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

// objFace reads the corners of a face, such as 7, 7/1, 7//2 or -1: their vertices, counted from 1 or back from the last
// of n, and their places on the texture, counted likewise of uvs, when all have one.
func objFace(face, places []uint32, args []byte, n, uvs int) (vertices, on []uint32, err error) {
	for {
		var corner []byte
		if corner, args = objWord(args); len(corner) == 0 {
			if len(places) != len(face) {
				places = nil
			}
			return face, places, nil
		}
		index, rest, _ := bytes.Cut(corner, []byte("/"))
		v, ok := objIndex(index, n)
		if !ok {
			return nil, nil, fmt.Errorf("%w: a face uses vertex %q of %d", ErrMalformed, short(corner), n)
		}
		face = append(face, v)
		place, _, _ := bytes.Cut(rest, []byte("/"))
		if v, ok := objIndex(place, uvs); ok {
			places = append(places, v)
		}
	}
}

// objIndex reads a number counted from 1, or back from the last of n, and makes it count from 0.
func objIndex(b []byte, n int) (uint32, bool) {
	v, err := strconv.ParseInt(string(b), 10, 64)
	if v < 0 {
		v += int64(n) + 1
	}
	return uint32(v - 1), err == nil && v >= 1 && v <= maxElements
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
