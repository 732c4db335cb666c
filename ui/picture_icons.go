//go:build !headless

package ui

import (
	"fyne.io/fyne/v2/theme"
)

// Icons that Fyne does not have, on its grid of 24.
var (
	rotateIcon = theme.NewThemedResource(icon("rotate", "M12 5V1l6 5-6 5V7a6 6 0 1 0 6 6h2a8 8 0 1 1-8-8z"))
	flipIcon   = theme.NewThemedResource(icon("flip", "M11 2h2v20h-2zM9 6v12H2zM15 6v12h7z"))
	handIcon   = theme.NewThemedResource(icon("move", "M12 1l4 4h-3v6h6V8l4 4-4 4v-3h-6v6h3l-4 4-4-4h3v-6H5v3l-4-4 4-4v3h6V5H8z"))
)
