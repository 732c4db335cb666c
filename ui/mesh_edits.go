//go:build !headless

package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"orfeas/pipeline"
	"orfeas/pipeline/mesh"
)

// making is a change that is being made.
type making struct {
	of        *history
	stop      context.CancelFunc
	decimates bool
	again     int // triangles to decimate to when this one is over; 0 for none
}

// current is the selected job's history, nil when its mesh is not shown.
func (p *meshPanel) current() *history { return p.histories.of[p.job.ID] }

// take returns the mesh to show for a job whose own one is m: as the user has left it.
func (p *meshPanel) take(j pipeline.Job, m *mesh.Mesh) *mesh.Mesh {
	if m == nil || j.Result == nil {
		return m
	}
	h := p.histories.open(j.ID, j.Ended, func() edit { return edit{mesh: m, cert: j.Result.Certificate} })
	var changing *history
	if p.making != nil {
		changing = p.making.of
	}
	p.histories.bound(undoBytes, changing)
	if j.ID == p.job.ID {
		p.refresh()
	}
	return h.now().mesh
}

// change does something to the mesh, in the background. One change is made at a time. Who changes a mesh goes on seeing it when
// another job is done.
func (p *meshPanel) change(what string, c pipeline.Changes) {
	p.studio.follow = false
	if h := p.current(); h != nil && p.making == nil {
		p.make(h, h.at, what, c, false)
	}
}

// decimate brings the mesh to a number of triangles, from what it had before the slider was touched. A decimation that
// runs is given up for the new one.
func (p *meshPanel) decimate(faces int) {
	h := p.current()
	p.studio.follow = false
	switch {
	case h == nil:
	case p.making != nil && p.making.decimates && p.making.of == h:
		p.making.again = faces
		p.making.stop()
	case p.making == nil:
		p.make(h, h.source(), tr("decimated"), pipeline.Changes{Faces: faces}, true)
	}
}

// source is the edit that the slider decimates.
func (h *history) source() int {
	if h.now().decimated && h.at > 0 {
		return h.at - 1
	}
	return h.at
}

// make applies changes to an edit, certifies what comes out and puts it after that edit.
func (p *meshPanel) make(h *history, from int, what string, c pipeline.Changes, decimates bool) {
	ctx, stop := context.WithCancel(p.studio.ctx)
	p.making = &making{of: h, stop: stop, decimates: decimates}
	base := h.edits[from]
	p.progress(what, 0)
	go func() {
		last := time.Now()
		m, said, err := c.Do(ctx, base.mesh, func(text string, share float64) {
			if now := time.Now(); now.Sub(last) > 80*time.Millisecond {
				last = now
				p.studio.do(func() { p.progress(text, 0.85*share) })
			}
		})
		cert := base.cert
		if err == nil {
			p.studio.do(func() { p.progress(tr("certifying"), 0.85) })
			cert, err = m.Certify(ctx, base.cert.Printer)
		}
		p.studio.do(func() {
			again := p.making.again
			stop()
			p.making = nil
			switch {
			case errors.Is(err, context.Canceled):
			case err != nil:
				p.studio.complain(tr("The mesh was not changed"), err)
			default:
				p.made(h, from, edit{m, cert, what, decimates}, said)
			}
			p.refresh()
			if again > 0 && p.current() == h {
				p.decimate(again)
			}
		})
	}()
}

// made takes a finished edit in.
func (p *meshPanel) made(h *history, from int, e edit, said []fmt.Stringer) {
	words := make([]string, len(said))
	for i, s := range said {
		words[i] = told(s.String())
	}
	if e.mesh == h.edits[from].mesh {
		words = append(words, tr("Nothing had to be changed."))
	} else {
		h.at = from
		h.add(e)
		p.histories.bound(undoBytes, nil)
		p.display(h)
	}
	if p.current() == h {
		p.say(strings.Join(words, "; "))
	}
}

// display shows the present edit in the viewport, if it is that of the job on screen.
func (p *meshPanel) display(h *history) {
	if p.current() != h || p.studio.shown != p.job.ID {
		return
	}
	v := p.studio.viewport
	lo, hi := v.lo, v.hi
	v.replace(h.now().mesh)
	if v.lo != lo || v.hi != hi {
		v.fit()
	}
}

func (p *meshPanel) undo() { p.step(-1) }
func (p *meshPanel) redo() { p.step(1) }

func (p *meshPanel) step(by int) {
	h := p.current()
	if h == nil || p.making != nil || h.at+by < 0 || h.at+by >= len(h.edits) {
		return
	}
	h.at += by
	p.say("")
	p.display(h)
	p.refresh()
}
