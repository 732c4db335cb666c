package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"

	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// What a mesh has that [MeshFile] cannot hold lies beside it: the texture, where on it the corners of the triangles lie
// (six little-endian float32 each), and the filaments (how many, their colours, and one byte per triangle).
const (
	textureFile  = "texture.png"
	placesFile   = "texture.uv"
	filamentFile = "filaments"
)

// keep leaves in a job's folder what the line has not written there itself, and nothing of an earlier attempt.
func keep(ctx context.Context, j Job, w *Work, preview []byte) error {
	fast := png.Encoder{CompressionLevel: png.BestSpeed}
	m := w.Mesh
	files := []struct {
		name  string
		write func(io.Writer) error // nil when there is nothing to write
	}{
		{CutoutFile, func(f io.Writer) error { return fast.Encode(f, cutout(w.Subject)) }},
		{PreviewFile, nil},
		{textureFile, nil},
		{placesFile, nil},
		{filamentFile, nil},
	}
	if preview != nil {
		files[1].write = func(f io.Writer) error { _, err := f.Write(preview); return err }
	}
	if m.Texture != nil {
		files[2].write = func(f io.Writer) error { return fast.Encode(f, m.Texture) }
		files[3].write = func(f io.Writer) error { return binary.Write(f, binary.LittleEndian, m.UVs) }
	}
	if m.Filaments != nil {
		files[4].write = func(f io.Writer) error {
			data := []byte{uint8(len(m.Palette))}
			for _, c := range m.Palette {
				data = append(data, c[:]...)
			}
			_, err := f.Write(append(data, m.Filaments...))
			return err
		}
	}
	for _, file := range files {
		if file.write == nil {
			if err := os.Remove(j.File(file.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		if err := export.WriteFile(ctx, j.File(file.name), file.write); err != nil {
			return err
		}
	}
	return nil
}

// recall reads the mesh of a finished job with all that it has.
func recall(ctx context.Context, j Job) (*mesh.Mesh, error) {
	m, err := export.Open(j.File(MeshFile))
	if err != nil {
		return nil, err
	}
	uvs := make([][3][2]float32, len(m.Triangles))
	if there, err := readValues(j.File(placesFile), uvs); err != nil {
		return nil, err
	} else if there {
		p, err := picture.Load(ctx, j.File(textureFile))
		if err != nil {
			return nil, err
		}
		m.UVs, m.Texture = uvs, p.Image
	}
	var n uint8
	if there, err := readValues(j.File(filamentFile), &n); err != nil || !there {
		return m, err
	}
	palette, filaments := make([][4]uint8, n), make([]uint8, len(m.Triangles))
	if _, err := readValues(j.File(filamentFile), &n, palette, filaments); err != nil {
		return nil, err
	}
	for _, f := range filaments {
		if f >= n {
			return nil, fmt.Errorf("read %s: it names filament %d of %d", j.File(filamentFile), f, n)
		}
	}
	m.Palette, m.Filaments = palette, filaments
	return m, nil
}

// readValues fills values of fixed sizes from a file and reports whether there is one.
func readValues(path string, values ...any) (there bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	for _, v := range values {
		if err := binary.Read(f, binary.LittleEndian, v); err != nil {
			return false, fmt.Errorf("read %s: %w", path, err)
		}
	}
	return true, nil
}

// cutout is the subject as a picture: its colours, as opaque as it covers them.
func cutout(s *picture.Subject) *image.NRGBA {
	b := s.Matte.Rect
	img := image.NewNRGBA(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		from, to := s.Color.Pix[s.Color.PixOffset(b.Min.X, y):], img.Pix[img.PixOffset(b.Min.X, y):]
		matte := s.Matte.Pix[s.Matte.PixOffset(b.Min.X, y):]
		for x := range b.Dx() {
			copy(to[4*x:4*x+3], from[4*x:])
			to[4*x+3] = matte[x]
		}
	}
	return img
}
