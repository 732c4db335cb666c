package export

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orfeas/pipeline/mesh"
)

// octahedron is a coloured solid of eight faces on the bed, with corners that no power of two describes.
func octahedron() *mesh.Mesh {
	return &mesh.Mesh{
		Vertices:  [][3]float32{{10.1, 0, 20.3}, {-10.1, 0, 20.3}, {0, 12.7, 20.3}, {0, -12.7, 20.3}, {0, 0, 40.6}, {0, 0, 0}},
		Triangles: [][3]uint32{{0, 2, 4}, {2, 1, 4}, {1, 3, 4}, {3, 0, 4}, {2, 0, 5}, {1, 2, 5}, {3, 1, 5}, {0, 3, 5}},
		Colors:    [][4]uint8{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {200, 100, 50, 255}, {1, 2, 3, 255}, {255, 255, 255, 255}},
	}
}

// sphere is a larger solid, with n rings.
func sphere(n int) *mesh.Mesh {
	m := &mesh.Mesh{Vertices: [][3]float32{{0, 0, 0}}, Colors: [][4]uint8{{9, 9, 9, 255}}}
	for j := 1; j < n; j++ {
		for i := range 2 * n {
			a, b := math.Pi*float64(i)/float64(n), math.Pi*float64(j)/float64(n)
			m.Vertices = append(m.Vertices, [3]float32{float32(25 * math.Sin(b) * math.Cos(a)), float32(25 * math.Sin(b) * math.Sin(a)), float32(25 - 25*math.Cos(b))})
			m.Colors = append(m.Colors, [4]uint8{uint8(i), uint8(j), 128, 255})
		}
	}
	m.Vertices, m.Colors = append(m.Vertices, [3]float32{0, 0, 50}), append(m.Colors, [4]uint8{250, 250, 250, 255})
	last := uint32(len(m.Vertices) - 1)
	at := func(j, i int) uint32 { return uint32(1 + (j-1)*2*n + i%(2*n)) }
	for i := range 2 * n {
		m.Triangles = append(m.Triangles, [3]uint32{0, at(1, i+1), at(1, i)}, [3]uint32{last, at(n-1, i), at(n-1, i+1)})
		for j := 1; j < n-1; j++ {
			m.Triangles = append(m.Triangles, [3]uint32{at(j, i), at(j, i+1), at(j+1, i+1)}, [3]uint32{at(j, i), at(j+1, i+1), at(j+1, i)})
		}
	}
	return m
}

var meta = Meta{Title: "Würfel & <Kugel>", Application: "test", Thumbnail: []byte("\x89PNG\r\n\x1a\n")}

func TestRoundTrip(t *testing.T) {
	for _, f := range Formats {
		for name, m := range map[string]*mesh.Mesh{"octahedron": octahedron(), "sphere": sphere(24)} {
			t.Run(f.Name+"/"+name, func(t *testing.T) {
				data, err := f.Bytes(m, meta)
				if err != nil {
					t.Fatal(err)
				}
				got, err := f.Decode(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				a, b := m.Check(), got.Check()
				if !a.Clean() || !b.Clean() || a.Triangles != b.Triangles || a.Vertices != b.Vertices {
					t.Fatalf("from %+v to %+v", a, b)
				}
				if math.Abs(b.Volume/a.Volume-1) > 1e-5 {
					t.Errorf("volume from %g to %g", a.Volume, b.Volume)
				}
				for k := range 3 {
					if math.Abs(float64(a.Min[k]-b.Min[k])) > 1e-4 || math.Abs(float64(a.Max[k]-b.Max[k])) > 1e-4 {
						t.Errorf("box from %v-%v to %v-%v", a.Min, a.Max, b.Min, b.Max)
					}
				}
				if f.Ext == "stl" {
					return
				}
				for i, c := range m.Colors {
					for k := range 3 {
						if d := int(c[k]) - int(got.Colors[i][k]); d < -1 || d > 1 {
							t.Fatalf("colour %d from %v to %v", i, c, got.Colors[i])
						}
					}
				}
			})
		}
	}
}

func TestSameBytes(t *testing.T) {
	for _, f := range Formats {
		a, err := f.Bytes(sphere(12), meta)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := f.Bytes(sphere(12), meta); !bytes.Equal(a, b) {
			t.Errorf("%s: two runs differ", f.Name)
		}
	}
}

// Two runs within one tick of a clock agree by luck, so the times themselves are looked at.
func Test3MFHasNoTimes(t *testing.T) {
	b, err := threeMF.Bytes(sphere(12), meta)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, f := range z.File {
		if !f.Modified.Equal(first) {
			t.Errorf("%s is dated %v", f.Name, f.Modified)
		}
	}
}

func TestRefusesBadMeshes(t *testing.T) {
	bad := map[string]*mesh.Mesh{
		"nil": nil, "empty": {},
		"out of range": {Vertices: [][3]float32{{}}, Triangles: [][3]uint32{{0, 1, 2}}},
		"not a number": {Vertices: [][3]float32{{float32(math.NaN())}, {}, {}}, Triangles: [][3]uint32{{0, 1, 2}}},
		"colours":      {Vertices: [][3]float32{{1}, {2}, {3}}, Triangles: [][3]uint32{{0, 1, 2}}, Colors: [][4]uint8{{}}},
	}
	for name, m := range bad {
		for _, f := range Formats {
			path := filepath.Join(t.TempDir(), "x."+f.Ext)
			if err := Save(context.Background(), path, f, m, meta); !errors.Is(err, ErrMesh) {
				t.Errorf("%s, %s: %v", f.Name, name, err)
			}
			leftNothing(t, filepath.Dir(path))
		}
	}
}

func leftNothing(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("left behind: %s", e.Name())
	}
}

func TestSave(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mit Leerzeichen ü")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats {
		path := filepath.Join(dir, "größe 1."+f.Ext)
		for range 2 { // the second replaces the first
			if err := Save(context.Background(), path, f, octahedron(), meta); err != nil {
				t.Fatal(err)
			}
		}
		if m, err := Open(path); err != nil || len(m.Triangles) != 8 {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	found, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(found) > 0 {
		t.Errorf("left behind: %v", found)
	}
}

func TestSaveFailsWhole(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	if err := Save(ctx, filepath.Join(dir, "a.stl"), stl, octahedron(), meta); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	full := errors.New("disk full")
	err := WriteFile(context.Background(), filepath.Join(dir, "b"), func(w io.Writer) error {
		_, _ = w.Write(make([]byte, 100))
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), "b") {
		t.Errorf("writer failing: %v", err)
	}
	leftNothing(t, dir)
	if err := Save(context.Background(), filepath.Join(dir, "no", "c.stl"), stl, octahedron(), meta); !errors.Is(err, ErrNoFolder) {
		t.Errorf("missing folder: %v", err)
	}
}

// An OBJ that cannot be written leaves an older one with the materials and the texture it had; one that cannot be put in its
// place leaves nothing.
func TestSaveFailsWithCompanions(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.obj")
	if err := Save(context.Background(), path, obj, checkered(), meta); err != nil {
		t.Fatal(err)
	}
	content := func() (all string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			all += e.Name() + "\n" + string(data)
		}
		return all
	}
	before := content()
	full := errors.New("disk full")
	failing := obj
	failing.Write = func(io.Writer, *mesh.Mesh, Meta) error { return full }
	other := checkered()
	other.Texture.Pix[0] = 200
	if err := Save(context.Background(), path, failing, other, meta); !errors.Is(err, full) {
		t.Errorf("writer failing: %v", err)
	}
	if content() != before {
		t.Error("the older file has another texture, or something is left behind")
	}
	dir = t.TempDir()
	taken := filepath.Join(dir, "y.obj")
	if err := os.Mkdir(taken, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Save(context.Background(), taken, obj, checkered(), meta); err == nil {
		t.Error("a file in the place of a folder")
	}
	if err := os.Remove(taken); err != nil {
		t.Fatal(err)
	}
	leftNothing(t, dir)
}

func TestReadsOthersFiles(t *testing.T) {
	tests := []struct {
		name  string
		f     Format
		data  string
		faces int
	}{
		{"slashes and a square", obj, "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nf 1/1/1 2//2 3/1 -1\n", 2},
		{"text with lists", ply, "ply\nformat ascii 1.0\ncomment hi\nelement vertex 3\nproperty double x\nproperty double y\nproperty double z\nproperty uchar extra\nelement face 1\nproperty list uchar uint vertex_index\nend_header\n0 0 0 5\n1 0 0 5\n0 1 0 5\n3 0 1 2\n", 1},
		{"big-endian", ply, "ply\nformat binary_big_endian 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n" +
			"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "\x3f\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00\x00\x00\x3f\x80\x00\x00\x00\x00\x00\x00" + "\x03\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x02", 1},
		{"upper case", stl, "SOLID x\nFACET NORMAL 0 0 1\nOUTER LOOP\nVERTEX 0 0 0\nVERTEX 1e0 0 0\nVERTEX 0 1 0\nENDLOOP\nENDFACET\nENDSOLID\n", 1},
	}
	for _, tt := range tests {
		m, err := tt.f.Decode(strings.NewReader(tt.data))
		if err != nil || len(m.Triangles) != tt.faces {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestOutsideOpinions asks the programs that will read the files, where they are installed.
func TestOutsideOpinions(t *testing.T) {
	tools := []struct {
		tool string
		args []string
		exts []string
	}{
		{"admesh", nil, []string{"stl"}}, {"assimp", []string{"info"}, []string{"obj", "ply", "glb"}},
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool.tool); err != nil {
			t.Logf("%s is not installed", tool.tool)
			continue
		}
		for _, ext := range tool.exts {
			path := filepath.Join(t.TempDir(), "sphere."+ext)
			f, err := ByPath(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := Save(context.Background(), path, f, sphere(16), meta); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(tool.tool, append(tool.args, path)...).CombinedOutput(); err != nil {
				t.Errorf("%s on %s: %v\n%s", tool.tool, ext, err, out)
			}
		}
	}
}
