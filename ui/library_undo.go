//go:build !headless

package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// undoBar deletes jobs after a while in which the user can think again. Nothing on the disk is touched before: a crash
// loses nothing.
type undoBar struct {
	page   *libraryPage
	object *fyne.Container
	words  *widget.Label
	ids    []string // about to go
	timer  *time.Timer
	grace  time.Duration
}

func newUndoBar(p *libraryPage) *undoBar {
	u := &undoBar{page: p, words: widget.NewLabel(""), grace: 10 * time.Second}
	undo := widget.NewButtonWithIcon(tr("Undo"), theme.ContentUndoIcon(), u.undo)
	undo.Importance = widget.HighImportance
	u.object = container.NewStack(card("", container.NewBorder(nil, nil, u.words, undo)))
	u.object.Hide()
	return u
}

// holds reports whether a job is about to go.
func (u *undoBar) holds(id string) bool { return slices.Contains(u.ids, id) }

// remove takes jobs out of the list and deletes them when the time is over. Others that are about to go go now.
func (u *undoBar) remove(ids []string) {
	if len(ids) == 0 {
		return
	}
	u.settle()
	u.ids = ids
	u.words.SetText(tr("Deleted: %d. They are gone for good in %d seconds.", len(ids), int(u.grace.Seconds())))
	u.object.Show()
	u.timer = time.AfterFunc(u.grace, func() {
		u.page.studio.do(func() {
			if slices.Equal(u.ids, ids) {
				u.settle()
			}
		})
	})
	u.page.picked = nil
	u.page.refresh()
}

// settle deletes what is about to go.
func (u *undoBar) settle() {
	ids := u.ids
	if len(ids) > 0 {
		u.page.studio.removeNow(ids)
	}
	u.undo()
}

// undo lets what is about to go stay.
func (u *undoBar) undo() {
	if u.timer != nil {
		u.timer.Stop()
	}
	u.ids, u.timer = nil, nil
	u.object.Hide()
	u.page.refresh()
}
