package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
)

// Shot is a picture of another side of the object than the front.
type Shot struct {
	Side    picture.Side `json:"side"`
	Picture string       `json:"picture"`         // path it came from
	Input   string       `json:"input,omitempty"` // name of the copy in the job's folder; empty when it, or another one, could not be read
	Path    string       `json:"-"`               // where it lies to be read, when that is not Picture
}

// at is where the picture is read from.
func (s Shot) at() string { return cmp.Or(s.Path, s.Picture) }

// Load reads and decodes the picture, as [picture.Load]; the error names the side.
func (s Shot) Load(ctx context.Context) (*picture.Picture, error) {
	p, err := picture.Load(ctx, s.at())
	if err != nil {
		return nil, s.of(err)
	}
	return p, nil
}

// of says what was wrong with this one of several pictures.
func (s Shot) of(err error) error { return fmt.Errorf("the %s: %w", s.Side, err) }

// arranged are shots in the order of [picture.OtherSides], as if they were new. The error wraps [ErrSettings].
func arranged(shots []Shot) ([]Shot, error) {
	shots = slices.Clone(shots)
	for i, s := range shots {
		if !slices.Contains(picture.OtherSides, s.Side) {
			return nil, fmt.Errorf("%w: there are pictures of the front, left, back and right, not of %q", ErrSettings, s.Side)
		}
		if slices.ContainsFunc(shots[:i], func(o Shot) bool { return o.Side == s.Side }) {
			return nil, fmt.Errorf("%w: there are two pictures of the %s", ErrSettings, s.Side)
		}
		shots[i].Input = ""
	}
	slices.SortFunc(shots, func(a, b Shot) int {
		return slices.Index(picture.OtherSides, a.Side) - slices.Index(picture.OtherSides, b.Side)
	})
	return shots, nil
}

// OtherShots are the job's pictures of other sides as they can be given to another job.
func (j Job) OtherShots() []Shot {
	shots := slices.Clone(j.Shots)
	for i, s := range shots {
		if s.Input != "" {
			shots[i].Path = j.File(s.Input)
		}
	}
	return shots
}

// soundShots reports whether a job's pictures of other sides are what [Queue.Add] writes down.
func (j Job) soundShots() bool {
	same, err := arranged(j.Shots)
	for i, s := range same {
		in := j.Shots[i].Input
		if s.Side != j.Shots[i].Side || in != filepath.Base(in) && in != "" || (in == "") != (j.Input == "") {
			return false
		}
	}
	return err == nil
}

// Sides reports what pictures of other sides are of use for with an engine: for the shape, and for the colours.
func (s Settings) Sides(e engine.Engine) (shape, colours bool) {
	return e.Views, !e.Lies && !e.Colours && s.Texture != NoTexture
}

// sides reads and cuts out the pictures of other sides, if they are of use.
func (w *Work) sides(ctx context.Context) error {
	e, options, err := w.Settings.engine()
	if err != nil || len(w.Shots) == 0 {
		return err
	}
	if shape, colours := w.Settings.Sides(e); !shape && !colours {
		w.Notes = append(w.Notes, fmt.Sprintf("the pictures of other sides were used for nothing: %s looks at the front only", e.Name))
		return nil
	}
	o, err := w.Settings.CutOptions(e.Wholly(options))
	if err != nil {
		return err
	}
	parts := float64(1 + len(w.Shots))
	for i, s := range w.Shots {
		step := func(text string, f float64) { w.Step(fmt.Sprintf("the %s: %s", s.Side, text), (float64(1+i)+f)/parts) }
		step("reading the picture", 0)
		p, err := s.Load(ctx)
		if err != nil {
			return err
		}
		step("cutting out the subject", 0.3)
		subject, err := picture.Cut(ctx, p, o, func(text string, f float64) { step(text, 0.3+0.7*f) })
		if err != nil {
			return s.of(err)
		}
		w.Views = append(w.Views, picture.View{Side: s.Side, Subject: subject})
	}
	return nil
}
