// Package engine turns a subject, a picture with its silhouette, into a mesh. Every engine is a value in [All]: a name
// and one function. Adding one is a new file and one word in that list.
//
// Engines work in the model frame (see package mesh): x right, y up, z toward the viewer, longest side 2, centred. The
// silhouette of what they return, seen along z, is the matte's: its bounding box in x and y is that of the matte.
package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// Default is the engine a newcomer gets: it needs no network.
const Default = "inflate"

// ErrUnknown is wrapped by [ByName]; ErrOptions by [Options.Check].
var (
	ErrUnknown = errors.New("unknown engine")
	ErrOptions = errors.New("engine options")
)

// Engine makes a mesh of a subject.
type Engine struct {
	Name, Title string
	About       string // one sentence for people choosing
	Build       func(ctx context.Context, in Input) (*mesh.Mesh, error)
}

// Input is what an engine works on.
type Input struct {
	Subject *picture.Subject
	Options Options
	Faces   int                                 // triangles aimed at; an engine may return more
	Step    func(text string, fraction float64) // reports progress; never nil
}

// All lists the engines in the order they are shown.
var All = []Engine{inflate}

// ByName finds an engine.
func ByName(name string) (Engine, error) {
	var names []string
	for _, e := range All {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Engine{}, fmt.Errorf("%w %q: there is %s", ErrUnknown, name, strings.Join(names, ", "))
}

// Back says what the unseen side looks like.
type Back string

// Islands says what becomes of parts of the silhouette that do not touch.
type Islands string

// The choices of [Options].
const (
	Symmetric Back = "symmetric" // the front, mirrored
	Flat      Back = "flat"      // a plane, to lie on the bed or hang on a wall

	Separate Islands = "separate" // each its own solid
	Largest  Islands = "largest"  // only the largest
	Base     Islands = "base"     // joined by a plate behind them; implies a flat back
)

// The limits of [Options], used alike by sliders, flags and [Options.Check].
const (
	MinThickness, MaxThickness = 0.1, 3.0
	MaxRelief                  = 1.0
)

// Options are the settings of the engines without a network.
type Options struct {
	Thickness float64 `json:"thickness"` // depth as a multiple of round
	Relief    float64 `json:"relief"`    // strength of surface detail taken from the picture's shading, 0 to 1
	Back      Back    `json:"back"`
	Islands   Islands `json:"islands"`
}

// DefaultOptions returns round bodies, a mirrored back, no relief and every island by itself.
func DefaultOptions() Options {
	return Options{Thickness: 1, Back: Symmetric, Islands: Separate}
}

// Check returns an error wrapping [ErrOptions] that names the first option out of its range.
func (o Options) Check() error {
	switch {
	case !(o.Thickness >= MinThickness && o.Thickness <= MaxThickness):
		return fmt.Errorf("%w: the thickness must lie between %g and %g, not %g", ErrOptions, MinThickness, MaxThickness, o.Thickness)
	case !(o.Relief >= 0 && o.Relief <= MaxRelief):
		return fmt.Errorf("%w: the relief must lie between 0 and %g, not %g", ErrOptions, MaxRelief, o.Relief)
	case o.Back != Symmetric && o.Back != Flat:
		return fmt.Errorf("%w: the back is %q or %q, not %q", ErrOptions, Symmetric, Flat, o.Back)
	case o.Islands != Separate && o.Islands != Largest && o.Islands != Base:
		return fmt.Errorf("%w: the islands are %q, %q or %q, not %q", ErrOptions, Separate, Largest, Base, o.Islands)
	}
	return nil
}
