package pipeline

import (
	"context"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// A texture is painted on the mesh as it is delivered, decimated and turned, and shows the picture.
func TestTexturesAreDelivered(t *testing.T) {
	for _, engine := range []string{"inflate", "extrude"} {
		s := small()
		s.Engine, s.Texture = engine, Atlas1k
		path := bundled(t, "duck.png")
		w := &Work{Settings: s, Picture: path, Title: Title(path)}
		out := filepath.Join(t.TempDir(), "duck.obj")
		f, err := export.ByPath(out)
		if err != nil {
			t.Fatal(err)
		}
		w.Outputs = []Output{{out, f}}
		if err := Run(context.Background(), w, nil); err != nil {
			t.Fatal(err)
		}
		m, err := export.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		if m.Texture == nil || m.Texture.Rect.Dx() != 1024 {
			t.Fatalf("%s: no texture", engine)
		}
		if engine != "inflate" {
			continue
		}
		// The eye is the only black thing.
		var eye [3]float64
		n := 0.0
		for f, tri := range m.Triangles {
			uv := m.UVs[f][0]
			c := m.Texture.NRGBAAt(int(uv[0]*1024), int(uv[1]*1024))
			if v := m.Vertices[tri[0]]; c.R < 60 && v[1] < 0 {
				n++
				for k := range eye {
					eye[k] += float64(v[k])
				}
			}
		}
		lo, hi := m.Bounds()
		if x, z := (eye[0]/n-float64(lo[0]))/float64(hi[0]-lo[0]), (eye[2]/n-float64(lo[2]))/float64(hi[2]-lo[2]); n < 5 || math.Abs(x-0.73) > 0.04 || math.Abs(z-0.83) > 0.04 {
			t.Errorf("%g black faces, about (%.2f, %.2f)", n, x, z)
		}
	}
}

func TestPlacingGoesBack(t *testing.T) {
	m := &mesh.Mesh{Vertices: [][3]float32{{-1, -0.5, -0.2}, {0.7, 0.3, 0.4}, {1, 0.1, 0}, {0.2, 0.8, 0.1}}, Triangles: [][3]uint32{{0, 1, 2}, {0, 2, 3}}}
	for _, name := range []string{"inflate", "extrude"} {
		w := &Work{Settings: Settings{Engine: name, Along: mesh.Height}}
		print := w.printed(33, m)
		at := placed(m, print, w.lies())
		again := print.Sized(mesh.Width, 12)
		at = at.resized(print, again)
		for i, v := range at.back(again).Vertices {
			for k := range v {
				if math.Abs(float64(v[k]-m.Vertices[i][k])) > 1e-5 {
					t.Errorf("%s: %v came back as %v", name, m.Vertices[i], v)
				}
			}
		}
	}
}

func TestPaletteIsDelivered(t *testing.T) {
	s := small()
	s.Palette = 3
	w := &Work{Settings: s, Picture: bundled(t, "mushroom.png")}
	if err := Run(context.Background(), w, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(w.Mesh.Palette); n < 2 || n > 3 || len(w.Mesh.Filaments) != len(w.Mesh.Triangles) {
		t.Errorf("%d filaments for %d of %d faces", n, len(w.Mesh.Filaments), len(w.Mesh.Triangles))
	}
	for _, bad := range []func(*Settings){
		func(s *Settings) { s.Palette = 17 }, func(s *Settings) { s.Palette = 1 }, func(s *Settings) { s.Texture = "8k" },
		func(s *Settings) { s.Unseen = "guess" }, func(s *Settings) { s.Palette, s.Texture = 4, Atlas2k },
	} {
		s := Defaults()
		bad(&s)
		if err := s.Check(); !errors.Is(err, ErrSettings) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// TestNothingOfAnEarlierAttempt: what the result of a retry does not have is not there any more.
func TestNothingOfAnEarlierAttempt(t *testing.T) {
	subject := &picture.Subject{Color: image.NewNRGBA(image.Rect(0, 0, 2, 2)), Matte: image.NewGray(image.Rect(0, 0, 2, 2))}
	rich := &mesh.Mesh{
		Texture: image.NewNRGBA(image.Rect(0, 0, 2, 2)), UVs: make([][3][2]float32, 1),
		Palette: make([][4]uint8, 1), Filaments: make([]uint8, 1),
	}
	j := Job{Folder: t.TempDir()}
	for _, c := range []struct {
		mesh    *mesh.Mesh
		preview []byte
		files   []string
	}{
		{rich, []byte("a picture"), []string{CutoutFile, filamentFile, PreviewFile, textureFile, placesFile}},
		{&mesh.Mesh{}, nil, []string{CutoutFile}},
	} {
		if err := keep(t.Context(), j, &Work{Subject: subject, Mesh: c.mesh}, c.preview); err != nil {
			t.Fatal(err)
		}
		var got []string
		entries, err := os.ReadDir(j.Folder)
		for _, e := range entries {
			got = append(got, e.Name())
		}
		if slices.Sort(c.files); err != nil || !slices.Equal(got, c.files) {
			t.Errorf("there is %v, not %v (%v)", got, c.files, err)
		}
	}
}
