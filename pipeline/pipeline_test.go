package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"orfeas/assets"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// bundled writes a bundled picture into a folder of the test's.
func bundled(t testing.TB, name string) string {
	t.Helper()
	for _, s := range assets.Samples() {
		if s.Name == name {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, s.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	t.Fatalf("no sample %s", name)
	return ""
}

func small() Settings {
	s := Defaults()
	s.Faces = 10_000
	return s
}

func TestEverySampleBecomesAPrintableSolid(t *testing.T) {
	for _, s := range assets.Samples() {
		t.Run(s.Title, func(t *testing.T) {
			path := bundled(t, s.Name)
			w := &Work{Settings: small(), Picture: path, Title: Title(path)}
			for _, f := range export.Formats {
				w.Outputs = append(w.Outputs, Output{filepath.Join(t.TempDir(), "out."+f.Ext), f})
			}
			if err := Run(context.Background(), w, nil); err != nil {
				t.Fatal(err)
			}
			size := w.Certificate.Size()
			if !w.Certificate.Clean() || w.Certificate.Components != 1 || math.Abs(float64(max(size[0], size[1], size[2]))-80) > 1e-3 || w.Certificate.Min[2] != 0 {
				t.Errorf("%+v", w.Certificate)
			}
			if len(w.Mesh.Colors) != len(w.Mesh.Vertices) {
				t.Error("no colours")
			}
			for _, path := range w.Files {
				m, err := export.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				if r := m.Check(); !r.Clean() || r.Triangles != w.Certificate.Triangles {
					t.Errorf("%s as read back: %+v", filepath.Ext(path), r)
				}
			}
		})
	}
}

func TestRunReportsMonotoneProgress(t *testing.T) {
	path := bundled(t, "duck.png")
	last := -1.0
	seen := map[string]bool{}
	err := Run(context.Background(), &Work{Settings: small(), Picture: path}, func(stage string, total float64, stages []StageInfo) {
		if total < last || total > 1 {
			t.Errorf("from %g to %g", last, total)
		}
		last, seen[stage] = total, true
	})
	if err != nil || last != 1 || len(seen) != len(Line) {
		t.Errorf("ended at %g, %d stages, %v", last, len(seen), err)
	}
}

func TestFacesAskedForAreDecimatedTo(t *testing.T) {
	s := Defaults()
	s.Faces = MinFaces
	w := &Work{Settings: s, Picture: bundled(t, "duck.png")}
	if err := Run(context.Background(), w, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(w.Mesh.Triangles); n > MinFaces*11/10 || !w.Certificate.Closed || !w.Certificate.Manifold {
		t.Errorf("%d faces, %+v", n, w.Certificate)
	}
}

// TestDecimatedNoFurtherThanClean: a mesh of thin walls between many colours, which crosses itself with the faces asked for, keeps
// more of them, and is not rebuilt.
func TestDecimatedNoFurtherThanClean(t *testing.T) {
	const side = 600
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			u, v := float64(x)/side, float64(y)/side
			if math.Hypot(u-0.5, v-0.5) < 0.45 {
				k := int((math.Sin(17*u+5*math.Sin(9*v)) + math.Sin(23*v+4*math.Cos(11*u)) + 2) / 4 * 7.99)
				img.SetNRGBA(x, y, color.NRGBA{uint8(30 * k), uint8(255 - 25*k), uint8(4 * k * k), 255})
			}
		}
	}
	s := Defaults()
	s.Faces, s.SizeMM = 2000, 40
	s.Engine, s.Options = "extrude", engine.Options{"colours": 8.0, "edge": "round", "thickness": 1.0}
	w := &Work{Settings: s, Picture: drawn(t, img)}
	if err := Run(t.Context(), w, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(w.Mesh.Triangles); n > 8*s.Faces || !w.Certificate.Clean() || strings.Contains(strings.Join(w.Notes, " "), "repaired") {
		t.Errorf("%d faces, %s %q", n, w.Certificate.Faults(), w.Notes)
	}
}

// TestBadPictures: each gives one clear sentence and a hint, and leaves nothing behind.
func TestBadPictures(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(bundled(t, "duck.png"))
	if err != nil {
		t.Fatal(err)
	}
	paint := func(name string, w, h int, c color.NRGBA) string {
		img := image.NewNRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			copy(img.Pix[4*i:], []uint8{c.R, c.G, c.B, c.A})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return write(name, b.Bytes())
	}
	bomb := append([]byte(nil), whole[:33]...)
	copy(bomb[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65536 x 65536
	tests := []struct {
		name, path string
		err        error
	}{
		{"empty", write("empty.png", nil), picture.ErrEmpty},
		{"cut short", write("short.png", whole[:len(whole)/2]), picture.ErrTruncated},
		{"text", write("text.jpg", []byte("hello")), picture.ErrNotPicture},
		{"folder", dir, picture.ErrNotPicture},
		{"missing", filepath.Join(dir, "https:", "example.org", "cat.jpg"), fs.ErrNotExist},
		{"all transparent", paint("clear.png", 60, 40, color.NRGBA{}), picture.ErrNoSubject},
		{"one colour", paint("white.png", 60, 40, color.NRGBA{255, 255, 255, 255}), picture.ErrNoSubject},
		{"one pixel", paint("pixel.png", 1, 1, color.NRGBA{200, 0, 0, 255}), picture.ErrNoSubject},
		{"a line of 20000", paint("line.png", 1, 20000, color.NRGBA{9, 9, 9, 255}), picture.ErrNoSubject},
		{"bomb", write("bomb.png", bomb), nil}, // its checksum is wrong too: either complaint is right
	}
	for _, tt := range tests {
		out := filepath.Join(t.TempDir(), "out.stl")
		w := &Work{Settings: small(), Picture: tt.path, Outputs: []Output{{out, export.Formats[0]}}}
		err := Run(context.Background(), w, nil)
		if err == nil || tt.err != nil && !errors.Is(err, tt.err) {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if problem, hint := Explain(err); hint == "" || strings.Contains(problem, "\n") {
			t.Errorf("%s: %q, hint %q", tt.name, problem, hint)
		}
		if left, _ := os.ReadDir(filepath.Dir(out)); len(left) > 0 {
			t.Errorf("%s: left behind %v", tt.name, left)
		}
	}
}

func TestSettingsCheck(t *testing.T) {
	if err := Defaults().Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Settings){
		"engine": func(s *Settings) { s.Engine = "" }, "size": func(s *Settings) { s.SizeMM = math.NaN() },
		"faces": func(s *Settings) { s.Faces = 3 }, "options": func(s *Settings) { s.Options = engine.Options{"thickness": 0.0} },
	} {
		s := Defaults()
		change(&s)
		if err := s.Check(); !errors.Is(err, ErrSettings) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// BenchmarkConvert is the whole line: a picture of 1024 pixels to a finished STL of about 200 000 triangles.
func BenchmarkConvert(b *testing.B) {
	small, err := picture.Load(context.Background(), bundled(b, "duck.png"))
	if err != nil {
		b.Fatal(err)
	}
	big := image.NewNRGBA(image.Rect(0, 0, 1024, 1024))
	draw.CatmullRom.Scale(big, big.Rect, small.Image, small.Image.Rect, draw.Src, nil)
	var data bytes.Buffer
	if err := png.Encode(&data, big); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "duck.png")
	if err := os.WriteFile(path, data.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := range b.N {
		w := &Work{Settings: Defaults(), Picture: path, Outputs: []Output{{filepath.Join(b.TempDir(), fmt.Sprint(i)+".stl"), export.Formats[0]}}}
		if err := Run(context.Background(), w, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func TestParseLength(t *testing.T) {
	for text, want := range map[string]float64{"80": 80, " 80 mm": 80, "8cm": 80, "3in": 76.2, `1.5"`: 38.1, "2,5 cm": 25} {
		if got, err := ParseLength(text); err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%q is %g, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "mm", "5 furlongs", "NaN", "1e999", "Inf"} {
		if got, err := ParseLength(text); !errors.Is(err, ErrSettings) {
			t.Errorf("%q is %g, %v", text, got, err)
		}
	}
}

// TestMissingNetwork: what an engine needs is said before anything is done, with the command that gets it.
func TestMissingNetwork(t *testing.T) {
	t.Setenv("ORFEAS_MODELS", t.TempDir())
	for _, name := range []string{"triposr", "triposg", "hunyuan3d-2mini-turbo", "hunyuan3d-2.1"} {
		s := Defaults()
		s.Engine = name
		err := Run(t.Context(), &Work{Settings: s, Picture: "no such picture"}, func(string, float64, []StageInfo) { t.Error("something was done") })
		problem, hint := Explain(err)
		if !errors.Is(err, weights.ErrAbsent) || !strings.Contains(problem, "orfeas models get "+name) || hint == "" {
			t.Errorf("%s (%s)", problem, hint)
		}
	}
}

// TestSizeAlong: whichever side is given has the size, whether the engine measures in millimetres or not.
func TestSizeAlong(t *testing.T) {
	t.Setenv("ORFEAS_MODELS", t.TempDir()) // without networks, which would take minutes
	for _, e := range engine.All {
		if e.Missing() != nil {
			continue
		}
		for _, side := range []mesh.Side{mesh.Width, mesh.Depth, mesh.Height} {
			s := Defaults()
			s.Engine, s.Along, s.SizeMM, s.Faces = e.Name, side, 30, 5000
			w := &Work{Settings: s, Picture: bundled(t, "duck.png")}
			if err := Run(t.Context(), w, func(string, float64, []StageInfo) {}); err != nil {
				t.Fatal(err)
			}
			if got := w.Mesh.Extent(side); math.Abs(got-30) > 0.01 || !w.Certificate.Clean() {
				t.Errorf("%s: the %s is %g: %s", e.Name, side, got, w.Certificate)
			}
		}
	}
}

// TestExactHeightmap: what an engine calls exact goes down the line as it is: every sample of 16 bits is in the result, in
// millimetres, however few faces were asked for.
func TestExactHeightmap(t *testing.T) {
	const w, h = 64, 48
	g := image.NewGray16(image.Rect(0, 0, w, h))
	for i := range w * h {
		g.SetGray16(i%w, i/w, color.Gray16{uint16(i * 21)})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, g); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "terrain.png")
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	s := Defaults()
	s.Engine, s.Faces, s.Along, s.SizeMM = "heightmap", MinFaces, mesh.Depth, 96 // twice its pixels, lying on its back
	s.Options = engine.Options{"exact": true, "height": 20.0, "base": 1.0}
	work := &Work{Settings: s, Picture: path}
	if err := Run(t.Context(), work, nil); err != nil {
		t.Fatal(err)
	}
	if !work.Certificate.Clean() || len(work.Mesh.Triangles) < 2*w*h {
		t.Fatalf("%d triangles, %s", len(work.Mesh.Triangles), work.Certificate)
	}
	for i := range w * h {
		v := work.Mesh.Vertices[(i/w+1)*(w+2)+i%w+1]
		want := [3]float64{2*float64(i%w) + 1 - w, h - 1 - 2*float64(i/w), 1 + 20*float64(i*21)/65535}
		for k := range want {
			if math.Abs(float64(v[k])-want[k]) > 1e-4 {
				t.Fatalf("sample %d is at %v, want %v", i, v, want)
			}
		}
	}
}
