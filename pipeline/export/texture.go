package export

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // textures of other programs
	"image/png"
	"io"
	"math"

	"orfeas/pipeline/mesh"
)

// maxTexture bounds a texture that is read: its pixels, before anything is allocated for them.
const maxTexture = 8192 * 8192

func writeTexture(w io.Writer, m *mesh.Mesh, _ Meta) error { return png.Encode(w, m.Texture) }

func textured(m *mesh.Mesh) bool { return m.Texture != nil }

// decodeTexture reads a PNG or JPEG; it returns nil for what is neither or is damaged, for the shape is there without it.
// The error wraps [ErrTooLarge].
func decodeTexture(data []byte) (*image.NRGBA, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return nil, nil
	}
	if c.Width > maxTexture/c.Height {
		return nil, fmt.Errorf("%w: a texture of %d x %d", ErrTooLarge, c.Width, c.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, nil
	}
	b := img.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(x, y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out, nil
}

// texel returns the colour of the pixel under a point; beyond the edges the texture repeats.
func texel(img *image.NRGBA, uv [2]float32) [4]uint8 {
	size := [2]int{img.Rect.Dx(), img.Rect.Dy()}
	var at [2]int
	for k, x := range uv {
		f := float64(x) - math.Floor(float64(x))
		if f != f || f == 0 && x >= 1 { // the far edge itself
			f = math.Nextafter(1, 0)
		}
		at[k] = min(int(f*float64(size[k])), size[k]-1)
	}
	return *(*[4]uint8)(img.Pix[img.PixOffset(at[0], at[1]):])
}

// colourByTexture gives a mesh with a texture the colours of its vertices, for what knows no textures.
func colourByTexture(m *mesh.Mesh) {
	m.Colors = make([][4]uint8, 0, len(m.Vertices))
	whiten(m)
	for f, t := range m.Triangles {
		for k, v := range t {
			m.Colors[v] = texel(m.Texture, m.UVs[f][k])
		}
	}
}

// checkTexture is the part of [checkMesh] about textures and filaments.
func checkTexture(m *mesh.Mesh) error {
	switch {
	case (m.Texture == nil) != (m.UVs == nil), m.UVs != nil && len(m.UVs) != len(m.Triangles), m.Texture != nil && m.Texture.Rect.Empty():
		return fmt.Errorf("%w: a texture for %d of %d faces", ErrMesh, len(m.UVs), len(m.Triangles))
	case (m.Palette == nil) != (m.Filaments == nil), m.Filaments != nil && len(m.Filaments) != len(m.Triangles), len(m.Palette) > 16:
		return fmt.Errorf("%w: %d filaments for %d of %d faces", ErrMesh, len(m.Palette), len(m.Filaments), len(m.Triangles))
	}
	for i, uv := range m.UVs {
		for _, c := range uv {
			if c[0]-c[0] != 0 || c[1]-c[1] != 0 {
				return fmt.Errorf("%w: face %d lies nowhere on the texture", ErrMesh, i)
			}
		}
	}
	for i, n := range m.Filaments {
		if int(n) >= len(m.Palette) {
			return fmt.Errorf("%w: face %d has a filament that is not there", ErrMesh, i)
		}
	}
	return nil
}
