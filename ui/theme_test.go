//go:build !headless

package ui

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// contrast is that of WCAG 2.2, from 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// over is a colour laid over an opaque one.
func over(top, below color.NRGBA) color.NRGBA {
	mix := func(a, b uint8) uint8 {
		return uint8((int(a)*int(top.A) + int(b)*(255-int(top.A)) + 127) / 255)
	}
	return color.NRGBA{mix(top.R, below.R), mix(top.G, below.G), mix(top.B, below.B), 0xff}
}

// TestContrast: text has a contrast of 4.5 on everything it can stand on, in both looks, and rings round what has the focus
// have 3 (WCAG 2.2, 1.4.3 and 1.4.11). Fyne shows the focus of lists by a tint under their text: both cannot be had there.
func TestContrast(t *testing.T) {
	if c := contrast(rgb(0), rgb(0xffffff)); math.Abs(c-21) > 1e-9 {
		t.Fatalf("black on white has %g", c)
	}
	texts := []fyne.ThemeColorName{theme.ColorNameForeground, theme.ColorNamePlaceHolder, theme.ColorNameDisabled, theme.ColorNamePrimary, theme.ColorNameHyperlink,
		theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError}
	grounds := []fyne.ThemeColorName{theme.ColorNameBackground, "panel", theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground, theme.ColorNameInputBackground,
		theme.ColorNameHeaderBackground}
	for variant, name := range map[fyne.ThemeVariant]string{theme.VariantDark: "dark", theme.VariantLight: "light"} {
		p := palettes[variant]
		need := func(least float64, what string, a, b color.NRGBA) {
			t.Helper()
			if c := contrast(a, b); c < least {
				t.Errorf("%s: %s has a contrast of %.2f", name, what, c)
			}
		}
		for _, ground := range grounds {
			for _, text := range texts {
				need(4.5, string(text)+" on "+string(ground), p[text], p[ground])
			}
			selected := over(p[theme.ColorNameSelection], p[ground])
			for _, text := range []fyne.ThemeColorName{theme.ColorNameForeground, theme.ColorNamePlaceHolder, theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError} {
				need(4.5, string(text)+" on what is selected on "+string(ground), p[text], selected)
			}
			need(3, "the accent, as a ring round what has the focus, on "+string(ground), p[theme.ColorNamePrimary], p[ground])
		}
		for _, ground := range []fyne.ThemeColorName{theme.ColorNameInputBackground, theme.ColorNameMenuBackground, theme.ColorNameButton} {
			focused := over(p[theme.ColorNameFocus], p[ground])
			need(4.5, "text on what has the focus on "+string(ground), p[theme.ColorNameForeground], focused)
			need(2.4, "the tint of the focus on "+string(ground), focused, p[ground])
		}
		button := p[theme.ColorNameButton]
		for _, state := range []fyne.ThemeColorName{theme.ColorNameHover, theme.ColorNamePressed} {
			need(4.5, "a button's text, "+string(state), p[theme.ColorNameForeground], over(p[state], button))
		}
		need(4.5, "a button's text", p[theme.ColorNameForeground], button)
		need(4.5, "the text of a button that is off", p[theme.ColorNameDisabled], p[theme.ColorNameDisabledButton])
		for on, ground := range map[fyne.ThemeColorName]fyne.ThemeColorName{
			theme.ColorNameForegroundOnPrimary: theme.ColorNamePrimary, theme.ColorNameForegroundOnSuccess: theme.ColorNameSuccess,
			theme.ColorNameForegroundOnWarning: theme.ColorNameWarning, theme.ColorNameForegroundOnError: theme.ColorNameError,
		} {
			need(4.5, string(on), p[on], p[ground])
			need(4.5, string(on)+" under the pointer", p[on], over(p[theme.ColorNameHover], p[ground]))
		}
	}
}

// TestThemesAreWhole: the two palettes have the same colours, and a choice overrules the system.
func TestThemesAreWhole(t *testing.T) {
	dark, light := palettes[theme.VariantDark], palettes[theme.VariantLight]
	for name := range dark {
		if _, ok := light[name]; !ok {
			t.Errorf("the light look has no %s", name)
		}
	}
	if len(dark) != len(light) {
		t.Errorf("%d and %d colours", len(dark), len(light))
	}
	for _, c := range []struct {
		mode   string
		system fyne.ThemeVariant
		want   fyne.ThemeVariant
	}{
		{themeDark, theme.VariantLight, theme.VariantDark}, {themeLight, theme.VariantDark, theme.VariantLight},
		{themeSystem, theme.VariantLight, theme.VariantLight}, {themeSystem, theme.VariantDark, theme.VariantDark},
	} {
		if got := newLook(c.mode).Color(theme.ColorNameBackground, c.system); got != palettes[c.want][theme.ColorNameBackground] {
			t.Errorf("%s on a system with %d: %v", c.mode, c.system, got)
		}
	}
	app := test.NewTempApp(t)
	app.Settings().SetTheme(newLook(themeLight))
	label := text("", ink, 12)
	if opaqueOf(label.Color) != opaqueOf(light[theme.ColorNameForeground]) {
		t.Error("the ink is not the light look's")
	}
	app.Settings().SetTheme(newLook(themeDark))
	if opaqueOf(label.Color) != opaqueOf(dark[theme.ColorNameForeground]) {
		t.Error("what is drawn does not follow the theme")
	}
}
