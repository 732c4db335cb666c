//go:build !headless

package ui

import (
	"errors"
	"reflect"
	"slices"

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
	if t.source == nil || e.IsZero() && t.edit.IsZero() || reflect.DeepEqual(e, t.edit) {
		return // a click with the crop tool changes nothing
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
