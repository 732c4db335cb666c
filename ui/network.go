//go:build !headless

package ui

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline/weights"
)

// getMissing is the button that fetches a network, nil when missing says that something else is wrong, or nothing. over is
// the window its questions go over; done is called when the network is there.
func getMissing(name string, missing error, over fyne.Window, done func()) fyne.CanvasObject {
	if over == nil || !errors.Is(missing, weights.ErrAbsent) {
		return nil
	}
	n, err := weights.Find(name)
	if err != nil {
		return nil
	}
	size, _ := n.Bytes()
	return widget.NewButtonWithIcon(tr("Get it (%s) …", weights.Size(size)), theme.DownloadIcon(), func() {
		dialog.ShowConfirm(tr("Get %s?", n.Title), wrap(terms(n), 80), func(yes bool) {
			if yes {
				fetchNetwork(n, over, done)
			}
		}, over)
	})
}

// terms are what a user agrees to before a download starts.
func terms(n weights.Network) string {
	size, _ := n.Bytes()
	said := []string{
		tr("%s will be downloaded from where its authors published it, and kept on this machine.", weights.Size(size)),
		tr("Licence: %s, by %s.", n.Licence.Name, n.Licence.By),
	}
	if len(n.Licence.Excludes) > 0 {
		said = append(said, tr("The licence does not hold in: %s.", strings.Join(toldAll(n.Licence.Excludes), ", ")))
	}
	said = append(said, toldAll(n.Licence.Limits)...)
	if n.Licence.Note != "" {
		said = append(said, told(n.Licence.Note))
	}
	if n.Licence.Asks() {
		said = append(said, tr("By getting it you accept this licence. That is remembered."))
	}
	return strings.Join(said, "\n\n")
}

// fetchNetwork accepts the licence and downloads, with a dialog that shows how far it is and can stop it. What has come by then
// is kept for the next time.
func fetchNetwork(n weights.Network, over fyne.Window, done func()) {
	ctx, stop := context.WithCancel(context.Background())
	bar, step := widget.NewProgressBar(), widget.NewLabel("")
	d := dialog.NewCustom(tr("Getting %s", n.Title), tr("Stop"), container.NewVBox(bar, step), over)
	d.SetOnClosed(stop)
	d.Resize(fyne.NewSize(460, 160))
	d.Show()
	go func() {
		err := fetch(ctx, n, func(p weights.Progress) {
			fyne.Do(func() {
				bar.SetValue(float64(p.Done) / float64(max(p.Total, 1)))
				step.SetText(tr("%s, %s of %s", told(p.Step), weights.Size(p.Done), weights.Size(p.Total)))
			})
		})
		fyne.Do(func() {
			stopped := ctx.Err() != nil
			d.Hide()
			if err != nil && !stopped {
				problem, hint := explained(err)
				dialog.ShowInformation(tr("%s was not fetched", n.Title), wrap(problem+"\n"+hint, 80), over)
			}
			done()
		})
	}()
}

func fetch(ctx context.Context, n weights.Network, see func(weights.Progress)) error {
	l, err := library()
	if err != nil {
		return err
	}
	if err := l.Accept(n); err != nil {
		return err
	}
	return l.Get(ctx, n, see)
}
