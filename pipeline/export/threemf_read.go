package export

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"

	"orfeas/pipeline/mesh"
)

// read3MF reads every object that is to be built, with its transforms, in millimetres: those of the model part and, as
// the Production Extension has it, of the other parts that this one names.
func read3MF(data []byte) (*mesh.Mesh, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, malformed3MF(err)
	}
	r := &threeMFReader{
		files: map[string]*zip.File{}, models: map[string]*model3MF{}, mesh: &mesh.Mesh{},
		// XML of a mesh packs to a tenth or so: what unpacks to very much more was made to.
		unpack: min(64<<20+100*int64(len(data)), MaxBytes/2), limit: placedLimit(len(data)), entries: maxEntries,
	}
	for _, f := range z.File {
		if name := partName(f.Name); r.files[name] == nil {
			r.files[name] = f
		}
	}
	if err := r.build(); err != nil {
		return nil, malformed3MF(err)
	}
	if r.mesh.Colors != nil {
		whiten(r.mesh)
	}
	if len(r.mesh.Filaments) != len(r.mesh.Triangles) {
		r.mesh.Palette, r.mesh.Filaments = nil, nil
	}
	return r.mesh, nil
}

// malformed3MF says that err is the file's fault. What is too large keeps its own name.
func malformed3MF(err error) error {
	if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrMalformed) {
		return fmt.Errorf("3MF: %w", err)
	}
	return fmt.Errorf("%w: 3MF: %w", ErrMalformed, err)
}

// maxEntries bounds the objects, colour groups and placements of a file, and how many placements are followed:
// components that name others twice, level by level, double with each level.
const maxEntries = 1 << 18

type threeMFReader struct {
	files   map[string]*zip.File
	models  map[string]*model3MF // by part
	mesh    *mesh.Mesh
	limit   int   // of the vertices and triangles of mesh, and again of all that the models hold
	held    int   // vertices and triangles in the models
	unpack  int64 // bytes that may still be unpacked
	entries int   // that may still be read
	steps   int   // placements that were followed
}

// partName brings the name of a part to one form (Open Packaging Conventions, 6.2.2.3: case does not count).
func partName(s string) string { return strings.ToLower(strings.TrimPrefix(s, "/")) }

// build reads the model and places what it says is to be built.
func (r *threeMFReader) build() error {
	root, err := r.root()
	if err != nil {
		return err
	}
	model, err := r.model(root)
	if err != nil {
		return err
	}
	scale, ok := units3MF[model.unit]
	if !ok {
		return fmt.Errorf("a unit %.20q", model.unit)
	}
	at := matrix{0: scale, 5: scale, 10: scale, 15: 1}
	for _, item := range model.items {
		if err := r.place(root, item, at, 0); err != nil {
			return err
		}
	}
	return nil
}

var units3MF = map[string]float64{
	"": 1, "millimeter": 1, "micron": 0.001, "centimeter": 10, "inch": 25.4, "foot": 304.8, "meter": 1000,
}

// root finds the part that holds the model by the relationships of the package.
func (r *threeMFReader) root() (string, error) {
	target := partName(modelPart)
	if r.files["_rels/.rels"] == nil {
		return target, nil
	}
	err := r.tags("_rels/.rels", func(t *xmlTag) error {
		if string(t.name) != "Relationship" {
			return nil
		}
		var kind, to string
		for name, value := t.attribute(); len(name) > 0; name, value = t.attribute() {
			switch string(name) {
			case "Type":
				kind = string(value)
			case "Target":
				to = html.UnescapeString(string(value))
			}
		}
		if kind == modelType {
			target = partName(to)
		}
		return nil
	})
	return target, err
}

// tags calls with on every tag of a part.
func (r *threeMFReader) tags(part string, with func(*xmlTag) error) error {
	f := r.files[part]
	if f == nil {
		return fmt.Errorf("the part %.60q is not there", part)
	}
	// The zip reader holds a part to the size that is declared.
	if f.UncompressedSize64 > uint64(r.unpack) {
		return fmt.Errorf("%w: %d bytes of it unpack to more than %d MB", ErrTooLarge, f.CompressedSize64, r.unpack>>20)
	}
	r.unpack -= int64(f.UncompressedSize64)
	body, err := f.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	x := newXMLTags(body)
	var t xmlTag // one for all: a million of them would go to the heap
	for {
		if t, err = x.next(); err == io.EOF {
			return nil
		}
		if err == nil {
			err = with(&t)
		}
		if err != nil {
			return err
		}
	}
}

// model returns the model of a part, reading it the first time.
func (r *threeMFReader) model(part string) (*model3MF, error) {
	if m := r.models[part]; m != nil {
		return m, nil
	}
	m := &model3MF{reader: r, objects: map[uint32]*object3MF{}, palettes: map[uint32][][4]uint8{}, bases: map[uint32]bool{}}
	r.models[part] = m
	if err := r.tags(part, m.tag); err != nil {
		return nil, err
	}
	if !m.closed {
		return nil, fmt.Errorf("the part %.60q is no whole model", part)
	}
	return m, nil
}

// place adds an object to the mesh, with the objects it is made of.
func (r *threeMFReader) place(part string, p placement, parent matrix, depth int) error {
	if r.steps++; depth > maxDepth || r.steps > maxEntries {
		return fmt.Errorf("%w: components nested without end", ErrTooLarge)
	}
	if p.part != "" {
		part = p.part
	}
	model, err := r.model(part)
	if err != nil {
		return err
	}
	o := model.objects[p.object]
	if o == nil {
		return fmt.Errorf("object %d is not there", p.object)
	}
	at := parent
	if p.at != nil {
		at = parent.times(*p.at)
	}
	for _, c := range o.components {
		if err := r.place(part, c, at, depth+1); err != nil {
			return err
		}
	}
	return r.shape(&o.mesh, at)
}

// shape adds a mesh where the matrix puts it.
func (r *threeMFReader) shape(m *mesh.Mesh, at matrix) error {
	if err := room(r.mesh, len(m.Vertices), len(m.Triangles), r.limit); err != nil {
		return err
	}
	base := uint32(len(r.mesh.Vertices))
	r.filaments(m)
	if m.Colors != nil {
		whiten(r.mesh)
		r.mesh.Colors = append(r.mesh.Colors, m.Colors...)
	}
	for _, v := range m.Vertices {
		p := at.apply([3]float64{float64(v[0]), float64(v[1]), float64(v[2])})
		r.mesh.Vertices = append(r.mesh.Vertices, [3]float32{float32(p[0]), float32(p[1]), float32(p[2])})
	}
	mirrored := at.mirrors()
	for _, t := range m.Triangles {
		if mirrored {
			t[1], t[2] = t[2], t[1]
		}
		r.mesh.Triangles = append(r.mesh.Triangles, [3]uint32{base + t[0], base + t[1], base + t[2]})
	}
	return nil
}
