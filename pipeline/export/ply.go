package export

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"orfeas/pipeline/mesh"
)

var ply = Format{Name: "ply", Ext: "ply", Title: "Stanford PLY", Write: writePLY, Read: readPLY}

func writePLY(w io.Writer, m *mesh.Mesh, meta Meta) error {
	b := fmt.Appendf(nil, "ply\nformat binary_little_endian 1.0\ncomment %s, millimetres, z up\nelement vertex %d\n"+
		"property float x\nproperty float y\nproperty float z\n", oneLine(meta.Application), len(m.Vertices))
	if m.Colors != nil {
		b = append(b, "property uchar red\nproperty uchar green\nproperty uchar blue\n"...)
	}
	b = fmt.Appendf(b, "element face %d\nproperty list uchar int vertex_indices\nend_header\n", len(m.Triangles))
	flush := func(limit int) error {
		if len(b) < limit {
			return nil
		}
		_, err := w.Write(b)
		b = b[:0]
		return err
	}
	for i, v := range m.Vertices {
		b = appendVector(b, v)
		if m.Colors != nil {
			b = append(b, m.Colors[i][:3]...)
		}
		if err := flush(1 << 16); err != nil {
			return err
		}
	}
	for _, t := range m.Triangles {
		b = append(b, 3)
		for _, v := range t {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		if err := flush(1 << 16); err != nil {
			return err
		}
	}
	return flush(0)
}

func readPLY(data []byte) (*mesh.Mesh, error) {
	h, body, err := plyHeader(data)
	if err != nil {
		return nil, err
	}
	r := &plyReader{data: body, format: h.format}
	m := &mesh.Mesh{}
	for _, e := range h.elements {
		if err := e.read(r, m); err != nil {
			return nil, fmt.Errorf("%w: PLY element %s", err, e.name)
		}
	}
	if len(m.Colors) != len(m.Vertices) {
		m.Colors = nil
	}
	return m, nil
}

type plyElement struct {
	name       string
	count      int64
	properties []plyProperty
}

type plyProperty struct {
	name, kind string
	count      string // kind of a list's length; empty for a single value
}

// read takes in an element's values; those nobody knows are read over.
func (e plyElement) read(r *plyReader, m *mesh.Mesh) error {
	var smallest int64
	for _, p := range e.properties {
		if p.count != "" {
			smallest += r.size(p.count)
		} else {
			smallest += r.size(p.kind)
		}
	}
	if e.count > int64(len(r.data))/max(smallest, 1) {
		return ErrMalformed // more than the file can hold, known before anything is allocated
	}
	var face []uint32
	for range e.count {
		var v [3]float32
		c := [4]uint8{3: 255}
		colored := 0
		for _, p := range e.properties {
			n := 1
			if p.count != "" {
				f, err := r.value(p.count)
				if err != nil || !(f >= 0 && f <= 1e6) {
					return ErrMalformed
				}
				n = int(f)
				face = face[:0]
			}
			for range n {
				f, err := r.value(p.kind)
				if err != nil {
					return err
				}
				switch p.name {
				case "x", "y", "z":
					v[p.name[0]-'x'] = float32(f)
				case "red", "green", "blue":
					if p.kind == "float" || p.kind == "float32" {
						f *= 255
					}
					c[map[string]int{"red": 0, "green": 1, "blue": 2}[p.name]] = uint8(min(max(f, 0), 255))
					colored++
				case "vertex_indices", "vertex_index":
					if !(f >= 0 && f <= math.MaxUint32) {
						return ErrMalformed
					}
					face = append(face, uint32(f))
				}
			}
			if p.name == "vertex_indices" || p.name == "vertex_index" {
				m.Triangles = fan(m.Triangles, face)
			}
		}
		if e.name == "vertex" {
			m.Vertices = append(m.Vertices, v)
			if colored == 3 {
				m.Colors = append(m.Colors, c)
			}
		}
	}
	return nil
}

type plyHead struct {
	format   string
	elements []plyElement
}

func plyHeader(data []byte) (h plyHead, body []byte, err error) {
	if !bytes.HasPrefix(data, []byte("ply")) {
		return h, nil, fmt.Errorf("%w: not a PLY", ErrMalformed)
	}
	rest := data
	for len(rest) > 0 {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 || len(data)-len(rest) > 1<<16 {
			break
		}
		var f []string
		for _, w := range bytes.Fields(rest[:end]) {
			f = append(f, string(w))
		}
		rest = rest[end+1:]
		last := len(h.elements) - 1
		switch {
		case len(f) == 1 && f[0] == "end_header":
			return h, rest, nil
		case len(f) >= 2 && f[0] == "format":
			h.format = f[1]
		case len(f) == 3 && f[0] == "element":
			e := plyElement{name: f[1]}
			if _, err := fmt.Sscan(f[2], &e.count); err != nil || e.count < 0 {
				return h, nil, fmt.Errorf("%w: PLY header", ErrMalformed)
			}
			h.elements = append(h.elements, e)
		case len(f) == 3 && f[0] == "property" && last >= 0:
			h.elements[last].properties = append(h.elements[last].properties, plyProperty{name: f[2], kind: f[1]})
		case len(f) == 5 && f[0] == "property" && f[1] == "list" && last >= 0:
			h.elements[last].properties = append(h.elements[last].properties, plyProperty{name: f[4], count: f[2], kind: f[3]})
		}
	}
	return h, nil, fmt.Errorf("%w: PLY header without an end", ErrMalformed)
}
