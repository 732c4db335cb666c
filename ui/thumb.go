//go:build !headless

package ui

import (
	"image"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// thumbMost is how many thumbnails are kept, more than rows can be seen at once.
const thumbMost = 400

// thumbOf is a job's picture for its row. One that is not there yet is read in the background, when its row is seen; a
// picture that cannot be read has none, the job itself says why.
func (s *Studio) thumbOf(j pipeline.Job) image.Image {
	img, known := s.thumbs[j.ID]
	if known || j.Input == "" {
		return img
	}
	if len(s.thumbs) >= thumbMost {
		clear(s.thumbs)
	}
	s.thumbs[j.ID] = nil // it is being read
	go func() {
		select {
		case s.reading <- struct{}{}:
		case <-s.ctx.Done():
			return
		}
		p, err := picture.Load(s.ctx, j.File(j.Input))
		<-s.reading
		if err != nil {
			return
		}
		small := picture.Thumbnail(p.Image, 96)
		s.do(func() {
			s.thumbs[j.ID] = small
			s.list.list.Refresh()
		})
	}()
	return nil
}
