//go:build !headless

package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// The window's size at first, and the least and the most that is believed of what was remembered.
const (
	firstWidth, firstHeight = 1400, 880
	leastWidth, leastHeight = 640, 480
	mostSide                = 16000
)

// recall gives the window the size and the dividers it had, the dividers in the order in which they are always given.
func (s *Studio) recall(splits ...*container.Split) {
	p := s.prefs
	s.splits = splits
	s.window.Resize(fyne.NewSize(float32(p.between("window_width", firstWidth, leastWidth, mostSide)), float32(p.between("window_height", firstHeight, leastHeight, mostSide))))
	s.window.SetFullScreen(p.store.Bool("window_full"))
	for i, split := range splits {
		if at := p.store.FloatWithFallback(dividerKey(i), split.Offset); at > 0.02 && at < 0.98 {
			split.SetOffset(at)
		}
	}
	s.window.SetOnClosed(func() {
		s.remember()
		s.viewport.close()
	})
}

func dividerKey(i int) string { return fmt.Sprintf("window_divider_%d", i) }

// remember keeps them for the next start, and which parts of the settings are open. The size of a full screen is not the window's.
func (s *Studio) remember() {
	p := s.prefs.store
	p.SetBool("window_full", s.window.FullScreen())
	if size := s.window.Canvas().Size(); !s.window.FullScreen() && size.Width >= leastWidth {
		p.SetInt("window_width", int(size.Width))
		p.SetInt("window_height", int(size.Height))
	}
	for i, split := range s.splits {
		p.SetFloat(dividerKey(i), split.Offset)
	}
	s.settings.rememberParts()
}
