//go:build !headless

package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// shade is a colour by its name in the theme: what is drawn with it follows a change of the theme.
type shade fyne.ThemeColorName

// RGBA looks the colour up in the theme of the moment.
func (s shade) RGBA() (r, g, b, a uint32) { return theme.Color(fyne.ThemeColorName(s)).RGBA() }

// The colours of everything this package draws itself: one blue for what can be done, one orange for what is under way.
const (
	ink       = shade(theme.ColorNameForeground)
	faint     = shade(theme.ColorNamePlaceHolder) // still readable on the panels
	panel     = shade("panel")
	panelEdge = shade(theme.ColorNameSeparator)
	ground    = shade(theme.ColorNameBackground)
	accent    = shade(theme.ColorNamePrimary)
	busy      = shade(theme.ColorNameWarning)
	good      = shade(theme.ColorNameSuccess)
	bad       = shade(theme.ColorNameError)
)

type palette map[fyne.ThemeColorName]color.NRGBA

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

// palettes are the two looks. A test holds every text to a contrast of 4.5 on whatever it can stand on. The focus lies over
// the whole of a list or a menu's row, so it is a tint under the text and not a colour of its own.
var palettes = map[fyne.ThemeVariant]palette{
	theme.VariantDark: {
		theme.ColorNameBackground: rgb(0x121419), "panel": rgb(0x1c1f27), theme.ColorNameSeparator: rgb(0x2b2f3a),
		theme.ColorNameForeground: rgb(0xe8eaf0), theme.ColorNamePlaceHolder: rgb(0xaab1c0), theme.ColorNameDisabled: rgb(0xaab1c0),
		theme.ColorNamePrimary: rgb(0x6a9fff), theme.ColorNameFocus: {0x4d, 0x8d, 0xff, 0x98}, theme.ColorNameHyperlink: rgb(0x7dabff),
		theme.ColorNameSuccess: rgb(0x4fc97c), theme.ColorNameWarning: rgb(0xff9d45), theme.ColorNameError: rgb(0xff8181),
		theme.ColorNameButton: rgb(0x292d38), theme.ColorNameDisabledButton: rgb(0x22252e), theme.ColorNameInputBackground: rgb(0x0f1218),
		theme.ColorNameInputBorder: rgb(0x3b4150), theme.ColorNameHeaderBackground: rgb(0x1c1f27),
		theme.ColorNameMenuBackground: rgb(0x222630), theme.ColorNameOverlayBackground: rgb(0x222630),
		theme.ColorNameForegroundOnPrimary: rgb(0x0b1220), theme.ColorNameForegroundOnSuccess: rgb(0x0b1220),
		theme.ColorNameForegroundOnWarning: rgb(0x0b1220), theme.ColorNameForegroundOnError: rgb(0x0b1220),
		theme.ColorNameSelection: {0x4d, 0x8d, 0xff, 0x34}, theme.ColorNameHover: {0xff, 0xff, 0xff, 0x12},
		theme.ColorNamePressed: {0xff, 0xff, 0xff, 0x22}, theme.ColorNameScrollBar: {0xff, 0xff, 0xff, 0x50},
		theme.ColorNameScrollBarBackground: {0xff, 0xff, 0xff, 0x0c}, theme.ColorNameShadow: {0, 0, 0, 0x70},
	},
	theme.VariantLight: {
		theme.ColorNameBackground: rgb(0xe9ebf0), "panel": rgb(0xfafbfd), theme.ColorNameSeparator: rgb(0xd3d7e0),
		theme.ColorNameForeground: rgb(0x1b1f29), theme.ColorNamePlaceHolder: rgb(0x545b6b), theme.ColorNameDisabled: rgb(0x5a6171),
		theme.ColorNamePrimary: rgb(0x1b57c4), theme.ColorNameFocus: {0x1b, 0x57, 0xc4, 0xa0}, theme.ColorNameHyperlink: rgb(0x1b57c4),
		theme.ColorNameSuccess: rgb(0x11682f), theme.ColorNameWarning: rgb(0x8f4a00), theme.ColorNameError: rgb(0xac231b),
		theme.ColorNameButton: rgb(0xe3e7ef), theme.ColorNameDisabledButton: rgb(0xeceef3), theme.ColorNameInputBackground: rgb(0xe6eaf1),
		theme.ColorNameInputBorder: rgb(0xb4bac8), theme.ColorNameHeaderBackground: rgb(0xf1f3f7),
		theme.ColorNameMenuBackground: rgb(0xffffff), theme.ColorNameOverlayBackground: rgb(0xffffff),
		theme.ColorNameForegroundOnPrimary: rgb(0xffffff), theme.ColorNameForegroundOnSuccess: rgb(0xffffff),
		theme.ColorNameForegroundOnWarning: rgb(0xffffff), theme.ColorNameForegroundOnError: rgb(0xffffff),
		theme.ColorNameSelection: {0x1b, 0x57, 0xc4, 0x24}, theme.ColorNameHover: {0x10, 0x18, 0x30, 0x10},
		theme.ColorNamePressed: {0x10, 0x18, 0x30, 0x20}, theme.ColorNameScrollBar: {0x10, 0x18, 0x30, 0x60},
		theme.ColorNameScrollBarBackground: {0x10, 0x18, 0x30, 0x0c}, theme.ColorNameShadow: {0x10, 0x18, 0x30, 0x18},
	},
}

// The choices of the theme.
const (
	themeSystem = "system"
	themeDark   = "dark"
	themeLight  = "light"
)

// look is the Studio's theme.
type look struct {
	fyne.Theme
	mode string // one of the choices above; the system decides for any other
}

func newLook(mode string) fyne.Theme { return look{theme.DefaultTheme(), mode} }

func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch l.mode {
	case themeDark:
		variant = theme.VariantDark
	case themeLight:
		variant = theme.VariantLight
	}
	if variant != theme.VariantLight {
		variant = theme.VariantDark
	}
	if c, ok := palettes[variant][name]; ok {
		return c
	}
	return l.Theme.Color(name, variant)
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
