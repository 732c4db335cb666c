package export

import (
	"fmt"
	"io"
	"strconv"

	"orfeas/pipeline/mesh"
)

var obj = Format{
	Name: "obj", Ext: "obj", Title: "Wavefront OBJ", Write: writeOBJ, Read: readOBJ,
	Companions: []Companion{{Suffix: ".mtl", Write: writeMTL}, {Suffix: objTexture, Needed: textured, Write: writeTexture}},
	readBeside: readOBJBeside,
}

// objTexture ends the name of a texture, so that it is not that of the picture the mesh was made of.
const objTexture = "-texture.png"

// writeOBJ writes vertex colours after the coordinates, as MeshLab began and most programs read, or where the corners lie
// on the texture, if that is written beside it.
func writeOBJ(w io.Writer, m *mesh.Mesh, meta Meta) error {
	b := fmt.Appendf(nil, "# %s, millimetres, z up\n", oneLine(meta.Application))
	if name, ok := meta.companion(); ok {
		b = fmt.Appendf(b, "mtllib %s.mtl\nusemtl surface\n", name)
	} else if m.Texture != nil {
		plain := *m
		if m.Colors == nil {
			colourByTexture(&plain)
		}
		plain.Texture, plain.UVs = nil, nil
		m = &plain
	}
	b = fmt.Appendf(b, "o %s\n", oneLine(meta.Title))
	shades := objShades()
	for i, v := range m.Vertices {
		b = appendFloats(append(b, 'v'), v)
		if m.Colors != nil && m.Texture == nil { // a program might multiply the two
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
	if _, err := w.Write(b); err != nil {
		return err
	}
	b = b[:0]
	at, err := objCorners(w, m)
	if err != nil {
		return err
	}
	for f, t := range m.Triangles {
		b = append(b, 'f')
		for k, v := range t {
			b = strconv.AppendUint(append(b, ' '), uint64(v)+1, 10)
			if at != nil {
				b = strconv.AppendUint(append(b, '/'), uint64(at[f][k])+1, 10)
			}
		}
		if b = append(b, '\n'); len(b) > flushAt {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err = w.Write(b)
	return err
}

// objCorners writes the distinct places of a mesh on its texture, v upward as OBJ has it, and returns the number of each
// corner's; nil without a texture.
func objCorners(w io.Writer, m *mesh.Mesh) ([][3]uint32, error) {
	if m.Texture == nil {
		return nil, nil
	}
	places := newCorners(m)
	var b []byte
	for _, c := range places.list {
		b = strconv.AppendFloat(append(b, "vt "...), float64(c.uv[0]), 'g', -1, 32)
		b = strconv.AppendFloat(append(b, ' '), 1-float64(c.uv[1]), 'g', 9, 64)
		b = append(b, '\n')
	}
	_, err := w.Write(b)
	return places.number, err
}

// corners lists the distinct pairs of a vertex and its place on the texture, in order of first use.
type corners struct {
	list   []corner
	number [][3]uint32 // of every triangle's corners
}

type corner struct {
	vertex uint32
	uv     [2]float32
}

func newCorners(m *mesh.Mesh) *corners {
	c := &corners{number: make([][3]uint32, len(m.Triangles)), list: make([]corner, 0, len(m.Vertices))}
	numbers := make(map[corner]uint32, len(m.Vertices))
	for f, t := range m.Triangles {
		for k, v := range t {
			at := corner{v, m.UVs[f][k]}
			i, known := numbers[at]
			if !known {
				i = uint32(len(c.list))
				c.list, numbers[at] = append(c.list, at), i
			}
			c.number[f][k] = i
		}
	}
	return c
}

// objShades puts the 256 values of a colour channel into words, a space before each: as many digits as bring every one
// back to the same byte.
func objShades() (s [256]string) {
	for i := range s {
		s[i] = " " + strconv.FormatFloat(float64(i)/255, 'f', 4, 32)
	}
	return s
}

// writeMTL names the texture, or gives programs without vertex colours the mean one.
func writeMTL(w io.Writer, m *mesh.Mesh, meta Meta) error {
	if m.Texture != nil {
		name, _ := meta.companion()
		_, err := fmt.Fprintf(w, "newmtl surface\nKa 0 0 0\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd %s%s\n", name, objTexture)
		return err
	}
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
