//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// preferencesPage is where the program itself is set up.
func (s *Studio) preferencesPage() fyne.CanvasObject {
	choices := []string{themeSystem, themeDark, themeLight}
	titles := []string{"As the system", "Dark", "Light"}
	look := widget.NewSelect(titles, nil)
	for i, c := range choices {
		if c == s.prefs.theme() {
			look.SetSelectedIndex(i)
		}
	}
	look.OnChanged = func(string) {
		c := choices[max(look.SelectedIndex(), 0)]
		s.prefs.store.SetString("theme", c)
		s.app.Settings().SetTheme(newLook(c))
	}
	return pageBody(tr("Settings"), nil, container.NewVBox(named("Theme", look)))
}
