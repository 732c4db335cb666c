//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
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
		if s.pages.current.name == "studio" {
			s.mesh.redo()
		}
	})
	on(fyne.KeySlash, s.showShortcuts)
	on(fyne.KeyComma, func() { s.pages.show("settings") })
	on(fyne.KeyL, s.showLog)
	on(fyne.KeyF, func() {
		s.pages.show("library")
		s.window.Canvas().Focus(s.past.search)
	})
}

// showShortcuts lays the sheet of all shortcuts over the window.
func (s *Studio) showShortcuts() {
	d := dialog.NewCustom(tr("Shortcuts"), tr("Close"), container.NewVScroll(shortcutSheet()), s.window)
	d.Resize(fyne.NewSize(660, 640))
	d.Show()
}

// showLog opens the log.
func (s *Studio) showLog() {
	s.pages.show("about")
	s.logs.tabs.SelectIndex(len(s.logs.tabs.Items) - 1)
}

// undoShortcut takes Ctrl+Z back to the page that is shown: Fyne sends it as a shortcut of its own.
func (s *Studio) undoShortcut(fyne.Shortcut) {
	switch s.pages.current.name {
	case "library":
		s.past.undo.undo()
	case "studio":
		s.mesh.undo()
	}
}
