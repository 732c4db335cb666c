package export

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orfeas/pipeline/mesh"
)

// checkered is the octahedron with a texture, every face on a place of its own.
func checkered() *mesh.Mesh {
	m := octahedron()
	m.Texture = image.NewNRGBA(image.Rect(0, 0, 64, 32))
	for i := range 64 * 32 {
		m.Texture.SetNRGBA(i%64, i/64, color.NRGBA{uint8(4 * (i % 64)), uint8(8 * (i / 64)), 77, 255})
	}
	for f := range m.Triangles {
		x, y := float32(f%4)/4, float32(f/4)/2
		m.UVs = append(m.UVs, [3][2]float32{{x + 0.03, y + 0.06}, {x + 0.22, y + 0.06}, {x + 0.03, y + 0.44}})
	}
	return m
}

// TestTexturesRoundTrip: shape, places and pixels come back, with a closed surface, though GLB divides its vertices.
func TestTexturesRoundTrip(t *testing.T) {
	for _, f := range []Format{obj, glb} {
		m := checkered()
		path := filepath.Join(t.TempDir(), "a b."+f.Ext)
		if err := Save(context.Background(), path, f, m, meta); err != nil {
			t.Fatal(err)
		}
		got, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if r := got.Check(); !r.Clean() || r.Vertices != len(m.Vertices) {
			t.Errorf("%s: %+v", f.Name, r)
		}
		if got.Texture == nil || !bytes.Equal(got.Texture.Pix, m.Texture.Pix) {
			t.Errorf("%s: another texture", f.Name)
			continue
		}
		for i, uv := range m.UVs {
			for k := range uv {
				for x := range uv[k] {
					if d := got.UVs[i][k][x] - uv[k][x]; d > 1e-6 || d < -1e-6 {
						t.Fatalf("%s: face %d from %v to %v", f.Name, i, uv, got.UVs[i])
					}
				}
			}
		}
		if len(got.Colors) != len(got.Vertices) || got.Colors[0][2] != 77 {
			t.Errorf("%s: no colours for what knows no textures: %v", f.Name, got.Colors)
		}
	}
}

// An OBJ whose texture or materials are gone is read without them.
func TestOBJWithoutItsTexture(t *testing.T) {
	for _, gone := range []string{"x.mtl", "x-texture.png"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "x.obj")
		if err := Save(context.Background(), path, obj, checkered(), meta); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, gone)); err != nil {
			t.Fatal(err)
		}
		if m, err := Open(path); err != nil || m.Texture != nil || len(m.Triangles) != 8 {
			t.Errorf("without %s: %v", gone, err)
		}
	}
}

// A mesh file may not make the program open a file elsewhere.
func TestOBJStaysInItsFolder(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Save(context.Background(), filepath.Join(dir, "x.obj"), obj, checkered(), meta); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "x.obj"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../x.mtl", filepath.Join(inner, "link.mtl")); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"../x.mtl", filepath.Join(dir, "x.mtl"), `..\x.mtl`, "link.mtl", ""} {
		path := filepath.Join(inner, "y.obj")
		if err := os.WriteFile(path, bytes.Replace(text, []byte("x.mtl"), []byte(name), 1), 0o644); err != nil {
			t.Fatal(err)
		}
		if m, err := Open(path); err != nil || m.Texture != nil {
			t.Errorf("%q: %v, followed %v", name, err, m != nil && m.Texture != nil)
		}
	}
}

// bomb is a PNG that declares far more pixels than it has.
func bomb() []byte {
	head := make([]byte, 17)
	copy(head, "IHDR")
	binary.BigEndian.PutUint32(head[4:], 1<<20)
	binary.BigEndian.PutUint32(head[8:], 1<<20)
	head[12], head[13] = 8, 6
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(head))
}

func TestHostileTextures(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.obj")
	if err := Save(context.Background(), path, obj, checkered(), meta); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x-texture.png"), bomb(), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a bomb: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x-texture.png"), []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrMalformed) {
		t.Errorf("a text: %v", err)
	}
	data, err := glb.Bytes(checkered(), meta)
	if err != nil {
		t.Fatal(err)
	}
	for old, bad := range map[string]string{
		`"baseColorTexture":{"index":0`: `"baseColorTexture":{"index":7`, `"source":0`: `"source":9`, `"TEXCOORD_0":3`: `"TEXCOORD_0":0`, `"material":0`: `"material":3`,
	} {
		if !bytes.Contains(data, []byte(old)) {
			if old == `"TEXCOORD_0":3` || old == `"material":0` {
				continue
			}
			t.Errorf("no %s in it", old)
		}
		if _, err := glb.Decode(bytes.NewReader(bytes.Replace(data, []byte(old), []byte(bad), 1))); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestRefusesBadTextures(t *testing.T) {
	for name, spoil := range map[string]func(*mesh.Mesh){
		"no places": func(m *mesh.Mesh) { m.UVs = nil }, "no texture": func(m *mesh.Mesh) { m.Texture = nil }, "few places": func(m *mesh.Mesh) { m.UVs = m.UVs[:3] },
		"empty": func(m *mesh.Mesh) { m.Texture = image.NewNRGBA(image.Rectangle{}) }, "filament": func(m *mesh.Mesh) { m.Palette, m.Filaments = [][4]uint8{{}}, []uint8{0, 0, 0, 0, 0, 0, 0, 1} },
	} {
		m := checkered()
		spoil(m)
		if _, err := glb.Bytes(m, meta); !errors.Is(err, ErrMesh) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every triangle has its filament, as a base material and as slicers have it painted on; read back, the colours are there.
func TestFilaments(t *testing.T) {
	m := octahedron()
	for i := range 16 {
		m.Palette = append(m.Palette, [4]uint8{uint8(16 * i), 0, 0, 255})
	}
	m.Filaments = []uint8{0, 1, 2, 3, 3, 3, 14, 15}
	data, err := threeMF.Bytes(m, meta)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	part, err := z.Open(modelPart)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`p1="0" slic3rpe:mmu_segmentation="4"`, `p1="1" slic3rpe:mmu_segmentation="8"`, `p1="2" slic3rpe:mmu_segmentation="0C"`, `p1="3" slic3rpe:mmu_segmentation="1C"`,
		`p1="15" slic3rpe:mmu_segmentation="DC"`, `<base name="Filament 16" displaycolor="#F00000FF"/>`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s", want)
		}
	}
	got, err := threeMF.Decode(bytes.NewReader(data))
	if err != nil || got.Colors[5] != m.Palette[15] { // the last face of vertex 5 has the last filament
		t.Errorf("read back: %v, %v", err, got)
	}
}
