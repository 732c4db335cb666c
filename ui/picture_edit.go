//go:build !headless

package ui

import (
	"errors"
	"path/filepath"
	"slices"
	"time"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
)

// turnedOn is a quarter clockwise more of what is seen: the flip comes after the turns.
func turnedOn(e picture.Edit) int {
	if e.Flip {
		return (e.Turns + 3) % 4
	}
	return (e.Turns + 1) % 4
}

// alter changes the picture, so that it can be undone.
func (t *pictureTab) alter(change func(e *picture.Edit)) {
	e := t.edit
	change(&e)
	if t.source == nil || e.IsZero() && t.edit.IsZero() {
		return
	}
	if err := e.Check(); err != nil {
		t.studio.complain(tr("The picture stays as it is"), err)
		t.sheet.cutOut(t.sheet.matte) // forgets what is pending
		return
	}
	t.keep()
	t.become(e)
}

// keep lets the next change be undone. Who works on a picture goes on seeing it when another job is done.
func (t *pictureTab) keep() {
	t.past = append(t.past[max(0, len(t.past)-undoDepth):len(t.past):len(t.past)], drawn{t.edit, t.shots})
	t.future = nil
	t.studio.follow = false
}

// setSide sets the picture of another side, or takes it away where shot has none, so that it can be undone.
func (t *pictureTab) setSide(side picture.Side, shot pipeline.Shot) {
	t.keep()
	t.shots = slices.DeleteFunc(slices.Clone(t.shots), func(o pipeline.Shot) bool { return o.Side == side })
	if shot.Picture != "" {
		t.shots = append(t.shots, shot)
	}
	t.refresh()
}

func (t *pictureTab) stroked(s picture.Stroke) {
	t.alter(func(e *picture.Edit) { e.Strokes = append(slices.Clip(e.Strokes), s) })
}

func (t *pictureTab) undoEdit() { t.goBack(&t.past, &t.future) }
func (t *pictureTab) redoEdit() { t.goBack(&t.future, &t.past) }

// goBack goes to the last of one history and leaves what there is to the other.
func (t *pictureTab) goBack(from, to *[]drawn) {
	if n := len(*from); n > 0 {
		was := (*from)[n-1]
		*from, *to = (*from)[:n-1], append(*to, drawn{t.edit, t.shots})
		t.shots = was.shots
		t.become(was.edit)
	}
}

// become shows an edit and has the subject cut out anew. Where the frame stays, so does what was cut out until then.
func (t *pictureTab) become(e picture.Edit) {
	was := t.edit
	t.edit = e
	if was.Turns != e.Turns || was.Flip != e.Flip {
		t.sheet.show(t.turned(), e, true)
	} else if t.sheet.edit = e; was.Crop != e.Crop {
		t.sheet.cutOut(nil)
	}
	t.recut()
	t.refresh()
}

// recut orders the subject of what is shown.
func (t *pictureTab) recut() {
	if t.source == nil {
		t.cuts.order(nil)
		return
	}
	s, err := t.studio.settings.value()
	if err != nil {
		s = pipeline.Defaults() // the entry that is wrong says so itself
	}
	s.Edit = t.edit
	t.busy.Show()
	t.busy.Start()
	if t.sheet.matte == nil {
		t.note.SetText(tr("Cutting out the subject…"))
	}
	t.cuts.order(&cutOrder{t.id, t.source, s})
}

// cut takes in what was cut out.
func (t *pictureTab) cut(r cutResult) {
	if r.id != t.id || r.base() != (cutOrder{t.id, nil, withEdit(r.settings, t.edit)}).base() {
		return // another was ordered meanwhile
	}
	t.busy.Stop()
	t.busy.Hide()
	t.doubt.Text = ""
	if r.err != nil {
		problem, hint := explained(r.err)
		t.note.SetText(capital(problem) + ". " + hint)
		if errors.Is(r.err, picture.ErrNoSubject) && !errors.Is(r.err, picture.ErrBlank) {
			t.note.SetText(tr("No subject was found. Paint over it with Keep, or choose an engine that takes the whole picture."))
		}
		t.sheet.cutOut(nil)
	} else if e, err := engine.ByName(r.settings.Engine); err == nil && e.Wholly(r.settings.Options) {
		t.note.SetText(tr("%s takes the picture as it is: nothing is cut out.", told(e.Title)))
		t.sheet.cutOut(nil)
	} else {
		t.note.SetText(tr("Cut out by %s.", told(r.cutout.How)))
		if r.cutout.Doubt > picture.Doubtful {
			t.doubt.Text = tr("A guess: mend it with Keep and Remove")
		}
		t.sheet.cutOut(r.cutout.Matte)
	}
	t.doubt.Refresh()
	t.cards.show(r)
}

func withEdit(s pipeline.Settings, e picture.Edit) pipeline.Settings {
	s.Edit = e
	return s
}

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

// wanted is the picture to be shown: where it lies, what to call it, and what was done to it.
func (t *pictureTab) wanted() (id, path string, d drawn) {
	if len(t.drafts) > 0 {
		return "draft " + t.drafts[0], t.drafts[0], drawn{}
	}
	if t.job.Input != "" && t.id != "" && t.madeOf[t.job.ID] == t.id {
		return t.id, "", drawn{t.edit, t.shots} // it is on the sheet
	}
	if t.job.Input != "" {
		return "job " + t.job.ID, t.job.File(t.job.Input), drawn{t.job.Settings.Edit, t.job.OtherShots()}
	}
	return "", "", drawn{}
}

// update brings the picture that is wanted to the sheet, when the tab can be seen.
func (t *pictureTab) update() {
	id, path, d := t.wanted()
	if id == t.id && t.loading == "" || id != "" && id == t.loading || t.studio.tabs != nil && t.studio.tabs.SelectedIndex() != pictureTabIndex {
		t.refresh()
		return
	}
	t.id, t.source, t.small, t.edit, t.shots, t.past, t.future, t.loading = "", nil, nil, d.edit, d.shots, nil, nil, id
	t.cuts.order(nil)
	t.cards.show(cutResult{})
	t.sheet.show(nil, d.edit, true)
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

// convertShown makes a job of what is shown, with the settings on screen.
func (t *pictureTab) convertShown() {
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
	go func() {
		j, err := t.studio.order(about, s)
		t.studio.do(func() {
			if err != nil {
				t.studio.complain(tr("The picture was not converted"), err, about)
				return
			}
			if slices.Equal(t.shots, about.Shots) {
				t.shots = j.OtherShots() // which stay as they are
			}
			t.studio.added(j)
			if len(t.drafts) > 1 {
				t.next()
				return
			}
			t.madeOf[j.ID], t.awaited = id, j.ID
			if draft {
				t.drafts = nil
			}
			t.studio.choose(j.ID)
		})
	}()
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

// convertAll makes jobs of all that wait, the shown one with its edits.
func (t *pictureTab) convertAll() {
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
	enable(t.convert, there && !t.sides.loading())
	enable(t.all, !t.sides.loading())
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
