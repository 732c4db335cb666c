//go:build !headless

package ui

import (
	"context"
	"io"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	native "github.com/sqweek/dialog"

	"orfeas/pipeline/export"
)

// logPage shows the log and saves it for somebody who is to help.
type logPage struct {
	studio *Studio
	lines  []string
	list   *widget.List
	names  *widget.Check
	state  *widget.Label
	object fyne.CanvasObject
	tabs   *container.AppTabs // it is the last one of
}

func newLogPage(s *Studio) *logPage {
	p := &logPage{studio: s, names: widget.NewCheck(tr("With the names of pictures"), nil), state: prose("", widget.SuccessImportance)}
	p.state.Hide()
	p.list = widget.NewList(func() int { return len(p.lines) }, func() fyne.CanvasObject {
		l := widget.NewLabel("")
		l.TextStyle.Monospace = true
		l.Truncation = fyne.TextTruncateEllipsis
		return l
	}, func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(p.lines[i]) })
	save := widget.NewButtonWithIcon(tr("Save a log to send…"), theme.DocumentSaveIcon(), p.save)
	save.Importance = widget.HighImportance
	clip := widget.NewButtonWithIcon(tr("Copy"), theme.ContentCopyIcon(), func() { s.app.Clipboard().SetContent(p.text()) })
	about := prose(tr("What the program has said, with its version and what this machine is. It stays here unless you send it."), widget.LowImportance)
	p.object = container.NewBorder(about, container.NewVBox(p.state, container.NewHBox(save, clip, p.names)), nil, nil, card("", p.list))
	return p
}

func (p *logPage) refresh() {
	p.lines = strings.Split(p.studio.log.Text(), "\n")
	p.list.Refresh()
	p.list.ScrollToBottom()
}

// text is what would be sent.
func (p *logPage) text() string {
	return report(p.studio.log.Text(), p.studio.jobs, p.studio.health.last, p.names.Checked)
}

func (p *logPage) save() {
	s := p.studio
	s.native(func() (string, error) {
		return native.File().Title(tr("Save a log to send…")).Filter("Text", "txt").SetStartFile("orfeas-log-" + time.Now().Format("2006-01-02") + ".txt").Save()
	}, p.saveAs)
}

func (p *logPage) saveAs(path string) {
	text := p.text()
	err := export.WriteFile(context.Background(), path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
	if err != nil {
		p.studio.complain(tr("The log was not saved"), err)
		return
	}
	say(p.state, tr("Saved as %s.", path))
}
