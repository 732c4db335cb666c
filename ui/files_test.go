//go:build !headless

package ui

import (
	"errors"
	"testing"

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
