// Package engine turns a subject, a picture with its silhouette, into a mesh. Every engine is a value in [All]: a name,
// its settings and one function. Adding one is a new file and one word in that list.
//
// An engine that gives no colours, unless it is a network, promises that the box of its mesh in x and y is that of the
// matte, so that the picture can be projected on it.
//
// Engines work in the model frame (see package mesh): x right, y up, z toward the viewer, longest side 2, centred. Lengths
// in millimetres are settings of the result: 1 mm is 2/SizeMM of the model frame.
package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"

	"orfeas/gpu"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/picture"
)

// Default is the engine a newcomer gets.
const Default = Auto

// ErrUnknown is wrapped by [ByName]; ErrOptions by [Engine.Complete].
var (
	ErrUnknown = errors.New("unknown engine")
	ErrOptions = errors.New("engine options")
)

// Engine makes a mesh of a subject.
type Engine struct {
	Name, Title string
	About       string             // one sentence for people choosing
	Settings    []Setting          // what a user can decide, in the order they are shown
	Presets     []Preset           // settings that go well together
	Lies        bool               // printed lying on its back, front up, not standing
	Whole       func(Options) bool // the whole picture is the subject, with complete options; nil for never
	Depth       func(Options) bool // a depth map is of use, with complete options; nil for never
	Framed      func(Options) bool // the mesh fills the box of the matte, so that its outline is not the subject's, with complete options; nil for never
	Exact       func(Options) bool // the mesh is not to be decimated, with complete options; nil for never
	Views       bool               // pictures of other sides are of use
	Colours     bool               // the mesh has colours of its own; those that lie are not asked
	Ready       func() error       // says before any work what is missing, wrapping [weights.ErrAbsent] or [onnx.ErrNoLibrary]; nil for an engine that needs nothing
	build       func(ctx context.Context, in Input) (*mesh.Mesh, error)

	// What a network asks of a device that computes so, and settings that ask for less and less; with complete options. Nil
	// for an engine without a network, and for one whose network needs the same whatever its settings.
	need func(Options, int, onnx.DType) (gpu.Need, error)
	less func(Options) []Options
}

// Input is what an engine works on.
type Input struct {
	Subject *picture.Subject
	Views   []picture.View                      // of other sides, each at most once; only for engines that look at them
	Picture *picture.Picture                    // what the subject was cut from, in full resolution; only for engines that need it
	Depth   *image.Gray16                       // of the frame of Subject.Color, nearer is brighter; nil where nothing measured it
	Options Options                             // those missing have their defaults
	SizeMM  float64                             // the longest side the result will have
	Faces   int                                 // triangles aimed at; an engine may return more
	On      *onnx.Choice                        // what a network runs on; nil for the best there is, and the processor where that fails
	Shelf   *onnx.Shelf                         // where networks stay loaded for the next picture; nil for none
	Member  *onnx.Member                        // of a batch that loads each network once, with On; nil for who is alone
	Step    func(text string, fraction float64) // reports progress; never nil
	Opening func() (opened func())              // see [onnx.Options]

	// Note is told what is done otherwise than asked for, and whether the shape is the coarser for it, for want of memory; nil
	// for nobody.
	Note func(what string, coarser bool)
}

// All lists the engines in the order they are shown.
var All = []Engine{auto, inflate, extrude, revolve, relief, lithophane, heightmap, tripoSR, tripoSG,
	hunyuanMiniTurbo, hunyuanMini, hunyuanTurbo, hunyuanFull, hunyuanViewsTurbo, hunyuanViews, hunyuan21}

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

// Measures reports whether a setting is in millimetres, so that the shape depends on the size.
func (e Engine) Measures() bool {
	return slices.ContainsFunc(e.Settings, func(s Setting) bool { return s.Unit == "mm" })
}

// Wholly reports whether the engine takes a picture as it is and nothing is to be cut out; options that are missing have their
// defaults.
func (e Engine) Wholly(o Options) bool { return e.asks(e.Whole, o) }

// Deep reports whether the engine would use a depth map.
func (e Engine) Deep(o Options) bool { return e.asks(e.Depth, o) }

// Shown is the subject without the parts that the engine leaves out, so that its outline is that of the mesh; options that are
// missing have their defaults.
func (e Engine) Shown(s *picture.Subject, o Options) *picture.Subject {
	if o, err := e.Complete(o); err != nil || o["islands"] != largest {
		return s
	}
	return largestIsland(s)
}

func (e Engine) asks(what func(Options) bool, o Options) bool {
	if what == nil {
		return false
	}
	o, err := e.Complete(o)
	return err == nil && what(o)
}

// Missing says what the engine needs and is not there, wrapping [weights.ErrAbsent] or [onnx.ErrNoLibrary]; nil when it
// can be used.
func (e Engine) Missing() error {
	if e.Ready == nil {
		return nil
	}
	if err := e.Ready(); err != nil {
		return fmt.Errorf("%s: %w", e.Name, err)
	}
	return nil
}

// Build makes the mesh. Errors wrap what [Engine.Missing] does, [ErrOptions], [picture.ErrNoSubject] where there is nothing to build, or that of ctx.
func (e Engine) Build(ctx context.Context, in Input) (*mesh.Mesh, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var err error
	if in.Options, err = e.Complete(in.Options); err != nil {
		return nil, err
	}
	if err := e.Missing(); err != nil {
		return nil, err
	}
	m, err := e.build(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	return m, nil
}
