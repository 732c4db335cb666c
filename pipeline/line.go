package pipeline

import (
	"context"
	"fmt"
	"image"
	"math"
	"path/filepath"
	"strings"

	"orfeas/gpu"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/texture"
)

// Stage is one step of the line. Do works on w and reports through w.Step; it stops when ctx is done.
type Stage struct {
	Name   string
	Weight float64 // its usual share of the time, for the progress of the whole
	Do     func(ctx context.Context, w *Work) error
}

// Line is the way of every job, in order. The names are the product's own: bars, profiles and metrics use them.
var Line = []Stage{
	{"preprocess", 0.25, preprocess},
	{shapeStage, 0.35, shape},
	{"texture", 0.1, colour},
	{"postprocess", 0.2, postprocess},
	{"export", 0.1, exportFiles},
}

// shapeStage is the one that networks are run in, shapeAt its place in the line.
const (
	shapeStage = "shape"
	shapeAt    = 1
)

// loading is the step in which networks are read.
const loading = "loading the network"

// Output is a file the export stage is asked to write.
type Output struct {
	Path   string
	Format export.Format
}

// Work is a job being done: what the stages hand to each other.
type Work struct {
	Settings Settings
	Picture  string // path
	Shots    []Shot // of other sides
	Title    string
	Outputs  []Output
	Preview  func(m *mesh.Mesh) ([]byte, error) // makes a PNG of the mesh for formats that carry one; may be nil

	Source      *picture.Picture // upright, in full resolution; gone after the shape stage
	Subject     *picture.Subject
	Views       []picture.View   // of other sides, each at most once, where they are of use
	Backlit     *image.Gray      // what a lithophane shows with a light behind it; nil for other engines
	Mesh        *mesh.Mesh       // in the model frame until postprocess, then in the print frame
	Certificate mesh.Certificate // of the mesh; once it is exported, of the last file as read back from the disk
	Notes       []string
	views       []texture.View  // pictures of other sides that gave colours too
	camera      *texture.Camera // that lays the subject over the mesh in the model frame; nil when the engine gave the colours
	Files       []string

	Memory  *gpu.MemoryProfile // sampled meanwhile by the caller, for the timings; may be nil
	Device  string             // the networks run on, by [gpu.Device.Key]; empty for the processor
	GPU     []gpu.Run          // what networks took of it, or of the processor's memory
	Machine *Machine           // asked whether a network fits before it starts; nil to start it unasked
	Lowered bool               // the engine's settings are not those asked for, for want of memory; a note says which
	Timings []Timing           // of the stages done, set by Run
	pixels  int                // of Source

	// Enter waits for a stage's turn where several works share one line; leave ends the turn. Share gives a work company to
	// load networks with, so many at most, nil when there is none; see [Company]. Nil when this work is alone.
	Enter   func(ctx context.Context, stage string) (leave func(), err error)
	Share   func(most int, before gpu.Reading) *Company
	company *Company
	waits   func() (goes func())   // set by Run for the running stage: no time is counted until it goes on
	opening func() (opened func()) // set by Run for the running stage: its time is that of a step of its own
	joined  func()                 // set by Run for the running stage: others load its networks

	Step func(text string, fraction float64) // set by Run for the running stage
}

// Title is the name a picture's results get: its file name without folder and extension.
func Title(path string) string {
	base := filepath.Base(path)
	if title := strings.TrimSuffix(base, filepath.Ext(base)); strings.Trim(title, ".") != "" {
		return title
	}
	return base // such as .png
}

// Run sends w down the line; nothing is done when a network that is needed is missing. see is called with the state of
// every stage whenever something changed, from this goroutine or one a stage started, one call at a time.
func Run(ctx context.Context, w *Work, see func(stage string, total float64, stages []StageInfo)) error {
	if err := w.Settings.Check(); err != nil {
		return err
	}
	if err := w.Settings.Missing(); err != nil {
		return err
	}
	var err error
	if w.Shots, err = arranged(w.Shots); err != nil {
		return err
	}
	p, m := newProgress(see), newMeter(w)
	defer func() { w.Timings = m.end() }()
	for i := range Line {
		if err := w.run(ctx, i, p, m); err != nil {
			return err
		}
	}
	return nil
}

// run does stage i when its turn has come.
func (w *Work) run(ctx context.Context, i int, p *progress, m *meter) error {
	stage := Line[i]
	if w.Enter != nil {
		leave, err := w.Enter(ctx, stage.Name)
		if err != nil {
			return err
		}
		defer leave() // also when the stage panics
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.enter(stage.Name)
	w.Step = func(text string, fraction float64) { p.step(i, text, fraction, m.at(text)) }
	w.waits = func() func() {
		p.step(i, "waiting for the pictures that have the network before it", 0, m.pause())
		return func() { text, spent := m.resume(); p.step(i, text, 0, spent) }
	}
	w.opening = func() func() {
		text, spent := m.says(loading)
		p.step(i, loading, 0, spent)
		return func() { p.step(i, text, 0, m.at(text)) }
	}
	w.joined = func() { p.join(i) }
	w.Step("", 0)
	err := stage.Do(ctx, w)
	spent := m.leave()
	if err != nil {
		return fmt.Errorf("%s: %w", stage.Name, err)
	}
	p.step(i, "", 1, spent)
	return nil
}

func preprocess(ctx context.Context, w *Work) error {
	step := w.Step
	w.Step = func(text string, f float64) { step(text, f/float64(1+len(w.Shots))) }
	err := w.front(ctx)
	if w.Step = step; err != nil {
		return err
	}
	return w.sides(ctx)
}

// front reads and cuts out the picture, and chooses an engine for it if none was.
func (w *Work) front(ctx context.Context) error {
	w.Step("reading the picture", 0)
	e, options, err := w.Settings.engine()
	if err != nil {
		return err
	}
	if w.Source, err = picture.Load(ctx, w.Picture); err != nil {
		return err
	}
	w.Source = w.Settings.Edit.Apply(w.Source)
	w.pixels = w.Source.Image.Rect.Dx() * w.Source.Image.Rect.Dy()
	err = w.cut(ctx, e.Wholly(options))
	if e.Networked() {
		w.Source = nil // it sees the subject, and may wait for long with others
	}
	if e.Name != engine.Auto || ctx.Err() != nil {
		return err
	}
	s, err := engine.Suggest(w.Subject, err)
	if err != nil {
		return err
	}
	w.Settings.Engine, w.Settings.Options = s.Engine.Name, s.Options
	w.Notes = append(w.Notes, fmt.Sprintf("engine %s was chosen for this picture, because %s", s.Engine.Name, s.Why))
	if s.Engine.Wholly(s.Options) {
		return w.cut(ctx, true)
	}
	return nil
}

// cut finds the subject; whole says that the engine takes the picture as it is.
func (w *Work) cut(ctx context.Context, whole bool) error {
	o, err := w.Settings.CutOptions(whole)
	if err != nil {
		return err
	}
	if !whole {
		w.Step("cutting out the subject", 0.3)
	}
	if !o.KeepBackground {
		o.Scribble = w.Settings.Edit.Scribble(w.Source.Image.Rect)
	}
	w.Subject, err = picture.Cut(ctx, w.Source, o, func(text string, f float64) { w.Step(text, 0.3+0.7*f) })
	return err
}

func shape(ctx context.Context, w *Work) error {
	e, options, err := w.Settings.engine()
	if err != nil {
		return err
	}
	defer func() { w.Source = nil }()
	w.Subject = e.Shown(w.Subject, options)
	in := engine.Input{Subject: w.Subject, Picture: w.Source, Options: options, SizeMM: w.Settings.SizeMM, Faces: w.Settings.Faces, Step: w.Step}
	if e.Views {
		in.Views = w.Views
	}
	if in.Depth, err = w.depth(ctx, e, options); err != nil {
		return err
	}
	if w.Mesh, err = w.build(ctx, e, in); err != nil || !e.Measures() {
		return err
	}
	if in.SizeMM, err = w.again(ctx, e, in); err == nil && e.Name == engine.Lithophane {
		w.Backlit, err = engine.Backlit(ctx, in)
	}
	return err
}

// again builds anew until the settings in millimetres are true of the side whose length is given, and returns the length of
// the longest: they were taken to be of that. It takes a second go, and a third when a frame of fixed width has changed the
// proportions.
func (w *Work) again(ctx context.Context, e engine.Engine, in engine.Input) (float64, error) {
	for range 2 {
		longest := w.printed(w.Settings.SizeMM, w.Mesh).Extent(mesh.Longest)
		if math.Abs(longest/in.SizeMM-1) < 1e-3 {
			break
		}
		in.SizeMM = longest
		m, err := e.Build(ctx, in)
		if err != nil {
			return 0, err
		}
		w.Mesh = m
	}
	return in.SizeMM, nil
}

// printed turns a mesh of the engine into the print frame, in the size and the way up that were asked for.
func (w *Work) printed(size float64, m *mesh.Mesh) *mesh.Mesh {
	m = m.ToPrint(size)
	if w.lies() {
		m = m.LaidBack()
	}
	return m.Sized(w.Settings.Along, size)
}

// lies reports whether the engine's meshes are printed lying on their backs.
func (w *Work) lies() bool {
	e, err := engine.ByName(w.Settings.Engine)
	return err == nil && e.Lies
}

// speck is the share of the largest part's volume under which a part is taken for dirt in the picture, not for a part.
const speck = 0.005

// slack is how far above the faces asked for a mesh may be before it is worth decimating.
const slack = 1.1

func postprocess(ctx context.Context, w *Work) error {
	m, specks := w.Mesh.KeepLarge(speck)
	if specks > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("%d specks were left out", specks))
	}
	model := m
	m = w.printed(w.Settings.SizeMM, m)
	at := placed(model, m, w.lies())
	full, fullAt := m, at
	if float64(len(m.Triangles)) > slack*float64(w.Settings.Faces) && !w.exact() {
		var err error
		text := fmt.Sprintf("decimating to %d faces", w.Settings.Faces)
		m, err = m.Decimate(ctx, mesh.DecimateOptions{Faces: w.Settings.Faces}, func(f float64) { w.Step(text, 0.7*f) })
		if err != nil {
			return err
		}
		decimated := m
		m = m.Sized(w.Settings.Along, w.Settings.SizeMM)
		at = at.resized(decimated, m)
	}
	w.Step("measuring the walls", 0.7)
	var err error
	if w.Certificate, err = m.Certify(ctx, mesh.DefaultPrinter); err != nil {
		return err
	}
	if full != m && !w.Certificate.Clean() {
		less, err := w.gentler(ctx, full)
		if err != nil {
			return err
		}
		if less != nil {
			m = less.Sized(w.Settings.Along, w.Settings.SizeMM)
			at = fullAt.resized(less, m)
			w.note("it has %d faces instead of %d: with fewer they would cross", len(m.Triangles), w.Settings.Faces)
			if w.Certificate, err = m.Certify(ctx, mesh.DefaultPrinter); err != nil {
				return err
			}
		}
	}
	if !w.Certificate.Clean() {
		why := w.Certificate.Faults()
		w.Step("making it solid", 0.8)
		if solid, did, err := m.Solid(ctx, mesh.SolidOptions{}, func(text string, f float64) { w.Step(text, 0.8+0.15*f) }); err == nil {
			m = solid.Sized(w.Settings.Along, w.Settings.SizeMM)
			at = at.resized(solid, m)
			w.Notes = append(w.Notes, fmt.Sprintf("the mesh had %s and was repaired: %s", why, did))
		} else if ctx.Err() != nil {
			return ctx.Err()
		}
		if w.Certificate, err = m.Certify(ctx, mesh.DefaultPrinter); err != nil {
			return err
		}
	}
	if w.Mesh = m; !w.Certificate.Clean() {
		w.Notes = append(w.Notes, "the mesh is not a closed solid: "+w.Certificate.Faults())
	}
	return finish(ctx, w, at)
}

// gentler decimates a mesh that cannot be decimated to the faces asked for as little as it takes to stay clean, maybe not at all.
// It is nil for one that is not clean itself.
func (w *Work) gentler(ctx context.Context, full *mesh.Mesh) (*mesh.Mesh, error) {
	if !full.Check().Clean() {
		return nil, ctx.Err()
	}
	for faces := 2 * w.Settings.Faces; faces < len(full.Triangles); faces *= 2 {
		w.Step(fmt.Sprintf("decimating to %d faces", faces), 0.75)
		m, err := full.Decimate(ctx, mesh.DecimateOptions{Faces: faces}, nil)
		if err != nil {
			return nil, err
		}
		if m.Check().Clean() {
			return m, nil
		}
	}
	return full, ctx.Err()
}

// exact reports whether the mesh is to stay as the engine made it, whatever the faces asked for.
func (w *Work) exact() bool {
	e, options, err := w.Settings.engine()
	return err == nil && e.Exact != nil && e.Exact(options)
}

func exportFiles(ctx context.Context, w *Work) error {
	if len(w.Outputs) == 0 {
		return nil
	}
	meta := export.Meta{Title: w.Title, Application: Application}
	if w.Preview != nil {
		w.Step("drawing the preview", 0)
		png, err := w.Preview(w.Mesh)
		if err != nil {
			w.Notes = append(w.Notes, "no preview: "+err.Error())
		}
		meta.Thumbnail = png
	}
	for i, out := range w.Outputs {
		w.Step("writing "+filepath.Base(out.Path), float64(i+1)/float64(len(w.Outputs)+1))
		c, err := Deliver(ctx, out.Path, out.Format, w.Mesh, w.Certificate, meta)
		if err != nil {
			return err
		}
		w.Certificate = c
		w.Files = append(w.Files, out.Path)
	}
	return nil
}

// Version is the product's version; Application is how it names itself in the files it writes.
const (
	Version     = "0.1.0"
	Application = "ORFEAS Studio " + Version
)
