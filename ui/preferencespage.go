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
	return pageBody("Settings", container.NewVBox(named("Theme", look)))
}

// pageBody is a page with its heading.
func pageBody(title string, content fyne.CanvasObject) fyne.CanvasObject {
	h := text(title, ink, 20)
	h.TextStyle.Bold = true
	return container.NewPadded(container.NewPadded(container.NewBorder(container.NewPadded(h), nil, nil, nil, content)))
}
