//go:build !headless

package ui

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
)

// jobList is the queue on screen: a row per job, and what can be done with those that are marked and with all of them.
type jobList struct {
	studio *Studio
	list   *jobsView
	pause  *widget.Button
	clear  *widget.Button
	note   *widget.Label // why the queue does not go on, if it does not
	sum    *canvas.Text  // how many wait, and for how long
	gap    *canvas.Rectangle
	object fyne.CanvasObject

	ahead  pipeline.Ahead
	open   atomic.Int64    // jobs that are not over
	marked map[string]bool // besides the selected one, which always counts as marked
	anchor string          // where a range that Shift marks begins
	drop   int             // the row in front of which the dragged jobs would go, -1 when none is
}

// jobsView is the list, which leaves keys to the jobList.
type jobsView struct {
	widget.List
	owner *jobList
}

// TypedKey is part of fyne.Focusable.
func (v *jobsView) TypedKey(e *fyne.KeyEvent) {
	if !v.owner.typed(e.Name) {
		v.List.TypedKey(e)
	}
}

func newJobList(s *Studio) *jobList {
	l := &jobList{studio: s, marked: map[string]bool{}, drop: -1}
	l.list = &jobsView{owner: l}
	l.list.HideSeparators = true
	l.list.Length = func() int { return len(s.jobs) }
	l.list.CreateItem = func() fyne.CanvasObject { return newRow(l) }
	l.list.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) {
		if i < len(s.jobs) {
			o.(*row).show(s.jobs[i])
		}
	}
	l.list.ExtendBaseWidget(l.list)
	l.pause = widget.NewButtonWithIcon(tr("Pause"), theme.MediaPauseIcon(), nil)
	l.clear = widget.NewButtonWithIcon(tr("Clear done"), theme.ContentClearIcon(), l.clearDone)
	l.pause.Importance, l.clear.Importance = widget.LowImportance, widget.LowImportance
	l.note = widget.NewLabel("")
	l.note.Wrapping = fyne.TextWrapWord
	l.sum = text("", faint, 11)
	l.gap = canvas.NewRectangle(accent)
	l.gap.Hide()
	l.say(pipeline.Status{})
	top := container.NewVBox(container.NewGridWithColumns(2, l.pause, l.clear), l.note, container.NewPadded(l.sum))
	l.object = container.NewBorder(top, nil, nil, nil, container.NewStack(l.list, container.NewWithoutLayout(l.gap)))
	return l
}

// say shows how the queue is.
func (l *jobList) say(q pipeline.Status) {
	l.pause.Text, l.pause.Icon, l.pause.OnTapped = tr("Pause"), theme.MediaPauseIcon(), func() { l.studio.try(l.studio.queue.Pause()) }
	words := capital(told(q.Problem)) + ". " + told(q.Hint)
	switch {
	case q.Problem == "" && q.Paused:
		words = tr("Paused: no more jobs are started.")
	case q.Problem == "":
		words = ""
	}
	if q.Paused || q.Problem != "" {
		l.pause.Text, l.pause.Icon, l.pause.OnTapped = tr("Resume"), theme.MediaPlayIcon(), func() { l.studio.try(l.studio.queue.Resume()) }
	}
	for _, b := range []*widget.Button{l.pause, l.clear} {
		if q.Watches {
			b.Disable()
		} else {
			b.Enable()
		}
	}
	l.pause.Refresh()
	l.note.SetText(words)
	l.note.Hidden = words == ""
	l.note.Refresh()
}

// died says that the worker did while it did a job.
func (l *jobList) died(j pipeline.Job) {
	then := tr("It is done once more, alone; nothing else is lost.")
	if j.State == pipeline.Failed {
		then = tr("That was the second time: it was set aside.")
	}
	l.note.SetText(tr("The worker died while it did %s, and was started anew.", j.Title) + " " + then)
	l.note.Show()
}

// refresh shows the jobs as they are now.
func (l *jobList) refresh() {
	open := int64(0)
	for _, j := range l.studio.jobs {
		if !j.State.Over() {
			open++
		}
	}
	l.open.Store(open)
	at := l.at(l.studio.selected)
	if at >= 0 && l.anchor != l.studio.selected && len(l.marked) == 0 {
		l.anchor = l.studio.selected
		l.list.ScrollTo(at)
	} else {
		l.list.Refresh()
	}
	l.sumUp()
}

// sumUp says how much there is to do.
func (l *jobList) sumUp() {
	words := tr("nothing waits")
	if open := l.open.Load(); open > 0 {
		words = tr("%d to do", open)
		if l.ahead.All > 0 {
			words += ", " + tr("done in %s", roughly(l.ahead.All))
		}
	}
	if n := len(l.marks()); n > 1 {
		words = tr("%d marked, %s", n, words)
	}
	if words != l.sum.Text {
		l.sum.Text = words
		l.sum.Refresh()
	}
}

// aheadEvery is how often it is worked out how long the jobs will take.
const aheadEvery = time.Second

// forecast keeps what is said of the time left up to date, until ctx is done.
func (l *jobList) forecast(ctx context.Context) {
	tick := time.NewTicker(aheadEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if l.open.Load() == 0 {
			continue
		}
		ahead := l.studio.queue.Ahead()
		l.studio.do(func() {
			l.ahead = ahead
			l.sumUp()
			l.list.Refresh()
			l.studio.showStages()
		})
	}
}

// roughly says a time as exactly as a forecast deserves.
func roughly(d time.Duration) string {
	switch {
	case d < 1500*time.Millisecond:
		return tr("a second")
	case d < 20*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", int(d.Seconds()/5+0.5)*5)
	case d < 90*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 36*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return tr("%.0f days", d.Hours()/24)
}
