//go:build !headless

package ui

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
)

// libraryPage shows every job that is over, the newest first: find one, open it, take its settings, compare two, delete.
type libraryPage struct {
	studio *Studio
	object fyne.CanvasObject
	search *field
	count  *widget.Label
	grid   *gridView
	none   *widget.Label
	detail *fyne.Container
	stores *previews
	undo   *undoBar

	found   []pipeline.Job // what is shown, in order
	picked  []string       // jobs that are chosen, in the order they were
	visible bool
}

// gridView is the grid, which leaves keys to the page.
type gridView struct{ widget.GridWrap }

// TypedKey is part of fyne.Focusable. Fyne's own swallows every key.
func (v *gridView) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyUp, fyne.KeyDown, fyne.KeyLeft, fyne.KeyRight:
		v.GridWrap.TypedKey(e)
	default:
		if c := fyne.CurrentApp().Driver().CanvasForObject(v); c != nil && c.OnTypedKey() != nil {
			c.OnTypedKey()(e)
		}
	}
}

func newLibraryPage(s *Studio) *libraryPage {
	p := &libraryPage{studio: s, search: newField(), count: widget.NewLabel(""), none: prose("", widget.LowImportance), detail: container.NewStack()}
	p.stores = newPreviews(s.ctx, s.do, func() { p.grid.Refresh() })
	p.search.SetPlaceHolder(tr("Search by name, engine or date, such as 2026-11"))
	p.search.OnChanged = func(string) { p.refresh() }
	p.none.Alignment = fyne.TextAlignCenter
	p.grid = &gridView{}
	p.grid.Length = func() int { return len(p.found) }
	p.grid.CreateItem = func() fyne.CanvasObject { return newTile(p) }
	p.grid.UpdateItem = func(i widget.GridWrapItemID, o fyne.CanvasObject) {
		if i < len(p.found) {
			o.(*tile).show(p.found[i])
		}
	}
	p.grid.ExtendBaseWidget(p.grid)
	p.grid.OnSelected = func(i widget.GridWrapItemID) { // by the keyboard; the mouse goes to the tiles
		p.grid.UnselectAll()
		if i < len(p.found) {
			p.pick(p.found[i].ID, false)
		}
	}
	p.undo = newUndoBar(p)
	side := container.New(sideLayout{310}, card("", p.detail))
	middle := container.NewBorder(nil, p.undo.object, nil, nil, container.NewStack(p.grid, container.NewVBox(layout.NewSpacer(), p.none, layout.NewSpacer())))
	head := container.New(sideLayout{380}, p.search)
	p.object = pageBody(tr("Library"), container.NewHBox(p.count, head), container.NewBorder(nil, nil, nil, side, middle))
	p.refresh()
	return p
}

// sideLayout gives one object a width.
type sideLayout struct{ width float32 }

func (l sideLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.width, o[0].MinSize().Height)
}

func (l sideLayout) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

// show is told when the page comes and goes.
func (p *libraryPage) show(on bool) {
	p.visible = on
	if on {
		p.refresh()
	}
}

// refresh finds the jobs again and shows them when that changed anything.
func (p *libraryPage) refresh() {
	var over int
	var found []pipeline.Job
	words := strings.Fields(strings.ToLower(p.search.Text))
	for _, j := range p.studio.jobs {
		if !j.State.Over() || p.undo.holds(j.ID) {
			continue
		}
		over++
		if matches(j, words) {
			found = append(found, j)
		}
	}
	slices.SortStableFunc(found, func(a, b pipeline.Job) int {
		return cmp.Or(when(b).Compare(when(a)), cmp.Compare(b.ID, a.ID))
	})
	same := slices.EqualFunc(found, p.found, func(a, b pipeline.Job) bool {
		return a.ID == b.ID && a.State == b.State && a.Ended.Equal(b.Ended)
	})
	p.found = found
	p.picked = slices.DeleteFunc(p.picked, func(id string) bool {
		return !slices.ContainsFunc(found, func(j pipeline.Job) bool { return j.ID == id })
	})
	p.count.SetText(tr("%d of %d", len(found), over))
	switch {
	case over == 0:
		p.none.SetText(tr("What you convert is kept here. There is nothing yet: drop a picture in the Studio."))
	case len(found) == 0:
		p.none.SetText(tr("Nothing here is like that."))
	}
	p.none.Hidden = len(found) > 0
	p.none.Refresh()
	if !same {
		p.grid.Refresh()
		p.showDetail()
	}
}

// when is the moment a job is known by.
func when(j pipeline.Job) time.Time {
	if j.Ended.IsZero() {
		return j.Added
	}
	return j.Ended
}

// matches reports whether a job has all the words, which are in lower case: in its name, engine, state or date.
func matches(j pipeline.Job, words []string) bool {
	at := when(j).Local()
	text := strings.ToLower(strings.Join([]string{j.Title, j.Engine(), engineTitle(j.Engine()), string(j.State), stateWord(j),
		at.Format("2006-01-02 15:04"), at.Format("2 January 2006"), at.Format("02.01.2006")}, "\n"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func engineTitle(name string) string {
	if e, err := engine.ByName(name); err == nil {
		return told(e.Title)
	}
	return name
}

func stateWord(j pipeline.Job) string {
	switch j.State {
	case pipeline.Done:
		return tr("done")
	case pipeline.Failed:
		return tr("failed")
	}
	return tr("stopped")
}

// pick chooses a job, with more beside those that are chosen; one that is chosen already is let go then.
func (p *libraryPage) pick(id string, more bool) {
	at := slices.Index(p.picked, id)
	switch {
	case more && at >= 0:
		p.picked = slices.Delete(p.picked, at, at+1)
	case more:
		p.picked = append(p.picked, id)
	default:
		p.picked = []string{id}
	}
	p.grid.Refresh()
	p.showDetail()
}

// chosen are the picked jobs, in the order they were picked.
func (p *libraryPage) chosen() (out []pipeline.Job) {
	for _, id := range p.picked {
		if j, ok := p.studio.job(id); ok {
			out = append(out, j)
		}
	}
	return out
}

// open shows a job in the Studio.
func (p *libraryPage) open(j pipeline.Job) {
	p.studio.choose(j.ID)
	p.studio.pages.show("studio")
}

// restore sets the next conversion up as a job was.
func (p *libraryPage) restore(j pipeline.Job) {
	if err := j.Settings.Check(); err != nil {
		p.studio.complain(tr("These settings cannot be used any more"), err)
		return
	}
	p.studio.settings.restore(j.Settings)
	p.studio.pages.show("studio")
}

// typed takes a key.
func (p *libraryPage) typed(k fyne.KeyName) {
	jobs := p.chosen()
	switch {
	case k == fyne.KeyDelete || k == fyne.KeyBackspace:
		p.undo.remove(slices.Clone(p.picked))
	case (k == fyne.KeyReturn || k == fyne.KeyEnter) && len(jobs) == 1:
		p.open(jobs[0])
	case (k == fyne.KeyReturn || k == fyne.KeyEnter) && len(jobs) == 2:
		p.compare(jobs[0], jobs[1])
	case k == fyne.KeyEscape:
		p.picked = nil
		p.grid.Refresh()
		p.showDetail()
	}
}

// showDetail shows what there is to say about the picked jobs and to do with them.
func (p *libraryPage) showDetail() {
	jobs := p.chosen()
	button := func(title string, icon fyne.Resource, do func()) *widget.Button {
		return widget.NewButtonWithIcon(title, icon, do)
	}
	remove := button(tr("Delete"), theme.DeleteIcon(), func() { p.undo.remove(slices.Clone(p.picked)) })
	var content fyne.CanvasObject
	switch len(jobs) {
	case 0:
		content = container.NewVBox(prose(tr("Choose a job to see what it is. Ctrl and a click choose more: two can be compared."), widget.LowImportance))
	case 1:
		j := jobs[0]
		open, again := button(tr("Open in the Studio"), theme.VisibilityIcon(), func() { p.open(j) }), button(tr("Use its settings"), theme.HistoryIcon(), func() { p.restore(j) })
		open.Importance = widget.HighImportance
		content = container.NewBorder(nil, container.NewVBox(open, again, remove), nil, nil, container.NewVScroll(p.about(j)))
	default:
		compare := button(tr("Compare"), theme.ViewFullScreenIcon(), func() { p.compare(jobs[0], jobs[1]) })
		compare.Importance = widget.HighImportance
		if len(jobs) != 2 {
			compare.Disable()
		}
		list := container.NewVBox(heading(tr("%d jobs are chosen", len(jobs))))
		for _, j := range jobs {
			list.Add(prose(j.Title+"  ·  "+stateWord(j), widget.MediumImportance))
		}
		content = container.NewBorder(nil, container.NewVBox(compare, remove), nil, nil, container.NewVScroll(list))
	}
	p.detail.Objects = []fyne.CanvasObject{inset(content)}
	p.detail.Refresh()
}

// about is a job in detail.
func (p *libraryPage) about(j pipeline.Job) fyne.CanvasObject {
	title := prose(j.Title, widget.MediumImportance)
	title.TextStyle.Bold = true
	box := container.NewVBox(container.NewCenter(fixed(250, 220, p.stores.image(j))), title)
	for _, f := range jobFacts(j, p.studio.unit()) {
		v := text(ellipsis(f.value, 24), ink, 12)
		v.Alignment = fyne.TextAlignTrailing
		box.Add(container.New(insetLayout{8, 0}, container.NewBorder(nil, nil, text(f.name, faint, 12), nil, v)))
	}
	if j.State == pipeline.Failed {
		box.Add(prose(capital(told(j.Problem))+".", widget.DangerImportance))
		if j.Hint != "" {
			box.Add(prose(told(j.Hint), widget.MediumImportance))
		}
	}
	return box
}

// fact is something about a job, by name.
type fact struct{ name, value string }

// jobFacts is what can be said of a job and compared with another one.
func jobFacts(j pipeline.Job, unit unit) []fact {
	out := []fact{
		{tr("State"), stateWord(j)},
		{tr("Date"), when(j).Local().Format("2006-01-02 15:04")},
		{tr("Engine"), engineTitle(j.Engine())},
	}
	if j.State == pipeline.Done {
		c := j.Result.Certificate
		out = append(out,
			fact{tr("Size"), unit.size(c.Size())},
			fact{tr("Triangles"), thousands(c.Triangles)},
			fact{tr("Volume"), fmt.Sprintf("%.1f cm³", c.Volume/1000)},
			fact{tr("Solid"), solidity(j)},
			fact{tr("Thinnest wall"), unit.wall(c.Walls.Thinnest)},
			fact{tr("Overhang"), fmt.Sprintf("%.1f cm²", c.Overhang/100)},
			fact{tr("On the bed"), fmt.Sprintf("%.1f cm²", c.Contact/100)},
			fact{tr("Filament, full"), fmt.Sprintf("%.0f g, %.1f m", c.Grams, c.Metres)},
			fact{tr("Took"), fmt.Sprintf("%.1f s", j.Ended.Sub(j.Started).Seconds())})
	}
	return out
}

// solidity is the certificate in a word or two.
func solidity(j pipeline.Job) string {
	switch c := j.Result.Certificate; {
	case !c.Clean():
		return tr("needs repair")
	case c.Components > 1:
		return tr("closed, %d parts", c.Components)
	case !c.Printable:
		return tr("closed, thin walls")
	}
	return tr("closed, printable")
}

// removeNow deletes jobs from the queue and says what did not work.
func (s *Studio) removeNow(ids []string) {
	var errs []error
	for _, id := range ids {
		if err := s.queue.Remove(id); err != nil && !errors.Is(err, pipeline.ErrNoJob) {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		s.complain(tr("Not everything was deleted"), err)
	}
}
