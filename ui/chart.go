//go:build !headless

package ui

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// chart is a line over time: a title, the newest value in words, and the curve with its area filled. It is drawn when it is
// given values and seen, at no other time.
type chart struct {
	object       fyne.CanvasObject
	title, value *canvas.Text
	top, span    *canvas.Text // what the upper edge stands for; how far back the left one is
	raster       *canvas.Raster
	values       []float64 // the newest last; NaN where nothing is known
	ceiling      float64   // what the upper edge stands for
	mark         float64   // a dashed line; NaN for none
	color        shade
}

func newChart(title string) *chart {
	c := &chart{title: text(title, faint, 12), value: text("", ink, 13), top: text("", faint, 10), span: text("", faint, 10), mark: math.NaN(), color: accent}
	c.value.TextStyle.Bold = true
	c.raster = canvas.NewRaster(c.draw)
	c.raster.ScaleMode = canvas.ImageScaleFastest
	c.raster.SetMinSize(fyne.NewSize(160, 72))
	head := container.NewBorder(nil, nil, c.title, c.value)
	foot := container.NewBorder(nil, nil, c.span, nil)
	c.object = card("", inset(container.NewBorder(container.NewVBox(head, c.top), foot, nil, nil, c.raster)))
	return c
}

// chartData is what a chart shows.
type chartData struct {
	values  []float64
	ceiling float64 // 0 for as much as the values need
	mark    float64 // NaN for none
	value   string  // the newest one, in words
	top     string  // the ceiling, in words
	span    string
	color   shade
}

func (c *chart) show(d chartData) {
	c.values, c.ceiling, c.mark, c.color = d.values, d.ceiling, d.mark, d.color
	for _, t := range []struct {
		text *canvas.Text
		says string
	}{{c.value, d.value}, {c.top, d.top}, {c.span, d.span}} {
		if t.text.Text != t.says {
			t.text.Text = t.says
			t.text.Refresh()
		}
	}
	c.raster.Refresh()
}

// draw paints the curve, a pixel's column at a time: as high as the line from value to value is there, with its edge
// smoothed by how much of the pixel it covers.
func (c *chart) draw(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	if w < 2 || h < 2 {
		return img
	}
	grid := opaqueOf(panelEdge)
	for _, y := range []int{0, h / 2, h - 1} {
		for x := range w {
			img.SetRGBA(x, y, grid)
		}
	}
	line := opaqueOf(c.color)
	const half = 0.9 // of the line's width, in pixels
	for x := range w {
		v, slope, ok := c.at(x, w)
		if !ok {
			continue
		}
		y := (1 - v) * float64(h-3)
		steep := math.Hypot(1, slope*float64(h-3))
		for p := max(int(y-half*steep)-1, 0); p < h; p++ {
			cover := min(max(half+0.5-math.Abs(float64(p)-y-1)/steep, 0), 1)
			if float64(p) > y+1 {
				cover = max(cover, 0.16) // the area below
			}
			blend(img, x, p, line, cover)
		}
	}
	if !math.IsNaN(c.mark) && c.ceiling > 0 {
		y := int((1 - min(c.mark/c.ceiling, 1)) * float64(h-3))
		for x := range w {
			if x/4%2 == 0 {
				blend(img, x, y+1, opaqueOf(faint), 0.9)
			}
		}
	}
	return img
}

// at is the curve over a column of pixels: its height from 0 to 1 and its slope in that per pixel.
func (c *chart) at(x, w int) (v, slope float64, ok bool) {
	n := len(c.values)
	if n < 2 || c.ceiling <= 0 {
		return 0, 0, false
	}
	t := float64(x) / float64(w-1) * float64(n-1)
	i := min(int(t), n-2)
	a, b := c.values[i]/c.ceiling, c.values[i+1]/c.ceiling
	if math.IsNaN(a) || math.IsNaN(b) {
		return 0, 0, false
	}
	v = a + (b-a)*(t-float64(i))
	return min(max(v, 0), 1), (b - a) * float64(n-1) / float64(w-1), true
}

func opaqueOf(c color.Color) color.RGBA {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return color.RGBA{n.R, n.G, n.B, 0xff}
}

// blend lays a colour over a pixel, covering a share of it.
func blend(img *image.RGBA, x, y int, c color.RGBA, share float64) {
	if share <= 0 {
		return
	}
	old := img.RGBAAt(x, y)
	mix := func(a, b uint8) uint8 { return uint8(float64(a)*(1-share) + float64(b)*share + 0.5) }
	img.SetRGBA(x, y, color.RGBA{mix(old.R, c.R), mix(old.G, c.G), mix(old.B, c.B), mix(old.A, 0xff)})
}
