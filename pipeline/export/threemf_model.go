package export

import (
	"encoding/hex"
	"fmt"
	"html"
	"strconv"

	"orfeas/pipeline/mesh"
)

// model3MF is one model part, filled tag by tag.
type model3MF struct {
	reader   *threeMFReader
	unit     string
	objects  map[uint32]*object3MF
	palettes map[uint32][][4]uint8 // colour groups and base materials
	bases    map[uint32]bool       // which of them are base materials
	items    []placement

	object *object3MF // that is open
	inMesh bool       // other extensions have vertices and triangles of their own
	group  uint32     // the palette that is open, when inGroup
	inside bool
	closed bool // the model was seen whole
}

// object3MF is a mesh, or components.
type object3MF struct {
	mesh       mesh.Mesh
	pid, index uint32 // the property of triangles that have none
	filaments  uint32 // the base materials that its triangles have
	components []placement
}

// placement puts an object of a part, "" for the same one, somewhere.
type placement struct {
	part   string
	object uint32
	at     *matrix // nil for the identity: a list of many takes little
}

// tag takes in one tag.
func (m *model3MF) tag(t *xmlTag) error {
	switch string(t.name) {
	case "vertex":
		if m.inMesh {
			return m.vertex(t)
		}
	case "triangle":
		if m.inMesh {
			return m.triangle(t)
		}
	case "mesh":
		m.inMesh = m.object != nil && !t.closing && !t.empty
	case "object":
		if m.object, m.inMesh = nil, false; !t.closing {
			return m.open(t)
		}
	case "component":
		if m.object != nil && !t.closing {
			return m.placed(t, &m.object.components)
		}
	case "item":
		if !t.closing {
			return m.placed(t, &m.items)
		}
	case "colorgroup", "basematerials":
		return m.palette(t)
	case "color", "base":
		if m.inside && !t.closing {
			return m.color(t)
		}
	case "model":
		m.closed = t.closing
		for name, value := t.attribute(); len(name) > 0; name, value = t.attribute() {
			if string(name) == "unit" {
				m.unit = string(value)
			}
		}
	}
	return nil
}

// hold counts n vertices or triangles that are kept.
func (m *model3MF) hold(n int) error {
	if m.reader.held += n; m.reader.held > 2*m.reader.limit {
		return fmt.Errorf("%w: more than %d vertices and triangles", ErrTooLarge, 2*m.reader.limit)
	}
	return nil
}

// enter counts an object, a palette or a placement that is kept.
func (m *model3MF) enter() error {
	if m.reader.entries--; m.reader.entries < 0 {
		return fmt.Errorf("%w: more than %d objects and components", ErrTooLarge, maxEntries)
	}
	return nil
}

func (m *model3MF) open(t *xmlTag) error {
	o, id := new(object3MF), uint32(0)
	for name, value := t.attribute(); len(name) > 0; name, value = t.attribute() {
		var err error
		switch string(name) {
		case "id":
			id, err = parseID(value)
		case "pid":
			o.pid, err = parseID(value)
		case "pindex":
			o.index, err = parseID(value)
		}
		if err != nil {
			return err
		}
	}
	if m.objects[id] != nil {
		return fmt.Errorf("%w: object %d is there twice", ErrMalformed, id)
	}
	m.objects[id] = o
	if !t.empty {
		m.object = o
	}
	return m.enter()
}

func (m *model3MF) vertex(t *xmlTag) error {
	var v [3]float32
	seen := 0
	for name, value := t.attribute(); len(name) > 0; name, value = t.attribute() {
		if len(name) != 1 || name[0] < 'x' || name[0] > 'z' {
			continue
		}
		f, err := parseFloat(value)
		if err != nil {
			return err
		}
		v[name[0]-'x'] = f
		seen |= 1 << (name[0] - 'x')
	}
	o := &m.object.mesh
	switch {
	case t.closing:
		return nil
	case seen != 7:
		return fmt.Errorf("%w: a vertex without x, y and z", ErrMalformed)
	case o.Triangles != nil:
		return fmt.Errorf("%w: vertices after triangles", ErrMalformed)
	}
	o.Vertices = append(o.Vertices, v)
	return m.hold(1)
}

func (m *model3MF) triangle(t *xmlTag) error {
	if t.closing {
		return nil
	}
	var v, p [3]uint32
	seen, pid := 0, m.object.pid
	for name, value := t.attribute(); len(name) > 0; name, value = t.attribute() {
		i, err := parseID(value)
		if err != nil {
			continue // of an extension; a corner that is missed is seen below
		}
		switch string(name) {
		case "v1", "v2", "v3":
			v[name[1]-'1'] = i
			seen |= 1 << (name[1] - '1')
		case "p1", "p2", "p3":
			p[name[1]-'1'] = i
			seen |= 8 << (name[1] - '1')
		case "pid":
			pid = i
		}
	}
	if seen&8 == 0 {
		p[0] = m.object.index
	}
	for k := 1; k < 3; k++ { // those left out are as the first (3MF Core, section 4.1.4)
		if seen&(8<<k) == 0 {
			p[k] = p[0]
		}
	}
	o := &m.object.mesh
	if n := uint32(len(o.Vertices)); seen&7 != 7 || v[0] >= n || v[1] >= n || v[2] >= n {
		return fmt.Errorf("%w: a triangle of %d of %d vertices", ErrMalformed, v, n)
	}
	o.Triangles = append(o.Triangles, v)
	if colors := m.palettes[pid]; colors != nil {
		m.paint(o, v, p, colors)
		m.filament(m.object, pid, p)
	}
	return m.hold(1)
}

// paint gives the corners of a triangle their colours. Where triangles disagree about a vertex the last one counts.
func (m *model3MF) paint(o *mesh.Mesh, v, p [3]uint32, colors [][4]uint8) {
	if o.Colors == nil {
		o.Colors = make([][4]uint8, 0, len(o.Vertices))
		whiten(o)
	}
	for k := range v {
		if int64(p[k]) < int64(len(colors)) {
			o.Colors[v[k]] = colors[p[k]]
		}
	}
}

// placed adds a placement to the list.
func (m *model3MF) placed(t *xmlTag, to *[]placement) error {
	var p placement
	for name, value := t.attribute(); len(name) > 0; name, value = t.attribute() {
		var err error
		switch string(name) {
		case "objectid":
			p.object, err = parseID(value)
		case "path":
			p.part = partName(html.UnescapeString(string(value)))
		case "transform":
			p.at = new(matrix)
			*p.at, err = parseTransform(value)
		}
		if err != nil {
			return err
		}
	}
	*to = append(*to, p)
	return m.enter()
}

// parseTransform reads the 12 numbers of a matrix, which multiplies row vectors from the right (3MF Core, section 3.3).
func parseTransform(b []byte) (matrix, error) {
	at := identity
	for row := range 4 {
		v, rest, err := nextVector(b)
		if err != nil {
			return at, err
		}
		b = rest
		for k, f := range v {
			at[4*row+k] = float64(f)
		}
	}
	return at, nil
}

func (m *model3MF) palette(t *xmlTag) error {
	if m.inside = !t.closing && !t.empty; !m.inside {
		return nil
	}
	for name, value := t.attribute(); len(name) > 0; name, value = t.attribute() {
		if string(name) == "id" {
			id, err := parseID(value)
			if err != nil {
				return err
			}
			m.group = id
		}
	}
	m.palettes[m.group], m.bases[m.group] = nil, string(t.name) == "basematerials"
	return m.enter()
}

// color adds a colour such as #RRGGBB or #RRGGBBAA to the palette.
func (m *model3MF) color(t *xmlTag) error {
	c := [4]uint8{255, 255, 255, 255}
	for name, value := t.attribute(); len(name) > 0; name, value = t.attribute() {
		if s := string(name); s != "color" && s != "displaycolor" {
			continue
		}
		if n := len(value); n != 7 && n != 9 || value[0] != '#' {
			return fmt.Errorf("%w: a colour %q", ErrMalformed, short(value))
		}
		if _, err := hex.Decode(c[:], value[1:]); err != nil {
			return fmt.Errorf("%w: a colour %q", ErrMalformed, short(value))
		}
	}
	m.palettes[m.group] = append(m.palettes[m.group], c)
	return m.hold(1)
}

func parseID(b []byte) (uint32, error) {
	n, err := strconv.ParseUint(string(b), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a number", ErrMalformed, short(b))
	}
	return uint32(n), nil
}
