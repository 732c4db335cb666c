package pipeline

import (
	"context"
	"fmt"
	"image"
	"strings"

	"orfeas/pipeline/engine"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// ByColours as [Settings.Cutout] cuts out by colours, whatever networks there are.
const ByColours = "colours"

// cutter is the network that cuts out, nil for none. One that is named is [picture.CutNetwork.Asked] for; else it is the best
// that is there. The error wraps [ErrSettings] for a name that is unknown, [weights.ErrAbsent] or [onnx.ErrNoLibrary].
func (s Settings) cutter() (*picture.CutNetwork, error) {
	if s.Cutout == "" {
		for i := range picture.Cutters {
			c := picture.Cutters[len(picture.Cutters)-1-i] // the small one is first
			if path, err := kept(c.Name, c.File); err == nil && s.may(c.Name) {
				return &picture.CutNetwork{Cutter: c, Path: path}, nil
			}
		}
		return nil, nil
	}
	names := []string{ByColours}
	for _, c := range picture.Cutters {
		if c.Name == s.Cutout {
			path, err := kept(c.Name, c.File)
			return &picture.CutNetwork{Cutter: c, Path: path, Asked: true}, err
		}
		names = append(names, c.Name)
	}
	if s.Cutout == ByColours {
		return nil, nil
	}
	return nil, fmt.Errorf("%w: subjects are cut out by %s, not %q", ErrSettings, strings.Join(names, ", "), s.Cutout)
}

// CutOptions are how the subject is cut out, but for the strokes; whole says that the engine takes the picture as it is. The
// error wraps [ErrSettings], [weights.ErrAbsent] or [onnx.ErrNoLibrary].
func (s Settings) CutOptions(whole bool) (o picture.CutOptions, err error) {
	if whole {
		return picture.CutOptions{KeepBackground: true, Margin: -1}, nil
	}
	if s.KeepBackground {
		return picture.CutOptions{KeepBackground: true}, nil
	}
	o.Network, err = s.cutter()
	return o, err
}

// kept is where a file of a network lies that can be run. The error wraps [weights.ErrAbsent] or [onnx.ErrNoLibrary].
func kept(network, file string) (string, error) {
	path, err := weights.Kept(network, file)
	if err == nil {
		_, err = onnx.Library()
	}
	return path, err
}

// Missing says which network the settings need that is not on this machine, or that ONNX Runtime is not. The error wraps
// [weights.ErrAbsent] or [onnx.ErrNoLibrary]; it is nil for settings that can be used, and for those that are wrong.
func (s Settings) Missing() error {
	e, o, err := s.engine()
	if err != nil {
		return nil
	}
	if err := e.Missing(); err != nil {
		return err
	}
	if s.KeepBackground || e.Wholly(o) {
		return nil
	}
	_, err = s.cutter()
	return err
}

// depth is how near everything in the subject's picture is, by the network for that; nil where it is not there or the engine
// does not ask for it.
func (w *Work) depth(ctx context.Context, e engine.Engine, o engine.Options) (*image.Gray16, error) {
	if !e.Deep(o) {
		return nil, nil
	}
	d := picture.DepthAnything
	path, err := kept(d.Name, d.File)
	if err != nil || !w.Settings.may(d.Name) {
		return nil, nil // the engine takes the brightness, or says that it cannot
	}
	w.Step("estimating the depth", 0)
	near, err := d.Nearness(ctx, path, w.Subject.Color)
	if err == nil {
		w.Notes = append(w.Notes, "the depth was estimated by a network, "+d.Name)
	}
	return near, err
}
