//go:build !headless

package ui

import (
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"orfeas/assets"
	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// sampleURI writes a bundled picture to a file.
func sampleURI(t *testing.T, title string) fyne.URI {
	t.Helper()
	for _, s := range assets.Samples() {
		if s.Title == title {
			path := filepath.Join(t.TempDir(), s.Name)
			if err := os.WriteFile(path, s.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			return storage.NewFileURI(path)
		}
	}
	t.Fatalf("there is no sample %s", title)
	return nil
}

// opened is a window that shows a picture which waits to be converted, cut out.
func opened(t *testing.T, title string) *Studio {
	t.Helper()
	s := studio(t)
	onThread(func() {
		s.settings.faces.SetValue(3.9)
		s.picture.atOnce.SetChecked(false)
		s.dropped([]fyne.URI{sampleURI(t, title)})
	})
	until(t, "it is cut out", func() bool { return s.picture.sheet.matte != nil })
	return s
}

// place is where a share of the whole picture, as it is turned, lies on the sheet.
func place(s *sheet, x, y float64) fyne.Position {
	scale, o := s.frame()
	return o.AddXY(float32(x*scale*float64(s.whole.Rect.Dx())), float32(y*scale*float64(s.whole.Rect.Dy())))
}

// paint drags a button along a line of shares.
func paint(s *sheet, button desktop.MouseButton, line ...[2]float64) {
	at := func(i int) fyne.Position { return place(s, line[i][0], line[i][1]) }
	s.MouseDown(&desktop.MouseEvent{Button: button, PointEvent: fyne.PointEvent{Position: at(0)}})
	for i := range line[1:] {
		if button == desktop.MouseButtonSecondary { // for which Fyne sends no drags
			s.MouseMoved(&desktop.MouseEvent{Button: button, PointEvent: fyne.PointEvent{Position: at(i + 1)}})
		} else {
			s.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at(i + 1)}})
		}
	}
	s.MouseUp(&desktop.MouseEvent{Button: button})
}

// TestStrokesToJob: a dropped picture waits, is painted on, turned and cropped, converted with that, and converted again.
func TestStrokesToJob(t *testing.T) {
	s := opened(t, "Rocket")
	p := s.picture
	var before int
	onThread(func() {
		if len(s.jobs) > 0 || s.tabs.SelectedIndex() != pictureTabIndex || p.convert.Disabled() || !strings.Contains(p.convert.Text, "rocket") {
			t.Errorf("%d jobs, tab %d, %q", len(s.jobs), s.tabs.SelectedIndex(), p.convert.Text)
		}
		if !strings.HasPrefix(p.note.Text, "Cut out by ") {
			t.Errorf("how it was cut out: %q", p.note.Text)
		}
		before = covered(p.sheet.matte)
		// The right button of the brush that keeps removes.
		paint(p.sheet, desktop.MouseButtonSecondary, [2]float64{0.45, 0.3}, [2]float64{0.55, 0.32}, [2]float64{0.5, 0.35})
		if n := len(p.edit.Strokes); n != 1 || p.edit.Strokes[0].Keep || len(p.edit.Strokes[0].Line) < 2 {
			t.Fatalf("strokes: %+v", p.edit.Strokes)
		}
		if a := p.edit.Strokes[0].Line[0]; math.Hypot(float64(a.X-4500), float64(a.Y-3000)) > 40 {
			t.Errorf("it begins at %v", a)
		}
	})
	until(t, "the stroke is obeyed", func() bool { return len(p.sheet.pending) == 0 && covered(p.sheet.matte) < before })
	onThread(func() {
		p.undoEdit()
		if len(p.edit.Strokes) != 0 {
			t.Errorf("after undo: %+v", p.edit)
		}
		p.sheet.TypedShortcut(&fyne.ShortcutRedo{})
		narrow := p.sheet.radius
		for _, r := range "]]M" {
			p.sheet.TypedRune(r)
		}
		if p.sheet.radius <= narrow || p.sheet.tool != moveTool {
			t.Errorf("by keys: a brush of %d, was %d; tool %d", p.sheet.radius, narrow, p.sheet.tool)
		}
		p.alter(func(e *picture.Edit) { e.Turns = turnedOn(*e) })
		if b := p.sheet.whole.Rect; len(p.edit.Strokes) != 1 || p.edit.Turns != 1 || b.Dx() < 1 {
			t.Errorf("after redo and turn: %+v, %v", p.edit, b)
		}
		// The handle in the middle of the left side, which was the bottom.
		p.use(cropTool)
		paint(p.sheet, desktop.MouseButtonPrimary, [2]float64{0, 0.5}, [2]float64{0.1, 0.5})
		if c := p.edit.Crop; c.X != 0 || c.Y != 0 || c.W != picture.Whole || math.Abs(float64(c.H)-9000) > 60 {
			t.Errorf("cropped to %+v", c)
		}
	})
	until(t, "it is cut out again", func() bool { return p.sheet.matte != nil })
	var first pipeline.Job
	onThread(func() { p.convertShown() })
	until(t, "it is done and shown", func() bool {
		if len(s.jobs) == 1 && s.jobs[0].State == pipeline.Done {
			first = s.jobs[0]
		}
		return first.ID != "" && s.tabs.SelectedIndex() == meshTabIndex
	})
	if e := first.Settings.Edit; len(e.Strokes) != 1 || e.Turns != 1 || e.Crop.H == 0 || first.Title != "rocket" {
		t.Errorf("the job has %+v, %s", e, first.Title)
	}
	if size := first.Result.Certificate.Size(); !(size[0] > size[2]) {
		t.Errorf("the rocket of %v does not lie", size)
	}
	onThread(func() { s.tabs.SelectIndex(pictureTabIndex) })
	until(t, "the job's picture is shown with its edits", func() bool {
		return p.source != nil && len(p.edit.Strokes) == 1 && p.convert.Text == "Convert again"
	})
	onThread(func() {
		p.alter(func(e *picture.Edit) { *e = picture.Edit{} })
		p.convertShown()
	})
	until(t, "the picture as it was is another job", func() bool { return len(s.jobs) == 2 && s.jobs[1].Settings.Edit.IsZero() })
}

func covered(m *image.Gray) (n int) {
	for _, v := range m.Pix {
		if v > 127 {
			n++
		}
	}
	return n
}

// TestDraftsOneAfterTheOther: of several dropped pictures one is looked at after the other, or all are converted.
func TestDraftsOneAfterTheOther(t *testing.T) {
	s := opened(t, "Duck")
	p := s.picture
	onThread(func() {
		s.dropped([]fyne.URI{sampleURI(t, "Vase"), sampleURI(t, "Flower")})
	})
	until(t, "three pictures wait", func() bool { return len(p.drafts) == 3 })
	onThread(func() {
		if p.all.Hidden || !strings.HasPrefix(p.id, "draft ") || !strings.HasSuffix(p.id, "duck.png") {
			t.Errorf("%q is shown", p.id)
		}
		p.next()
	})
	until(t, "the vase is shown", func() bool { return strings.HasSuffix(p.id, "vase.png") && p.sheet.matte != nil })
	onThread(func() {
		p.alter(func(e *picture.Edit) { e.Flip = true })
		p.convertAll()
	})
	until(t, "both are queued", func() bool { return len(s.jobs) == 2 && len(p.drafts) == 0 })
	onThread(func() {
		for _, j := range s.jobs {
			if j.Settings.Edit.Flip != (j.Title == "vase") {
				t.Errorf("%s: %+v", j.Title, j.Settings.Edit)
			}
		}
	})
}

// TestConvertTakesWhatItConverts: pressed twice, or with the picture put away before it is queued, it takes no other one with it.
func TestConvertTakesWhatItConverts(t *testing.T) {
	s := opened(t, "Duck")
	p := s.picture
	if err := s.queue.Pause(); err != nil { // it is about what waits
		t.Fatal(err)
	}
	onThread(func() {
		p.open([]string{sampleURI(t, "Vase").Path(), sampleURI(t, "Flower").Path()})
		p.convertShown()
		if !p.convert.Disabled() || !p.all.Disabled() {
			t.Error("it can be pressed again meanwhile")
		}
		p.convertShown()
		p.convertAll()
	})
	until(t, "one is queued, the next shown", func() bool { return len(s.jobs) == 1 && p.source != nil && strings.HasSuffix(p.id, "vase.png") })
	onThread(func() {
		if len(p.drafts) != 2 || p.convert.Disabled() {
			t.Fatalf("%q wait", p.drafts)
		}
		p.convertShown()
		p.next()
	})
	until(t, "another is queued", func() bool { return len(s.jobs) == 2 && !p.orders })
	onThread(func() {
		if len(p.drafts) != 1 || !strings.HasSuffix(p.drafts[0], "flower.png") {
			t.Errorf("%q wait", p.drafts)
		}
	})
}

// TestWhatIsNotQueuedWaits: with a setting that is wrong, or a queue that takes nothing, no picture is lost.
func TestWhatIsNotQueuedWaits(t *testing.T) {
	folder := t.TempDir()
	s := studioIn(t, folder)
	p := s.picture
	paths := []string{sampleURI(t, "Duck").Path(), sampleURI(t, "Vase").Path(), sampleURI(t, "Flower").Path()}
	closeDialog := func() bool {
		top := s.window.Canvas().Overlays().Top()
		if top != nil {
			s.window.Canvas().Overlays().Remove(top)
		}
		return top != nil
	}
	onThread(func() {
		s.settings.size.SetText("wide")
		s.Add(paths[2])
		if !closeDialog() || len(p.drafts) != 1 {
			t.Errorf("with a wrong size, at once: %q wait", p.drafts)
		}
		p.drafts = slices.Clone(paths)
		p.convertAll()
		if !closeDialog() || closeDialog() || !slices.Equal(p.drafts, paths) {
			t.Errorf("with a wrong size: %q wait", p.drafts)
		}
		s.settings.size.SetText("80")
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		p.convertAll()
	})
	until(t, "nothing is queued, which is said", func() bool { return !p.orders && closeDialog() && len(p.drafts) == 3 })
	onThread(func() {
		if !slices.Equal(p.drafts, paths) {
			t.Errorf("%q wait", p.drafts)
		}
	})
}

// TestCards: every engine without a network has a picture, the automatic choice is marked with its reason, those with a network
// say what they need, and a tap chooses.
func TestCards(t *testing.T) {
	t.Setenv("ORFEAS_MODELS", t.TempDir())
	s := opened(t, "Duck")
	c := s.picture.cards
	until(t, "all previews are there", func() bool {
		for _, card := range c.all {
			if card.engine.Ready == nil && card.picture.Image == nil {
				return false
			}
		}
		return true
	})
	onThread(func() {
		if c.best == "" || !strings.Contains(c.why.Text, "because") {
			t.Errorf("the choice is %q: %q", c.best, c.why.Text)
		}
		for _, card := range c.all {
			switch {
			case card.engine.Ready != nil && card.state.Text != "needs a download":
				t.Errorf("%s: %q", card.engine.Name, card.state.Text)
			case card.engine.Name == c.best && card.state.Text != "suits it best":
				t.Errorf("%s: %q", card.engine.Name, card.state.Text)
			}
			if card.engine.Name == "relief" {
				test.Tap(card)
			}
		}
		if s.settings.chosen().Name != "relief" || !c.all[4].chosen || c.all[0].chosen {
			t.Errorf("%s is chosen", s.settings.chosen().Name)
		}
		if got, _ := s.settings.value(); got.Engine != "relief" {
			t.Errorf("the settings are for %s", got.Engine)
		}
		c.all[1].TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		if s.settings.chosen().Name != "inflate" {
			t.Error("the space bar does not choose")
		}
	})
	// Another setting makes another preview of that engine, and only of that.
	var kept int
	var was image.Image
	onThread(func() { kept, was = len(c.kept), c.all[1].picture.Image })
	onThread(func() { s.settings.note("inflate/thickness", 0.3) })
	until(t, "there is another preview", func() bool { return c.all[1].picture.Image != was })
	onThread(func() {
		if len(c.kept) != kept+1 {
			t.Errorf("%d previews were made", len(c.kept)-kept)
		}
	})
	// A network that is there is ready.
	if e, err := engine.ByName("triposr"); err != nil || e.Missing() == nil {
		t.Errorf("%v, %v", err, weights.ErrAbsent)
	}
}

// TestWhatIsNoPictureIsSaid: a dropped file that is no picture is a sentence on the tab, and the next one can be had.
func TestWhatIsNoPictureIsSaid(t *testing.T) {
	s := studio(t)
	path := filepath.Join(t.TempDir(), "letter.png")
	if err := os.WriteFile(path, []byte("Dear all"), 0o644); err != nil {
		t.Fatal(err)
	}
	onThread(func() {
		s.picture.atOnce.SetChecked(false)
		s.dropped([]fyne.URI{storage.NewFileURI(path)})
	})
	until(t, "it is said", func() bool { return strings.Contains(s.picture.note.Text, "not a picture") })
	onThread(func() {
		if !s.picture.convert.Disabled() || s.picture.drop.Hidden {
			t.Error("it can be converted, or not be put away")
		}
		s.picture.next()
		if len(s.picture.drafts) != 0 || s.picture.id != "" {
			t.Errorf("%v, %q", s.picture.drafts, s.picture.id)
		}
	})
}

// TestAtOnceIsRemembered: the check is on at first, and stays as it was left.
func TestAtOnceIsRemembered(t *testing.T) {
	s := studio(t)
	onThread(func() {
		if !s.picture.atOnce.Checked {
			t.Error("at first it is off")
		}
		s.picture.atOnce.SetChecked(false)
		if newPictureTab(s).atOnce.Checked {
			t.Error("it is on again")
		}
	})
}

// TestCropStaysInThePicture: whatever is dragged wherever, the crop is one that is valid.
func TestCropStaysInThePicture(t *testing.T) {
	s := opened(t, "Flower")
	onThread(func() {
		p := s.picture
		p.use(cropTool)
		p.alter(func(e *picture.Edit) { e.Crop = picture.Box{W: 8000, H: 8000} })
		p.alter(func(e *picture.Edit) { e.Flip = true })
		p.undoEdit()
		paint(p.sheet, desktop.MouseButtonPrimary, [2]float64{0.4, 0.4})
		if len(p.past) != 1 || len(p.future) != 1 {
			t.Errorf("a click leaves %d steps to undo, %d to do again", len(p.past), len(p.future))
		}
		for _, to := range [][2]float64{{-5, -5}, {9, 9}, {0.2, 9}, {-3, 0.1}} {
			for _, g := range grips {
				b := p.sheet.cropShown()
				from := [2]float64{(float64(b.X) + g.x*float64(b.W)) / picture.Whole, (float64(b.Y) + g.y*float64(b.H)) / picture.Whole}
				paint(p.sheet, desktop.MouseButtonPrimary, from, to)
				if err := p.edit.Check(); err != nil {
					t.Fatalf("%v dragged to %v: %+v: %v", g, to, p.edit.Crop, err)
				}
			}
		}
	})
}
