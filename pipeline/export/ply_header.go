package export

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// plyHead is what a PLY header declares: the encoding of the body and the elements in it, in order.
type plyHead struct {
	format   string
	elements []plyElement
}

type plyElement struct {
	name       string
	count      int64
	properties []plyProperty
}

// plyProperty is a value of an element, or a list of values when count is a kind.
type plyProperty struct {
	kind, count plyKind
	role        plyRole
}

// plyRole is what a value is to a mesh.
type plyRole int8

const (
	plyOther plyRole = iota
	plyX
	plyY
	plyZ
	plyRed
	plyGreen
	plyBlue
	plyAlpha
	plyCorners
)

var plyRoles = map[string]plyRole{
	"x": plyX, "y": plyY, "z": plyZ, "red": plyRed, "green": plyGreen, "blue": plyBlue, "alpha": plyAlpha,
	"diffuse_red": plyRed, "diffuse_green": plyGreen, "diffuse_blue": plyBlue, "diffuse_alpha": plyAlpha,
	"vertex_indices": plyCorners, "vertex_index": plyCorners,
}

// plyHeaderBytes bounds a header, and with it the elements and properties.
const plyHeaderBytes = 1 << 16

// plyHeader reads the header and returns what follows it.
func plyHeader(data []byte) (h plyHead, body []byte, err error) {
	if !bytes.HasPrefix(data, []byte("ply")) {
		return h, nil, fmt.Errorf("%w: not a PLY", ErrMalformed)
	}
	_, rest, _ := bytes.Cut(data, []byte("\n"))
	for len(rest) > 0 && len(data)-len(rest) < plyHeaderBytes {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		if !ended || len(line) > plyHeaderBytes {
			break
		}
		rest = after
		f := strings.Fields(string(line))
		if len(f) == 1 && f[0] == "end_header" {
			return h, rest, h.check()
		}
		if err := h.line(f); err != nil {
			return h, nil, fmt.Errorf("%w: %q", err, short(line))
		}
	}
	return h, nil, fmt.Errorf("%w: a PLY header without an end", ErrMalformed)
}

// line takes in one line of a header.
func (h *plyHead) line(f []string) error {
	wrong := fmt.Errorf("%w: PLY header", ErrMalformed)
	if len(f) == 0 || f[0] == "comment" || f[0] == "obj_info" {
		return nil
	}
	switch last := len(h.elements) - 1; {
	case f[0] == "format" && len(f) >= 2:
		h.format = f[1]
	case f[0] == "element" && len(f) == 3:
		n, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil || n < 0 {
			return wrong
		}
		h.elements = append(h.elements, plyElement{name: f[1], count: n})
	case f[0] == "property" && last >= 0:
		p := plyProperty{role: plyRoles[f[len(f)-1]]}
		switch {
		case len(f) == 3:
			p.kind = plyKinds[f[1]]
		case len(f) == 5 && f[1] == "list":
			if p.count, p.kind = plyKinds[f[2]], plyKinds[f[3]]; p.count == 0 || p.count.real() {
				return wrong
			}
		}
		if p.kind == 0 || (p.role == plyCorners) != (p.count != 0) && p.role != plyOther {
			return wrong
		}
		h.elements[last].properties = append(h.elements[last].properties, p)
	default:
		return wrong
	}
	return nil
}

// check returns an error unless there is one element of vertices in a known encoding, with every coordinate.
func (h *plyHead) check() error {
	switch h.format {
	case "ascii", "binary_little_endian", "binary_big_endian":
	default:
		return fmt.Errorf("%w: a PLY in the format %q", ErrMalformed, short([]byte(h.format)))
	}
	vertices, roles := 0, 0
	for _, e := range h.elements {
		if e.name != "vertex" {
			continue
		}
		vertices++
		for _, p := range e.properties {
			roles |= 1 << p.role
		}
	}
	if xyz := 1<<plyX | 1<<plyY | 1<<plyZ; vertices != 1 || roles&xyz != xyz {
		return fmt.Errorf("%w: a PLY without one list of vertices with x, y and z", ErrMalformed)
	}
	return nil
}
