//go:build !headless

package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"orfeas/assets"
	"orfeas/pipeline"
)

// withJobs is a window with a duck that is done, a flower that is done in another size, and a file that is no picture.
func withJobs(t *testing.T) *Studio {
	t.Helper()
	s := studio(t)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	small := pipeline.Defaults()
	small.Faces = 5000
	for i, sample := range assets.Samples()[:2] {
		set := small
		set.SizeMM = 50 + 20*float64(i)
		if i == 1 {
			set.Engine = "extrude"
		}
		if _, err := s.queue.Add(write(sample.Name, sample.Data), set); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.queue.Add(write("notes.png", []byte("no picture")), small); err != nil {
		t.Fatal(err)
	}
	until(t, "all are over", func() bool {
		if len(s.jobs) != 3 {
			return false
		}
		for _, j := range s.jobs {
			if !j.State.Over() {
				return false
			}
		}
		return true
	})
	onThread(func() { s.pages.show("library") })
	return s
}

func names(jobs []pipeline.Job) string {
	var all []string
	for _, j := range jobs {
		all = append(all, j.Title)
	}
	return strings.Join(all, " ")
}

func TestLibrarySearch(t *testing.T) {
	s := withJobs(t)
	onThread(func() {
		year := time.Now().Format("2006-01-02")
		for _, c := range []struct{ search, want string }{
			{"", "duck flower notes"}, {"duck", "duck"}, {"EXTRUDE", "flower"}, {year, "duck flower notes"},
			{"failed", "notes"}, {"flower " + year, "flower"}, {"flower failed", ""}, {"1999", ""},
		} {
			s.past.search.SetText(c.search)
			got := strings.Fields(names(s.past.found))
			for _, w := range strings.Fields(c.want) {
				if !strings.Contains(names(s.past.found), w) {
					t.Errorf("%q did not find %s", c.search, w)
				}
			}
			if len(got) != len(strings.Fields(c.want)) {
				t.Errorf("%q found %v", c.search, got)
			}
			if s.past.none.Visible() != (len(got) == 0) {
				t.Errorf("%q: that nothing was found is said: %v", c.search, s.past.none.Visible())
			}
		}
	})
}

// TestLibraryUndo: what is deleted is out of sight and untouched on the disk until the time is over, and back by Undo.
func TestLibraryUndo(t *testing.T) {
	s := withJobs(t)
	var gone pipeline.Job
	onThread(func() {
		p := s.past
		p.undo.grace = time.Hour
		gone = p.found[0]
		p.pick(p.found[0].ID, false)
		p.undo.remove([]string{gone.ID})
		if len(p.found) != 2 || !p.undo.object.Visible() || len(p.picked) != 0 {
			t.Errorf("%d are shown, undo is offered: %v", len(p.found), p.undo.object.Visible())
		}
		if _, err := os.Stat(gone.Folder); err != nil {
			t.Error(err)
		}
		p.undo.undo()
		if len(p.found) != 3 || p.undo.object.Visible() {
			t.Errorf("%d are shown after undo", len(p.found))
		}
		p.undo.grace = time.Millisecond
		p.undo.remove([]string{gone.ID})
	})
	until(t, "it is gone", func() bool {
		_, err := os.Stat(gone.Folder)
		return err != nil && len(s.jobs) == 2 && !s.past.undo.object.Visible()
	})
}

func TestLibraryOpenRestoreCompare(t *testing.T) {
	s := withJobs(t)
	onThread(func() {
		p := s.past
		flower, duck := find(t, p, "flower"), find(t, p, "duck")
		p.restore(flower)
		got, err := s.settings.value()
		if err != nil || got.Engine != "extrude" || got.SizeMM != 70 || got.Faces != 5000 {
			t.Errorf("%+v, %v", got, err)
		}
		s.pages.show("library")
		p.open(duck)
		if s.selected != duck.ID || s.pages.current.name != "studio" {
			t.Errorf("%s is open on page %s", s.selected, s.pages.current.name)
		}
		s.pages.show("library")
		p.pick(duck.ID, false)
		p.pick(flower.ID, true)
		differs := map[string]bool{}
		for _, d := range differences(duck, flower, units[1]) {
			differs[d.name] = d.a != d.b
			if d.name == "Size" && (!strings.HasPrefix(d.a, "5.00 × ") || !strings.HasSuffix(d.b, " cm")) {
				t.Errorf("sizes %q and %q", d.a, d.b)
			}
		}
		if !differs["Engine"] || !differs["Size asked for"] || !differs["Size"] || differs["Triangles asked for"] || differs["State"] {
			t.Error(differs)
		}
		for _, o := range test.LaidOutObjects(p.detail) {
			if b, ok := o.(*widget.Button); ok && b.Text == "Compare" {
				test.Tap(b)
			}
		}
		if s.window.Canvas().Overlays().Top() == nil {
			t.Error("they are not compared")
		}
	})
}

func find(t *testing.T, p *libraryPage, title string) pipeline.Job {
	t.Helper()
	for _, j := range p.found {
		if j.Title == title {
			return j
		}
	}
	t.Fatal("there is no ", title)
	return pipeline.Job{}
}

// TestLibraryPreviews: a tile gets its picture; the keyboard chooses.
func TestLibraryPreviews(t *testing.T) {
	s := withJobs(t)
	until(t, "the pictures are read", func() bool {
		n := 0
		for _, img := range s.past.stores.kept {
			if img != nil {
				n++
			}
		}
		return n == 2
	})
	onThread(func() {
		p := s.past
		p.grid.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		if len(p.picked) != 1 || p.picked[0] != p.found[0].ID {
			t.Errorf("picked %v", p.picked)
		}
		tile := newTile(p)
		tile.show(find(t, p, "notes"))
		if !tile.state.object.Visible() || tile.state.word.Text != "failed" {
			t.Error("a failed job looks like one that is done")
		}
		tile.Tapped(nil)
		tile.more = true
		tile.Tapped(nil)
		if len(p.picked) != 0 {
			t.Errorf("picked %v", p.picked)
		}
	})
}

// TestPreviewForAllWhoAsk: a picture that is asked for twice while it is read comes to both.
func TestPreviewForAllWhoAsk(t *testing.T) {
	s := withJobs(t)
	p := newPreviews(t.Context(), onThread, func() {})
	p.turn <- struct{}{}
	p.turn <- struct{}{} // nothing is read
	var tile, detail *canvas.Image
	onThread(func() {
		duck := find(t, s.past, "duck")
		tile, detail = p.image(duck), p.image(duck)
		if tile.Image != nil || detail.Image != nil {
			t.Error("it is there before it is read")
		}
	})
	<-p.turn
	until(t, "both have it", func() bool { return tile.Image != nil && detail.Image != nil && len(p.await) == 0 })
}
