//go:build !headless

package ui

import (
	"fmt"
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
)

// compare puts two jobs side by side: what they look like, what they are and what they were asked to be.
func (p *libraryPage) compare(a, b pipeline.Job) {
	look := container.NewGridWithColumns(2)
	for _, j := range []pipeline.Job{a, b} {
		title := text(ellipsis(j.Title, 34), ink, 14)
		title.TextStyle.Bold, title.Alignment = true, fyne.TextAlignCenter
		look.Add(container.NewVBox(container.NewCenter(fixed(300, 260, p.stores.image(j))), title))
	}
	rows := container.NewVBox()
	for _, r := range differences(a, b, p.studio.unit()) {
		rows.Add(r.object())
	}
	d := dialog.NewCustom(tr("Compare"), tr("Close"), container.NewBorder(look, nil, nil, nil, container.NewVScroll(rows)), p.studio.window)
	d.Resize(fyne.NewSize(820, 720))
	d.Show()
}

// difference is a row of the comparison.
type difference struct {
	name, a, b string
}

// differences lists the facts and then the settings of two jobs.
func differences(a, b pipeline.Job, unit unit) (out []difference) {
	add := func(fa, fb []fact) {
		for _, f := range fa {
			out = append(out, difference{f.name, f.value, valueOf(fb, f.name)})
		}
		for _, f := range fb {
			if !slices.ContainsFunc(fa, func(o fact) bool { return o.name == f.name }) {
				out = append(out, difference{f.name, "–", f.value})
			}
		}
	}
	add(jobFacts(a, unit), jobFacts(b, unit))
	add(settingFacts(a.Settings, unit), settingFacts(b.Settings, unit))
	return out
}

func valueOf(facts []fact, name string) string {
	for _, f := range facts {
		if f.name == name {
			return f.value
		}
	}
	return "–"
}

// settingFacts lists what was asked for, the engine's settings with their defaults.
func settingFacts(s pipeline.Settings, unit unit) []fact {
	out := []fact{
		{tr("Size asked for"), unit.length(s.SizeMM) + ", " + string(s.Along)},
		{tr("Triangles asked for"), thousands(s.Faces)},
		{tr("Background kept"), yesNo(s.KeepBackground)},
	}
	if s.Along == "" {
		out[0].value = unit.length(s.SizeMM)
	}
	for _, f := range []fact{{tr("Cut out by"), s.Cutout}, {tr("Texture"), string(s.Texture)}, {tr("Unseen parts"), string(s.Unseen)}} {
		if f.value != "" {
			out = append(out, f)
		}
	}
	if s.Palette > 0 {
		out = append(out, fact{tr("Filaments"), fmt.Sprint(s.Palette)})
	}
	e, err := engine.ByName(s.Engine)
	if err != nil {
		return out
	}
	all, err := e.Complete(s.Options)
	if err != nil {
		return out
	}
	for _, setting := range e.Settings {
		out = append(out, fact{told(setting.Title), settingValue(setting, all[setting.Name])})
	}
	return out
}

func settingValue(s engine.Setting, v any) string {
	switch v := v.(type) {
	case bool:
		return yesNo(v)
	case float64:
		return inUnit(v, s.Unit)
	}
	for _, c := range s.Choices {
		if c.Name == v {
			return told(c.Title)
		}
	}
	return fmt.Sprint(v)
}

func yesNo(v bool) string {
	if v {
		return tr("yes")
	}
	return tr("no")
}

// object draws the row, marked where the two differ.
func (d difference) object() fyne.CanvasObject {
	back := canvas.NewRectangle(color.Transparent)
	c := faint
	if d.a != d.b {
		back.FillColor, c = shade("selection"), ink
	}
	back.CornerRadius = 4
	cell := func(s string, c shade) fyne.CanvasObject {
		t := text(ellipsis(s, 34), c, 12)
		t.TextStyle.Bold = d.a != d.b && c == ink
		return t
	}
	return container.NewStack(back, container.New(insetLayout{8, 2}, container.NewGridWithColumns(3, cell(d.name, faint), cell(d.a, c), cell(d.b, c))))
}
