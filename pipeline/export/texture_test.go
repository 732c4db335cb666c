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
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
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

// An OBJ that goes alone, as over HTTP, has its colours at the vertices: it cannot name a texture.
func TestOBJWithoutCompanions(t *testing.T) {
	alone := obj
	alone.Companions = nil
	for _, coloured := range []bool{false, true} {
		m := checkered()
		if !coloured {
			m.Colors = nil
		}
		path := filepath.Join(t.TempDir(), "x.obj")
		if err := Save(context.Background(), path, alone, m, meta); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if !coloured {
			colourByTexture(m)
		}
		if !slices.Equal(got.Colors, m.Colors) || bytes.Contains(text, []byte("vt ")) || bytes.Contains(text, []byte("mtllib")) {
			t.Errorf("colours %v, want %v:\n%s", got.Colors, m.Colors, text)
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
	if m, err := Open(path); err != nil || m.Texture != nil || m.UVs != nil || len(m.Triangles) != 8 {
		t.Errorf("a text: %v", err)
	}
	data, err := glb.Bytes(checkered(), meta)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoilt := range map[string][]byte{
		"a GLB with a texture of another kind": bytes.Replace(data, []byte("\x89PNG\r\n"), []byte("RIFFxx"), 1),
		"a GLB with a damaged texture":         bytes.Replace(data, []byte("IDAT"), []byte("JDAT"), 1),
		"a GLB with a texture beside it":       editedGLB(t, data, `"mimeType":"image/png","bufferView":3`, `"uri":"colour.png"`),
	} {
		if m, err := glb.Decode(bytes.NewReader(spoilt)); err != nil || m.Texture != nil || m.UVs != nil || len(m.Triangles) != 8 {
			t.Errorf("%s: %v", name, err)
		}
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

// editedGLB is a GLB in whose JSON a word was replaced.
func editedGLB(t *testing.T, data []byte, old, new string) []byte {
	t.Helper()
	text, rest, err := glbChunk(data[12:], "JSON")
	if err != nil || !bytes.Contains(text, []byte(old)) {
		t.Fatalf("no %s in %s", old, text)
	}
	bin, _, err := glbChunk(rest, "BIN\x00")
	if err != nil {
		t.Fatal(err)
	}
	return glbOf(strings.Replace(string(bytes.TrimSpace(text)), old, new, 1), bin)
}

// TestTextureTransform: KHR_texture_transform, as its own example has it, shows the lower left quarter, turned.
func TestTextureTransform(t *testing.T) {
	m := checkered()
	data, err := glb.Bytes(m, meta)
	if err != nil {
		t.Fatal(err)
	}
	const texture = `"baseColorTexture":{"index":0`
	for transform, place := range map[string]func(u, v float32) [2]float32{
		`{}`: func(u, v float32) [2]float32 { return [2]float32{u, v} },
		`{"offset":[0,1],"rotation":1.57079632679,"scale":[0.5,0.5]}`: func(u, v float32) [2]float32 { return [2]float32{v / 2, 1 - u/2} },
		`{"offset":[0.25,0],"scale":[2,-1]}`:                          func(u, v float32) [2]float32 { return [2]float32{0.25 + 2*u, -v} },
	} {
		changed := editedGLB(t, data, texture, `"baseColorTexture":{"extensions":{"KHR_texture_transform":`+transform+`},"index":0`)
		got, err := glb.Decode(bytes.NewReader(editedGLB(t, changed, `"asset"`, `"extensionsRequired":["KHR_texture_transform"],"asset"`)))
		if err != nil {
			t.Errorf("%s: %v", transform, err)
			continue
		}
		for f, uv := range m.UVs {
			for k := range uv {
				want := place(uv[k][0], uv[k][1])
				for x := range want {
					if d := got.UVs[f][k][x] - want[x]; d > 1e-6 || d < -1e-6 {
						t.Fatalf("%s: face %d at %v, want %v", transform, f, got.UVs[f][k], want)
					}
				}
			}
		}
	}
	other := editedGLB(t, data, texture, `"baseColorTexture":{"extensions":{"KHR_texture_transform":{"texCoord":0}},"texCoord":5,"index":0`)
	if got, err := glb.Decode(bytes.NewReader(other)); err != nil || got.Texture == nil {
		t.Errorf("other places: %v", err)
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
		`p1="0" slic3rpe:mmu_segmentation="4" paint_color="4"`, `p1="1" slic3rpe:mmu_segmentation="8"`, `p1="2" slic3rpe:mmu_segmentation="0C"`, `p1="3" slic3rpe:mmu_segmentation="1C"`,
		`p1="15" slic3rpe:mmu_segmentation="DC" paint_color="DC"`, `<base name="Filament 16" displaycolor="#F00000FF"/>`,
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

// Filaments come back, also from two objects with the same ones; where a triangle has none the mesh has none.
func TestFilamentsRoundTrip(t *testing.T) {
	m := octahedron()
	m.Palette = [][4]uint8{{250, 240, 10, 255}, {10, 20, 200, 255}, {1, 2, 3, 255}}
	m.Filaments = []uint8{0, 0, 1, 1, 2, 2, 0, 1}
	data, err := threeMF.Bytes(m, meta)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		old, new  string
		filaments int // how many come back
	}{
		"as written":          {"", "", 8},
		"placed twice":        {`<item objectid="1"/>`, `<item objectid="1"/><item objectid="1" transform="1 0 0 0 1 0 0 0 1 50 0 0"/>`, 16},
		"one of another list": {`pid="2" p1="1"`, `pid="9" p1="1"`, 0},
		"one of two":          {`pid="2" p1="1"`, `pid="2" p1="1" p2="0"`, 0},
		"one out of range":    {`pid="2" p1="1"`, `pid="2" p1="7"`, 0},
		"a colour group":      {`basematerials`, `m:colorgroup`, 0},
	} {
		got, err := threeMF.Decode(bytes.NewReader(edited(t, data, modelPart, c.old, c.new)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(got.Filaments) != c.filaments || c.filaments > 0 && (!slices.Equal(got.Palette, m.Palette) || !slices.Equal(got.Filaments[len(got.Filaments)-8:], m.Filaments)) {
			t.Errorf("%s: filaments %v of %v", name, got.Filaments, got.Palette)
		}
	}
}

// edited is a zip archive in which one part has other text.
func edited(t *testing.T, data []byte, part, old, new string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			if !bytes.Contains(text, []byte(old)) {
				t.Fatalf("no %s in it", old)
			}
			text = bytes.Replace(text, []byte(old), []byte(new), 1)
		}
		entry, err := w.Create(f.Name)
		if err == nil {
			_, err = entry.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPaletteSlices: the real PrusaSlicer changes filaments where the mesh does. A box whose lower part is of the first
// filament and whose upper part is of the second is printed with both, each in its place.
func TestPaletteSlices(t *testing.T) {
	slicer, err := exec.LookPath("prusa-slicer")
	if err != nil {
		t.Skip("there is no prusa-slicer here")
	}
	path := filepath.Join(t.TempDir(), "tower.3mf")
	if err := Save(context.Background(), path, threeMF, tower(), meta); err != nil {
		t.Fatal(err)
	}
	gcode := path + ".gcode"
	out, err := exec.Command(slicer, "--export-gcode", "--nozzle-diameter", "0.4,0.4", "--filament-diameter", "1.75,1.75", "--temperature", "200,200",
		"--first-layer-temperature", "200,200", "--single-extruder-multi-material", "--skirts", "0", "-o", gcode, path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(gcode)
	if err != nil {
		t.Fatal(err)
	}
	tool, z, changes := 0, 0.0, 0
	var walls [2][2]int // lines of outer walls by filament, in the lower and in the upper part
	kind := ""
	for line := range strings.Lines(string(text)) {
		var n int
		switch {
		case line == "T0\n" || line == "T1\n":
			if n = int(line[1] - '0'); n != tool {
				tool = n
				changes++
			}
		case strings.HasPrefix(line, ";TYPE:"):
			kind = strings.TrimSpace(line[6:])
		case strings.HasPrefix(line, ";Z:"):
			if z, err = strconv.ParseFloat(strings.TrimSpace(line[3:]), 64); err != nil {
				t.Fatal(err)
			}
		case kind == "External perimeter" && strings.HasPrefix(line, "G1 X") && strings.Contains(line, " E"):
			if z < 3.5 {
				walls[tool][0]++
			} else if z > 4.5 {
				walls[tool][1]++
			}
		}
	}
	if changes == 0 || walls[0][0] == 0 || walls[1][0] > 0 || walls[0][1] > 0 || walls[1][1] == 0 {
		t.Errorf("%d changes, outer walls of the filaments below and above %v", changes, walls)
	}
}

// tower is a box of 10 x 10 x 10 mm, up to 4 mm of the first filament, the rest of the second.
func tower() *mesh.Mesh {
	m := &mesh.Mesh{Palette: [][4]uint8{{255, 0, 0, 255}, {0, 0, 255, 255}}}
	for _, z := range []float32{0, 4, 10} {
		m.Vertices = append(m.Vertices, [3]float32{0, 0, z}, [3]float32{10, 0, z}, [3]float32{10, 10, z}, [3]float32{0, 10, z})
	}
	m.Triangles = [][3]uint32{{0, 2, 1}, {0, 3, 2}}
	for level := range uint32(2) {
		for k := range uint32(4) {
			a, b := 4*level+k, 4*level+(k+1)%4
			m.Triangles = append(m.Triangles, [3]uint32{a, b, b + 4}, [3]uint32{a, b + 4, a + 4})
		}
	}
	m.Triangles = append(m.Triangles, [3]uint32{8, 9, 10}, [3]uint32{8, 10, 11})
	m.Filaments = make([]uint8, len(m.Triangles))
	for f := 10; f < len(m.Filaments); f++ {
		m.Filaments[f] = 1
	}
	return m
}
