package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"io"

	"github.com/hpinc/go3mf"
	"github.com/hpinc/go3mf/materials"

	"orfeas/pipeline/mesh"
)

var threeMF = Format{Name: "3mf", Ext: "3mf", Title: "3MF", Write: write3MF, Read: read3MF}

const thumbnailPath = "/Metadata/thumbnail.png"

// write3MF writes one object in millimetres, its colours as a colour group (3MF Materials Extension, chapter 2) with one
// entry per distinct colour.
func write3MF(w io.Writer, m *mesh.Mesh, meta Meta) error {
	object := &go3mf.Object{ID: 1, Name: meta.Title, Mesh: new(go3mf.Mesh)}
	model := &go3mf.Model{Units: go3mf.UnitMillimeter, Language: "en-US"}
	for _, e := range append([][2]string{{"Title", meta.Title}, {"Application", meta.Application}, {"Description", meta.Description}}, meta.Extra...) {
		if e[1] != "" && e[0] != companionName {
			model.Metadata = append(model.Metadata, go3mf.Metadata{Name: xml.Name{Local: e[0]}, Value: e[1]})
		}
	}
	object.Mesh.Vertices.Vertex = make([]go3mf.Point3D, len(m.Vertices))
	for i, v := range m.Vertices {
		object.Mesh.Vertices.Vertex[i] = go3mf.Point3D(v)
	}
	object.Mesh.Triangles.Triangle = make([]go3mf.Triangle, len(m.Triangles))
	for i, t := range m.Triangles {
		object.Mesh.Triangles.Triangle[i] = go3mf.Triangle{V1: t[0], V2: t[1], V3: t[2]}
	}
	if m.Colors != nil {
		model.Extensions = append(model.Extensions, materials.DefaultExtension)
		model.Resources.Assets = append(model.Resources.Assets, colorGroup(m, object))
	}
	model.Resources.Objects = []*go3mf.Object{object}
	model.Build.Items = []*go3mf.Item{{ObjectID: 1}}
	if meta.Thumbnail != nil {
		model.Thumbnail = thumbnailPath
		model.Attachments = []go3mf.Attachment{{Path: thumbnailPath, ContentType: "image/png", Stream: bytes.NewReader(meta.Thumbnail)}}
		model.RootRelationships = []go3mf.Relationship{{Path: thumbnailPath, Type: go3mf.RelTypeThumbnail, ID: "thumbnail"}}
	}
	var archive bytes.Buffer
	e := go3mf.NewEncoder(&archive)
	e.FloatPrecision = 6 // a nanometre: rounding must not fold the smallest triangles
	if err := e.Encode(model); err != nil {
		return err
	}
	return settle(w, archive.Bytes())
}

// contentTypes is what the parts of our archives are, in a settled order (Open Packaging Conventions, 10.1.2).
const contentTypes = `<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
 <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
 <Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
 <Default Extension="png" ContentType="image/png"/>
</Types>
`

// settle copies an archive without what makes the bytes of every run differ: the times of the entries and the order of
// the content types, which the encoder takes from a map.
func settle(w io.Writer, archive []byte) error {
	in, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	out := zip.NewWriter(w)
	const firstDay = 1<<5 | 1 // 1 January 1980, where the dates of zip archives begin
	for _, f := range in.File {
		h := &zip.FileHeader{Name: f.Name, Method: f.Method, ModifiedDate: firstDay}
		if f.Name == "[Content_Types].xml" {
			entry, err := out.CreateHeader(h)
			if err != nil {
				return err
			}
			if _, err := io.WriteString(entry, contentTypes); err != nil {
				return err
			}
			continue
		}
		h.CRC32, h.CompressedSize64, h.UncompressedSize64 = f.CRC32, f.CompressedSize64, f.UncompressedSize64
		entry, err := out.CreateRaw(h)
		if err != nil {
			return err
		}
		body, err := f.OpenRaw()
		if err != nil {
			return err
		}
		if _, err := io.Copy(entry, body); err != nil {
			return err
		}
	}
	return out.Close()
}

// colorGroup numbers the distinct colours in order of first use and refers every corner to its own.
func colorGroup(m *mesh.Mesh, object *go3mf.Object) *materials.ColorGroup {
	group := &materials.ColorGroup{ID: 2}
	known := map[[4]uint8]uint32{}
	number := make([]uint32, len(m.Colors))
	for i, c := range m.Colors {
		id, ok := known[c]
		if !ok {
			id = uint32(len(group.Colors))
			known[c] = id
			group.Colors = append(group.Colors, color.RGBA{c[0], c[1], c[2], c[3]})
		}
		number[i] = id
	}
	object.PID = group.ID
	for i, t := range m.Triangles {
		f := &object.Mesh.Triangles.Triangle[i]
		f.PID, f.P1, f.P2, f.P3 = group.ID, number[t[0]], number[t[1]], number[t[2]]
	}
	return group
}

// read3MF reads every object that is to be built, with its transforms, in millimetres.
func read3MF(data []byte) (m *mesh.Mesh, err error) {
	// As with GLB, what slips past the checks is a fault of the file.
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("%w: 3MF: %v", ErrMalformed, r)
		}
	}()
	if err := boundZip(data); err != nil {
		return nil, err
	}
	model := new(go3mf.Model)
	if err := go3mf.NewDecoder(bytes.NewReader(data), int64(len(data))).Decode(model); err != nil {
		return nil, fmt.Errorf("%w: 3MF: %w", ErrMalformed, err)
	}
	r := &threeMFReader{model: model, mesh: &mesh.Mesh{}, scale: unitScale[model.Units]}
	for _, item := range model.Build.Items {
		at := go3mf.Identity()
		if item.HasTransform() {
			at = item.Transform
		}
		if err := r.object(model.PathOrDefault(), item.ObjectID, at, 0); err != nil {
			return nil, fmt.Errorf("%w: 3MF: %w", ErrMalformed, err)
		}
	}
	if len(r.mesh.Colors) != len(r.mesh.Vertices) {
		r.mesh.Colors = nil
	}
	return r.mesh, nil
}

// boundZip refuses an archive whose parts would unpack to more than [MaxBytes].
func boundZip(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fmt.Errorf("%w: 3MF: %w", ErrMalformed, err)
	}
	var total uint64
	for _, f := range z.File {
		if total += f.UncompressedSize64; f.UncompressedSize64 > MaxBytes/4 || total > MaxBytes/4 {
			return fmt.Errorf("%w: a 3MF that unpacks to more than %d MB", ErrTooLarge, MaxBytes/4>>20)
		}
	}
	return nil
}

var unitScale = map[go3mf.Units]float32{
	go3mf.UnitMillimeter: 1, go3mf.UnitMicrometer: 0.001, go3mf.UnitCentimeter: 10,
	go3mf.UnitInch: 25.4, go3mf.UnitFoot: 304.8, go3mf.UnitMeter: 1000,
}

type threeMFReader struct {
	model *go3mf.Model
	mesh  *mesh.Mesh
	scale float32
	count int
}

var errNested = errors.New("components nested without end")

func (r *threeMFReader) object(path string, id uint32, at go3mf.Matrix, depth int) error {
	if r.count++; depth > 32 || r.count > 100_000 {
		return errNested
	}
	o, ok := r.model.FindObject(path, id)
	if !ok {
		return fmt.Errorf("object %d is not there", id)
	}
	if o.Components != nil {
		for _, c := range o.Components.Component {
			inner := at
			if c.HasTransform() {
				inner = at.Mul(c.Transform)
			}
			if err := r.object(path, c.ObjectID, inner, depth+1); err != nil {
				return err
			}
		}
	}
	if o.Mesh != nil {
		return r.shape(path, o, at)
	}
	return nil
}

func (r *threeMFReader) shape(path string, o *go3mf.Object, at go3mf.Matrix) error {
	base := uint32(len(r.mesh.Vertices))
	if len(r.mesh.Vertices)+len(o.Mesh.Vertices.Vertex) > MaxBytes/12 {
		return ErrTooLarge
	}
	for _, v := range o.Mesh.Vertices.Vertex {
		p := at.Mul3D(v)
		r.mesh.Vertices = append(r.mesh.Vertices, [3]float32{p.X() * r.scale, p.Y() * r.scale, p.Z() * r.scale})
	}
	var colors []color.RGBA
	if a, ok := r.model.FindAsset(path, o.PID); ok {
		if g, ok := a.(*materials.ColorGroup); ok {
			colors = g.Colors
		}
	}
	if colors != nil && len(r.mesh.Colors) == int(base) {
		r.mesh.Colors = append(r.mesh.Colors, make([][4]uint8, len(o.Mesh.Vertices.Vertex))...)
	}
	for _, t := range o.Mesh.Triangles.Triangle {
		corners := [3]uint32{base + t.V1, base + t.V2, base + t.V3}
		for k, p := range [3]uint32{t.P1, t.P2, t.P3} {
			if t.PID == o.PID && int(p) < len(colors) && int(corners[k]) < len(r.mesh.Colors) {
				c := colors[p]
				r.mesh.Colors[corners[k]] = [4]uint8{c.R, c.G, c.B, c.A}
			}
		}
		r.mesh.Triangles = append(r.mesh.Triangles, corners)
	}
	return nil
}
