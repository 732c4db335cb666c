//go:build !headless

package ui

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	native "github.com/sqweek/dialog"
)

// TestOneSystemDialogAtATime, and another one when it is over, however it ended.
func TestOneSystemDialogAtATime(t *testing.T) {
	s := studio(t)
	for name, answer := range map[string]func() (string, error){
		"a file":    func() (string, error) { return "a", nil },
		"cancelled": func() (string, error) { return "", native.ErrCancelled },
		"an error":  func() (string, error) { return "", errors.New("no") },
		"a panic":   func() (string, error) { panic("no display") },
	} {
		chosen, open := make(chan struct{}), 0
		onThread(func() {
			s.native(func() (string, error) { <-chosen; return answer() }, func(string) { open++ })
			s.native(func() (string, error) { return "b", nil }, func(string) { t.Error(name + ": a second one was open beside it") })
			if !s.asking {
				t.Error(name + ": it is not known that one is open")
			}
		})
		close(chosen)
		until(t, name+": it is over", func() bool { return !s.asking })
		if wanted := name == "a file"; (open == 1) != wanted {
			t.Errorf("%s: taken %d times", name, open)
		}
	}
}

// TestWithEnding: a name gets the ending it lacks, and a file that is there under that name is not replaced unasked.
func TestWithEnding(t *testing.T) {
	s := studio(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "there.stl"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	onThread(func() {
		for _, c := range []struct {
			name, want string
			answer     fyne.KeyName // empty where nothing is asked
		}{
			{"new", "new.stl", ""}, {"robot v1.2", "robot v1.2.stl", ""}, {"there.stl", "there.stl", ""}, {"LOUD.STL", "LOUD.STL", ""}, {"duck.obj", "duck.obj.stl", ""},
			{"there", "there.stl", fyne.KeyReturn}, {"there", "", fyne.KeyEscape},
		} {
			got := ""
			s.withEnding(filepath.Join(dir, c.name), "stl", func(path string) { got = filepath.Base(path) })
			if asks := s.window.Canvas().Overlays().Top() != nil; asks != (c.answer != "") || asks && got != "" {
				t.Errorf("%s: it asks: %v, wrote to %q", c.name, asks, got)
			}
			if c.answer != "" {
				s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: c.answer})
			}
			if got != c.want {
				t.Errorf("%s becomes %q, want %q", c.name, got, c.want)
			}
		}
	})
}
