//go:build !headless

package ui

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// open puts dropped pictures up to be looked at before they are converted.
func (t *pictureTab) open(paths []string) {
	t.drafts = append(t.drafts, paths...)
	t.studio.tabs.SelectIndex(pictureTabIndex)
	t.update()
}

// show is told of the job that is selected.
func (t *pictureTab) show(j pipeline.Job, ok bool) {
	if !ok {
		j = pipeline.Job{}
	}
	chosen := j.ID != t.job.ID
	t.job = j
	if j.ID != "" && j.ID == t.awaited && j.State == pipeline.Done {
		t.awaited = ""
		t.studio.tabs.SelectIndex(meshTabIndex)
	}
	if chosen || t.id == "" {
		t.update()
	} else {
		t.refresh()
	}
}

// wanted is the picture to be shown: what to call it, where it lies, and what was done to it.
func (t *pictureTab) wanted() (id, path string, h drawing) {
	if len(t.drafts) > 0 {
		return "draft " + t.drafts[0], t.drafts[0], h
	}
	if t.job.Input == "" {
		return "", "", h
	}
	id = home(t.job)
	h, known := t.left[id]
	if !known {
		h.drawn = drawn{t.job.Settings.Edit, t.job.OtherShots()}
	}
	return id, t.job.File(t.job.Input), h
}

const homeOfJob = "job "

func home(j pipeline.Job) string { return homeOfJob + j.ID }

// update brings the picture that is wanted to the sheet, when the tab can be seen.
func (t *pictureTab) update() {
	id, path, h := t.wanted()
	if id == t.home || t.studio.tabs != nil && t.studio.tabs.SelectedIndex() != pictureTabIndex {
		t.refresh()
		return
	}
	delete(t.left, id)
	if strings.HasPrefix(t.home, homeOfJob) && len(t.past)+len(t.future) > 0 {
		t.left[t.home] = drawing{drawn{t.edit, t.shots}, t.past, t.future}
	}
	t.id, t.source, t.small, t.edit, t.shots, t.past, t.future = "", nil, nil, h.edit, h.shots, h.past, h.future
	t.home, t.loading = id, id
	t.cuts.order(nil)
	t.cards.show(cutResult{})
	t.sheet.show(nil, h.edit, true)
	t.note.SetText("")
	t.refresh()
	if id == "" {
		return
	}
	go func() {
		p, err := picture.Load(t.studio.ctx, path)
		small := &picture.Picture{}
		if err == nil {
			small.Image = picture.Thumbnail(p.Image, sheetSide)
		}
		t.studio.do(func() {
			if t.loading != id {
				return
			}
			t.loading, t.id = "", id
			if err != nil {
				problem, hint := explained(err)
				t.note.SetText(capital(problem) + ". " + hint)
				t.refresh()
				return
			}
			t.source, t.small = p, small
			t.sheet.show(t.turned(), t.edit, true)
			t.recut()
			t.refresh()
		})
	}()
}

// convertShown makes a job of what is shown, with the settings on screen. One is made at a time.
func (t *pictureTab) convertShown() {
	if t.orders {
		return
	}
	s, err := t.studio.settings.value()
	if err != nil {
		t.studio.complain(tr("The picture was not converted"), err)
		return
	}
	s.Edit = t.edit
	about := pipeline.Job{ID: t.job.ID, Shots: t.shots}
	if len(t.drafts) > 0 {
		about = pipeline.Job{Picture: t.drafts[0], Shots: t.shots}
	}
	draft, id := len(t.drafts) > 0, t.id
	t.orders = true
	t.refresh()
	t.studio.writing.Go(func() {
		j, err := t.studio.order(about, s)
		t.studio.do(func() {
			t.orders = false
			t.refresh()
			if err != nil {
				t.studio.complain(tr("The picture was not converted"), err, about)
				return
			}
			if slices.Equal(t.shots, about.Shots) {
				t.shots = j.OtherShots() // which stay as they are
			}
			t.studio.added(j)
			if draft && len(t.drafts) > 0 && t.drafts[0] == about.Picture { // it may have been put away meanwhile
				t.drafts = t.drafts[1:]
			}
			if len(t.drafts) > 0 {
				t.update()
				return
			}
			if t.awaited = j.ID; t.id == id {
				t.home = home(j)
			}
			if _, known := t.studio.job(j.ID); !known {
				t.studio.see(j) // before the queue says so
			}
			t.studio.choose(j.ID)
		})
	})
}

// order puts a picture with those of its other sides into the queue: that of a job, or one that was not in it yet. Where one of
// the sides cannot be read any more nothing is done.
func (s *Studio) order(j pipeline.Job, settings pipeline.Settings) (pipeline.Job, error) {
	for _, shot := range j.Shots {
		if _, err := s.thumbnail(shot); err != nil {
			return j, err
		}
	}
	if j.ID != "" {
		return s.queue.AddFrom(j.ID, settings, j.Shots...)
	}
	return s.queue.Add(j.Picture, settings, j.Shots...)
}

// convertAll makes jobs of all that wait, the shown one with its edits. What cannot be queued goes on waiting.
func (t *pictureTab) convertAll() {
	if t.orders {
		return
	}
	if _, err := t.studio.settings.value(); err != nil {
		t.studio.complain(tr("The picture was not converted"), err)
		return
	}
	others := slices.Clone(t.drafts[1:])
	t.drafts = t.drafts[:1]
	t.convertShown()
	t.studio.queueUp(others)
}

// next goes on to the next picture that waits.
func (t *pictureTab) next() {
	if len(t.drafts) > 0 {
		t.drafts = t.drafts[1:]
	}
	t.update()
}

// refresh brings the buttons up to date.
func (t *pictureTab) refresh() {
	draft, there := len(t.drafts) > 0, t.source != nil
	t.hint.Hidden = there || t.loading != "" || draft
	if there {
		t.cards.object.Show()
	} else {
		t.cards.object.Hide()
	}
	enable(t.undo, len(t.past) > 0)
	enable(t.redo, len(t.future) > 0)
	enable(t.clear, !t.edit.IsZero())
	for _, c := range t.changes {
		enable(c, there)
	}
	for _, b := range t.tools {
		enable(b, there)
	}
	t.sides.show()
	enable(t.convert, there && !t.orders && !t.sides.loading())
	enable(t.all, !t.orders && !t.sides.loading())
	t.convert.SetText(tr("Convert again"))
	if draft {
		t.convert.SetText(tr("Convert %s", ellipsis(filepath.Base(t.drafts[0]), 20)))
	}
	t.all.SetText(tr("Convert all %d", len(t.drafts)))
	t.all.Hidden, t.drop.Hidden = len(t.drafts) < 2, !draft
	if t.id == "" || !there {
		t.busy.Stop()
		t.busy.Hide()
	}
	t.object.Refresh()
}

// settingsChanged has cut-out and previews made anew a moment after the last change of the settings.
func (t *pictureTab) settingsChanged() {
	t.cards.choose(t.studio.settings.chosen().Name)
	t.sides.explain()
	if t.later != nil {
		t.later.Stop()
	}
	t.later = time.AfterFunc(settingsRest, func() { t.studio.do(t.recut) })
}
