//go:build !headless

package ui

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

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
}
