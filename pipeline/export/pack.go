package export

import (
	"archive/zip"
	"io"

	"orfeas/pipeline/mesh"
)

// firstDay is 1 January 1980, where the dates of zip archives begin: what is in ours has no other, so that the same mesh is
// always the same bytes.
const firstDay = 1<<5 | 1

// Pack writes the file of a mesh and those that go with it, such as the materials and the texture of an OBJ, as one zip
// archive. Their names begin with stem.
func (f Format) Pack(w io.Writer, stem string, m *mesh.Mesh, meta Meta) error {
	if err := checkMesh(m); err != nil {
		return err
	}
	meta.Extra = append(meta.Extra[:len(meta.Extra):len(meta.Extra)], [2]string{companionName, stem})
	z := zip.NewWriter(w)
	add := func(name string, write func(io.Writer, *mesh.Mesh, Meta) error) error {
		entry, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, ModifiedDate: firstDay})
		if err != nil {
			return err
		}
		return write(entry, m, meta)
	}
	if err := add(stem+"."+f.Ext, f.Write); err != nil {
		return err
	}
	for _, c := range f.Companions {
		if c.Needed != nil && !c.Needed(m) {
			continue
		}
		if err := add(stem+c.Suffix, c.Write); err != nil {
			return err
		}
	}
	return z.Close()
}
