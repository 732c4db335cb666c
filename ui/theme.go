//go:build !headless

package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// look is the Studio's theme: dark, with one blue for what can be done and one orange for what is under way.
type look struct{ fyne.Theme }

var (
	ink       = color.NRGBA{0xe8, 0xea, 0xf0, 0xff}
	faint     = color.NRGBA{0x96, 0x9d, 0xad, 0xff} // still readable on the panels
	panel     = color.NRGBA{0x1c, 0x1f, 0x27, 0xff}
	panelEdge = color.NRGBA{0x2b, 0x2f, 0x3a, 0xff}
	ground    = color.NRGBA{0x12, 0x14, 0x19, 0xff}
	accent    = color.NRGBA{0x4d, 0x8d, 0xff, 0xff}
	busy      = color.NRGBA{0xff, 0x9d, 0x45, 0xff}
	good      = color.NRGBA{0x4f, 0xc9, 0x7c, 0xff}
	bad       = color.NRGBA{0xff, 0x6b, 0x6b, 0xff}
)

func newLook() fyne.Theme { return look{theme.DefaultTheme()} }

func (l look) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	switch name {
	case theme.ColorNameBackground:
		return ground
	case theme.ColorNameForeground:
		return ink
	case theme.ColorNamePlaceHolder, theme.ColorNameDisabled:
		return faint
	case theme.ColorNamePrimary, theme.ColorNameFocus, theme.ColorNameHyperlink:
		return accent
	case theme.ColorNameSelection:
		return color.NRGBA{0x4d, 0x8d, 0xff, 0x38}
	case theme.ColorNameButton, theme.ColorNameInputBackground:
		return color.NRGBA{0x29, 0x2d, 0x38, 0xff}
	case theme.ColorNameInputBorder, theme.ColorNameSeparator:
		return panelEdge
	case theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground:
		return color.NRGBA{0x22, 0x26, 0x30, 0xff}
	case theme.ColorNameSuccess:
		return good
	case theme.ColorNameError:
		return bad
	case theme.ColorNameWarning:
		return busy
	}
	return l.Theme.Color(name, theme.VariantDark)
}

func (l look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 6
	}
	return l.Theme.Size(name)
}
