//go:build !headless

package ui

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
)

// slotOf is the place for the picture of a side.
func slotOf(s *Studio, side picture.Side) *slot {
	all := s.picture.sides.slots
	return all[slices.IndexFunc(all, func(o *slot) bool { return o.side == side })]
}

// dropOn drops a file on the middle of a slot, and reports whether that was the slot's.
func dropOn(s *Studio, side picture.Side, uris ...fyne.URI) bool {
	o := slotOf(s, side)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	return s.picture.sides.dropped(at.AddXY(o.Size().Width/2, o.Size().Height/2), uris)
}

// fills drops a sample on a slot and waits until it is there.
func fills(t *testing.T, s *Studio, side picture.Side, title string) fyne.URI {
	t.Helper()
	uri := sampleURI(t, title)
	onThread(func() {
		if !dropOn(s, side, uri) {
			t.Fatalf("the slot of the %s does not take what is dropped on it", side)
		}
		if !s.picture.convert.Disabled() || !s.picture.all.Disabled() {
			t.Error("it can be converted before the picture is read")
		}
	})
	until(t, "the "+string(side)+" is there", func() bool { return slotOf(s, side).small != nil && !s.picture.convert.Disabled() })
	return uri
}

// key presses a key on a slot that has the focus.
func (o *slot) key(s *Studio, name fyne.KeyName) {
	s.window.Canvas().Focus(o)
	s.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name})
}

// sidesOf are a job's sides, each with the name of its picture.
func sidesOf(j pipeline.Job) (out []string) {
	for _, s := range j.Shots {
		out = append(out, string(s.Side)+" "+filepath.Base(s.Picture))
	}
	return out
}

// TestSidesToJob: pictures of other sides are put into their slots, taken back by undo, queued with the job, and there when it is
// converted again and when the window opens anew.
func TestSidesToJob(t *testing.T) {
	folder := t.TempDir()
	s := studioIn(t, folder)
	if err := s.queue.Pause(); err != nil { // it is about what is queued
		t.Fatal(err)
	}
	onThread(func() {
		if !slotOf(s, picture.Back).Disabled() || dropOn(s, picture.Back, sampleURI(t, "Vase")) {
			t.Error("without a front there is a back")
		}
		s.settings.faces.SetValue(3.9)
		s.picture.atOnce.SetChecked(false)
		s.dropped([]fyne.URI{sampleURI(t, "Duck")})
	})
	until(t, "it is shown", func() bool { return s.picture.sheet.matte != nil })
	p := s.picture
	right, back := fills(t, s, picture.Right, "Rocket"), fills(t, s, picture.Back, "Vase")
	onThread(func() {
		c := s.window.Canvas()
		for _, o := range p.sides.slots {
			c.Unfocus()
			for range 400 {
				if c.FocusNext(); c.Focused() == fyne.Focusable(o) {
					break
				}
			}
			if !o.focused {
				t.Errorf("Tab does not reach the %s", o.side)
			}
		}
		if s.follow {
			t.Error("another job that is done would be shown instead")
		}
		if len(p.drafts) != 1 || len(s.jobs) > 0 {
			t.Errorf("what was dropped on a slot is a picture of its own: %v, %d jobs", p.drafts, len(s.jobs))
		}
		s.pages.show("library")
		s.undoShortcut(nil)
		if s.pages.show("studio"); len(p.shots) != 2 {
			t.Fatalf("after another page: %v", p.shots)
		}
		s.undoShortcut(nil)
		if len(p.shots) != 1 || slotOf(s, picture.Back).filled() || !slotOf(s, picture.Right).filled() {
			t.Errorf("after undo: %v", p.shots)
		}
		p.redoEdit()
		p.alter(func(e *picture.Edit) { e.Flip = true })
		p.undoEdit()
		if len(p.shots) != 2 || !p.edit.IsZero() || slotOf(s, picture.Back).shot.Picture != back.Path() {
			t.Errorf("after redo, flip and undo: %v, %+v", p.shots, p.edit)
		}
		p.convertShown()
	})
	var first, second pipeline.Job
	until(t, "it is queued and shown", func() bool { return len(s.jobs) == 1 && p.job.ID == s.jobs[0].ID && !p.convert.Disabled() })
	onThread(func() { first = s.jobs[0] })
	if got := sidesOf(first); !slices.Equal(got, []string{"back vase.png", "right rocket.png"}) {
		t.Fatalf("the job has %v", got)
	}
	for i, from := range []fyne.URI{back, right} {
		want, err := os.ReadFile(from.Path())
		got, err2 := os.ReadFile(first.File(first.Shots[i].Input))
		if err != nil || err2 != nil || !bytes.Equal(got, want) {
			t.Errorf("the job's copy is not the picture: %v, %v", err, err2)
		}
		if err := os.Remove(from.Path()); err != nil { // the job has its own
			t.Fatal(err)
		}
	}
	onThread(func() {
		slotOf(s, picture.Back).key(s, fyne.KeyDelete)
		if len(p.shots) != 1 || slotOf(s, picture.Back).filled() {
			t.Errorf("Delete leaves %v", p.shots)
		}
		p.convertShown()
	})
	until(t, "it is another job", func() bool { return len(s.jobs) == 2 })
	onThread(func() { second = s.jobs[1] })
	if got := sidesOf(second); !slices.Equal(got, []string{"right rocket.png"}) {
		t.Errorf("converted again it has %v", got)
	}
	// Each job keeps its own, also what was not converted.
	until(t, "it is shown", func() bool { return p.job.ID == second.ID && p.source != nil })
	onThread(func() {
		slotOf(s, picture.Right).key(s, fyne.KeyDelete)
		s.choose(first.ID)
	})
	until(t, "the first one is shown", func() bool { return slotOf(s, picture.Back).small != nil && slotOf(s, picture.Right).small != nil })
	onThread(func() { s.choose(second.ID) })
	until(t, "the second one is shown again", func() bool { return p.source != nil && p.job.ID == second.ID && len(p.past) > 0 })
	onThread(func() {
		if len(p.shots) > 0 {
			t.Errorf("what was taken away is back: %v", p.shots)
		}
		if p.undoEdit(); !slices.Equal(sidesOf(pipeline.Job{Shots: p.shots}), []string{"right rocket.png"}) {
			t.Errorf("undone it has %v", p.shots)
		}
	})
	if j, err := s.queue.Again(first.ID); err != nil || len(j.Shots) != 2 {
		t.Errorf("done again it has %v (%v)", sidesOf(j), err)
	}

	if err := os.WriteFile(first.File(first.Shots[1].Input), []byte("Dear all"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := studioIn(t, folder)
	until(t, "the jobs are there", func() bool { _, ok := again.job(first.ID); return ok })
	onThread(func() {
		again.choose(first.ID)
		again.tabs.SelectIndex(pictureTabIndex)
	})
	until(t, "the slots are full, and one is known to be broken", func() bool {
		broken := slotOf(again, picture.Right)
		return slotOf(again, picture.Back).small != nil && broken.filled() && strings.Contains(broken.ToolTip(), "The right: ") && !slotOf(again, picture.Left).filled()
	})
	n := len(again.queue.Jobs())
	onThread(func() { again.picture.convertShown() })
	until(t, "it is not converted without it", func() bool {
		top := again.window.Canvas().Overlays().Top()
		return top != nil && strings.Contains(words(top), "the right: ")
	})
	if len(again.queue.Jobs()) != n {
		t.Error("it is a job all the same")
	}
}

// TestSidesThatCannotBeRead: it is said which picture it was, and no job goes without one that was set.
func TestSidesThatCannotBeRead(t *testing.T) {
	s := opened(t, "Duck")
	said := func() string {
		top := s.window.Canvas().Overlays().Top()
		if top == nil {
			return ""
		}
		defer s.window.Canvas().Overlays().Remove(top)
		return words(top)
	}
	vase := fills(t, s, picture.Left, "Vase")
	dir := t.TempDir()
	letter := filepath.Join(dir, "letter.png")
	if err := os.WriteFile(letter, []byte("Dear all"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, why := range map[string]string{letter: "not a picture", filepath.Join(dir, "nowhere.png"): "no such file", dir: "a folder"} {
		onThread(func() { dropOn(s, picture.Left, storage.NewFileURI(path)) })
		var message string
		until(t, "it is said", func() bool { message = said(); return message != "" })
		if !strings.Contains(message, "the left: ") || !strings.Contains(message, filepath.Base(path)) || !strings.Contains(message, why) {
			t.Errorf("%s: %q", path, message)
		}
		onThread(func() {
			if shots := s.picture.shots; len(shots) != 1 || shots[0].Picture != vase.Path() || slotOf(s, picture.Left).small == nil || s.picture.convert.Disabled() {
				t.Errorf("%s: then there are %v", path, shots)
			}
		})
	}
	onThread(func() {
		if dropOn(s, picture.Right, vase, vase); !strings.Contains(said(), "one by one") || len(s.picture.shots) != 1 {
			t.Error("a side takes two pictures")
		}
		if err := os.Remove(vase.Path()); err != nil {
			t.Fatal(err)
		}
		s.picture.convertShown()
	})
	until(t, "that it is gone is said", func() bool { m := said(); return strings.Contains(m, "the left: ") && strings.Contains(m, "vase.png") })
	onThread(func() {
		if len(s.jobs) > 0 || len(s.picture.drafts) != 1 || s.picture.convert.Disabled() {
			t.Errorf("%d jobs, %v wait", len(s.jobs), s.picture.drafts)
		}
		if log := s.log.Text(); !strings.Contains(log, "[picture]") || strings.Contains(log, "letter") || strings.Contains(log, "vase") {
			t.Errorf("the log has names: %s", log)
		}
		// Without it the rest can be converted.
		o := slotOf(s, picture.Left)
		o.Tapped(&fyne.PointEvent{Position: fyne.NewPos(o.Size().Width-10, 10)})
		if s.window.Canvas().Focused() != fyne.Focusable(o) || len(s.picture.shots) > 0 || o.filled() {
			t.Errorf("the cross leaves %v", s.picture.shots)
		}
		s.picture.convertShown()
	})
	until(t, "it is a job", func() bool { return len(s.jobs) == 1 && len(s.jobs[0].Shots) == 0 })
}

// TestSidesOfTheirPicture: of several pictures that wait each has its own sides.
func TestSidesOfTheirPicture(t *testing.T) {
	s := opened(t, "Duck")
	fills(t, s, picture.Back, "Rocket")
	onThread(func() {
		s.dropped([]fyne.URI{sampleURI(t, "Mushroom")})
	})
	until(t, "two wait", func() bool { return len(s.picture.drafts) == 2 })
	onThread(func() { s.picture.convertAll() })
	until(t, "both are queued", func() bool { return len(s.jobs) == 2 })
	onThread(func() {
		for _, j := range s.jobs {
			if got := sidesOf(j); (len(got) == 1) != (j.Title == "duck") {
				t.Errorf("%s has %v", j.Title, got)
			}
		}
	})
}

// TestUseOfSides: what the pictures are of use for is said by the engine, and by the one that the automatic choice takes.
func TestUseOfSides(t *testing.T) {
	s := opened(t, "Duck")
	until(t, "an engine is suggested", func() bool { return s.picture.cards.best != "" })
	onThread(func() {
		p := s.picture
		for i, e := range engine.All {
			s.settings.engine.SetSelectedIndex(i)
			want := "for the colours"
			switch e.Name {
			case "extrude", "relief", "lithophane", "heightmap", "revolve", "triposr":
				want = "not used here"
			case "hunyuan3d-2mv", "hunyuan3d-2mv-turbo":
				want = "for shape and colours"
			}
			if got := p.sides.use.Text; got != want {
				t.Errorf("%s: %q", e.Name, got)
			}
			if tip := slotOf(s, picture.Left).ToolTip(); !strings.Contains(tip, "your right as it faces you") {
				t.Errorf("%s: %q", e.Name, tip)
			}
		}
		s.settings.engine.SetSelectedIndex(0)
		p.cards.best = "extrude"
		if p.sides.explain(); p.sides.use.Text != "not used here" {
			t.Errorf("automatic that takes extrude: %q", p.sides.use.Text)
		}
		s.settings.texture.pick(string(pipeline.NoTexture))
		s.settings.engine.SetSelectedIndex(slices.IndexFunc(engine.All, func(e engine.Engine) bool { return e.Name == "hunyuan3d-2mv" }))
		if p.sides.use.Text != "for the shape" {
			t.Errorf("without colours: %q", p.sides.use.Text)
		}
		test.WidgetRenderer(slotOf(s, picture.Left)) // has to be one that draws
	})
}
