//go:build !headless

package ui

import (
	"image"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
)

// otherSides are the places for pictures of the object's other sides, beside the picture of its front. What is in them is the tab's:
// it is undone with the strokes, and part of the job.
type otherSides struct {
	tab    *pictureTab
	object fyne.CanvasObject
	slots  []*slot
	use    *canvas.Text // what they are used for
}

func newSides(t *pictureTab) *otherSides {
	s := &otherSides{tab: t, use: text("", faint, 10)}
	title := text(tr("Other sides"), faint, 11)
	title.TextStyle.Bold = true
	title.Alignment, s.use.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	column := []fyne.CanvasObject{title, s.use}
	for _, side := range []picture.Side{picture.Back, picture.Left, picture.Right} {
		slot := newSlot(s, side)
		s.slots = append(s.slots, slot)
		column = append(column, slot)
	}
	s.object = container.New(sidesLayout{}, column...)
	return s
}

// sidesLayout sets two lines over slots of one size, which are smaller where there is little room.
type sidesLayout struct{}

const sidesWidth, slotLeast, slotMost, slotGap, sidesLine = 104, 46, 96, 5, 15

func (sidesLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(sidesWidth, 2*sidesLine+float32(len(o)-2)*(slotLeast+slotGap))
}

func (sidesLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	y, n := float32(0), float32(len(o)-2)
	slot := min((size.Height-2*sidesLine)/n-slotGap, slotMost)
	for i, x := range o {
		h := slot
		if i < 2 {
			h = sidesLine
		}
		x.Move(fyne.NewPos(0, y))
		x.Resize(fyne.NewSize(size.Width, h))
		if y += h; i > 0 {
			y += slotGap
		}
	}
}

// show brings the slots up to date with the tab.
func (s *otherSides) show() {
	for _, slot := range s.slots {
		var shot pipeline.Shot
		if i := slices.IndexFunc(s.tab.shots, func(o pipeline.Shot) bool { return o.Side == slot.side }); i >= 0 {
			shot = s.tab.shots[i]
		}
		slot.show(s.tab.id, shot)
		enable(slot, s.tab.source != nil)
	}
	s.explain()
}

// explain says what the pictures would be used for with the settings on screen.
func (s *otherSides) explain() {
	panel := s.tab.studio.settings
	e := panel.chosen()
	if best, err := engine.ByName(s.tab.cards.best); err == nil && e.Name == engine.Auto {
		e = best // which it will choose
	}
	shape, colours := pipeline.Settings{Texture: pipeline.Texture(panel.texture.name())}.Sides(e)
	short, long := tr("not used here"), tr("%s has no use for it: it looks at the front only.", told(e.Title))
	switch {
	case shape && colours:
		short, long = tr("for shape and colours"), tr("%s makes the shape and the colours of this side after it.", told(e.Title))
	case shape:
		short, long = tr("for the shape"), tr("%s makes the shape of this side after it.", told(e.Title))
	case colours:
		short, long = tr("for the colours"), tr("It gives the colours of this side. Hunyuan3D 2mv makes the shape after it, too.")
	}
	s.use.Text, s.use.Color = short, faint
	if !shape && !colours && len(s.tab.shots) > 0 {
		s.use.Color = busy
	}
	s.use.Refresh()
	for _, slot := range s.slots {
		slot.hint(long)
	}
}

// loading reports whether a picture that was chosen for a side is still being read.
func (s *otherSides) loading() bool {
	return slices.ContainsFunc(s.slots, func(o *slot) bool { return o.coming != "" })
}

// browse asks for the picture of a side. While somebody does that no other job comes to be shown.
func (s *otherSides) browse(side picture.Side) {
	studio, id := s.tab.studio, s.tab.id
	studio.follow = false
	studio.native(func() (string, error) { return askPicture(sideTitle(side)) }, func(path string) {
		if s.tab.id == id {
			s.put(side, path)
		}
	})
}

// dropped takes what was dropped on a slot, and reports whether it was.
func (s *otherSides) dropped(at fyne.Position, uris []fyne.URI) bool {
	studio := s.tab.studio
	if studio.pages.current.name != "studio" || studio.tabs.SelectedIndex() != pictureTabIndex || len(uris) == 0 {
		return false
	}
	for _, slot := range s.slots {
		at := at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(slot))
		if size := slot.Size(); slot.Disabled() || at.X < 0 || at.Y < 0 || at.X >= size.Width || at.Y >= size.Height {
			continue
		}
		if len(uris) > 1 {
			dialog.ShowInformation(tr("The picture was not taken"), tr("A side has one picture. Drop them one by one."), studio.window)
			return true
		}
		s.put(slot.side, uris[0].Path())
		return true
	}
	return false
}

// put reads the picture of a side and sets it. One that cannot be read is said, and what was there stays.
func (s *otherSides) put(side picture.Side, path string) {
	t, id := s.tab, s.tab.id
	slot := s.slots[slices.IndexFunc(s.slots, func(o *slot) bool { return o.side == side })]
	shot := pipeline.Shot{Side: side, Picture: path}
	if full, err := filepath.Abs(path); err == nil {
		shot.Picture = full
	}
	slot.coming = shot.Picture
	t.refresh()
	go func() {
		small, err := t.studio.thumbnail(shot)
		t.studio.do(func() {
			if t.id != id || slot.coming != shot.Picture {
				return // another one was chosen meanwhile
			}
			slot.coming = ""
			if err != nil {
				t.refresh()
				t.studio.complain(tr("The picture was not taken"), err, pipeline.Job{Shots: []pipeline.Shot{shot}})
				return
			}
			slot.take(shot, small)
			t.setSide(side, shot)
		})
	}()
}

// thumbnail reads a picture of another side, no more of them at once than of others.
func (s *Studio) thumbnail(shot pipeline.Shot) (image.Image, error) {
	select {
	case s.reading <- struct{}{}:
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
	defer func() { <-s.reading }()
	p, err := shot.Load(s.ctx)
	if err != nil {
		return nil, err
	}
	return picture.Thumbnail(p.Image, 2*slotMost), nil
}

// sideTitle is what a side is called where the front is the viewer's: its left is on the right then.
func sideTitle(side picture.Side) string {
	switch side {
	case picture.Back:
		return tr("Its back")
	case picture.Left:
		return tr("Its left")
	}
	return tr("Its right")
}

// sideAbout tells whose left and right they are.
func sideAbout(side picture.Side) string {
	switch side {
	case picture.Back:
		return tr("A picture of the object's back.")
	case picture.Left:
		return tr("A picture of the object's own left, which is on your right as it faces you. In it the front is on the left.")
	}
	return tr("A picture of the object's own right, which is on your left as it faces you. In it the front is on the right.")
}
