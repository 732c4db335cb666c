//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// pageKeys sets the keys that are not the Studio's own.
func (s *Studio) pageKeys() {
	s.pages.keys(s.window.Canvas(), map[fyne.KeyName]func(){
		fyne.KeyF1:  s.showShortcuts,
		fyne.KeyF11: func() { s.window.SetFullScreen(!s.window.FullScreen()) },
	})
	on := func(key fyne.KeyName, do func()) {
		s.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { do() })
	}
	s.window.Canvas().AddShortcut(&fyne.ShortcutUndo{}, s.undoShortcut)
	s.window.Canvas().AddShortcut(&fyne.ShortcutRedo{}, func(fyne.Shortcut) {
		switch {
		case s.pages.current.name != "studio":
		case s.tabs.SelectedIndex() == pictureTabIndex:
			s.picture.redoEdit()
		default:
			s.mesh.redo()
		}
	})
	on(fyne.KeySlash, s.showShortcuts)
	on(fyne.KeyComma, func() { s.pages.show("settings") })
	on(fyne.KeyL, s.showLog)
	on(fyne.KeyE, func() {
		if s.pages.current.name == "studio" && s.meshCard.Visible() {
			nextTab(s.mesh.tabs)
		}
	})
	on(fyne.KeyReturn, func() {
		if s.pages.current.name == "studio" && s.tabs.SelectedIndex() == pictureTabIndex && !s.picture.convert.Disabled() {
			s.picture.convertShown()
		}
	})
	// On macOS, too, it is Ctrl and Tab.
	s.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyTab, Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) {
		switch s.pages.current.name {
		case "studio":
			nextTab(s.tabs)
		case "about":
			nextTab(s.logs.tabs)
		}
	})
	on(fyne.KeyF, func() {
		s.pages.show("library")
		s.window.Canvas().Focus(s.past.search)
	})
}

// leaveEntry takes the focus from what had it when something in a list is clicked, so that keys are for that: Fyne does so only where
// nothing under the mouse could have the focus itself.
func (s *Studio) leaveEntry(list fyne.Focusable) {
	if c := s.window.Canvas(); c.Focused() != list {
		c.Unfocus()
	}
}

func nextTab(t *container.AppTabs) { t.SelectIndex((t.SelectedIndex() + 1) % len(t.Items)) }

// showShortcuts lays the sheet of all shortcuts over the window.
func (s *Studio) showShortcuts() {
	d := dialog.NewCustom(tr("Shortcuts"), tr("Close"), container.NewVScroll(shortcutSheet()), s.window)
	d.Resize(fyne.NewSize(660, 640))
	d.Show()
}

// answerDialog lets keys answer a dialog in which nothing has the focus: Escape by its first button, which leaves all as it is, Return
// by its last one.
func answerDialog(top fyne.CanvasObject, key fyne.KeyName) {
	pop, ok := top.(*widget.PopUp)
	if !ok {
		return
	}
	row := lastButtons(pop.Content)
	switch {
	case len(row) == 0:
	case key == fyne.KeyEscape:
		tapButton(row[0])
	case key == fyne.KeyReturn || key == fyne.KeyEnter:
		tapButton(row[len(row)-1])
	}
}

func tapButton(b *widget.Button) {
	if !b.Disabled() && b.OnTapped != nil {
		b.OnTapped()
	}
}

// lastButtons are the buttons of the last row that has any: that of the answers, below what a dialog shows.
func lastButtons(o fyne.CanvasObject) (row []*widget.Button) {
	c, ok := o.(*fyne.Container)
	if !ok {
		return nil
	}
	for _, x := range c.Objects {
		if b, ok := x.(*widget.Button); ok {
			row = append(row, b)
		}
	}
	for i := len(c.Objects) - 1; i >= 0 && row == nil; i-- {
		row = lastButtons(c.Objects[i])
	}
	return row
}

// showLog opens the log.
func (s *Studio) showLog() {
	s.pages.show("about")
	s.logs.tabs.SelectIndex(len(s.logs.tabs.Items) - 1)
}

// undoShortcut takes Ctrl+Z back to the page that is shown: Fyne sends it as a shortcut of its own.
func (s *Studio) undoShortcut(fyne.Shortcut) {
	switch {
	case s.pages.current.name == "library":
		s.past.undo.undo()
	case s.pages.current.name != "studio":
	case s.tabs.SelectedIndex() == pictureTabIndex:
		s.picture.undoEdit()
	default:
		s.mesh.undo()
	}
}
