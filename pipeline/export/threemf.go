package export

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"orfeas/pipeline/mesh"
)

var threeMF = Format{Name: "3mf", Ext: "3mf", Title: "3MF", Write: write3MF, Read: read3MF}

const (
	modelPart     = "3D/3dmodel.model"
	thumbnailPart = "Metadata/thumbnail.png"
	modelType     = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
	thumbnailType = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"
)

// contentTypes is what the parts of our archives are (Open Packaging Conventions, 10.1.2).
const contentTypes = xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
 <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
 <Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
 <Default Extension="png" ContentType="image/png"/>
</Types>
`

const modelHead = xml.Header + `<model unit="millimeter" xml:lang="en-US"` +
	` xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"` +
	` xmlns:m="http://schemas.microsoft.com/3dmanufacturing/material/2015/02"` +
	` xmlns:slic3rpe="http://schemas.slic3r.org/3mf/2017/06"` +
	` xmlns:orfeas="urn:orfeas:metadata">
`

// write3MF writes one object in millimetres, its colours as a colour group (3MF Materials Extension, chapter 2) with one
// entry per distinct colour, or its filaments as base materials (3MF Core, section 5), one for every triangle, which
// slicers find painted on as well. Nothing in the archive has a time, so that one mesh is always the same bytes.
func write3MF(w io.Writer, m *mesh.Mesh, meta Meta) error {
	z := zip.NewWriter(w)
	// Level 4 packs the XML of a mesh as small as the usual 5, in half the time.
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 4) })
	relations := xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + "\n"
	relations += relation("model", modelType, modelPart)
	if meta.Thumbnail != nil {
		relations += relation("thumbnail", thumbnailType, thumbnailPart)
	}
	relations += "</Relationships>\n"
	parts := []struct {
		name  string
		write func(io.Writer) error
	}{
		{"[Content_Types].xml", text(contentTypes)},
		{"_rels/.rels", text(relations)},
		{modelPart, func(w io.Writer) error { return writeModel(w, m, meta) }},
		{thumbnailPart, text(string(meta.Thumbnail))},
	}
	for _, p := range parts {
		if p.name == thumbnailPart && meta.Thumbnail == nil {
			continue
		}
		entry, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, ModifiedDate: firstDay})
		if err != nil {
			return err
		}
		if err := p.write(entry); err != nil {
			return err
		}
	}
	return z.Close()
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func relation(id, kind, part string) string {
	return fmt.Sprintf(" <Relationship Id=%q Type=%q Target=%q/>\n", id, kind, "/"+part)
}

// writeModel writes the part that holds the mesh. Numbers are in the fewest digits that read back to the same float32:
// rounding must not fold the smallest triangles.
func writeModel(w io.Writer, m *mesh.Mesh, meta Meta) error {
	b := append([]byte(modelHead), metadata(meta)...)
	if m.Filaments != nil {
		b = append(b, " <metadata name=\"slic3rpe:MmPaintingVersion\">1</metadata>\n"...)
	}
	b = append(b, " <resources>\n"...)
	property := ""
	colors, number := palette(m.Colors)
	if m.Filaments != nil {
		number = nil
		b = append(b, "  <basematerials id=\"2\">\n"...)
		for i, c := range m.Palette {
			b = fmt.Appendf(b, "   <base name=\"Filament %d\" displaycolor=\"#%02X%02X%02X%02X\"/>\n", i+1, c[0], c[1], c[2], c[3])
		}
		b = append(b, "  </basematerials>\n"...)
		property = ` pid="2" pindex="0"`
	} else if m.Colors != nil {
		b = append(b, "  <m:colorgroup id=\"2\">\n"...)
		for _, c := range colors {
			b = fmt.Appendf(b, "   <m:color color=\"#%02X%02X%02X%02X\"/>\n", c[0], c[1], c[2], c[3])
		}
		b = append(b, "  </m:colorgroup>\n"...)
		property = ` pid="2" pindex="0"`
	}
	b = fmt.Appendf(b, "  <object id=\"1\" type=\"model\" name=\"%s\"%s>\n   <mesh>\n    <vertices>\n", escape(meta.Title), property)
	for _, v := range m.Vertices {
		b = strconv.AppendFloat(append(b, `<vertex x="`...), float64(v[0]), 'g', -1, 32)
		b = strconv.AppendFloat(append(b, `" y="`...), float64(v[1]), 'g', -1, 32)
		b = strconv.AppendFloat(append(b, `" z="`...), float64(v[2]), 'g', -1, 32)
		if b = append(b, "\"/>\n"...); len(b) > flushAt {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	b = append(b, "    </vertices>\n    <triangles>\n"...)
	for f, t := range m.Triangles {
		b = appendIndices(append(b, "<triangle"...), " v", t)
		if m.Filaments != nil {
			n := m.Filaments[f]
			b = fmt.Appendf(b, ` pid="2" p1="%d" slic3rpe:mmu_segmentation="%s" paint_color="%[2]s"`, n, filamentCodes[n])
		}
		if number != nil {
			b = appendIndices(append(b, ` pid="2"`...), " p", [3]uint32{number[t[0]], number[t[1]], number[t[2]]})
		}
		if b = append(b, "/>\n"...); len(b) > flushAt {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	b = append(b, "    </triangles>\n   </mesh>\n  </object>\n </resources>\n <build>\n  <item objectid=\"1\"/>\n </build>\n</model>\n"...)
	_, err := w.Write(b)
	return err
}

func appendIndices(b []byte, name string, t [3]uint32) []byte {
	for k, v := range t {
		b = append(append(b, name...), '1'+byte(k), '=', '"')
		b = append(strconv.AppendUint(b, uint64(v), 10), '"')
	}
	return b
}

// palette lists the distinct colours in order of first use, and the number of every vertex's own.
func palette(colors [][4]uint8) (distinct [][4]uint8, number []uint32) {
	if colors == nil {
		return nil, nil
	}
	known := map[[4]uint8]uint32{}
	number = make([]uint32, len(colors))
	for i, c := range colors {
		id, ok := known[c]
		if !ok {
			id = uint32(len(distinct))
			known[c] = id
			distinct = append(distinct, c)
		}
		number[i] = id
	}
	return distinct, number
}

// knownMetadata are the names that need no namespace (3MF Core, section 3.4.1); all others are put into ours.
var knownMetadata = []string{"Title", "Designer", "Description", "Copyright", "LicenseTerms", "Rating", "CreationDate",
	"ModificationDate", "Application"}

func metadata(meta Meta) []byte {
	var b []byte
	pairs := [][2]string{{"Title", meta.Title}, {"Application", meta.Application}, {"Description", meta.Description}}
	for _, e := range append(pairs, meta.Extra...) {
		name := e[0]
		if e[1] == "" || name == companionName {
			continue
		}
		if !slices.Contains(knownMetadata, name) {
			name = "orfeas:" + strings.TrimPrefix(name, "orfeas:")
		}
		b = fmt.Appendf(b, " <metadata name=\"%s\">%s</metadata>\n", escape(name), escape(e[1]))
	}
	return b
}

func escape(s string) []byte {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.Bytes()
}
