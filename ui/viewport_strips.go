//go:build !headless

package ui

import (
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/mesh"
	"orfeas/render"
)

var axisNames = []string{"X", "Y", "Z"}

// sectionStrip chooses the plane that cuts the mesh open.
func (t *viewTools) sectionStrip() *fyne.Container {
	t.axis = widget.NewRadioGroup(axisNames, func(string) { t.moveCut(true) })
	t.axis.Horizontal, t.axis.Required = true, true
	t.axis.SetSelected("Y")
	t.at = text("", ink, 12)
	t.where = widget.NewSlider(0, 1)
	t.where.Step = 0.001
	t.where.OnChanged = func(float64) { t.moveCut(false) }
	flip := newTool(t, iconFlip, tr("Cut away the other side"), nil)
	flip.OnTapped = func() {
		v := t.port
		v.change(func() { v.shading.Section.Flip = !v.shading.Section.Flip })
	}
	return container.NewBorder(nil, nil, container.NewHBox(text("  "+tr("Cut across"), faint, 12), t.axis),
		container.NewHBox(fixed(70, 20, t.at), flip), t.where)
}

// cutOpen turns the section on, with the half cut away that looks at the viewer.
func (t *viewTools) cutOpen(on bool) {
	v := t.port
	t.section.Hidden = !on
	v.change(func() {
		v.shading.Section.On = on
		if on {
			v.shading.Section.Flip = v.camera.Eye()[v.shading.Section.Axis] < v.camera.Target[v.shading.Section.Axis]
		}
	})
	t.moveCut(false)
	t.object.Refresh()
}

// moveCut brings the plane to where axis and slider say; a new axis opens the half that looks at the viewer.
func (t *viewTools) moveCut(turned bool) {
	if t.where == nil {
		return
	}
	v, axis := t.port, max(indexOf(axisNames, t.axis.Selected), 0)
	lo, hi := v.lo[axis], v.hi[axis]
	at := lo + float32(t.where.Value)*(hi-lo)
	v.move(func() {
		s := &v.shading.Section
		s.Axis, s.At = axis, at
		if turned {
			s.Flip = v.camera.Eye()[axis] < v.camera.Target[axis]
		}
	})
	t.at.Text = t.unit.number(float64(at)) + " " + t.unit.name
	t.at.Refresh()
}

// measureIn shows lengths in a unit.
func (t *viewTools) measureIn(u unit) {
	t.unit = u
	t.port.change(func() {
		t.port.shading.Unit = render.Unit{Name: u.name, MM: float32(u.millimetres), Decimals: u.decimals}
	})
	t.moveCut(false)
}

func indexOf(all []string, s string) int {
	for i, x := range all {
		if x == s {
			return i
		}
	}
	return -1
}

// reach fits the section to a new mesh.
func (t *viewTools) reach() {
	if t.where.Value == 0 {
		t.where.Value = 0.5
		t.where.Refresh()
	}
	t.moveCut(false)
}

// limitStrip sets from which lean on the overhang is painted.
func (t *viewTools) limitStrip() *fyne.Container {
	t.degrees = text("", ink, 12)
	s := widget.NewSlider(20, 80)
	s.Step = 1
	s.OnChanged = func(degrees float64) {
		t.degrees.Text = fmt.Sprintf("%g°", degrees)
		t.degrees.Refresh()
		t.port.change(func() { t.port.shading.Limit = float32(degrees) })
	}
	s.SetValue(mesh.DefaultPrinter.OverhangDeg)
	return container.NewBorder(nil, nil, text("  "+tr("Needs support when it leans out more than"), faint, 12), fixed(48, 20, t.degrees), s)
}

// offer takes the picture a mesh was made of, nil for none.
func (t *viewTools) offer(o *render.Overlay) {
	t.endComparison()
	t.picture = o
	if o == nil {
		t.compare.Disable()
	} else {
		t.compare.Enable()
	}
}

// readOverlay reads a job's picture with its subject cut out, for the mesh that was made of it; nil where there is none.
func readOverlay(j pipeline.Job, m *mesh.Mesh) *render.Overlay {
	f, err := os.Open(j.File(pipeline.CutoutFile))
	if err != nil || m == nil {
		return nil
	}
	defer f.Close()
	img, err := png.Decode(f) // the program's own file
	if err != nil {
		return nil
	}
	flat := image.NewNRGBA(img.Bounds())
	draw.Draw(flat, flat.Rect, img, flat.Rect.Min, draw.Src)
	lo, hi := m.Bounds()
	return render.NewOverlay(flat, lo, hi)
}

// comparison lays the picture over the left half, seen as it was taken. Turning the mesh ends it.
func (t *viewTools) comparison(on bool) {
	v := t.port
	if !on || t.picture == nil {
		v.change(func() { v.shading.Compare = nil })
		t.say("")
		return
	}
	t.turn.set(false)
	v.turntable(false)
	v.change(func() {
		v.shading.Compare = t.picture
		v.camera = t.picture.View(v.camera).Fit(v.lo, v.hi, v.aspect())
	})
	t.say(tr("Drag the line; turning the mesh ends the comparison"))
}

// wipe moves the comparison's line to a share of the width.
func (t *viewTools) wipe(share float32) {
	v := t.port
	v.change(func() {
		if v.shading.Compare != nil {
			o := *v.shading.Compare
			o.Split = min(max(share, 0), 1)
			v.shading.Compare, t.picture = &o, &o
		}
	})
}

func (t *viewTools) endComparison() {
	if t.compare != nil && t.compare.on {
		t.compare.set(false)
		t.comparison(false)
		t.port.change(func() { t.port.camera.Orthographic = false })
	}
}
