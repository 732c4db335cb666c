//go:build !headless

package ui

import (
	"fmt"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/mesh"
)

// meshControls are what can be done to a finished mesh.
type meshControls struct {
	panel             *meshPanel
	object            *fyne.Container
	size, base        *field
	wall, drain       *field
	along             *widget.Select
	faces             *widget.Slider // of its logarithm
	count             *canvas.Text
	whole             int // triangles of the mesh the slider decimates
	filled            extent
	dragging          bool // the slider shows what the user wants, not what there is
	buttons           []*tip.Button
	sized, cut, carve *tip.Button
}

// extent is what the length of a side was filled in for.
type extent struct {
	mesh *mesh.Mesh
	side mesh.Side
	unit unit
}

func newMeshControls(p *meshPanel) *meshControls {
	c := &meshControls{panel: p, object: container.NewVBox()}
	c.size, c.base, c.wall, c.drain = entry(""), entry(""), entry(""), entry("")
	c.showLengths(1, 2, 4)
	c.along = widget.NewSelect([]string{tr("longest"), tr("width"), tr("depth"), tr("height")}, nil)
	c.along.SetSelectedIndex(0)
	c.along.OnChanged = func(string) { c.sayExtent() }
	c.sized = c.button(tr("Resize"), tr("Scale it so that this side is as long"), c.resize)
	c.size.OnSubmitted = func(string) { c.sized.OnTapped() }
	c.add(tr("Size"), container.NewBorder(nil, nil, nil, fixed(116, 35, c.along), c.size))
	c.add("", c.sized)

	c.count = text("", ink, 12)
	c.faces = widget.NewSlider(2, 6)
	c.faces.Step = 0.01
	c.faces.OnChanged = func(v float64) {
		c.dragging = true
		c.count.Text = tr("%s of %s", thousands(c.wanted(v)), thousands(c.whole))
		c.count.Refresh()
	}
	c.faces.OnChangeEnded = func(v float64) {
		c.dragging = false
		p.decimate(c.wanted(v))
	}
	c.object.Add(container.NewBorder(nil, nil, text(tr("Triangles"), faint, 12), c.count))
	c.object.Add(c.faces)
	turning := container.NewGridWithColumns(3)
	for axis, name := range axisNames {
		turning.Add(c.button(name+" 90°", tr("A quarter turn about the %s axis", name), func() {
			var turns [3]int
			turns[axis] = 1
			p.change(tr("turned about %s", name), pipeline.Changes{Turns: turns})
		}))
	}
	c.add(tr("Turn"), turning)
	c.add(tr("Lay"), container.NewGridWithColumns(2,
		c.button(tr("Least support"), tr("Lay it the way that needs the least support"), func() { p.change(tr("laid for the least support"), pipeline.Changes{Orient: true}) }),
		c.button(tr("On the bed"), tr("Move it to the middle of the bed, standing on it"), func() { p.change(tr("placed on the bed"), pipeline.Changes{Place: true}) })))

	c.cut = c.button(tr("Cut off"), tr("Cut off so much at the bottom: it then stands on a flat base"), c.cutBase)
	c.base.OnSubmitted = func(string) { c.cut.OnTapped() }
	c.add(tr("Base"), container.NewBorder(nil, nil, nil, c.cut, c.base))
	c.carve = c.button(tr("Hollow"), tr("Hollow it out, leaving walls so thick, with a round drain so wide below every cavity; 0 for no drains"), c.hollow)
	c.add(tr("Walls"), container.NewBorder(nil, nil, nil, c.carve, container.NewBorder(nil, nil, nil, container.NewHBox(text(tr("drain"), faint, 12), fixed(62, 35, c.drain)), c.wall)))

	c.object.Add(c.button(tr("Mend"), tr("Make it one closed solid: holes, flipped faces, parts that overlap"), func() { p.change(tr("mended"), pipeline.Changes{Solid: true, Place: true}) }))
	return c
}

func entry(value string) *field {
	e := newField()
	e.SetText(value)
	return e
}

func (c *meshControls) add(name string, o fyne.CanvasObject) {
	c.object.Add(container.NewBorder(nil, nil, fixed(50, 34, text(name, faint, 12)), nil, o))
}

func (c *meshControls) button(name, hint string, do func()) *tip.Button {
	b := tip.NewButton(name, do)
	b.SetToolTip(hint)
	c.buttons = append(c.buttons, b)
	return b
}

// length reads an entry; a wrong one gets the focus and is not used.
func (c *meshControls) length(e *field) (float64, bool) {
	v, err := c.panel.studio.unit().parse(e.Text)
	if err != nil || v < 0 {
		c.panel.say(tr("A length is a number (in %s), or one with mm, cm or in after it.", c.panel.studio.unit().name))
		c.panel.studio.window.Canvas().Focus(e)
		return 0, false
	}
	return v, true
}

func (c *meshControls) resize() {
	v, ok := c.length(c.size)
	if ok && (v < pipeline.MinSizeMM || v > pipeline.MaxSizeMM) {
		u := c.panel.studio.unit()
		c.panel.say(tr("The size is %s to %s.", u.length(pipeline.MinSizeMM), u.length(pipeline.MaxSizeMM)))
	} else if ok {
		c.panel.change(tr("resized"), pipeline.Changes{SizeMM: v, Along: c.side()})
	}
}

// showLengths fills in how much is cut off, and how thick walls and how wide drains are to be, in mm.
func (c *meshControls) showLengths(base, wall, drain float64) {
	u := c.panel.studio.unit()
	c.base.SetText(u.length(base))
	c.wall.SetText(u.length(wall))
	c.drain.SetText(u.length(drain))
}

// unitChanged shows the lengths in another unit.
func (c *meshControls) unitChanged() {
	c.showLengths(1, 2, 4)
	c.sayExtent()
}

func (c *meshControls) side() mesh.Side { return sides[max(c.along.SelectedIndex(), 0)] }

func (c *meshControls) cutBase() {
	if v, ok := c.length(c.base); ok && v > 0 {
		c.panel.change(tr("cut a flat base"), pipeline.Changes{CutMM: v})
	}
}

func (c *meshControls) hollow() {
	wall, ok := c.length(c.wall)
	drain, also := c.length(c.drain)
	if ok && also && wall > 0 {
		c.panel.change(tr("hollowed out"), pipeline.Changes{WallMM: wall, DrainMM: drain})
	}
}

// wanted is a number of triangles the slider stands for.
func (c *meshControls) wanted(v float64) int { return min(int(math.Pow(10, v)+0.5), c.whole) }

// sayExtent fills in how long the chosen side is, once: what the user types over it stays until it is of something else.
func (c *meshControls) sayExtent() {
	e, ok := c.panel.present()
	of := extent{e.mesh, c.side(), c.panel.studio.unit()}
	if ok && e.mesh != nil && of != c.filled {
		c.filled = of
		c.size.SetText(of.unit.length(e.mesh.Extent(of.side)))
	}
}

// show brings the controls up to date with the mesh.
func (c *meshControls) show(e edit, able bool) {
	for _, b := range c.buttons {
		enable(b, able)
	}
	h := c.panel.current()
	decimating := c.panel.making != nil && c.panel.making.decimates && c.panel.making.of == h
	enable(c.faces, able || decimating)
	if e.mesh == nil || h == nil {
		c.count.Text = ""
		c.count.Refresh()
		return
	}
	c.sayExtent()
	if c.dragging || decimating {
		return
	}
	c.whole = len(h.edits[h.source()].mesh.Triangles)
	n := len(e.mesh.Triangles)
	c.count.Text = thousands(n)
	if n != c.whole {
		c.count.Text = tr("%s of %s", thousands(n), thousands(c.whole))
	}
	c.count.Refresh()
	c.faces.Min, c.faces.Max = min(2, math.Log10(float64(c.whole))-0.01), math.Log10(float64(max(c.whole, 2)))
	c.faces.Value = math.Log10(float64(max(n, 2)))
	c.faces.Refresh()
}

// thousands writes a number with thin spaces between its thousands.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u2009" + s[i:]
	}
	return s
}
