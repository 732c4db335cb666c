//go:build !headless

package ui

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"orfeas/pipeline"
)

// TestKeysAnswerDialogs: while a dialog lies over the window its keys are the dialog's, not the viewport's beneath it.
func TestKeysAnswerDialogs(t *testing.T) {
	s := studio(t)
	onThread(func() {
		c := s.window.Canvas()
		key := func(name fyne.KeyName) { c.OnTypedKey()(&fyne.KeyEvent{Name: name}) }
		s.complain("It did not work", errors.New("read it: no"))
		edges := s.viewport.tools.edges.on
		key(fyne.KeyE)
		if s.viewport.tools.edges.on != edges {
			t.Error("a key went through the dialog")
		}
		for _, answer := range []fyne.KeyName{fyne.KeyEscape, fyne.KeyReturn} {
			if c.Overlays().Top() == nil {
				s.complain("It did not work", errors.New("read it: no"))
			}
			if key(answer); c.Overlays().Top() != nil {
				t.Errorf("%s does not close it", answer)
			}
		}
		for answer, want := range map[fyne.KeyName]bool{fyne.KeyEscape: false, fyne.KeyReturn: true} {
			got := []bool{}
			dialog.ShowConfirm("Sure?", "It will be gone.", func(yes bool) { got = append(got, yes) }, s.window)
			if key(answer); len(got) != 1 || got[0] != want {
				t.Errorf("%s answers %v", answer, got)
			}
		}
		key(fyne.KeyE)
		if s.viewport.tools.edges.on == edges {
			t.Error("without a dialog the key does nothing")
		}
	})
}

func TestReason(t *testing.T) {
	for problem, want := range map[string]string{
		"preprocess: read picture a.png: not a picture of a known kind":                  "not a picture of a known kind",
		"read picture a.png: part of it is missing (png: invalid format: not enough it)": "part of it is missing (png: invalid format: not enough it)",
		"no": "no",
	} {
		if got := reason(problem); got != want {
			t.Errorf("%q: %q", problem, got)
		}
	}
}

// TestNoMeshOfAnother: where a job has no mesh the viewport does not show another's, and says why.
func TestNoMeshOfAnother(t *testing.T) {
	s := withJobs(t)
	onThread(func() {
		for _, j := range s.jobs {
			s.choose(j.ID)
			if none := s.none.object.Visible(); none == (j.State == pipeline.Done) && !s.empty.Visible() {
				t.Errorf("a job that is %s: the viewport says that there is no mesh: %v", j.State, none)
			}
			if j.State == pipeline.Failed && (s.shown != "" || s.none.hint.Text == "") {
				t.Errorf("it shows %q and says %q", s.shown, s.none.hint.Text)
			}
		}
	})
	until(t, "a mesh is shown", func() bool { s.choose(s.jobs[0].ID); return s.shown != "" && !s.empty.Visible() })
	onThread(func() {
		s.choose(s.jobs[2].ID) // which has failed
		gone := slices.Clone(s.jobs)
		for i := range gone {
			gone[i].State = pipeline.Removed
		}
		if s.see(gone...); len(s.jobs) > 0 || !s.empty.Visible() {
			t.Errorf("with %d jobs the window says nothing: %v", len(s.jobs), s.empty.Visible())
		}
	})
}

// TestKeysInAField: the window's keys work while an entry has the focus, and the entry's own are still its own.
func TestKeysInAField(t *testing.T) {
	s := studio(t)
	onThread(func() {
		c := s.window.Canvas()
		c.Focus(s.settings.size)
		ctrl := func(key fyne.KeyName) {
			c.Focused().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
		}
		ctrl(fyne.Key2)
		if s.pages.current.name != "library" {
			t.Errorf("Ctrl+2 in an entry shows %s", s.pages.current.name)
		}
		s.pages.show("studio")
		c.Focus(s.settings.size)
		s.settings.size.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
		if c.Overlays().Top() == nil {
			t.Error("F1 does nothing in an entry")
		} else {
			c.Overlays().Remove(c.Overlays().Top())
		}
		c.Focus(s.settings.size)
		s.settings.size.TypedShortcut(&fyne.ShortcutSelectAll{})
		if got := s.settings.size.SelectedText(); got != s.settings.size.Text {
			t.Errorf("Ctrl+A marks %q", got)
		}
		ctrl(fyne.KeyLeft) // must not reach the window, which has none
	})
}

// TestTabs: the tabs of a page, which Fyne does not let have the focus, can be changed by keys.
func TestTabs(t *testing.T) {
	s := withJobs(t)
	onThread(func() {
		tab := func() {
			s.window.Canvas().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyTab, Modifier: fyne.KeyModifierControl})
		}
		s.pages.show("studio")
		s.tabs.SelectIndex(meshTabIndex)
		was := s.mesh.tabs.SelectedIndex()
		if typed(s, fyne.KeyE); s.mesh.tabs.SelectedIndex() == was {
			t.Error("Ctrl+E does not go to the changes")
		}
		if tab(); s.tabs.SelectedIndex() != pictureTabIndex {
			t.Error("Ctrl+Tab does not go to the picture")
		}
		if tab(); s.tabs.SelectedIndex() != meshTabIndex {
			t.Error("Ctrl+Tab does not go back")
		}
	})
}

// TestEverythingHasTheFocus: whatever can be clicked can be reached by Tab too, but for what has keys of its own; and Tab
// reaches all of it, and shows where it is.
func TestEverythingHasTheFocus(t *testing.T) {
	t.Setenv("ORFEAS_MODELS", t.TempDir())
	s := withJobs(t)
	byKeys := map[string]string{
		"*ui.viewCube": "0 to 6", "*widget.tabButton": "Ctrl+Tab and Ctrl+E", "*container.tabButton": "Ctrl+Tab and Ctrl+E",
		"*ui.row": "the list's arrows", "*ui.tile": "the grid's arrows", "*widget.listItem": "the list's arrows", "*widget.gridWrapItem": "the grid's arrows",
		"*widget.scrollBarArea": "the wheel",
	}
	onThread(func() {
		for _, page := range s.pages.all {
			s.pages.show(page.name)
			reached := map[fyne.Focusable]bool{}
			c := s.window.Canvas()
			c.Unfocus()
			for range 400 {
				c.FocusNext()
				if c.Focused() == nil || reached[c.Focused()] {
					break
				}
				reached[c.Focused()] = true
			}
			for _, o := range seen(s.pages.object) {
				_, tappable := o.(fyne.Tappable)
				if d, ok := o.(fyne.Disableable); !tappable || ok && d.Disabled() {
					continue
				}
				f, ok := o.(fyne.Focusable)
				if kind := fmt.Sprintf("%T", o); !ok && byKeys[kind] == "" {
					t.Errorf("%s: a %s cannot have the focus", page.name, kind)
				} else if ok && !reached[f] {
					t.Errorf("%s: Tab does not reach a %s", page.name, kind)
				}
			}
		}
	})
}

// seen are the objects under one that are not hidden.
func seen(o fyne.CanvasObject) (out []fyne.CanvasObject) {
	if !o.Visible() {
		return nil
	}
	out = append(out, o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, x := range o.Objects {
			out = append(out, seen(x)...)
		}
	case fyne.Widget:
		for _, x := range test.WidgetRenderer(o).Objects() {
			out = append(out, seen(x)...)
		}
	}
	return out
}

// TestKeysOfTheGrid: with the focus in the library's grid its keys are the page's, and a click on a tile or a row takes the focus from
// an entry.
func TestKeysOfTheGrid(t *testing.T) {
	s := withJobs(t)
	onThread(func() {
		c, p := s.window.Canvas(), s.past
		key := func(name fyne.KeyName) { c.Focused().TypedKey(&fyne.KeyEvent{Name: name}) }
		c.Focus(p.grid)
		p.undo.grace = time.Hour
		if key(fyne.KeySpace); len(p.picked) != 1 {
			t.Fatalf("Space chooses %v", p.picked)
		}
		if key(fyne.KeyEscape); len(p.picked) != 0 {
			t.Errorf("Escape leaves %v", p.picked)
		}
		key(fyne.KeySpace)
		if key(fyne.KeyDelete); len(p.found) != 2 {
			t.Error("Delete does nothing")
		}
		p.undo.undo()
		key(fyne.KeySpace)
		if key(fyne.KeyReturn); s.pages.current.name != "studio" {
			t.Error("Enter does nothing")
		}
		s.pages.show("library")
		c.Focus(p.search)
		if newTile(p).MouseDown(&desktop.MouseEvent{}); c.Focused() != nil {
			t.Error("a click on a tile leaves the focus in the search")
		}
		c.Focus(s.settings.size)
		r := newRow(s.list)
		if r.MouseDown(&desktop.MouseEvent{}); c.Focused() != nil {
			t.Error("a click on a row leaves the focus in the entry")
		}
	})
}

// TestKeysOfThePicture: without the focus anywhere keys are for what is seen, the picture or the mesh.
func TestKeysOfThePicture(t *testing.T) {
	s := studio(t)
	onThread(func() {
		c := s.window.Canvas()
		for _, x := range []struct {
			page       string
			tab        int
			rune, mesh bool
		}{{"studio", pictureTabIndex, true, false}, {"studio", meshTabIndex, false, true}, {"gpu", pictureTabIndex, false, false}} {
			s.pages.show(x.page)
			s.tabs.SelectIndex(x.tab)
			s.picture.use(keepTool)
			edges := s.viewport.tools.edges.on
			c.OnTypedRune()('m')
			c.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyE})
			if (s.picture.sheet.tool == moveTool) != x.rune || (s.viewport.tools.edges.on != edges) != x.mesh {
				t.Errorf("%+v: the tool is %d, edges changed: %v", x, s.picture.sheet.tool, s.viewport.tools.edges.on != edges)
			}
		}
	})
}
