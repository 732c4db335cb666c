//go:build !headless

package ui

import (
	"fmt"
	"image"
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// gauge shows how full the GPU is, or the machine's memory where there is no NVIDIA GPU; it says which. Beside it is the
// last minute as a line, on the bar a mark where it was fullest, and the share that the running stage has taken.
type gauge struct {
	unseen bool // nothing is drawn, but all is remembered
	object fyne.CanvasObject
	title  *canvas.Text
	bar    *bar
	taken  *canvas.Rectangle // by the running stage, the end of the bar
	mark   *canvas.Rectangle // the peak
	detail *canvas.Text
	line   *canvas.Raster

	past  []float64 // fractions, the newest last
	used  uint64
	total uint64
	peak  uint64 // since the window was opened
	stage string // of which job it is, and its name; empty when nothing runs
	name  string
	begun uint64 // in use when it began
}

const (
	gaugeInterval = 500 * time.Millisecond
	gaugePast     = 120 // readings, a minute
)

func newGauge() *gauge {
	g := &gauge{title: text(tr("reading the GPU"), ink, 12), bar: newBar(8), detail: text(" ", faint, 11),
		taken: canvas.NewRectangle(busy), mark: canvas.NewRectangle(ink)}
	g.title.TextStyle.Bold = true
	g.line = canvas.NewRaster(g.draw)
	over := container.New(gaugeMarks{g}, g.bar.object, g.taken, g.mark)
	words := container.NewVBox(g.title, over, g.detail)
	g.object = fixed(360, 58, container.NewPadded(container.NewBorder(nil, nil, nil, container.NewPadded(fixed(96, 40, g.line)), words)))
	return g
}

// gaugeMarks lays the stage's share and the peak over the bar.
type gaugeMarks struct{ g *gauge }

func (gaugeMarks) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (l gaugeMarks) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(size)
	at := func(bytes uint64) float32 { return size.Width * float32(bytes) / float32(max(l.g.total, 1)) }
	var share float32
	if l.g.stage != "" && l.g.used > l.g.begun {
		share = at(l.g.used - l.g.begun)
	}
	o[1].Move(fyne.NewPos(at(l.g.used)-share, 0))
	o[1].Resize(fyne.NewSize(share, size.Height))
	o[2].Move(fyne.NewPos(at(l.g.peak)-1, -1))
	o[2].Resize(fyne.NewSize(2, size.Height+2))
}

// follow notes which stage of which job runs.
func (g *gauge) follow(j pipeline.Job) {
	stage := ""
	if j.State == pipeline.Running && j.Stage != "" {
		stage = j.ID + " " + j.Stage
	}
	if stage != g.stage {
		g.stage, g.name, g.begun = stage, told(j.Stage), g.used
	}
}

// show takes in a reading.
func (g *gauge) show(r gpu.Reading) {
	g.used, g.total = r.RAMTotal-r.RAMAvailable, r.RAMTotal
	title, more := tr("Memory (no NVIDIA GPU)"), ""
	if len(r.Devices) > 0 {
		d := r.Devices[0]
		g.used, g.total = d.Used, d.Total
		title = "VRAM  " + d.Name
		if d.Temperature >= 0 {
			more = fmt.Sprintf(", %d °C", d.Temperature)
		}
	}
	g.peak = max(g.peak, g.used)
	fraction := float64(g.used) / float64(max(g.total, 1))
	if g.past = append(g.past, fraction); len(g.past) > gaugePast {
		g.past = g.past[1:]
	}
	if g.unseen {
		return
	}
	words := tr("%s of %s GB%s, peak %s", inGB(g.used), inGB(g.total), more, inGB(g.peak))
	if g.stage != "" && g.used > g.begun+1<<26 { // less is what comes and goes anyway
		words = tr("%s of %s GB%s, %s +%s", inGB(g.used), inGB(g.total), more, g.name, inGB(g.used-g.begun))
	}
	c := color.Color(accent)
	if fraction > 0.9 {
		c = bad
	} else if fraction > 0.75 {
		c = busy
	}
	put(g.title, title, ink)
	put(g.detail, words, faint)
	g.bar.set(fraction, c)
	g.taken.Refresh()
	g.mark.Refresh()
	g.object.Refresh()
	g.line.Refresh()
}

func inGB(bytes uint64) string { return fmt.Sprintf("%.1f", float64(bytes)/(1<<30)) }

// draw draws the line of the last minute over its area, the top being all of the memory.
func (g *gauge) draw(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	solid := func(c color.Color, alpha uint8) color.NRGBA {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		n.A = alpha
		return n
	}
	area, line, ground := solid(accent, 0x40), solid(accent, 0xff), solid(panelEdge, 0xff)
	for x := range w {
		img.SetNRGBA(x, h-1, ground)
	}
	last := -1
	for x := range w {
		i := len(g.past) - 1 - (w-1-x)*gaugePast/max(w, 1)
		if i < 0 {
			continue
		}
		y := min(max(int((1-g.past[i])*float64(h-1)+0.5), 0), h-1)
		for k := y; k < h; k++ {
			img.SetNRGBA(x, k, area)
		}
		from, to := y, y
		if last >= 0 {
			from, to = min(y, last), max(y, last)
		}
		for k := from; k <= min(to+1, h-1); k++ {
			img.SetNRGBA(x, k, line)
		}
		last = y
	}
	return img
}
