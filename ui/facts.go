//go:build !headless

package ui

import (
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
)

// facts says what the selected job's mesh is, and exports it.
type facts struct {
	object fyne.CanvasObject
	values []*canvas.Text
	note   *widget.Label
	export *widget.Button
	format *widget.Select
}

var factNames = []string{"Size", "Volume", "Triangles", "Solid", "Thinnest wall", "Overhang", "On the bed", "Filament, full"}

func newFacts(s *Studio) *facts {
	f := &facts{note: widget.NewLabel("")}
	f.note.Wrapping = fyne.TextWrapWord
	grid := container.NewVBox()
	for _, name := range factNames {
		v := text("–", ink, 12)
		v.Alignment = fyne.TextAlignTrailing
		f.values = append(f.values, v)
		grid.Add(container.NewBorder(nil, nil, text(name, faint, 12), nil, v))
	}
	var titles []string
	for _, x := range export.Formats {
		titles = append(titles, x.Title)
	}
	f.format = widget.NewSelect(titles, nil)
	f.format.SetSelectedIndex(0)
	f.export = widget.NewButtonWithIcon("Export…", theme.DocumentSaveIcon(), func() { s.exportSelected(export.Formats[f.format.SelectedIndex()]) })
	f.export.Importance = widget.HighImportance
	f.export.Disable()
	f.object = container.NewVBox(container.NewPadded(grid), f.note, f.format, f.export)
	return f
}

func (f *facts) show(j pipeline.Job, ok bool) {
	done := ok && j.State == pipeline.Done
	values := make([]string, len(factNames))
	for i := range values {
		values[i] = "–"
	}
	var solid color.Color = ink
	f.note.SetText("")
	switch {
	case done:
		c := j.Result.Certificate
		size := c.Size()
		values = []string{
			fmt.Sprintf("%.1f × %.1f × %.1f mm", size[0], size[1], size[2]),
			fmt.Sprintf("%.1f cm³", c.Volume/1000), thousands(c.Triangles), "closed, printable",
			fmt.Sprintf("%.3g mm", c.Walls.Thinnest), fmt.Sprintf("%.1f cm²", c.Overhang/100),
			fmt.Sprintf("%.1f cm²", c.Contact/100), fmt.Sprintf("%.0f g, %.1f m", c.Grams, c.Metres)}
		solid = good
		switch {
		case !c.Clean():
			values[3], solid = "needs repair", bad
		case c.Components > 1:
			values[3] = fmt.Sprintf("closed, %d parts", c.Components)
		case !c.Printable:
			values[3], solid = "closed, thin walls", bad
		}
		said := []string{"Cut out by " + j.Result.Cutout + "."}
		for _, n := range j.Result.Notes {
			said = append(said, strings.ToUpper(n[:1])+n[1:]+".")
		}
		f.note.SetText(strings.Join(said, "\n"))
	case ok && j.State == pipeline.Failed:
		f.note.SetText(strings.Join(append([]string{j.Problem, j.Hint}, j.Said...), "\n"))
	case !ok:
		f.note.SetText("Drop a picture to begin.")
	}
	for i, v := range values {
		f.values[i].Text = v
		f.values[i].Refresh()
	}
	f.values[3].Color = solid
	f.values[3].Refresh()
	if done {
		f.export.Enable()
	} else {
		f.export.Disable()
	}
}

// thousands writes a number with thin spaces between its thousands.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u2009" + s[i:]
	}
	return s
}
