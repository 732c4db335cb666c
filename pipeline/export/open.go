package export

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"orfeas/pipeline/mesh"
)

// MaxBytes bounds a file that is read, and what its compressed parts may grow to.
const MaxBytes = 2 << 30

// maxElements bounds the vertices of a mesh that is read, and its triangles: as many as fit into [MaxBytes].
const maxElements = MaxBytes / 12

// Open reads the mesh in the file at path. What the file begins with names the format, for the formats that have such a
// signature, and else the extension: a file with the wrong extension is read for what it is.
func Open(path string) (*mesh.Mesh, error) {
	data, err := readRegular(path)
	if err != nil {
		return nil, fmt.Errorf("read mesh %s: %w", path, err)
	}
	f, ok := bySignature(data)
	if !ok {
		if f, err = ByPath(path); err != nil {
			return nil, err
		}
	}
	if read := f.readBeside; read != nil {
		f.Read = func(data []byte) (*mesh.Mesh, error) {
			return read(data, func(name string) ([]byte, error) { return readBeside(path, name) })
		}
	}
	m, err := f.parse(data)
	if err != nil {
		return nil, fmt.Errorf("read mesh %s: %w", path, err)
	}
	return m, nil
}

// maxBeside bounds a file that another one names.
const maxBeside = 256 << 20

// readBeside reads a file in the folder of the one at path. Names that lead elsewhere are not followed: a mesh must not
// make the program open just any file.
func readBeside(path, name string) ([]byte, error) {
	if name == "" || !filepath.IsLocal(name) || filepath.Base(name) != name || strings.ContainsAny(name, `/\`) {
		return nil, fmt.Errorf("%w: it names the file %.60q", ErrMalformed, name)
	}
	beside := filepath.Join(filepath.Dir(path), name)
	if info, err := os.Lstat(beside); err != nil || !info.Mode().IsRegular() || info.Size() > maxBeside {
		return nil, fmt.Errorf("%w: %.60q", fs.ErrNotExist, name)
	}
	return readRegular(beside)
}

// readRegular reads a whole file of at most [MaxBytes]. Anything else that a path can name may block or never end.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, bare(err)
	case info.IsDir():
		return nil, fmt.Errorf("%w: it is a folder", ErrMalformed)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: it is not a regular file", ErrMalformed)
	case info.Size() > MaxBytes:
		return nil, errTooLong
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, bare(err)
	}
	defer file.Close()
	data := make([]byte, info.Size())
	n, err := io.ReadFull(file, data)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF { // it may have shrunk meanwhile
		return nil, bare(err)
	}
	return data[:n], nil
}

var errTooLong = fmt.Errorf("%w: more than %d MB", ErrTooLarge, MaxBytes>>20)

// bySignature finds the format of data that says itself what it is.
func bySignature(data []byte) (Format, bool) {
	switch {
	case bytes.HasPrefix(data, []byte("glTF")):
		return glb, true
	case bytes.HasPrefix(data, []byte("ply\n")), bytes.HasPrefix(data, []byte("ply\r")):
		return ply, true
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return threeMF, true
	case isBinarySTL(data), isTextSTL(data):
		return stl, true
	}
	return Format{}, false
}

// Decode reads a mesh of this format, at most [MaxBytes], and holds it to what every mesh must be.
func (f Format) Decode(r io.Reader) (*mesh.Mesh, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxBytes {
		return nil, errTooLong
	}
	return f.parse(data)
}

func (f Format) parse(data []byte) (*mesh.Mesh, error) {
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrMalformed)
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

// room returns an error unless m may grow by so many vertices and triangles without either passing limit.
func room(m *mesh.Mesh, vertices, triangles, limit int) error {
	if vertices > limit-len(m.Vertices) || triangles > limit-len(m.Triangles) {
		return fmt.Errorf("%w: more than %d vertices or triangles", ErrTooLarge, limit)
	}
	return nil
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
	if err := checkTexture(m); err != nil {
		return err
	}
	for i, v := range m.Vertices {
		for _, x := range v {
			if x-x != 0 { // NaN or infinite
				return fmt.Errorf("%w: vertex %d is not finite", ErrMesh, i)
			}
		}
	}
	n := uint32(min(len(m.Vertices), math.MaxUint32))
	for i, t := range m.Triangles {
		if t[0] >= n || t[1] >= n || t[2] >= n {
			return fmt.Errorf("%w: face %d uses a vertex that is not there", ErrMesh, i)
		}
	}
	return nil
}
