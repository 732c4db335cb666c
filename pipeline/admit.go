package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
)

// ErrNoRoom is wrapped when a network is known not to fit into this machine's memory, and was not started.
var ErrNoRoom = errors.New("there is not enough memory")

// Machine is where networks run, for who asks before one starts whether it will fit.
type Machine struct {
	Probe   gpu.Probe
	History *History    // of what earlier runs took; nil for none
	Limit   uint64      // bytes a network may take; 0 for none
	Batch   int         // pictures that load a network together; 0 for the usual
	Shelf   *onnx.Shelf // where networks stay loaded between jobs; nil for none

	On *onnx.Choice // what networks are run on; nil for the best there is
}

// NewMachine is this machine for who does many jobs. Networks stay loaded between them unless their memory is limited.
func NewMachine(p gpu.Probe, h *History, limit uint64) *Machine {
	m := &Machine{Probe: p, History: h, Limit: limit}
	if limit == 0 {
		m.Shelf = &onnx.Shelf{Room: func(on onnx.Provider) gpu.Room { return roomOf(on, gpu.Read(p)) }}
	}
	return m
}

// best is what networks are run on.
func (m *Machine) best(ctx context.Context) (onnx.Choice, error) {
	if m.On != nil {
		return *m.On, nil
	}
	return onnx.Best(ctx)
}

// held is how many bytes of a memory are the weights that are kept.
func (m *Machine) held(on onnx.Provider) uint64 {
	if m.Shelf == nil {
		return 0
	}
	return m.Shelf.Held(on)
}

// roomOf is the memory that a provider uses: that of the first device for all but the CPU, of unknown size where no
// device is known.
func roomOf(on onnx.Provider, now gpu.Reading) gpu.Room {
	switch {
	case on == onnx.CPU || on == "":
		return now.Room()
	case len(now.Devices) > 0:
		return now.Devices[0].Room()
	}
	return gpu.Room{}
}

// sampled is how often the memory is looked at while a network runs.
const sampled = 50 * time.Millisecond

// build makes the mesh with an engine, one with a network by the best way that fits into the memory there is.
func (w *Work) build(ctx context.Context, e engine.Engine, in engine.Input) (m *mesh.Mesh, err error) {
	var notes []string // of the attempt that is under way
	coarser := false
	in.Note = func(what string, c bool) { notes, coarser = append(notes, what), coarser || c }
	defer func() {
		if err == nil {
			w.Notes, w.Lowered = append(w.Notes, notes...), w.Lowered || coarser
		}
	}()
	in.Opening = w.opening
	if w.Machine == nil || !e.Networked() {
		return e.Build(ctx, in)
	}
	if err := e.Missing(); err != nil {
		return nil, err
	}
	best, err := w.Machine.best(ctx)
	if err != nil {
		return nil, err
	}
	ladder, err := e.Ladder(in.Options, len(in.Views), best)
	if err != nil {
		return nil, err
	}
	defer w.accompanied(ctx, ladder, gpu.Read(w.Machine.Probe))()
	if w.company != nil {
		in.Member = w.company.Member
	}
	return w.descend(ctx, ladder, func(r engine.Rung) (*mesh.Mesh, error) {
		notes, coarser = nil, false
		in.Options, in.On, in.Shelf = r.Options, &r.On, w.Machine.Shelf
		if r.On.Provider == onnx.CPU {
			in.Shelf = nil // what is loaded from the system's cache is not worth twice the memory
		}
		return e.Build(ctx, in)
	})
}

// descend builds by the first rung that fits, and by one further down when that turns out not to. What was changed, and
// why, becomes a note of the job; what each run took, beside what was predicted, goes into its record.
func (w *Work) descend(ctx context.Context, ladder []engine.Rung, build func(engine.Rung) (*mesh.Mesh, error)) (*mesh.Mesh, error) {
	runs := w.Machine.runs()
	asked, why := ladder[0].Options, ""
	for {
		reading := gpu.Read(w.Machine.Probe)
		if w.company != nil {
			reading = w.company.Before // what the others have in it now is the job's in its turn
		}
		rungs := make([]gpu.Rung, len(ladder))
		for i, r := range ladder {
			ladder[i].On.Memory = int64(w.Machine.Limit)
			rungs[i] = w.Machine.place(r, reading)
		}
		c := gpu.Choose(append(runs, w.GPU...), rungs)
		r, a := ladder[c.At], c.Admission
		if why == "" && len(c.Refused) > 0 {
			why = "as asked for it " + c.Refused[0].Words
		}
		if !a.Fits && a.Sure {
			return nil, fmt.Errorf("%w for %s: the least of it %s", ErrNoRoom, r.Need.Engine, a.Words)
		}
		if r.Says != "" {
			w.Step(r.Says, 0)
		}
		m, err := w.measured(ctx, rungs[c.At], a, reading, func() (*mesh.Mesh, error) { return build(r) })
		ladder = ladder[c.At+1:]
		switch {
		case err == nil && r.Says != "":
			w.Lowered = !maps.Equal(asked, r.Options)
			w.Notes = append(w.Notes, fmt.Sprintf("%s was run %s, because %s", r.Need.Engine, r.Says, why))
			return m, nil
		case err == nil:
			return m, nil
		case errors.Is(err, onnx.ErrOutOfMemory):
			why = err.Error()
			if w.Machine.Shelf != nil {
				w.Machine.Shelf.Empty()
			}
		case errors.Is(err, onnx.ErrProvider):
			why = err.Error()
			ladder = slices.DeleteFunc(ladder, func(o engine.Rung) bool { return o.On.Provider == r.On.Provider })
		default:
			return nil, err
		}
		if len(ladder) == 0 {
			return nil, err
		}
	}
}

// runs are what networks took before.
func (m *Machine) runs() []gpu.Run {
	if m.History == nil {
		return nil
	}
	records, _, err := m.History.Records()
	if err != nil {
		return nil // what cannot be read cannot be learnt from
	}
	return Runs(records)
}

// place sets a rung into the memory it would use. The weights that are kept there are the rung's, or make room for it.
func (m *Machine) place(r engine.Rung, now gpu.Reading) gpu.Rung {
	to := gpu.Rung{Need: r.Need, Device: gpu.Processor, Room: roomOf(r.On.Provider, now), Says: r.Says}
	to.Room.Limit = m.Limit
	if to.Room.Total > 0 {
		to.Room.Held = m.held(r.On.Provider)
	}
	if r.On.Provider != onnx.CPU {
		to.Device = string(r.On.Provider)
		if len(now.Devices) > 0 {
			to.Device = now.Devices[0].Key()
		}
	}
	return to
}

// measured builds and notes how much of the memory was in use meanwhile, the process's own or the device's, more than
// without networks. Other stages at work in this process at the same time count too: the history errs on the safe side.
func (w *Work) measured(ctx context.Context, at gpu.Rung, a gpu.Admission, before gpu.Reading, build func() (*mesh.Mesh, error)) (*mesh.Mesh, error) {
	if w.company != nil && !w.company.First {
		return build() // what it takes is there already, and was measured
	}
	probe, memory := gpu.Probe(func() ([]gpu.Device, error) { return nil, nil }), gpu.Processor
	if at.Device != gpu.Processor {
		if len(before.Devices) == 0 {
			return build() // nothing can be read of it
		}
		probe, memory, w.Device = w.Machine.Probe, before.Devices[0].UUID, at.Device
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	p := gpu.NewMemoryProfile(memory)
	p.Add(before)
	span := p.Begin("", "")
	go gpu.Watch(watching, probe, sampled, p.Add)
	m, err := build()
	p.Add(gpu.Read(probe))
	run := gpu.Run{
		At: time.Now().UTC(), Device: at.Device, Need: at.Need, Batch: 1, Predicted: a.Predicted, Actual: at.Room.Held + span.End().Rise(),
		Full: errors.Is(err, onnx.ErrOutOfMemory), Available: at.Room.Free + at.Room.Held,
	}
	if run.Full || err == nil && run.Actual > 0 {
		w.GPU = append(w.GPU, run)
	}
	return m, err
}
