package pipeline

import (
	"context"
	"errors"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"orfeas/assets"
	"orfeas/pipeline/picture"
)

func sampleFile(t *testing.T, title string) string {
	t.Helper()
	for _, s := range assets.Samples() {
		if s.Title == title {
			path := filepath.Join(t.TempDir(), s.Name)
			if err := os.WriteFile(path, s.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	t.Fatalf("there is no sample %s", title)
	return ""
}

// TestEditsReachTheMesh: the edits of a picture go through the queue and the worker, survive in job.json, and count when
// jobs are compared.
func TestEditsReachTheMesh(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	folder := t.TempDir()
	q := Open(ctx, folder, Options{Worker: asProcess("worker")})
	defer func() { cancel(); q.Wait() }()
	path := sampleFile(t, "Rocket")
	s := Defaults()
	s.Engine, s.Faces = "inflate", 5000
	plain, err := q.Add(path, s)
	if err != nil {
		t.Fatal(err)
	}
	s.Edit = picture.Edit{Turns: 1, Flip: true, Crop: picture.Box{X: 0, Y: 0, W: 10000, H: 9000},
		Strokes: []picture.Stroke{{Keep: false, Radius: 300, Line: picture.Polyline{image.Pt(5000, 1500), image.Pt(5000, 2500)}}}}
	edited, err := q.AddFrom(plain.ID, s)
	if err != nil || edited.ID == plain.ID || edited.Title != plain.Title || edited.Picture != plain.Picture {
		t.Fatalf("%+v, %v", edited, err)
	}
	if same, err := q.AddFrom(edited.ID, s); err != nil || same.ID != edited.ID {
		t.Errorf("the same again is job %s, not %s (%v)", same.ID, edited.ID, err)
	}
	var a, b [3]float32
	wait(t, q, "both are done", func(jobs map[string]Job) bool {
		if jobs[plain.ID].State != Done || jobs[edited.ID].State != Done {
			return false
		}
		a, b = jobs[plain.ID].Result.Certificate.Size(), jobs[edited.ID].Result.Certificate.Size()
		return true
	})
	if !(a[2] > a[0]) || !(b[0] > b[2]) {
		t.Errorf("the rocket of %v stands, the turned one of %v does not lie", a, b)
	}
	if read := (store{folder}).load(edited.ID); !reflect.DeepEqual(read.Settings.Edit, s.Edit) {
		t.Errorf("job.json has %+v", read.Settings.Edit)
	}
	s.Edit.Crop.W = 10001
	if _, err := q.AddFrom(plain.ID, s); !errors.Is(err, ErrSettings) || !errors.Is(err, picture.ErrEdit) {
		t.Errorf("a crop beyond the picture: %v", err)
	}
	if _, err := q.AddFrom("999999", Defaults()); !errors.Is(err, ErrNoJob) {
		t.Errorf("of no job: %v", err)
	}
}

// TestSketch: every engine that needs nothing else gives a rough mesh, fast engines of a cut-out made once.
func TestSketch(t *testing.T) {
	p, err := picture.Load(t.Context(), sampleFile(t, "Duck"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := picture.Separate(t.Context(), p, picture.CutOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"inflate", "extrude", "revolve", "relief", "lithophane", "heightmap"} {
		s := Defaults()
		s.Engine = name
		m, err := Sketch(t.Context(), p, c, s)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n := len(m.Triangles); n < 100 || n > 40000 || m.Colors == nil {
			t.Errorf("%s: %d triangles, colours %v", name, n, m.Colors != nil)
		}
	}
	s := Defaults()
	s.Engine = "inflate"
	if _, err := Sketch(t.Context(), p, &picture.Cutout{}, s); !errors.Is(err, picture.ErrNoSubject) {
		t.Errorf("without a subject: %v", err)
	}
}
