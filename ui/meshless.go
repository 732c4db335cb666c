//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"orfeas/pipeline"
)

// meshless stands in the viewport where the selected job has no mesh, and says why.
type meshless struct {
	object      fyne.CanvasObject
	title, hint *canvas.Text
}

func newMeshless() *meshless {
	m := &meshless{title: text("", ink, 18), hint: text("", faint, 13)}
	m.title.TextStyle.Bold = true
	m.title.Alignment, m.hint.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	m.object = container.NewCenter(container.NewVBox(m.title, m.hint))
	m.object.Hide()
	return m
}

func (m *meshless) show(j pipeline.Job, on bool) {
	if m.object.Visible() != on {
		m.object.(*fyne.Container).Hidden = !on
		m.object.Refresh()
	}
	if !on {
		return
	}
	title, hint := tr("No mesh yet"), ""
	switch j.State {
	case pipeline.Failed:
		title, hint = tr("It failed"), capital(told(reason(j.Problem)))+"."
	case pipeline.Cancelled:
		title = capital(tr("stopped"))
	case pipeline.Queued:
		hint = capital(tr("waiting"))
	}
	put(m.title, title, ink)
	put(m.hint, beginning(hint, 80), faint)
}
