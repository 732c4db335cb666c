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
	History *History // of what earlier runs took; nil for none
	Limit   uint64   // bytes a network may take; 0 for none
}

// sampled is how often the memory is looked at while a network runs.
const sampled = 50 * time.Millisecond

// build makes the mesh with an engine, one with a network by the best way that fits into the memory there is.
func (w *Work) build(ctx context.Context, e engine.Engine, in engine.Input) (*mesh.Mesh, error) {
	if w.Machine == nil || !e.Networked() {
		return e.Build(ctx, in)
	}
	if err := e.Missing(); err != nil {
		return nil, err
	}
	best, err := onnx.Best(ctx)
	if err != nil {
		return nil, err
	}
	ladder, err := e.Ladder(in.Options, best)
	if err != nil {
		return nil, err
	}
	return w.descend(ctx, ladder, func(r engine.Rung) (*mesh.Mesh, error) {
		in.Options, in.On = r.Options, &r.On
		return e.Build(ctx, in)
	})
}

// descend builds by the first rung that fits, and by one further down when that turns out not to. What was changed, and
// why, becomes a note of the job; what each run took, beside what was predicted, goes into its record.
func (w *Work) descend(ctx context.Context, ladder []engine.Rung, build func(engine.Rung) (*mesh.Mesh, error)) (*mesh.Mesh, error) {
	var runs []gpu.Run
	if h := w.Machine.History; h != nil {
		if records, _, err := h.Records(); err == nil { // what cannot be read cannot be learnt from
			runs = Runs(records)
		}
	}
	asked, why := ladder[0].Options, ""
	for {
		reading := gpu.Read(w.Machine.Probe)
		rungs := make([]gpu.Rung, len(ladder))
		for i, r := range ladder {
			ladder[i].On.Memory = int64(w.Machine.Limit)
			rungs[i] = inRoom(r, reading)
			rungs[i].Room.Limit = w.Machine.Limit
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

// inRoom sets a rung into the memory it would use: that of the first device for all providers but the CPU, and one of
// unknown size where no device is known.
func inRoom(r engine.Rung, now gpu.Reading) gpu.Rung {
	to := gpu.Rung{Need: r.Need, Device: gpu.Processor, Room: now.Room(), Says: r.Says}
	if r.On.Provider != onnx.CPU {
		to.Device, to.Room = string(r.On.Provider), gpu.Room{}
		if len(now.Devices) > 0 {
			to.Device, to.Room = now.Devices[0].Key(), now.Devices[0].Room()
		}
	}
	return to
}

// measured builds and notes how much more of the memory was in use meanwhile, the process's own or the device's. Other
// stages at work in this process at the same time count too: the history errs on the safe side.
func (w *Work) measured(ctx context.Context, at gpu.Rung, a gpu.Admission, before gpu.Reading, build func() (*mesh.Mesh, error)) (*mesh.Mesh, error) {
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
		At: time.Now().UTC(), Device: at.Device, Need: at.Need, Batch: 1, Predicted: a.Predicted, Actual: span.End().Rise(),
		Full: errors.Is(err, onnx.ErrOutOfMemory), Available: at.Room.Free,
	}
	if run.Full || err == nil && run.Actual > 0 {
		w.GPU = append(w.GPU, run)
	}
	return m, err
}
