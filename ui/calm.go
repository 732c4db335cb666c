//go:build !headless

package ui

import (
	"runtime"

	"fyne.io/fyne/v2"
)

// calmApp is an app whose widgets do not move when the user wants that. Fyne has no setting of its own for one program.
type calmApp struct {
	fyne.App
	prefs *Preferences
}

type calmSettings struct {
	fyne.Settings
	prefs *Preferences
}

// Settings is part of fyne.App.
func (a calmApp) Settings() fyne.Settings { return calmSettings{a.App.Settings(), a.prefs} }

// ShowAnimations is part of fyne.Settings.
func (s calmSettings) ShowAnimations() bool { return !s.prefs.calm() && s.Settings.ShowAnimations() }

// calm makes Fyne's widgets ask the preferences. On macOS Fyne takes its own app for granted, so there it is left.
func calm(a fyne.App, p *Preferences) {
	if runtime.GOOS != "darwin" {
		fyne.SetCurrentApp(calmApp{a, p})
	}
}
