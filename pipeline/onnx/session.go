package onnx

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"orfeas/pipeline/weights"
)

// What can go wrong with a network that is right, for callers that step down to a smaller or slower way.
var (
	ErrOutOfMemory = errors.New("out of memory")
	ErrProvider    = errors.New("the device cannot run it")
)

// Model is a network to be opened: one from [Graph.Model], or a whole ONNX file.
type Model struct {
	graph           []byte
	folder          string           // of the weights, or empty
	files           map[string]int64 // in it, and how long each must be
	inputs, outputs []Value
}

// ReadModel reads an ONNX file of at most limit bytes that has its weights within it. What it takes and gives is known once it is opened.
func ReadModel(path string, limit int64) (*Model, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read network: %w", err)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("read network %s: it has %d bytes, more than %d", path, info.Size(), limit)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read network: %w", err)
	}
	return &Model{graph: data, folder: filepath.Dir(path)}, nil
}

// Options say how a network is run. The zero value is the CPU with all its cores.
type Options struct {
	Provider Provider
	Device   int   // which one of several GPUs
	Threads  int   // of the CPU; 0 for one per core
	Memory   int64 // bytes of a CUDA device that may be taken; 0 for all
}

// Tensor is what goes into a network and comes out.
type Tensor struct {
	Shape []int
	Data  []float32
}

// Session is a network ready to run. Its weights are in memory until it is closed.
type Session struct {
	session         *ort.DynamicAdvancedSession
	inputs, outputs []Value
}

// Open loads the network. Errors wrap [ErrNoLibrary], [ErrOutOfMemory] or [ErrProvider] where that is the reason.
func Open(m *Model, o Options) (*Session, error) {
	if err := start(); err != nil {
		return nil, err
	}
	if err := m.whole(); err != nil {
		return nil, fmt.Errorf("open network: %w", err)
	}
	options, err := o.session(m.folder)
	if err != nil {
		return nil, fmt.Errorf("open network: %w", err)
	}
	defer options.Destroy()
	s := &Session{inputs: m.inputs, outputs: m.outputs}
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

// whole checks that the files of the weights are still as long as they must be: the runtime maps them into memory, and
// reading beyond the end of a file there kills the program.
func (m *Model) whole() error {
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		info, err := os.Stat(filepath.Join(m.folder, name))
		if err != nil {
			return err
		}
		if info.Size() < m.files[name] {
			return fmt.Errorf("%w: %s has become shorter", weights.ErrCorrupt, filepath.Join(m.folder, name))
		}
	}
	return nil
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

// Close gives the memory back.
func (s *Session) Close() error { return s.session.Destroy() }

// Inputs and Outputs are what the network takes and gives, in the order of [Session.Run].
func (s *Session) Inputs() []Value  { return s.inputs }
func (s *Session) Outputs() []Value { return s.outputs }

// Run feeds the inputs, in their order, and returns the outputs in theirs. It ends soon after ctx, with its error, and
// the session can be run again. One session is run from one goroutine at a time.
func (s *Session) Run(ctx context.Context, inputs ...Tensor) ([]Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
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

// fill makes the runtime's view of a tensor for the input v.
func (v Value) fill(t Tensor) (ort.Value, error) {
	fits := len(t.Shape) == len(v.Shape)
	shape := make(ort.Shape, len(t.Shape))
	for i, n := range t.Shape {
		shape[i] = int64(n)
		fits = fits && (v.Shape[i] == n || v.Shape[i] == Any)
	}
	if n, _ := count(t.Shape); !fits || n != len(t.Data) {
		return nil, fmt.Errorf("input %s: %w: %d numbers as %v, not %s", v.name, errShape, len(t.Data), t.Shape, shapeText(v.Shape))
	}
	return ort.NewTensor(shape, t.Data)
}

var errShape = errors.New("wrong shape")

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
		return fmt.Errorf("run network: %w", named(err, ""))
	}
	return nil
}

// signs are words in the runtime's messages, in small letters, by which to know what happened: the binding drops its codes.
var signs = []struct {
	err   error
	words []string
}{
	{ErrOutOfMemory, []string{"failed to allocate memory", "out of memory", "bad_alloc", "bad allocation", "available memory of", "cuda failure 2", "cudaerrormemoryallocation", "e_outofmemory", "device_hung"}},
	{ErrProvider, []string{"cuda failure", "cudnn failure", "cublas failure", "cuda error", "execution provider", "executionprovider", "webgpu", "dawn", "directml", "coreml", "not_implemented"}},
}

// named wraps the sentinel that tells what kind of failure it is. Of the runtime's assertions, which begin with the place
// in its source, only the sentence is left.
func named(err error, p Provider) error {
	if _, sentence, ok := strings.Cut(err.Error(), " was false. "); ok {
		err = errors.New(sentence)
	}
	text := strings.ToLower(err.Error())
	for _, s := range signs {
		if slices.ContainsFunc(s.words, func(w string) bool { return strings.Contains(text, w) }) {
			return fmt.Errorf("%w: %w", s.err, err)
		}
	}
	if p != "" && p != CPU {
		return fmt.Errorf("%s: %w: %w", p, ErrProvider, err)
	}
	return err
}
