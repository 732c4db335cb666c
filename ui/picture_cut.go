//go:build !headless

package ui

import (
	"context"
	"sync"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// cutOrder is a picture to be cut out. Source is the whole picture; the edit in the settings is yet to be applied.
type cutOrder struct {
	id       string // of the picture
	source   *picture.Picture
	settings pipeline.Settings
}

// base is what the cut-out depends on but for the strokes.
func (o cutOrder) base() cutBase {
	e := o.settings.Edit
	return cutBase{o.id, o.settings.Cutout, o.settings.KeepBackground, e.Crop, e.Turns, e.Flip}
}

type cutBase struct {
	id, method string
	whole      bool
	crop       picture.Box
	turns      int
	flip       bool
}

// cutResult is what came of an order.
type cutResult struct {
	cutOrder
	edited *picture.Picture
	cutout *picture.Cutout // nil where there is none
	err    error
}

// separator cuts pictures out in the background, always the one ordered last: a new order stops what it makes useless. A stroke
// does not stop the separation it is to correct.
type separator struct {
	see func(cutResult)

	mu          sync.Mutex
	next        *cutOrder
	running     cutBase
	stopBase    context.CancelFunc
	stopStrokes context.CancelFunc
	wake        chan struct{}

	done   cutBase // of what is kept, on the goroutine
	edited *picture.Picture
	cutout *picture.Cutout
	err    error
}

func newSeparator(ctx context.Context, see func(cutResult)) *separator {
	s := &separator{see: see, wake: make(chan struct{}, 1)}
	go s.work(ctx)
	return s
}

// order asks for a picture; nil stops the work and lets go of the last one.
func (s *separator) order(o *cutOrder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = o
	if s.stopStrokes != nil {
		s.stopStrokes()
	}
	if s.stopBase != nil && (o == nil || o.base() != s.running) {
		s.stopBase()
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *separator) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		o, base, strokes, end := s.take(ctx)
		if o == nil {
			s.done, s.edited, s.cutout, s.err = cutBase{}, nil, nil, nil
		} else if r := s.cut(base, strokes, *o); strokes.Err() == nil {
			s.see(r)
		}
		end()
	}
}

// take accepts the last order, with a context for its separation and one for its strokes.
func (s *separator) take(ctx context.Context) (o *cutOrder, base, strokes context.Context, end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	base, stopBase := context.WithCancel(ctx)
	strokes, stopStrokes := context.WithCancel(base)
	if o = s.next; o != nil {
		s.running, s.stopBase, s.stopStrokes = o.base(), stopBase, stopStrokes
	}
	return o, base, strokes, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stopBase, s.stopStrokes = nil, nil
		stopStrokes()
		stopBase()
	}
}

func (s *separator) cut(base, strokes context.Context, o cutOrder) cutResult {
	if o.base() != s.done {
		s.done = cutBase{}
		s.edited = o.settings.Edit.Apply(o.source)
		options, err := o.settings.CutOptions(false)
		if err == nil {
			s.cutout, err = picture.Separate(base, s.edited, options, nil)
		}
		if s.err = err; base.Err() == nil {
			s.done = o.base()
		}
	}
	r := cutResult{o, s.edited, s.cutout, s.err}
	scribble := o.settings.Edit.Scribble(s.edited.Image.Rect)
	if scribble != nil && r.cutout != nil && base.Err() == nil && !o.settings.KeepBackground {
		r.cutout, r.err = r.cutout.Correct(strokes, scribble)
	}
	return r
}
