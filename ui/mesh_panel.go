//go:build !headless

package ui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/pipeline"
)

// meshPanel says what the selected job's mesh is, changes it, and sends it on.
type meshPanel struct {
	studio    *Studio
	object    fyne.CanvasObject
	histories histories
	job       pipeline.Job
	making    *making // nil when no change is being made

	verdict, size *canvas.Text
	dot           *canvas.Circle
	back, forth   *tip.Button
	tabs          *container.AppTabs
	lines         *fyne.Container
	controls      *meshControls
	work          *fyne.Container
	workText      *canvas.Text
	workBar       *bar
	note          *widget.Label
	format        *widget.Select
	export        *widget.Button
	slice, reveal *widget.Button
	saved         map[string]string // of each job: the file it was last exported to
	shown         string            // what the lines say, so that they are not made anew for nothing
}

func newMeshPanel(s *Studio) *meshPanel {
	p := &meshPanel{studio: s, histories: histories{of: map[string]*history{}}, saved: map[string]string{}, lines: container.NewVBox(), note: prose("", widget.MediumImportance)}
	p.verdict, p.size = text("", ink, 15), text("", faint, 12)
	p.verdict.TextStyle.Bold = true
	p.dot = canvas.NewCircle(faint)
	p.back = tip.NewButtonWithIcon("", theme.ContentUndoIcon(), p.undo)
	p.forth = tip.NewButtonWithIcon("", theme.ContentRedoIcon(), p.redo)
	p.back.Importance, p.forth.Importance = widget.LowImportance, widget.LowImportance
	mark := container.NewCenter(fixed(12, 12, p.dot))
	head := container.NewBorder(nil, nil, container.NewHBox(mark, p.verdict), container.NewHBox(p.back, p.forth))

	p.controls = newMeshControls(p)
	p.tabs = container.NewAppTabs(
		container.NewTabItem(tr("Check"), container.NewVScroll(beside(p.lines))),
		container.NewTabItem(tr("Change"), container.NewVScroll(beside(p.controls.object))))

	p.workText, p.workBar = text("", busy, 12), newBar(6)
	cancel := widget.NewButtonWithIcon("", theme.CancelIcon(), p.cancel)
	cancel.Importance = widget.LowImportance
	p.work = container.NewBorder(nil, nil, nil, cancel, container.NewVBox(p.workText, p.workBar.object))
	p.work.Hide()
	p.object = container.NewBorder(container.NewVBox(head, container.New(insetLayout{4, 0}, p.size)), p.ways(), nil, nil,
		tall(310-columnGive, container.NewBorder(nil, container.NewVBox(p.work, p.note), nil, nil, p.tabs)))
	p.refresh()
	return p
}

// tall keeps an object at least so high.
func tall(height float32, o fyne.CanvasObject) fyne.CanvasObject {
	space := canvas.NewRectangle(nil)
	space.SetMinSize(fyne.NewSize(0, height))
	return container.NewStack(space, o)
}

// beside leaves room for a scroll bar.
func beside(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(2, 2, 0, 8), o)
}

// say puts a sentence under the panel.
func (p *meshPanel) say(s string) {
	if s != "" {
		s = capital(s)
	}
	p.note.SetText(s)
	p.note.Hidden = s == ""
}

// progress shows a change being made.
func (p *meshPanel) progress(text string, share float64) {
	if p.making == nil {
		return
	}
	p.workText.Text = capital(told(text)) + "…"
	p.workText.Refresh()
	p.workBar.set(share, busy)
	if !p.work.Visible() {
		p.work.Show()
		p.refresh()
	}
}

func (p *meshPanel) cancel() {
	if p.making != nil {
		p.making.again = 0
		p.making.stop()
	}
}

// show takes in the selected job's state.
func (p *meshPanel) show(j pipeline.Job, ok bool) {
	if !ok {
		j = pipeline.Job{}
	}
	if j.ID != p.job.ID {
		p.say("")
	}
	p.job = j
	p.refresh()
}

// forget lets go of a job that is gone.
func (p *meshPanel) forget(id string) {
	p.histories.drop(id)
	delete(p.saved, id)
}

// present is the edit to speak of: the user's, or the job's own while its mesh is not read yet.
func (p *meshPanel) present() (e edit, ok bool) {
	if h := p.current(); h != nil && h.ended.Equal(p.job.Ended) {
		return h.now(), true
	}
	if p.job.State == pipeline.Done && p.job.Result != nil {
		return edit{cert: p.job.Result.Certificate}, true
	}
	return edit{}, false
}

// refresh shows the present edit and what can be done to it.
func (p *meshPanel) refresh() {
	e, ok := p.present()
	h := p.current()
	able := ok && e.mesh != nil && p.making == nil
	p.offerSteps(h, able)
	enable(p.export, able)
	enable(p.slice, able)
	enable(p.reveal, ok)
	p.controls.show(e, able)
	if p.making == nil {
		p.work.Hide()
	}
	if key := fmt.Sprintf("%s %s %p %s", p.job.ID, p.job.State, e.mesh, p.studio.unit().name); key != p.shown {
		p.shown = key
		p.lines.RemoveAll()
		if ok {
			p.certificate(e)
		} else {
			p.idle()
		}
		p.verdict.Refresh()
		p.dot.Refresh()
		p.size.Refresh()
		p.lines.Refresh()
	}
}

// offerSteps says on the buttons what would be undone and done again, and what it costs to be able to.
func (p *meshPanel) offerSteps(h *history, able bool) {
	enable(p.back, able && h.canUndo())
	enable(p.forth, able && h.canRedo())
	if h == nil {
		return
	}
	keeps := tr("%d steps are kept, in %d of at most %d MB", len(h.edits)-1, h.spare()>>20, undoBytes>>20)
	p.back.SetToolTip(tr("Undo") + "  ·  Ctrl+Z\n" + keeps)
	p.forth.SetToolTip(tr("Do it again") + "  ·  Ctrl+Y\n" + keeps)
	if h.canUndo() {
		p.back.SetToolTip(tr("Undo: %s", h.now().what) + "  ·  Ctrl+Z\n" + keeps)
	}
	if h.canRedo() {
		p.forth.SetToolTip(tr("Do again: %s", h.edits[h.at+1].what) + "  ·  Ctrl+Y\n" + keeps)
	}
}

// idle says why there is no mesh.
func (p *meshPanel) idle() {
	p.verdict.Text, p.dot.FillColor, p.size.Text = tr("No mesh yet"), panelEdge, ""
	switch p.job.State {
	case "":
		p.lines.Add(prose(tr("Drop a picture to begin."), widget.LowImportance))
	case pipeline.Queued, pipeline.Running:
		p.lines.Add(prose(tr("It is shown here as soon as it is made, checked for what a printer needs."), widget.LowImportance))
	case pipeline.Cancelled:
		p.lines.Add(prose(tr("It was stopped. Try it again from its menu in the queue."), widget.LowImportance))
	case pipeline.Failed:
		p.verdict.Text, p.dot.FillColor = tr("It failed"), bad
		p.lines.Add(prose(capital(told(p.job.Problem)), widget.MediumImportance))
		p.lines.Add(prose(strings.Join(append([]string{told(p.job.Hint)}, p.job.Said...), "\n"), widget.LowImportance))
	}
}

// certificate lists what was found.
func (p *meshPanel) certificate(e edit) {
	c, u := e.cert, p.studio.unit()
	word, l := verdict(c)
	p.verdict.Text, p.dot.FillColor = word, l.shade()
	p.size.Text = fmt.Sprintf("%s  ·  %.1f cm³  ·  %.0f g, %.1f m", u.size(c.Size()), c.Volume/1000, c.Grams, c.Metres)
	for _, f := range findings(c, u) {
		p.lines.Add(p.line(f))
	}
	if p.job.Result == nil {
		return
	}
	said := []string{tr("Cut out by %s.", told(p.job.Result.Cutout))}
	for _, n := range p.job.Result.Notes {
		said = append(said, capital(told(n))+".")
	}
	p.lines.Add(widget.NewSeparator())
	p.lines.Add(prose(strings.Join(said, "\n"), widget.LowImportance))
}

// line is a finding: a dot in its colour, what was measured, and beneath it what to do.
func (p *meshPanel) line(f finding) fyne.CanvasObject {
	dot := canvas.NewCircle(f.level.shade())
	value := text(f.value, ink, 12)
	if f.level == wrong {
		value.Color = bad
	}
	row := container.NewBorder(nil, nil, container.NewHBox(container.NewCenter(fixed(8, 8, dot)), text(f.title, faint, 12)), value)
	if f.advice == "" {
		return container.New(insetLayout{2, 1}, row)
	}
	advice := prose(f.advice, widget.LowImportance)
	advice.SizeName = theme.SizeNameCaptionText
	var under fyne.CanvasObject = advice
	if f.remedy != "" {
		b := widget.NewButton(f.remedy, func() { p.change(f.remedy, f.change) })
		under = container.NewBorder(nil, nil, nil, container.NewVBox(layout.NewSpacer(), b, layout.NewSpacer()), advice)
	}
	return container.New(insetLayout{2, 1}, container.NewVBox(row, container.New(layout.NewCustomPaddedLayout(-6, 0, 8, 0), under)))
}

func enable(w fyne.Disableable, on bool) {
	if on == w.Disabled() {
		if on {
			w.Enable()
		} else {
			w.Disable()
		}
	}
}
