//go:build !headless

package ui

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"orfeas/assets"
	"orfeas/gpu"
	"orfeas/pipeline"
)

// TestMain lets the test binary be the worker of the tests' queues.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "worker" {
		if err := pipeline.Serve(os.Args[2], os.Stdin, os.Stdout, nil, nil); err != nil {
			os.Exit(1)
		}
		return
	}
	data, err := os.MkdirTemp("", "orfeas-test-")
	if err == nil {
		err = os.Setenv("ORFEAS_DATA", data)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(data)
	os.Exit(code)
}

// thread stands for Fyne's: the test driver runs everything where it is called.
var thread sync.Mutex

func onThread(f func()) {
	thread.Lock()
	defer thread.Unlock()
	f()
}

func studio(t *testing.T) *Studio { return studioIn(t, t.TempDir()) }

// studioIn is the window on the queue in a folder.
func studioIn(t *testing.T, folder string) *Studio {
	t.Helper()
	thread.Lock()
	defer thread.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	app := test.NewTempApp(t)
	q := pipeline.Open(ctx, folder, pipeline.Options{Worker: pipeline.Self("worker"), Poll: 20 * time.Millisecond})
	s := newStudio(ctx, app, q, nil, func() ([]gpu.Device, error) { return nil, gpu.ErrNoNVIDIA }, onThread)
	t.Cleanup(func() { cancel(); q.Wait() })
	return s
}

// until runs check on Fyne's thread again and again.
func until(t *testing.T, what string, check func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		ok := false
		onThread(func() { ok = check() })
		if ok {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("it never happened: %s", what)
		case <-tick.C:
		}
	}
}

func TestDropToMesh(t *testing.T) {
	s := studio(t)
	dir := t.TempDir()
	var uris []fyne.URI
	for _, sample := range assets.Samples()[:2] {
		path := filepath.Join(dir, sample.Name)
		if err := os.WriteFile(path, sample.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		uris = append(uris, storage.NewFileURI(path))
	}
	onThread(func() {
		s.settings.faces.SetValue(3.9)
		s.dropped(uris)
	})
	until(t, "both pictures are done", func() bool {
		return len(s.jobs) == 2 && s.jobs[0].State == pipeline.Done && s.jobs[1].State == pipeline.Done && !s.mesh.export.Disabled()
	})
	onThread(func() {
		if s.selected != s.jobs[1].ID || s.mesh.export.Disabled() || s.mesh.verdict.Text != "Ready to print" {
			t.Errorf("selected %s, export disabled %v, %s", s.selected, s.mesh.export.Disabled(), s.mesh.verdict.Text)
		}
		if s.empty.Visible() {
			t.Error("the samples still cover the viewport")
		}
		if path := os.Getenv("ORFEAS_SHOTS"); path != "" {
			f, err := os.Create(filepath.Join(path, "studio.png"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := png.Encode(f, s.window.Canvas().Capture()); err != nil {
				t.Fatal(err)
			}
		}
		s.list.mark(s.jobs[0].ID, 0)
		s.list.dismissMarked()
	})
	until(t, "the first job is gone", func() bool { return len(s.jobs) == 1 })
}

// TestHistoryAndSecondWindow: what was done is there when the window opens again; a second window says that the first has
// the queue, and pauses and reorders when that is closed.
func TestHistoryAndSecondWindow(t *testing.T) {
	folder, dir := t.TempDir(), t.TempDir()
	paths := map[string]string{}
	for _, sample := range assets.Samples() {
		paths[sample.Title] = filepath.Join(dir, sample.Name)
		if err := os.WriteFile(paths[sample.Title], sample.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	first := pipeline.Open(ctx, folder, pipeline.Options{Worker: pipeline.Self("worker")})
	settings := pipeline.Defaults()
	settings.Faces = 5000
	if _, err := first.Add(paths["Duck"], settings); err != nil {
		t.Fatal(err)
	}
	s := studioIn(t, folder)
	until(t, "it is done elsewhere and shown here", func() bool { return len(s.jobs) == 1 && s.shown == s.jobs[0].ID })
	onThread(func() {
		if !s.list.pause.Disabled() || !strings.Contains(s.list.note.Text, "Another ORFEAS Studio") {
			t.Errorf("pause %v, %q", s.list.pause.Disabled(), s.list.note.Text)
		}
	})
	cancel()
	first.Wait()
	until(t, "it takes over", func() bool { return !s.list.pause.Disabled() && s.list.note.Text == "" })
	onThread(func() { s.list.pause.OnTapped() })
	until(t, "it is paused", func() bool { return s.list.pause.Text == "Resume" && strings.HasPrefix(s.list.note.Text, "Paused") })
	onThread(func() { s.Add(paths["Rocket"], paths["Flower"]) })
	until(t, "both wait", func() bool { return len(s.jobs) == 3 })
	onThread(func() { s.list.mark(s.jobs[2].ID, 0); s.list.shift(-1) })
	until(t, "the flower comes first", func() bool { return s.jobs[1].Title == "flower" && s.jobs[2].Title == "rocket" })
	onThread(func() {
		s.list.clear.OnTapped()
		s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn}) // that one is sure
	})
	until(t, "what was done is cleared", func() bool { return len(s.jobs) == 2 })
}

func TestWhatCannotBeConvertedIsARedRow(t *testing.T) {
	s := studio(t)
	path := filepath.Join(t.TempDir(), "empty.png")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	onThread(func() {
		s.dropped([]fyne.URI{storage.NewFileURI(path), storage.NewFileURI("/https:/example.org/a.png")})
	})
	until(t, "the job has failed", func() bool { return len(s.jobs) == 1 && s.jobs[0].State == pipeline.Failed })
	onThread(func() {
		if s.jobs[0].Hint == "" || s.mesh.verdict.Text != "It failed" || !s.mesh.export.Disabled() {
			t.Errorf("%+v, note %q", s.jobs[0], s.mesh.verdict.Text)
		}
		if s.window.Canvas().Overlays().Top() == nil {
			t.Error("the web address was dropped without a word")
		}
	})
}

// TestClosingLosesNothing: what was dropped is in the queue when the window is closed at once.
func TestClosingLosesNothing(t *testing.T) {
	s := studio(t)
	if err := s.queue.Pause(); err != nil {
		t.Fatal(err)
	}
	dir, paths := t.TempDir(), []string{}
	for i := range 30 {
		paths = append(paths, dot(t, dir, i))
	}
	onThread(func() { s.queueUp(paths) })
	s.Run() // which the tests' driver returns from without waiting
	if n := len(s.queue.Jobs()); n != len(paths) {
		t.Errorf("%d of %d pictures were queued", n, len(paths))
	}
}
