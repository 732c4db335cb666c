//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// icon is a picture of 24 x 24 units drawn by one filled path; the theme colours it.
func icon(name, path string) *fyne.StaticResource {
	return fyne.NewStaticResource(name+".svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000000" d="`+path+`"/></svg>`))
}

// The rail's icons: a cube, tiles, a chip, bars, layers, sliders and an i.
var (
	iconStudio   = icon("studio", "M12 1.8 21 7 V17 L12 22.2 3 17 V7 Z M12 4.1 6.9 7.05 12 10 17.1 7.05 Z M5 8.75 V15.85 L11 19.3 V12.2 Z M19 8.75 13 12.2 V19.3 L19 15.85 Z")
	iconLibrary  = icon("library", "M3 3 H11 V11 H3 Z M13 3 H21 V11 H13 Z M3 13 H11 V21 H3 Z M13 13 H21 V21 H13 Z M5 5 V9 H9 V5 Z M15 15 V19 H19 V15 Z")
	iconGPU      = icon("gpu", "M5 5 H8 V2 H10 V5 H14 V2 H16 V5 H19 V8 H22 V10 H19 V14 H22 V16 H19 V19 H16 V22 H14 V19 H10 V22 H8 V19 H5 V16 H2 V14 H5 V10 H2 V8 H5 Z M7 7 V17 H17 V7 Z M9 9 H15 V15 H9 Z")
	iconProfile  = icon("profile", "M3 3 H5 V19 H21 V21 H3 Z M7 12 H10 V17.5 H7 Z M12 7 H15 V17.5 H12 Z M17 10 H20 V17.5 H17 Z")
	iconModels   = icon("models", "M12 2 22 7.5 12 13 2 7.5 Z M4.3 10.7 12 15 19.7 10.7 22 12 12 17.5 2 12 Z M4.3 15.2 12 19.5 19.7 15.2 22 16.5 12 22 2 16.5 Z")
	iconSettings = icon("settings", "M3 5 H11 V3 H14 V9 H11 V7 H3 Z M16 5 H21 V7 H16 Z M3 11 H6 V9 H9 V15 H6 V13 H3 Z M11 11 H21 V13 H11 Z M3 17 H13 V15 H16 V21 H13 V19 H3 Z M18 17 H21 V19 H18 Z")
	iconAbout    = icon("about", "M12 2 A10 10 0 1 1 11.99 2 Z M12 4 A8 8 0 1 0 12.01 4 Z M11 7 H13 V9 H11 Z M11 10.5 H13 V17 H11 Z")
)

// tinted is an icon in one of the theme's colours.
func tinted(r fyne.Resource, c shade) fyne.Resource {
	return theme.NewColoredResource(r, fyne.ThemeColorName(c))
}
