//go:build !headless

package ui

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"orfeas/gpu"
)

// gauge shows how full the GPU is, or the machine's memory where there is no NVIDIA GPU; it says which.
type gauge struct {
	object fyne.CanvasObject
	title  *canvas.Text
	bar    *bar
	detail *canvas.Text
}

func newGauge() *gauge {
	g := &gauge{title: text("reading the GPU", ink, 12), bar: newBar(8), detail: text(" ", faint, 11)}
	g.title.TextStyle.Bold = true
	g.object = fixed(250, 58, container.NewPadded(container.NewVBox(g.title, g.bar.object, g.detail)))
	return g
}

const gaugeInterval = 500 * time.Millisecond

// show takes in a reading.
func (g *gauge) show(r gpu.Reading) {
	used, total := r.RAMTotal-r.RAMAvailable, r.RAMTotal
	if len(r.Devices) > 0 {
		d := r.Devices[0]
		used, total = d.Used, d.Total
		g.title.Text = "VRAM  " + d.Name
		g.detail.Text = fmt.Sprintf("%.1f of %.1f GB", float64(used)/giga, float64(total)/giga)
		if d.Temperature >= 0 {
			g.detail.Text += fmt.Sprintf("   %d °C", d.Temperature)
		}
	} else {
		g.title.Text = "Memory (no NVIDIA GPU)"
		g.detail.Text = fmt.Sprintf("%.1f of %.1f GB, the CPU does the work", float64(used)/giga, float64(total)/giga)
	}
	fraction := float64(used) / float64(max(total, 1))
	c := accent
	if fraction > 0.9 {
		c = bad
	} else if fraction > 0.75 {
		c = busy
	}
	g.bar.set(fraction, c)
	g.title.Refresh()
	g.detail.Refresh()
}
