//go:build cgo

package onnx

import (
	"context"
	"fmt"
	"time"

	ort "github.com/yalue/onnxruntime_go"
)

// Session is a network ready to run. Its weights are in memory until it is closed.
type Session struct {
	session         *ort.DynamicAdvancedSession
	inputs, outputs []Value
	shelf           *Shelf
	shelved         shelved // how it goes there
	member          *Member // of a batch, that has it
	failed          bool    // a run has, other than by its context
	standIn         func(output string, runs bool) error
}

// Open loads the network. Errors wrap [ErrNoLibrary], [ErrOutOfMemory] or [ErrProvider] where that is the reason.
func Open(m *Model, o Options) (*Session, error) {
	if err := start(); err != nil {
		return nil, err
	}
	if err := m.whole(); err != nil {
		return nil, fmt.Errorf("open network: %w", err)
	}
	if o.Member != nil {
		return o.Member.open(m, o)
	}
	return m.load(o)
}

// load takes the network from the shelf, or opens it.
func (m *Model) load(o Options) (*Session, error) {
	if o.Shelf == nil {
		return m.open(o)
	}
	key := m.key(o)
	if s := o.Shelf.take(key, o.Provider, m.bytes); s != nil {
		return s, nil
	}
	began := time.Now()
	s, err := m.open(o)
	if err == nil {
		s.shelf, s.shelved = o.Shelf, shelved{session: s, key: key, on: o.Provider, bytes: m.bytes, load: time.Since(began)}
	}
	return s, err
}

// open loads the network.
func (m *Model) open(o Options) (*Session, error) {
	if o.Opening != nil {
		defer o.Opening()()
	}
	options, err := o.session(m.folder)
	if err != nil {
		return nil, fmt.Errorf("open network: %w", err)
	}
	defer options.Destroy()
	s := &Session{inputs: m.inputs, outputs: m.outputs, standIn: o.StandIn}
	if err := s.asks(false); err != nil {
		return nil, fmt.Errorf("open network: %w", err)
	}
	if s.outputs == nil {
		if s.inputs, s.outputs, err = described(m.graph); err != nil {
			return nil, fmt.Errorf("open network: %w", named(err, o.Provider))
		}
	}
	s.session, err = ort.NewDynamicAdvancedSessionWithONNXData(m.graph, names(s.inputs), names(s.outputs), options)
	if err != nil {
		return nil, fmt.Errorf("open network: %w", named(err, o.Provider))
	}
	return s, nil
}

// described asks the runtime what a foreign network takes and gives.
func described(graph []byte) (inputs, outputs []Value, err error) {
	in, out, err := ort.GetInputOutputInfoWithONNXData(graph)
	if err != nil {
		return nil, nil, err
	}
	list := func(all []ort.InputOutputInfo) (values []Value) {
		for _, i := range all {
			v := Value{name: i.Name, DType: DType(i.DataType)}
			for _, d := range i.Dimensions {
				v.Shape = append(v.Shape, int(d)) // -1 for one that is not fixed
			}
			values = append(values, v)
		}
		return values
	}
	return list(in), list(out), nil
}

func names(values []Value) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.name
	}
	return out
}

// Close gives the memory back, or the session to the batch or the shelf that it was opened with.
func (s *Session) Close() error {
	switch {
	case s.member != nil:
		return s.member.close(s)
	case s.shelf == nil || s.failed:
		return s.destroy()
	}
	s.shelved.last = time.Now()
	s.shelf.put(s.shelved)
	return nil
}

func (s *Session) destroy() error {
	defer trim()
	return s.session.Destroy()
}

// Inputs and Outputs are what the network takes and gives, in the order of [Session.Run].
func (s *Session) Inputs() []Value  { return s.inputs }
func (s *Session) Outputs() []Value { return s.outputs }

// Run feeds the inputs, in their order, and returns the outputs in theirs. It ends soon after ctx, with its error, and
// the session can be run again. One session is run from one goroutine at a time.
func (s *Session) Run(ctx context.Context, inputs ...Tensor) ([]Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.asks(true); err != nil {
		s.failed = true
		return nil, fmt.Errorf("run network: %w", err)
	}
	if len(inputs) != len(s.inputs) {
		return nil, fmt.Errorf("run network: %d inputs, not %d", len(inputs), len(s.inputs))
	}
	values := make([]ort.Value, len(inputs))
	defer func() { destroy(values) }()
	for i, t := range inputs {
		v, err := s.inputs[i].fill(t)
		if err != nil {
			return nil, fmt.Errorf("run network: %w", err)
		}
		values[i] = v
	}
	results := make([]ort.Value, len(s.outputs))
	defer func() { destroy(results) }()
	if err := s.run(ctx, values, results); err != nil {
		return nil, err
	}
	out := make([]Tensor, len(results))
	for i, v := range results {
		t, ok := v.(*ort.Tensor[float32])
		if !ok {
			return nil, fmt.Errorf("run network: output %s is no float32", s.outputs[i].name)
		}
		for _, n := range t.GetShape() {
			out[i].Shape = append(out[i].Shape, int(n))
		}
		out[i].Data = t.GetData()
	}
	return out, nil
}

// asks has what stands for the device say whether it is able.
func (s *Session) asks(runs bool) error {
	if s.standIn == nil || len(s.outputs) == 0 {
		return nil
	}
	return s.standIn(s.outputs[0].name, runs)
}

// fill makes the runtime's view of a tensor for the input v.
func (v Value) fill(t Tensor) (ort.Value, error) {
	if err := v.accepts(t); err != nil {
		return nil, err
	}
	shape := make(ort.Shape, len(t.Shape))
	for i, n := range t.Shape {
		shape[i] = int64(n)
	}
	return ort.NewTensor(shape, t.Data)
}

func destroy(values []ort.Value) {
	for _, v := range values {
		if v != nil {
			v.Destroy()
		}
	}
}

// run ends the run when ctx does. The runtime looks between two nodes.
func (s *Session) run(ctx context.Context, inputs, outputs []ort.Value) error {
	o, err := ort.NewRunOptions()
	if err != nil {
		return fmt.Errorf("run network: %w", err)
	}
	defer o.Destroy()
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { defer close(ended); o.Terminate() })
	err = s.session.RunWithOptions(inputs, outputs, o)
	if !stop() {
		<-ended
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.failed = true
		return fmt.Errorf("run network: %w", named(err, ""))
	}
	return nil
}
