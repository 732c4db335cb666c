//go:build !headless

package ui

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"orfeas/pipeline"
)

// stageBars shows one bar per stage of the line with the step it is at.
type stageBars struct {
	object fyne.CanvasObject
	bars   []*bar
	steps  []*canvas.Text
}

func newStageBars() *stageBars {
	s := &stageBars{}
	row := container.NewGridWithColumns(len(pipeline.Line))
	for _, stage := range pipeline.Line {
		name := text(stage.Name, ink, 12)
		name.TextStyle.Bold = true
		b, step := newBar(8), text(" ", faint, 11)
		s.bars, s.steps = append(s.bars, b), append(s.steps, step)
		row.Add(container.NewPadded(container.NewVBox(name, b.object, step)))
	}
	s.object = row
	return s
}

func (s *stageBars) show(j pipeline.Job) {
	stages := j.Stages
	if len(stages) == 0 {
		stages = pipeline.NewStages()
	}
	for i, info := range stages {
		var c color.Color = accent
		step := info.Step
		switch {
		case info.Progress >= 1:
			c, step = good, fmt.Sprintf("%.2f s", info.Seconds)
		case info.Name == j.Stage && j.State == pipeline.Running:
			c = busy
		case info.Name == j.Stage && j.State == pipeline.Failed:
			c, step = bad, "failed"
		}
		s.bars[i].set(info.Progress, c)
		s.steps[i].Text = ellipsis(step, 34)
		if s.steps[i].Text == "" {
			s.steps[i].Text = " "
		}
		s.steps[i].Refresh()
	}
}
