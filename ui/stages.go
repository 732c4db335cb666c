//go:build !headless

package ui

import (
	"fmt"
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"orfeas/pipeline"
)

// stageBars shows one bar per stage of the line with the step it is at, and how long it took or will take.
type stageBars struct {
	object fyne.CanvasObject
	bars   []*bar
	times  []*canvas.Text
	steps  []*canvas.Text
}

func newStageBars() *stageBars {
	s := &stageBars{}
	row := container.NewGridWithColumns(len(pipeline.Line))
	for _, stage := range pipeline.Line {
		name := text(told(stage.Name), ink, 12)
		name.TextStyle.Bold = true
		b, step, took := newBar(8), text(" ", faint, 11), text("", faint, 11)
		s.bars, s.steps, s.times = append(s.bars, b), append(s.steps, step), append(s.times, took)
		row.Add(container.NewPadded(container.NewVBox(container.NewBorder(nil, nil, name, took), b.object, step)))
	}
	s.object = row
	return s
}

// show takes left, the seconds that each stage will still take, or nil when nobody knows.
func (s *stageBars) show(j pipeline.Job, left []float64) {
	stages := j.Stages
	if len(stages) == 0 {
		stages = pipeline.NewStages()
	}
	for i, info := range stages {
		var c color.Color = accent
		step, took := told(info.Step), ""
		if i < len(left) && left[i] > 0 && !j.State.Over() {
			took = tr("about %s", briefly(left[i]))
		}
		switch {
		case info.Progress >= 1:
			c, step, took = good, "", fmt.Sprintf("%.2f s", info.Seconds)
		case info.Name == j.Stage && j.State == pipeline.Running:
			c = busy
			if took != "" {
				took = tr("%s left", took)
			}
		case info.Name == j.Stage && j.State == pipeline.Failed:
			c, step = bad, tr("failed")
		}
		s.bars[i].set(info.Progress, c)
		if step == "" {
			step = " "
		}
		put(s.steps[i], clip(step, s.bars[i].object.Size().Width, 11), faint)
		put(s.times[i], took, faint)
	}
}

// briefly says a short time.
func briefly(s float64) string {
	if s < 10 {
		return fmt.Sprintf("%.1f s", s)
	}
	return roughly(time.Duration(s * float64(time.Second)))
}

// showStages shows the stages of the job that runs, else of the one that is selected.
func (s *Studio) showStages() {
	j, _ := s.job(s.selected)
	j = s.working(j)
	s.stages.show(j, s.list.ahead.Stages[j.ID])
	s.gauge.follow(j)
}
