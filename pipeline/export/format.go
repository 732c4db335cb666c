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
	"math"
	"os"
	"path/filepath"
	"strings"

	"orfeas/pipeline/mesh"
)

// What can be wrong with a file or a mesh, for callers that give a hint.
var (
	ErrTooLarge  = errors.New("too large")
	ErrMalformed = errors.New("malformed file")
	ErrUnknown   = errors.New("unknown format")
	ErrMesh      = errors.New("the mesh cannot be written")
)

// MaxBytes bounds a file that is read, and what its compressed parts may grow to.
const MaxBytes = 2 << 30

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
	Companion        *Companion // a second file written beside the first; nil for none
}

// Companion is a file that goes with another one, such as the materials of an OBJ.
type Companion struct {
	Ext   string
	Write func(w io.Writer, m *mesh.Mesh, meta Meta) error
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

// Open reads the mesh in the file at path, whose extension names the format.
func Open(path string) (*mesh.Mesh, error) {
	f, err := ByPath(path)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read mesh: %w", err)
	}
	defer file.Close()
	m, err := f.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("read mesh %s: %w", path, err)
	}
	return m, nil
}

// Decode reads a mesh of this format, at most [MaxBytes], and holds it to what every mesh must be.
func (f Format) Decode(r io.Reader) (*mesh.Mesh, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: more than %d MB", ErrTooLarge, MaxBytes>>20)
	}
	m, err := f.Read(data)
	if err != nil {
		return nil, err
	}
	if err := checkMesh(m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return m, nil
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

// checkMesh returns an error wrapping [ErrMesh] unless there are faces, every index is in range and every coordinate is
// a number.
func checkMesh(m *mesh.Mesh) error {
	if m == nil || len(m.Triangles) == 0 {
		return fmt.Errorf("%w: it has no faces", ErrMesh)
	}
	if m.Colors != nil && len(m.Colors) != len(m.Vertices) {
		return fmt.Errorf("%w: %d colours for %d vertices", ErrMesh, len(m.Colors), len(m.Vertices))
	}
	for i, v := range m.Vertices {
		for _, x := range v {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return fmt.Errorf("%w: vertex %d is not finite", ErrMesh, i)
			}
		}
	}
	for i, t := range m.Triangles {
		if n := uint32(len(m.Vertices)); t[0] >= n || t[1] >= n || t[2] >= n {
			return fmt.Errorf("%w: face %d uses a vertex that is not there", ErrMesh, i)
		}
	}
	return nil
}
