//go:build !headless

package ui

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// jobList is the queue on screen: a row per job, and what can be done with all of them.
type jobList struct {
	studio *Studio
	list   *widget.List
	pause  *widget.Button
	clear  *widget.Button
	note   *widget.Label // why the queue does not go on, if it does not
	object fyne.CanvasObject
}

func newJobList(s *Studio) *jobList {
	l := &jobList{studio: s}
	l.list = widget.NewList(func() int { return len(s.jobs) }, func() fyne.CanvasObject { return newRow(s) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			if i < len(s.jobs) {
				o.(*row).show(s.jobs[i], s.thumbs[s.jobs[i].ID])
			}
		})
	l.list.OnSelected = func(i widget.ListItemID) {
		if i < len(s.jobs) && s.jobs[i].ID != s.selected {
			s.choose(s.jobs[i].ID)
		}
	}
	l.pause = widget.NewButtonWithIcon("Pause", theme.MediaPauseIcon(), nil)
	l.clear = widget.NewButtonWithIcon("Clear done", theme.ContentClearIcon(), func() { s.try(s.queue.ClearDone()) })
	l.pause.Importance, l.clear.Importance = widget.LowImportance, widget.LowImportance
	l.note = widget.NewLabel("")
	l.note.Wrapping = fyne.TextWrapWord
	l.say(pipeline.Status{})
	l.object = container.NewBorder(container.NewVBox(container.NewGridWithColumns(2, l.pause, l.clear), l.note), nil, nil, nil, l.list)
	return l
}

// say shows how the queue is.
func (l *jobList) say(q pipeline.Status) {
	l.pause.Text, l.pause.Icon, l.pause.OnTapped = "Pause", theme.MediaPauseIcon(), func() { l.studio.try(l.studio.queue.Pause()) }
	words := capital(q.Problem) + ". " + q.Hint
	switch {
	case q.Problem == "" && q.Paused:
		words = "Paused: no more jobs are started."
	case q.Problem == "":
		words = ""
	}
	if q.Paused || q.Problem != "" {
		l.pause.Text, l.pause.Icon, l.pause.OnTapped = "Resume", theme.MediaPlayIcon(), func() { l.studio.try(l.studio.queue.Resume()) }
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

func (l *jobList) refresh() {
	l.list.Refresh()
	for i, j := range l.studio.jobs {
		if j.ID == l.studio.selected {
			l.list.Select(i)
			return
		}
	}
	l.list.UnselectAll()
}

// row shows one job: picture, name, state, progress, and the one thing that can be done with it now.
type row struct {
	widget.BaseWidget
	studio  *Studio
	job     pipeline.Job
	thumb   *canvas.Image
	title   *canvas.Text
	state   *canvas.Text
	bar     *bar
	action  *widget.Button
	remove  *widget.Button
	content fyne.CanvasObject
}

func newRow(s *Studio) *row {
	r := &row{studio: s, thumb: &canvas.Image{FillMode: canvas.ImageFillContain}, title: text("", ink, 13), state: text("", faint, 11), bar: newBar(4)}
	r.title.TextStyle.Bold = true
	r.action = widget.NewButtonWithIcon("", theme.ViewRefreshIcon(), func() { s.advance(r.job) })
	r.remove = widget.NewButtonWithIcon("", theme.CancelIcon(), func() { s.dismiss(r.job) })
	r.action.Importance, r.remove.Importance = widget.LowImportance, widget.LowImportance
	words := container.NewVBox(r.title, r.state, r.bar.object)
	r.content = container.NewBorder(nil, nil, container.NewPadded(fixed(46, 46, r.thumb)), container.NewHBox(r.action, r.remove), words)
	r.ExtendBaseWidget(r)
	return r
}

func (r *row) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.content) }

func (r *row) show(j pipeline.Job, thumb image.Image) {
	r.job = j
	r.thumb.Image = thumb
	r.thumb.Refresh()
	r.title.Text = ellipsis(j.Title, 18)
	r.title.Refresh()
	words, c := describe(j)
	r.state.Text, r.state.Color = ellipsis(words, 26), c
	r.state.Refresh()
	r.bar.set(j.Progress, map[pipeline.State]color.Color{pipeline.Done: good, pipeline.Running: busy, pipeline.Failed: bad}[j.State])
	r.action.Icon = theme.ViewRefreshIcon()
	if j.State == pipeline.Queued {
		r.action.Icon = theme.MoveUpIcon()
	}
	r.action.Hidden = j.State == pipeline.Running || j.State == pipeline.Done
	r.bar.object.Hidden = j.State != pipeline.Running
	r.content.Refresh()
}

// capital begins a sentence.
func capital(s string) string { return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):] }

// describe says a job's state in words.
func describe(j pipeline.Job) (string, color.Color) {
	switch j.State {
	case pipeline.Queued:
		return "waiting", faint
	case pipeline.Running:
		return fmt.Sprintf("%s, %.0f %%", j.Stage, 100*j.Progress), busy
	case pipeline.Failed:
		return "failed: " + reason(j.Problem), bad
	case pipeline.Cancelled:
		return "stopped", faint
	}
	return fmt.Sprintf("done in %.1f s", j.Ended.Sub(j.Started).Seconds()), good
}

// reason is the last and most particular part of a problem; the whole is shown beside the mesh.
func reason(problem string) string {
	if i := strings.LastIndex(problem, ": "); i >= 0 {
		return problem[i+2:]
	}
	return problem
}

// advance lets a job that waits be the next, and one that failed or was stopped wait again.
func (s *Studio) advance(j pipeline.Job) {
	if j.State != pipeline.Queued {
		s.try(s.queue.Retry(j.ID))
		return
	}
	for _, o := range s.jobs {
		if o.State == pipeline.Queued {
			s.try(s.queue.Reorder(j.ID, o.ID))
			return
		}
	}
}

// dismiss stops a job that is not over and removes one that is.
func (s *Studio) dismiss(j pipeline.Job) {
	if j.State.Over() {
		s.try(s.queue.Remove(j.ID))
		return
	}
	s.try(s.queue.Cancel(j.ID))
}

// try says what went wrong, if anything did.
func (s *Studio) try(err error) {
	if err != nil {
		s.complain("That did not work", err)
	}
}

// loadThumb reads a job's picture in the background for its row, two at a time. A picture that cannot be read has no
// thumbnail; the job itself says why.
func (s *Studio) loadThumb(j pipeline.Job) {
	if j.Input == "" {
		return
	}
	go func() {
		s.reading <- struct{}{}
		p, err := picture.Load(s.ctx, j.File(j.Input))
		<-s.reading
		if err != nil {
			return
		}
		small := picture.Thumbnail(p.Image, 96)
		s.do(func() {
			s.thumbs[j.ID] = small
			s.list.list.Refresh()
		})
	}()
}
