//go:build !headless

package ui

import (
	"slices"
	"time"

	"orfeas/pipeline/mesh"
)

// undoBytes bounds the memory of the meshes that are kept only to be gone back to, over all jobs.
const undoBytes = 512 << 20

// edit is a mesh as a change has left it. Meshes are shared, never written to.
type edit struct {
	mesh      *mesh.Mesh
	cert      mesh.Certificate
	what      string // in words; empty for what the job made
	decimated bool   // by the slider, which then goes on from the edit before
}

// history is what became of a job's mesh; at is where the user is.
type history struct {
	edits []edit
	at    int
	ended time.Time // of the job: when it was done anew, this is over
}

func (h *history) now() edit { return h.edits[h.at] }

// add puts an edit after the present one, in place of what was undone.
func (h *history) add(e edit) {
	h.edits = append(slices.Clip(h.edits[:h.at+1]), e)
	h.at++
}

func (h *history) canUndo() bool { return h.at > 0 }
func (h *history) canRedo() bool { return h.at < len(h.edits)-1 }

// spare is the memory of the edits beside the present one.
func (h *history) spare() (bytes int) {
	for i, e := range h.edits {
		if i != h.at {
			bytes += meshBytes(e.mesh)
		}
	}
	return bytes
}

// forget drops the edit farthest back, or when there is none before the present one, the farthest ahead. It reports
// whether there was one.
func (h *history) forget() bool {
	switch {
	case h.at > 0:
		h.edits = slices.Clone(h.edits[1:])
		h.at--
	case len(h.edits) > 1:
		h.edits = slices.Clone(h.edits[:len(h.edits)-1])
	default:
		return false
	}
	return true
}

// meshBytes is about what a mesh takes; what two of them share counts twice.
func meshBytes(m *mesh.Mesh) int {
	n := 12*len(m.Vertices) + 12*len(m.Triangles) + 4*len(m.Colors) + 24*len(m.UVs) + len(m.Filaments)
	if m.Texture != nil {
		n += len(m.Texture.Pix)
	}
	return n
}

// histories are those of all jobs, the one used last at the end.
type histories struct {
	of    map[string]*history
	order []string
}

// open returns a job's history, and a new one beginning with first when there is none or the job was done anew.
func (a *histories) open(id string, ended time.Time, first func() edit) *history {
	h := a.of[id]
	if h == nil || !h.ended.Equal(ended) {
		h = &history{edits: []edit{first()}, ended: ended}
		a.of[id] = h
	}
	a.order = append(slices.DeleteFunc(a.order, func(o string) bool { return o == id }), id)
	return h
}

// bound drops old edits until what is only kept to go back to fits into limit, those of jobs used long ago first. A
// job nothing was done to, or everything undone, needs nothing kept: its mesh is on the disk. That of a change which is being made
// stays as it is; nil when none is.
func (a *histories) bound(limit int, changing *history) {
	last := len(a.order) - 1
	a.order = slices.DeleteFunc(a.order, func(id string) bool {
		h := a.of[id]
		if id != a.order[last] && h != changing && len(h.edits) == 1 && h.edits[0].what == "" {
			delete(a.of, id)
			return true
		}
		return false
	})
	total := 0
	for _, h := range a.of {
		total += h.spare()
	}
	for _, id := range a.order {
		h := a.of[id]
		for total > limit && h != changing {
			before := h.spare()
			if !h.forget() {
				break
			}
			total += h.spare() - before
		}
	}
}

func (a *histories) drop(id string) {
	delete(a.of, id)
	a.order = slices.DeleteFunc(a.order, func(o string) bool { return o == id })
}
