//go:build !headless

package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	native "github.com/sqweek/dialog"

	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// library is where networks are kept, as 'orfeas models' has it.
func library() (*weights.Library, error) {
	dir, err := weights.DefaultDir()
	if err != nil {
		return nil, err
	}
	return &weights.Library{Dir: dir, Mirror: os.Getenv("ORFEAS_MIRROR")}, nil
}

// modelsPage lists the networks: which are here, what they are allowed for, and what can be done about each.
type modelsPage struct {
	studio  *Studio
	library *weights.Library
	cards   []*modelCard
	object  fyne.CanvasObject
}

func newModelsPage(s *Studio, l *weights.Library, networks []weights.Network) *modelsPage {
	p := &modelsPage{studio: s, library: l}
	list := container.NewVBox(prose(tr("Networks are not part of the program. They are fetched from their authors, once and only when you say so; pictures never leave this machine."), widget.LowImportance))
	for _, n := range networks {
		c := newModelCard(p, n)
		p.cards = append(p.cards, c)
		list.Add(c.object)
	}
	where := prose(tr("They are kept in %s.", l.Dir), widget.LowImportance)
	list.Add(where)
	p.object = pageBody(tr("Models"), nil, container.NewVScroll(narrow(980, list)))
	return p
}

// modelsPage makes the page, or says why there is none.
func (s *Studio) modelsPage() fyne.CanvasObject {
	l, err := library()
	if err != nil {
		problem, _ := explained(err)
		return pageBody(tr("Models"), nil, prose(problem, widget.DangerImportance))
	}
	s.models = newModelsPage(s, l, weights.Networks())
	return s.models.object
}

// refresh looks at the disk again.
func (p *modelsPage) refresh() {
	for _, c := range p.cards {
		c.refresh()
	}
}

// modelCard is one network.
type modelCard struct {
	page    *modelsPage
	network weights.Network
	used    bool // by this version of the program
	object  fyne.CanvasObject
	state   *badge
	bar     *bar
	step    *widget.Label
	working fyne.CanvasObject
	buttons *fyne.Container
	stop    context.CancelFunc // of what is being done; nil for nothing
	forget  bool               // delete what has come when that has stopped
	problem *widget.Label
}

func newModelCard(p *modelsPage, n weights.Network) *modelCard {
	c := &modelCard{page: p, network: n, state: newBadge(), bar: newBar(6), step: widget.NewLabel(""), buttons: container.NewHBox(), problem: prose("", widget.DangerImportance)}
	var use string
	use, c.used = usedFor(n.Name)
	title := text(n.Title, ink, 15)
	title.TextStyle.Bold = true
	head := container.NewBorder(nil, nil, container.NewHBox(container.New(insetLayout{8, 0}, container.NewCenter(title)), c.state.object), c.buttons)
	c.problem.Hide()
	c.working = container.NewVBox(container.New(insetLayout{8, 4}, c.bar.object), c.step)
	rows := tight(head, prose(capital(told(n.About))+". "+use, widget.MediumImportance), prose(sizes(n), widget.LowImportance))
	if l := limits(n.Licence); l != "" {
		rows.Add(prose(l, widget.WarningImportance))
	}
	rows.Add(c.working)
	rows.Add(c.problem)
	c.object = card("", inset(rows))
	c.refresh()
	return c
}

// usedFor says what the program does with a network, if it does anything.
func usedFor(name string) (string, bool) {
	for _, e := range engine.All {
		if e.Name == name {
			return tr("It is the engine %s.", told(e.Title)), true
		}
	}
	for _, cut := range picture.Cutters {
		if cut.Name == name {
			return tr("It cuts subjects out of their background."), true
		}
	}
	if name == picture.DepthAnything.Name {
		return tr("It estimates the depth for reliefs."), true
	}
	return tr("This version of the program does not run it yet."), false
}

// sizes says what a network takes, and its licence.
func sizes(n weights.Network) string {
	total, _ := n.Bytes()
	said := []string{weights.Size(total)}
	if n.Needs.VRAM > 0 {
		said = append(said, tr("%s of GPU memory", weights.Size(n.Needs.VRAM)))
	}
	if n.Needs.Memory > 0 {
		said = append(said, tr("%s of memory without a GPU", weights.Size(n.Needs.Memory)))
	}
	return strings.Join(append(said, tr("licence %s, by %s", n.Licence.Name, n.Licence.By)), "  ·  ")
}

// limits says where and for what a licence does not hold; empty when it does not say so.
func limits(l weights.Licence) string {
	var said []string
	if len(l.Excludes) > 0 {
		said = append(said, tr("The licence does not hold in: %s.", strings.Join(toldAll(l.Excludes), ", ")))
	}
	said = append(said, toldAll(l.Limits)...)
	if l.Note != "" {
		said = append(said, told(l.Note))
	}
	return strings.Join(said, "\n")
}

// refresh shows what is on the disk and what can be done now.
func (c *modelCard) refresh() {
	st := c.page.library.Status(c.network)
	total, _ := c.network.Bytes()
	switch {
	case c.stop != nil:
		c.state.say(tr("at work"), busy)
	case st.State == weights.Ready && st.Checked:
		c.state.say(tr("ready"), good)
	case st.State == weights.Ready:
		c.state.say(tr("ready, checked by size and structure"), good)
	case st.State == weights.Unverified:
		c.state.say(tr("here, not checked"), busy)
	case st.State == weights.Partial:
		c.state.say(tr("%s of %s are here", weights.Size(st.Have), weights.Size(total)), busy)
	default:
		c.state.say(tr("not here"), faint)
	}
	c.buttons.RemoveAll()
	add := func(title string, icon fyne.Resource, important bool, do func()) {
		b := widget.NewButtonWithIcon(title, icon, do)
		if important {
			b.Importance = widget.HighImportance
		}
		c.buttons.Add(b)
	}
	switch {
	case c.stop != nil:
		add(tr("Pause"), theme.MediaPauseIcon(), false, func() { c.stop() })
		add(tr("Cancel"), theme.CancelIcon(), false, c.cancel)
	case st.State == weights.Absent:
		add(tr("Get…"), theme.DownloadIcon(), c.used, c.ask)
	case st.State == weights.Partial:
		add(tr("Resume"), theme.MediaPlayIcon(), true, c.ask)
	}
	if c.stop == nil {
		if st.State != weights.Ready {
			add(tr("Import file…"), theme.FileIcon(), false, func() { c.choose(false) })
			add(tr("Import folder…"), theme.FolderOpenIcon(), false, func() { c.choose(true) })
		}
		if st.State == weights.Ready || st.State == weights.Unverified {
			add(tr("Verify"), theme.ConfirmIcon(), st.State == weights.Unverified, c.verify)
		}
		if st.State != weights.Absent {
			add(tr("Remove…"), theme.DeleteIcon(), false, c.remove)
		}
	}
	c.working.(*fyne.Container).Hidden = c.stop == nil
	c.buttons.Refresh()
	c.object.Refresh()
}

// ask shows the terms where they have not been accepted, then downloads.
func (c *modelCard) ask() {
	if c.page.library.Accepted(c.network) && c.page.library.Status(c.network).State == weights.Partial {
		c.get()
		return
	}
	dialog.ShowConfirm(tr("Get %s?", c.network.Title), wrap(terms(c.network), 80), func(yes bool) {
		if yes {
			c.get()
		}
	}, c.page.studio.window)
}

func (c *modelCard) get() {
	c.do(func(ctx context.Context, see func(weights.Progress)) error {
		if err := c.page.library.Accept(c.network); err != nil {
			return err
		}
		return c.page.library.Get(ctx, c.network, see)
	})
}

func (c *modelCard) verify() {
	c.do(func(ctx context.Context, see func(weights.Progress)) error {
		return c.page.library.Verify(ctx, c.network, see)
	})
}

// choose imports what the user picks in the system's dialog.
func (c *modelCard) choose(folder bool) {
	c.page.studio.native(func() (string, error) {
		if folder {
			return native.Directory().Title(tr("Folder with the files of %s", c.network.Title)).Browse()
		}
		return native.File().Title(tr("A file of %s", c.network.Title)).Load()
	}, c.take)
}

func (c *modelCard) take(from string) {
	c.do(func(ctx context.Context, see func(weights.Progress)) error {
		_, err := c.page.library.Import(ctx, c.network, from, see)
		return err
	})
}

// cancel stops a download and deletes what has come, when the user means that.
func (c *modelCard) cancel() {
	dialog.ShowConfirm(tr("Cancel %s?", c.network.Title), tr("What has been downloaded of it is deleted. Pause keeps it for later."), func(yes bool) {
		switch {
		case !yes:
		case c.stop != nil:
			c.forget = true
			c.stop()
		default:
			c.delete()
		}
	}, c.page.studio.window)
}

func (c *modelCard) remove() {
	have := c.page.library.Status(c.network).Have
	dialog.ShowConfirm(tr("Remove %s?", c.network.Title), wrap(tr("%s are freed. It can be downloaded again, or imported.", weights.Size(have)), 60), func(yes bool) {
		if yes {
			c.delete()
		}
	}, c.page.studio.window)
}

func (c *modelCard) delete() {
	c.say(c.page.library.Remove(c.network))
	c.refresh()
	c.page.studio.networksChanged()
}

// say shows an error in the card, nothing for none.
func (c *modelCard) say(err error) {
	c.problem.Hidden = err == nil
	if err != nil {
		problem, hint := explained(err)
		c.problem.SetText(strings.TrimSpace(capital(problem) + "\n" + hint))
	}
	c.problem.Refresh()
}

// do runs something long with the card's bar, one at a time.
func (c *modelCard) do(work func(context.Context, func(weights.Progress)) error) {
	if c.stop != nil {
		return
	}
	s := c.page.studio
	ctx, stop := context.WithCancel(s.ctx)
	c.stop, c.forget = stop, false
	c.say(nil)
	c.show(weights.Progress{Step: tr("starting")})
	c.refresh()
	go func() {
		err := work(ctx, func(p weights.Progress) { s.do(func() { c.show(p) }) })
		s.do(func() {
			stopped := ctx.Err() != nil
			stop()
			c.stop = nil
			if stopped || errors.Is(err, context.Canceled) {
				err = nil
			}
			c.say(err)
			if c.forget {
				c.delete()
			}
			c.refresh()
			s.networksChanged()
		})
	}()
}

func (c *modelCard) show(p weights.Progress) {
	c.bar.set(float64(p.Done)/float64(max(p.Total, 1)), accent)
	said := capital(told(p.Step))
	if p.File != "" {
		said += " " + p.File
	}
	if p.Total > 0 {
		said += "  ·  " + tr("%s of %s", weights.Size(p.Done), weights.Size(p.Total))
	}
	if p.Rate > 0 {
		said += fmt.Sprintf("  ·  %s/s", weights.Size(int64(p.Rate)))
	}
	if p.Left > 0 {
		said += "  ·  " + tr("%s left", p.Left.String())
	}
	c.step.SetText(said)
}
