//go:build !headless

package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"orfeas/pipeline"
)

func (l *jobList) isMarked(id string) bool { return l.marked[id] || id == l.studio.selected }

// marks are the marked jobs in the order of the queue.
func (l *jobList) marks() (jobs []pipeline.Job) {
	for _, j := range l.studio.jobs {
		if l.isMarked(j.ID) {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

func (l *jobList) at(id string) int {
	return slices.IndexFunc(l.studio.jobs, func(j pipeline.Job) bool { return j.ID == id })
}

// mark selects a job alone, with Ctrl besides those that are marked or not any more, with Shift with all from where the
// last mark was put. What finishes is not selected instead from then on.
func (l *jobList) mark(id string, with fyne.KeyModifier) {
	s := l.studio
	s.follow = false
	at, from := l.at(id), l.at(l.anchor)
	switch {
	case at < 0:
		return
	case with&fyne.KeyModifierShift != 0 && from >= 0:
		clear(l.marked)
		for _, j := range s.jobs[min(at, from) : max(at, from)+1] {
			l.marked[j.ID] = true
		}
	case with&fyne.KeyModifierShortcutDefault != 0 && l.isMarked(id):
		delete(l.marked, id)
		l.anchor = id
		if id == s.selected { // another one of those that are left is shown
			rest := slices.DeleteFunc(l.marks(), func(j pipeline.Job) bool { return j.ID == id })
			if len(rest) > 0 {
				id = rest[0].ID
			}
		} else {
			id = s.selected
		}
	case with&fyne.KeyModifierShortcutDefault != 0:
		l.marked[s.selected], l.marked[id] = true, true
		l.anchor = id
	default:
		clear(l.marked)
		l.anchor = id
	}
	if id != s.selected {
		s.choose(id)
	} else {
		l.refresh()
	}
}

// forget takes a job that is gone out of the marks.
func (l *jobList) forget(id string) { delete(l.marked, id) }

// typed does what a key means for the list, and reports whether it means anything.
func (l *jobList) typed(key fyne.KeyName) bool {
	s := l.studio
	var with fyne.KeyModifier
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		with = d.CurrentKeyModifiers() & fyne.KeyModifierShift
	}
	step := 0
	switch key {
	case fyne.KeyUp:
		step = -1
	case fyne.KeyDown:
		step = 1
	case fyne.KeyPageUp:
		step = -10
	case fyne.KeyPageDown:
		step = 10
	case fyne.KeyEscape:
		l.mark(s.selected, 0)
		return true
	case fyne.KeyDelete, fyne.KeyBackspace:
		l.dismissMarked()
		return true
	default:
		return false
	}
	if len(s.jobs) == 0 {
		return true
	}
	to := min(max(l.at(s.selected)+step, 0), len(s.jobs)-1)
	anchor := l.anchor
	l.mark(s.jobs[to].ID, with)
	if with != 0 {
		l.anchor = anchor
	}
	l.list.ScrollTo(to)
	return true
}

// keys sets the list's shortcuts.
func (l *jobList) keys() {
	s := l.studio
	s.onKey(fyne.KeyUp, func() { l.shift(-1) })
	s.onKey(fyne.KeyDown, func() { l.shift(1) })
	s.onKey(fyne.KeyR, l.retryMarked)
	s.onShortcut(&fyne.ShortcutSelectAll{}, func() {
		s.follow = false
		for _, j := range s.jobs {
			l.marked[j.ID] = true
		}
		l.refresh()
	})
	s.onShortcut(&fyne.ShortcutPaste{}, s.paste)
}

// shift moves the marked jobs that wait one place up or down.
func (l *jobList) shift(by int) {
	jobs := l.studio.jobs
	waits := func(j pipeline.Job) bool { return j.State == pipeline.Queued }
	first := slices.IndexFunc(jobs, func(j pipeline.Job) bool { return waits(j) && l.isMarked(j.ID) })
	if first < 0 {
		return
	}
	last := first
	for i, j := range jobs {
		if waits(j) && l.isMarked(j.ID) {
			last = i
		}
	}
	if by < 0 {
		if first > 0 && waits(jobs[first-1]) {
			l.put(first - 1)
		}
		return
	}
	if last+1 < len(jobs) {
		l.put(last + 2)
	}
}

// put moves the marked jobs that wait in front of the row at, in their order.
func (l *jobList) put(at int) {
	s := l.studio
	before := ""
	for _, j := range s.jobs[min(at, len(s.jobs)):] {
		if j.State != pipeline.Queued || !l.isMarked(j.ID) {
			before = j.ID
			break
		}
	}
	l.each(l.fitting(waiting), func(id string) error { return s.queue.Reorder(id, before) })
}

// dragged shows where the marked jobs would go if they were let go at this height of the window.
func (l *jobList) dragged(y float32) {
	if !slices.ContainsFunc(l.marks(), func(j pipeline.Job) bool { return j.State == pipeline.Queued }) {
		return
	}
	top := fyne.CurrentApp().Driver().AbsolutePositionForObject(l.list).Y
	pitch := l.list.CreateItem().MinSize().Height + theme.Padding()
	l.drop = min(max(int((y-top+l.list.GetScrollOffset())/pitch+0.5), 0), len(l.studio.jobs))
	l.gap.Move(fyne.NewPos(4, float32(l.drop)*pitch-l.list.GetScrollOffset()-2))
	l.gap.Resize(fyne.NewSize(l.list.Size().Width-8, 2))
	l.gap.Show()
	l.gap.Refresh()
}

// dropped moves them there.
func (l *jobList) dropped() {
	at := l.drop
	l.drop = -1
	l.gap.Hide()
	if at >= 0 {
		l.put(at)
	}
}
