// Package assets holds what is built into the program: its icon and the sample pictures, all made for it by
// tools/samples, the table of networks, the page of the server, and the licences of what is linked in.
package assets

import (
	"embed"
	"path"
	"strings"
)

// Icon is the program's icon, a PNG.
//
//go:embed icon.png
var Icon []byte

// Weights is the table of networks, for pipeline/weights.
//
//go:embed weights.json
var Weights []byte

// Licences are those of everything that is linked in, written by tools/licences: each text under lines of "== MODULE VERSION".
//
//go:embed licences.txt
var Licences string

//go:embed samples/*.png
var samples embed.FS

// Sample is a bundled picture.
type Sample struct {
	Name  string // file name
	Title string
	Data  []byte
}

// Samples returns the bundled pictures by name.
func Samples() []Sample {
	entries, err := samples.ReadDir("samples")
	if err != nil {
		return nil // cannot be: the folder is part of the program
	}
	var out []Sample
	for _, e := range entries {
		data, err := samples.ReadFile(path.Join("samples", e.Name()))
		if err != nil {
			continue
		}
		title := strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
		out = append(out, Sample{e.Name(), strings.ToUpper(title[:1]) + title[1:], data})
	}
	return out
}

//go:embed web
var web embed.FS

// Page returns a file of the page that the server shows, by name.
func Page(name string) ([]byte, error) {
	if name == "icon.png" {
		return Icon, nil
	}
	return web.ReadFile(path.Join("web", path.Base(name)))
}
