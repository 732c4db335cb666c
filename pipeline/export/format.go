// Package export turns a mesh into the bytes of a file, and back. Every format is a value in [Formats]; adding one is a
// new file and one word in that list.
//
// Meshes are in the print frame: millimetres, z up, the front looking to -y. STL, OBJ, PLY and 3MF hold them as they are;
// GLB holds metres, y up, front +z, as glTF 2.0 demands, and is turned back when read.
package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"orfeas/pipeline/mesh"
)

// What can be wrong with a file or a mesh, for callers that give a hint.
var (
	ErrNoFolder  = errors.New("there is no such folder")
	ErrTooLarge  = errors.New("too large")
	ErrMalformed = errors.New("malformed file")
	ErrUnknown   = errors.New("unknown format")
	ErrMesh      = errors.New("the mesh cannot be written")
)

// Meta is what a file says about its mesh, where the format has room for it.
type Meta struct {
	Title       string
	Application string
	Description string
	Thumbnail   []byte      // a PNG, for 3MF; nil for none
	Extra       [][2]string // more name and value pairs for 3MF, in order
}

// Format writes and reads one kind of file. Write gets a mesh that [checkMesh] has passed.
type Format struct {
	Name, Ext, Title string
	Write            func(w io.Writer, m *mesh.Mesh, meta Meta) error
	Read             func(data []byte) (*mesh.Mesh, error)
	Companions       []Companion // further files written beside the first

	// readBeside is Read for a format whose files name others in their folder; nil for one that does not.
	readBeside func(data []byte, beside func(name string) ([]byte, error)) (*mesh.Mesh, error)
}

// Companion is a file that goes with another one, such as the materials of an OBJ.
type Companion struct {
	Suffix string                  // its name is that of the first file without the extension, and this
	Needed func(m *mesh.Mesh) bool // whether the mesh has anything for it; nil for always
	Write  func(w io.Writer, m *mesh.Mesh, meta Meta) error
}

// Formats lists the formats in the order they are shown. The first of those that share an extension is its default.
var Formats = []Format{stl, obj, ply, glb, threeMF, stlASCII}

// ByName finds a format by its name, such as "3mf" or "stl-ascii".
func ByName(name string) (Format, error) {
	var names []string
	for _, f := range Formats {
		if strings.EqualFold(f.Name, name) {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("%w %q: there is %s", ErrUnknown, name, strings.Join(names, ", "))
}

// ByPath finds a format by a file's extension, in either case.
func ByPath(path string) (Format, error) {
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	for _, f := range Formats {
		if f.Ext == ext {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("%w %q of %s", ErrUnknown, ext, filepath.Base(path))
}

// Bytes returns the file's content, for callers that do not write to a disk.
func (f Format) Bytes(m *mesh.Mesh, meta Meta) ([]byte, error) {
	if err := checkMesh(m); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err := f.Write(&b, m, meta)
	return b.Bytes(), err
}
