//go:build !headless

package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// TestPages: every page can be shown by key and by the rail, one at a time, and is made only then.
func TestPages(t *testing.T) {
	t.Setenv("ORFEAS_DATA", t.TempDir())
	t.Setenv("ORFEAS_MODELS", t.TempDir())
	s := studio(t)
	onThread(func() {
		p := s.pages
		if p.current.name != "studio" || p.all[1].content != nil {
			t.Errorf("at first %s is shown", p.current.name)
		}
		for i, one := range p.all {
			key := fyne.KeyName(string(rune('1' + i)))
			typed(s, key)
			if p.current != one || !one.content.Visible() || !one.tab.chosen {
				t.Errorf("Ctrl+%s shows %s, not %s", key, p.current.name, one.name)
			}
			for _, other := range p.all {
				if other != one && (other.tab.chosen || other.content != nil && other.content.Visible()) {
					t.Errorf("%s is still shown beside %s", other.name, one.name)
				}
			}
		}
		test.Tap(p.all[0].tab)
		if p.current != p.all[0] {
			t.Error("the rail does not work")
		}
		p.all[2].tab.FocusGained()
		p.all[2].tab.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if p.current != p.all[2] {
			t.Error("the rail does not work by keys")
		}
	})
}

// typed sends Ctrl and a key to the window.
func typed(s *Studio, key fyne.KeyName) {
	type shortcuts interface{ TypedShortcut(fyne.Shortcut) }
	s.window.Canvas().(shortcuts).TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
}

// TestKeysStayOnTheirPage: Delete on another page does not remove the job that is selected in the Studio.
func TestKeysStayOnTheirPage(t *testing.T) {
	s := withJobs(t)
	onThread(func() {
		s.pages.show("gpu")
		s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDelete})
		s.pages.show("library")
		s.past.pick(s.past.found[0].ID, false)
		s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDelete})
		if len(s.past.found) != 2 || !s.past.undo.object.Visible() {
			t.Errorf("%d jobs are left", len(s.past.found))
		}
		s.undoShortcut(nil)
		if len(s.past.found) != 3 {
			t.Error("Ctrl+Z does not undo it")
		}
		s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
		if top := s.window.Canvas().Overlays().Top(); top == nil || !strings.Contains(words(top), "Ctrl+1 … Ctrl+7") {
			t.Error("F1 does not show the shortcuts")
		} else {
			s.window.Canvas().Overlays().Remove(top)
		}
		typed(s, fyne.KeyF)
		if s.pages.current.name != "library" || s.window.Canvas().Focused() != fyne.Focusable(s.past.search) {
			t.Error("Ctrl+F does not search")
		}
	})
	onThread(func() {
		keys := s.window.Canvas().(fyne.Shortcutable)
		s.window.Canvas().Unfocus()
		keys.TypedShortcut(&fyne.ShortcutSelectAll{})
		if typed(s, fyne.KeyO); len(s.list.marked) > 0 || s.asking {
			t.Errorf("on the library %d jobs of the Studio's are marked, a picture is asked for: %v", len(s.list.marked), s.asking)
		}
		s.pages.show("studio")
		if keys.TypedShortcut(&fyne.ShortcutSelectAll{}); len(s.list.marked) != 3 {
			t.Errorf("in the Studio %d jobs are marked", len(s.list.marked))
		}
	})
	until(t, "nothing was removed", func() bool { return len(s.queue.Jobs()) == 3 })
}

// TestTheWindowIsRemembered: its size, its dividers, and not what cannot be.
func TestTheWindowIsRemembered(t *testing.T) {
	s := studio(t)
	onThread(func() {
		s.window.Resize(fyne.NewSize(1500, 950))
		s.splits[0].SetOffset(0.3)
		s.settings.parts.Close(0)
		s.settings.parts.Open(2)
		s.remember()
		if again := newSettingsPanel(s.prefs.store, s.window).parts.Items; again[0].Open || again[1].Open || !again[2].Open {
			t.Error("which parts of the settings are open is not remembered")
		}
		if w := s.prefs.store.Int("window_width"); w != 1500 {
			t.Errorf("%d wide", w)
		}
		s.splits[0].SetOffset(0.5)
		s.window.Resize(fyne.NewSize(1400, 900))
		s.recall(s.splits...)
		if size := s.window.Canvas().Size(); size.Width != 1500 || s.splits[0].Offset != 0.3 {
			t.Errorf("%v, divider at %g", size, s.splits[0].Offset)
		}
		s.prefs.store.SetInt("window_width", 3)
		s.prefs.store.SetFloat(dividerKey(0), 7)
		s.recall(s.splits...)
		if size := s.window.Canvas().Size(); size.Width != firstWidth || s.splits[0].Offset != 0.3 {
			t.Errorf("%v, divider at %g", size, s.splits[0].Offset)
		}
	})
}

func TestAbout(t *testing.T) {
	s := studio(t)
	onThread(func() {
		s.pages.show("about")
		if said := words(s.pages.current.content); !strings.Contains(said, pipeline.Application) {
			t.Error(said)
		}
		for _, l := range links {
			if !strings.HasPrefix(l.address, "https://") {
				t.Error(l.address)
			}
		}
		all := licences("== a v1\n== b v2\n\ntext of two\nlines\n\n== c v1\n\nanother\n")
		if len(all) != 3 || all[1] != (licence{"b v2", "text of two\nlines"}) || all[2] != (licence{"c v1", "another"}) {
			t.Errorf("%+v", all)
		}
		typed(s, fyne.KeyL)
		if s.logs.tabs.SelectedIndex() != len(s.logs.tabs.Items)-1 {
			t.Error("Ctrl+L does not show the log")
		}
		page := licencePage().(*container.Split)
		list := findList(page)
		if list == nil || list.Length() < 30 {
			t.Error("there are hardly any licences")
		}
	})
}

func findList(o fyne.CanvasObject) *widget.List {
	for _, o := range test.LaidOutObjects(o) {
		if l, ok := o.(*widget.List); ok {
			return l
		}
	}
	return nil
}

// TestLog: what went wrong is in it by the number of the job, the name of the picture only when the user wants that, and the
// file does not grow for ever.
func TestLog(t *testing.T) {
	dir := t.TempDir()
	s := withJobs(t)
	onThread(func() {
		s.log = OpenLog(dir)
		var bad pipeline.Job
		for _, j := range s.jobs {
			if j.State == pipeline.Failed {
				bad = j
			}
		}
		behind := filepath.Join(t.TempDir(), "its back.png")
		bad.Shots = []pipeline.Shot{{Side: "back", Picture: behind}}
		bad.Problem += ", and the back: read picture " + behind
		for i := range s.jobs {
			if s.jobs[i].ID == bad.ID {
				s.jobs[i] = bad
			}
		}
		s.log.note(bad)
		s.log.Say("read %s: no such file", bad.Picture)
		s.pages.show("about")
		for names, want := range map[bool]bool{false: false, true: true} {
			s.logs.names.SetChecked(names)
			path := filepath.Join(dir, "sent.txt")
			s.logs.saveAs(path)
			data, err := os.ReadFile(path)
			text := string(data)
			if err != nil || strings.Contains(text, bad.Title) != want || strings.Contains(text, filepath.Base(behind)) != want || !strings.Contains(text, pipeline.Application) || !strings.Contains(text, "job "+bad.ID+": failed") {
				t.Errorf("names %v: %v\n%s", names, err, text)
			}
		}
		if data, err := os.ReadFile(filepath.Join(dir, "log.txt")); err != nil || strings.Contains(string(data[:strings.Index(string(data), "read "+bad.Picture)]), bad.Title) || strings.Contains(string(data), filepath.Base(behind)) {
			t.Errorf("%v: the log on the disk has the name: %s", err, data)
		}
	})
	long := strings.Repeat("x", 1000) + "\n"
	for range 3000 {
		if _, err := s.log.Write([]byte(long[:500])); err != nil {
			t.Fatal(err)
		}
		if _, err := s.log.Write([]byte(long[500:])); err != nil {
			t.Fatal(err)
		}
	}
	var size int64
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > 2*logBytes+(1<<16) || len(s.log.lines) != logLines || strings.Contains(s.log.Text(), "\n\n") {
		t.Errorf("%d bytes in the folder, %d lines in memory", size, len(s.log.lines))
	}
	if text := report("", nil, gpu.Reading{}, false); !strings.Contains(text, pipeline.Application) {
		t.Error(text)
	}
}

// TestTheWindowFitsASmallScreen: in both languages it is no wider than a laptop's 1280 pixels, on any page.
func TestTheWindowFitsASmallScreen(t *testing.T) {
	t.Setenv("ORFEAS_DATA", t.TempDir())
	t.Setenv("ORFEAS_MODELS", t.TempDir())
	t.Setenv(languageVariable, "")
	for _, language := range []string{languageGerman, languageEnglish} {
		if err := speak(language); err != nil {
			t.Fatal(err)
		}
		s := studio(t)
		onThread(func() {
			for _, p := range s.pages.all {
				s.pages.show(p.name)
				if size := s.pages.object.MinSize(); size.Width > 1280 || size.Height > 720 {
					t.Errorf("%s: with the page %s it asks for %v", language, p.name, size)
				}
			}
		})
	}
}
