package export

import (
	"fmt"
	"math"

	"orfeas/pipeline/mesh"
)

// readPLY reads the vertices, their colours and the faces; other elements and properties are read over.
func readPLY(data []byte) (*mesh.Mesh, error) {
	h, body, err := plyHeader(data)
	if err != nil {
		return nil, err
	}
	r := newPLYReader(body, h.format)
	m := &mesh.Mesh{}
	for _, e := range h.elements {
		if err := r.element(e, m); err != nil {
			return nil, fmt.Errorf("%w: element %s of a PLY", err, short([]byte(e.name)))
		}
	}
	return m, nil
}

// element reads all values of one element into m.
func (r *plyReader) element(e plyElement, m *mesh.Mesh) error {
	if len(e.properties) == 0 {
		return nil // takes no bytes, however often
	}
	var smallest int64
	for _, p := range e.properties {
		if p.count != 0 {
			smallest += r.size(p.count)
		} else {
			smallest += r.size(p.kind)
		}
	}
	// More than the file can hold is known before anything is allocated. The last word of a text needs no space after it.
	if e.count > (int64(len(r.data))+1)/smallest {
		return fmt.Errorf("%w: %d are declared, which do not fit", ErrMalformed, e.count)
	}
	if e.name == "vertex" {
		return r.vertices(e, m)
	}
	var corners []uint32
	for range e.count {
		for _, p := range e.properties {
			if p.count == 0 {
				if _, err := r.value(p.kind); err != nil {
					return err
				}
				continue
			}
			n, err := r.length(p)
			if err != nil {
				return err
			}
			if e.name != "face" || p.role != plyCorners {
				if err := r.skip(p.kind, n); err != nil {
					return err
				}
				continue
			}
			corners = corners[:0]
			for range n {
				f, err := r.value(p.kind)
				if err != nil || !(f >= 0 && f < maxElements) {
					return fmt.Errorf("%w: a corner is not a vertex", ErrMalformed)
				}
				corners = append(corners, uint32(f))
			}
			if err := fan(m, corners); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *plyReader) vertices(e plyElement, m *mesh.Mesh) error {
	if err := room(m, int(min(e.count, math.MaxInt32)), 0, maxElements); err != nil {
		return err
	}
	roles := 0
	for _, p := range e.properties {
		roles |= 1 << p.role
	}
	m.Vertices = make([][3]float32, e.count)
	if rgb := 1<<plyRed | 1<<plyGreen | 1<<plyBlue; roles&rgb == rgb {
		m.Colors = make([][4]uint8, e.count)
	}
	for i := range m.Vertices {
		color := [4]uint8{3: 255}
		for _, p := range e.properties {
			if p.count != 0 {
				n, err := r.length(p)
				if err == nil {
					err = r.skip(p.kind, n)
				}
				if err != nil {
					return err
				}
				continue
			}
			f, err := r.value(p.kind)
			if err != nil {
				return err
			}
			switch {
			case p.role >= plyX && p.role <= plyZ:
				m.Vertices[i][p.role-plyX] = float32(f)
			case p.role >= plyRed && p.role <= plyAlpha:
				color[p.role-plyRed] = p.kind.channel(f)
			}
		}
		if m.Colors != nil {
			m.Colors[i] = color
		}
	}
	return nil
}
