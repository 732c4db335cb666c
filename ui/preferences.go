//go:build !headless

package ui

import (
	"slices"

	"fyne.io/fyne/v2"
)

// preferences are what the program remembers of the user's choices about itself. What is stored is checked when it is read:
// a value that cannot be is the default, and said.
type preferences struct {
	store fyne.Preferences
	odd   []string // what was stored and could not be, in sentences
}

func (p *preferences) oneOf(key, fallback string, choices ...string) string {
	v := p.store.StringWithFallback(key, fallback)
	if slices.Contains(choices, v) {
		return v
	}
	p.odd = append(p.odd, "The setting “"+key+"” was “"+ellipsis(v, 40)+"”, which it cannot be; it is “"+fallback+"” again.")
	p.store.SetString(key, fallback)
	return fallback
}

func (p *preferences) theme() string {
	return p.oneOf("theme", themeDark, themeSystem, themeDark, themeLight)
}

func (p *preferences) unit() string { return p.oneOf("unit", "mm", "mm", "cm", "in") }
