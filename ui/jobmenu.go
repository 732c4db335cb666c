//go:build !headless

package ui

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
)

// menu opens what can be done with the marked jobs, or with the one under the mouse when that is not marked.
func (l *jobList) menu(j pipeline.Job, at fyne.Position) {
	l.studio.follow = false
	if !l.isMarked(j.ID) {
		l.mark(j.ID, 0)
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", l.deeds(j)...), l.studio.window.Canvas(), at)
}

// deeds are the menu's entries, for the jobs that are marked now: while it is open another one may come to be selected. What fits
// none of them is not offered.
func (l *jobList) deeds(j pipeline.Job) (items []*fyne.MenuItem) {
	s := l.studio
	each := func(do func(id string) error) func(ids []string) { return func(ids []string) { l.each(ids, do) } }
	add := func(title, plural string, icon fyne.Resource, fits func(pipeline.Job) bool, do func(ids []string)) {
		ids := l.fitting(fits)
		if len(ids) == 0 {
			return
		}
		if n := len(ids); n > 1 {
			title = fmt.Sprintf(plural, n)
		}
		item := fyne.NewMenuItem(title, func() { do(ids) })
		item.Icon = icon
		items = append(items, item)
	}
	one := func(title string, icon fyne.Resource, do func()) {
		item := fyne.NewMenuItem(title, do)
		item.Icon = icon
		items = append(items, item)
	}
	if j.State == pipeline.Done {
		one(tr("Show the mesh"), theme.VisibilityIcon(), func() { s.choose(j.ID) })
	}
	if j.Problem != "" {
		one(tr("What went wrong…"), theme.InfoIcon(), func() { s.explain(j) })
	}
	add(tr("Stop"), tr("Stop %d jobs"), theme.MediaStopIcon(), func(j pipeline.Job) bool { return !j.State.Over() }, each(s.queue.Cancel))
	add(tr("Try again"), tr("Try %d jobs again"), theme.ViewRefreshIcon(), retriable, each(s.queue.Retry))
	add(tr("Do it again"), tr("Do %d jobs again"), theme.ContentCopyIcon(), func(j pipeline.Job) bool { return j.State == pipeline.Done },
		each(func(id string) error { _, err := s.queue.Again(id); return err }))
	add(tr("Move to the top"), tr("Move %d jobs to the top"), theme.MoveUpIcon(), waiting, each(l.toTop()))
	add(tr("Move to the end"), tr("Move %d jobs to the end"), theme.MoveDownIcon(), waiting, each(func(id string) error { return s.queue.Reorder(id, "") }))
	one(tr("Use its settings"), theme.SettingsIcon(), func() { s.settings.restore(j.Settings) })
	one(tr("Show in folder"), theme.FolderOpenIcon(), func() { s.showFolder(j) })
	items = append(items, fyne.NewMenuItemSeparator())
	add(tr("Remove"), tr("Remove %d jobs"), theme.DeleteIcon(), func(pipeline.Job) bool { return true }, l.remove)
	return items
}

func waiting(j pipeline.Job) bool { return j.State == pipeline.Queued }

func retriable(j pipeline.Job) bool {
	return j.State == pipeline.Failed || j.State == pipeline.Cancelled
}

// toTop puts jobs in front of the first that waits and is not marked, so that several keep their order.
func (l *jobList) toTop() func(id string) error {
	first := ""
	for _, j := range l.studio.jobs {
		if waiting(j) && !l.isMarked(j.ID) {
			first = j.ID
			break
		}
	}
	return func(id string) error {
		if first == "" {
			return nil // all that wait are marked
		}
		return l.studio.queue.Reorder(id, first)
	}
}

// fitting are the marked jobs that something fits.
func (l *jobList) fitting(fits func(pipeline.Job) bool) (ids []string) {
	for _, j := range l.marks() {
		if fits(j) {
			ids = append(ids, j.ID)
		}
	}
	return ids
}

// each does something with every one of the jobs, in the background: it is written to the disk. A job that has changed meanwhile,
// so that it fits no more, is no problem.
func (l *jobList) each(ids []string, do func(id string) error) {
	go l.studio.tryLater(func() error {
		var errs []error
		for _, id := range ids {
			if err := do(id); err != nil && !errors.Is(err, pipeline.ErrBusy) && !errors.Is(err, pipeline.ErrNoJob) {
				errs = append(errs, err)
				break // the others would fail of the same
			}
		}
		return errors.Join(errs...)
	})
}

// retryMarked puts the marked jobs that failed or were stopped in the line again.
func (l *jobList) retryMarked() { l.each(l.fitting(retriable), l.studio.queue.Retry) }

// remove takes jobs out of the queue, when the user is sure of it where more than one of them is over.
func (l *jobList) remove(ids []string) {
	over := 0
	for _, id := range ids {
		if j, ok := l.studio.job(id); ok && j.State.Over() {
			over++
		}
	}
	l.sure(over, 2, func() { l.each(ids, l.studio.queue.Remove) })
}

// sure asks before so many finished jobs are removed, if they are at least so many: unlike in the library nothing brings them back.
func (l *jobList) sure(n, least int, remove func()) {
	if n < least {
		remove()
		return
	}
	dialog.ShowConfirm(tr("Remove finished jobs?"), tr("%d, with their pictures and meshes, for good. What was exported stays.", n), func(yes bool) {
		if yes {
			remove()
		}
	}, l.studio.window)
}

// clearDone removes what is done, when the user is sure of it.
func (l *jobList) clearDone() {
	done := 0
	for _, j := range l.studio.jobs {
		if j.State == pipeline.Done {
			done++
		}
	}
	l.sure(done, 1, func() { go l.studio.tryLater(l.studio.queue.ClearDone) })
}

// dismissMarked stops the marked jobs that are not over and removes those that are.
func (l *jobList) dismissMarked() {
	over := func(j pipeline.Job) bool { return j.State.Over() }
	l.remove(l.fitting(over))
	l.each(l.fitting(func(j pipeline.Job) bool { return !over(j) }), l.studio.queue.Cancel)
}

// try says what went wrong, if anything did.
func (s *Studio) try(err error) {
	if err != nil {
		s.complain(tr("That did not work"), err)
	}
}

// tryLater does something that takes time, away from Fyne's thread, and says what went wrong.
func (s *Studio) tryLater(do func() error) {
	if err := do(); err != nil {
		s.do(func() { s.try(err) })
	}
}

// explain shows all there is to say of a failure.
func (s *Studio) explain(j pipeline.Job) {
	words := capital(told(j.Problem)) + "."
	if j.Hint != "" {
		words += "\n\n" + told(j.Hint)
	}
	if len(j.Said) > 0 {
		words += "\n\n" + tr("The last the worker said:") + "\n" + strings.Join(j.Said, "\n")
	}
	dialog.ShowInformation(j.Title, wrap(words, 90), s.window)
}

// showFolder opens a job's folder in the system's file manager, with the mesh marked where that can be told.
func (s *Studio) showFolder(j pipeline.Job) {
	path := j.File(pipeline.MeshFile)
	if _, err := os.Stat(path); err != nil {
		path = j.Folder
	}
	go s.tryLater(func() error { return showInFolder(s.ctx, path) })
}

// showInFolder asks the file manager to show a file in its folder. On Linux that is asked over D-Bus, as the
// freedesktop.org file manager interface has it, and where nobody answers the folder is opened.
func showInFolder(ctx context.Context, path string) error {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	switch runtime.GOOS {
	case "windows":
		// Explorer's exit status says nothing.
		_ = exec.CommandContext(ctx, "explorer", "/select,"+path).Run()
		return nil
	case "darwin":
		return exec.CommandContext(ctx, "open", "-R", path).Run()
	}
	at := url.URL{Scheme: "file", Path: path}
	err := exec.CommandContext(ctx, "dbus-send", "--session", "--print-reply", "--reply-timeout=3000", "--dest=org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
		"org.freedesktop.FileManager1.ShowItems", "array:string:"+at.String(), "string:").Run()
	if err == nil {
		return nil
	}
	folder := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		folder = filepath.Dir(path)
	}
	if err := exec.CommandContext(ctx, "xdg-open", folder).Run(); err != nil {
		return fmt.Errorf("no file manager opened %s: %w", folder, err)
	}
	return nil
}
