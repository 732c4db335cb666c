package onnx

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"orfeas/pipeline/weights"
)

// Model is a network to be opened: one from [Graph.Model], or a whole ONNX file.
type Model struct {
	graph           []byte
	folder          string           // of the weights, or empty
	files           map[string]int64 // in it, and how long each must be
	inputs, outputs []Value
	bytes           uint64 // that the weights take as the network computes with them
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
	Device   int     // which one of several GPUs
	Threads  int     // of the CPU; 0 for one per core
	Memory   int64   // bytes of a CUDA device that may be taken; 0 for all
	Shelf    *Shelf  // where sessions stay that are closed, for the next that are the same; nil when they are not to stay
	Member   *Member // of a batch that opens each network once; nil for who is alone

	// Opening is told when a network is read that is not open yet, and what it returns when that is over; nil for nobody.
	Opening func() (opened func())

	// StandIn stands for a device in tests: the CPU computes, and an error of this is what the device says of a network, known
	// by the name of its first output, when it is opened or run. Nil for a real device.
	StandIn func(output string, runs bool) error
}

// Tensor is what goes into a network and comes out.
type Tensor struct {
	Shape []int
	Data  []float32
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

// accepts checks a tensor for the input v.
func (v Value) accepts(t Tensor) error {
	fits := len(t.Shape) == len(v.Shape)
	for i := 0; fits && i < len(t.Shape); i++ {
		fits = t.Shape[i] > 0 && (v.Shape[i] == t.Shape[i] || v.Shape[i] == Any)
	}
	if n, _ := count(t.Shape); !fits || n != len(t.Data) {
		return fmt.Errorf("input %s: %w: %d numbers as %v, not %s", v.name, errShape, len(t.Data), t.Shape, shapeText(v.Shape))
	}
	return nil
}

var errShape = errors.New("wrong shape")
