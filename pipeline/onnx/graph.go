package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"orfeas/pipeline/weights"
)

// The versions written into every model.
const (
	irVersion    = 10
	opset        = 20
	contrib      = "com.microsoft"
	contribOpset = 1
)

// Any is a dimension that is known only when the network runs.
const Any = -1

// maxCopied bounds a tensor that has to be copied into the graph because it cannot be pointed to.
const maxCopied = 256 << 20

// DType is the type of a tensor's elements, numbered as TensorProto.DataType.
type DType int

// The types networks here compute with.
const (
	F32  DType = 1
	I64  DType = 7
	Bool DType = 9
	F16  DType = 10
	BF16 DType = 16
)

var stored = map[weights.DType]DType{weights.F32: F32, weights.F16: F16, weights.BF16: BF16}

func (t DType) String() string {
	switch t {
	case F32:
		return "F32"
	case I64:
		return "I64"
	case Bool:
		return "Bool"
	case F16:
		return "F16"
	case BF16:
		return "BF16"
	}
	return "type " + strconv.Itoa(int(t))
}

// Value is a tensor in a graph: an input, a weight or what a node makes. The zero Value stands for one that could not be
// made; operators on it do nothing, so that a network is written without looking for errors until [Graph.Model].
type Value struct {
	name  string
	DType DType
	Shape []int
}

// Name is the name an input or output was given.
func (v Value) Name() string { return v.name }

func (v Value) String() string { return fmt.Sprintf("%s %v", v.name, v.Shape) }

// Graph is a network being written. Its operators compute in the type given to [NewGraph]; norms and softmax are always in F32.
type Graph struct {
	Trace bool // the values given to [Graph.Tap] become outputs

	checkpoint          *weights.Checkpoint
	compute             DType
	nodes, initializers []message
	inputs, outputs     []Value
	folder              string           // of the weights
	files               map[string]int64 // in it, and how long each must be
	loaded              map[string]Value // weights by name, constants by content
	bytes               uint64           // that the weights take
	names               int
	missing, wrong      []string
	err                 error // the first operator that could not be written
}

// NewGraph begins a network over the tensors of a checkpoint, nil if it needs none, that computes in F32 or F16. Weights
// of another type are cast; where that is to F32 the runtime does it once, at load.
func NewGraph(c *weights.Checkpoint, compute DType) *Graph {
	return &Graph{checkpoint: c, compute: compute, files: map[string]int64{}, loaded: map[string]Value{}}
}

// Input adds an input. It is fed with float32.
func (g *Graph) Input(name string, shape ...int) Value {
	v := Value{name, F32, shape}
	g.inputs = append(g.inputs, v)
	return g.Cast(v, g.compute)
}

// Output makes v an output, which comes out as float32.
func (g *Graph) Output(name string, v Value) {
	if v = g.Cast(v, F32); v.name == "" {
		return
	}
	g.nodes = append(g.nodes, node("Identity", "", []string{v.name}, []string{name}, nil))
	g.outputs = append(g.outputs, Value{name, F32, v.Shape})
}

// Tap names a value within the network, for tests that look there.
func (g *Graph) Tap(name string, v Value) {
	if g.Trace {
		g.Output(name, v)
	}
}

// Const adds a tensor of the given numbers.
func (g *Graph) Const(name string, data []float32, shape ...int) Value {
	return g.Cast(g.floats(name, data, shape...), g.compute)
}

func (g *Graph) floats(name string, data []float32, shape ...int) Value {
	if n, _ := count(shape); n != len(data) {
		return g.fail("constant %s: %d numbers for shape %v", name, len(data), shape)
	}
	raw := make([]byte, 4*len(data))
	for i, x := range data {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(x))
	}
	return g.inline(g.fresh(name), F32, shape, raw)
}

// ints adds a tensor of whole numbers, such as the shape operand of Reshape.
func (g *Graph) ints(data ...int) Value {
	key := fmt.Sprint(data)
	if v, ok := g.loaded[key]; ok {
		return v
	}
	raw := make([]byte, 8*len(data))
	for i, x := range data {
		binary.LittleEndian.PutUint64(raw[8*i:], uint64(x))
	}
	g.loaded[key] = g.inline(g.fresh("ints"), I64, []int{len(data)}, raw)
	return g.loaded[key]
}

func (g *Graph) inline(name string, t DType, shape []int, raw []byte) Value {
	m := tensorHeader(name, t, shape)
	m.bytes(9, raw)
	g.initializers = append(g.initializers, m)
	return Value{name, t, shape}
}

// Model finishes the network. The error names all tensors that the checkpoint lacks, wrapping [weights.ErrMissing], or
// all that have another shape, wrapping [weights.ErrShape], or else says what is wrong with the first operator.
func (g *Graph) Model() (*Model, error) {
	path := ""
	if g.checkpoint != nil {
		path = "checkpoint " + g.checkpoint.Path + ": "
	}
	switch {
	case len(g.missing) > 0:
		slices.Sort(g.missing)
		return nil, fmt.Errorf("%s%w: %s", path, weights.ErrMissing, strings.Join(g.missing, ", "))
	case len(g.wrong) > 0:
		return nil, fmt.Errorf("%s%w: %s", path, weights.ErrShape, strings.Join(g.wrong, "; "))
	case g.err != nil:
		return nil, g.err
	case len(g.outputs) == 0:
		return nil, errors.New("the network has no output")
	}
	var graph, m message
	for _, n := range g.nodes {
		graph.bytes(1, n)
	}
	graph.text(2, "network")
	for _, t := range g.initializers {
		graph.bytes(5, t)
	}
	for _, v := range g.inputs {
		graph.bytes(11, valueInfo(v))
	}
	for _, v := range g.outputs {
		graph.bytes(12, valueInfo(v))
	}
	m.int(1, irVersion)
	m.text(2, "ORFEAS Studio")
	m.bytes(7, graph)
	m.bytes(8, operatorSet("", opset))
	m.bytes(8, operatorSet(contrib, contribOpset))
	return &Model{graph: m, folder: g.folder, files: g.files, inputs: g.inputs, outputs: g.outputs, bytes: g.bytes}, nil
}

func operatorSet(domain string, version int64) message {
	var m message
	m.text(1, domain)
	m.int(2, version)
	return m
}

// fail remembers the first complaint.
func (g *Graph) fail(format string, args ...any) Value {
	if g.err == nil {
		g.err = fmt.Errorf(format, args...)
	}
	return Value{}
}

func (g *Graph) fresh(base string) string {
	g.names++
	return base + "/" + strconv.Itoa(g.names)
}

// without stands among the operands for one that the operator can do without.
var without = Value{name: "none"}

// apply writes a node with one output. The zero Value among the operands is passed on.
func (g *Graph) apply(op, domain string, t DType, shape []int, operands []Value, attributes ...attribute) Value {
	out := Value{g.fresh(op), t, shape}
	if !g.write(op, domain, operands, []string{out.name}, attributes) {
		return Value{}
	}
	return out
}

// write adds a node unless the zero Value is among its operands.
func (g *Graph) write(op, domain string, operands []Value, outputs []string, attributes []attribute) bool {
	names := make([]string, len(operands))
	for i, v := range operands {
		if v.name == "" {
			return false
		}
		if names[i] = v.name; v.name == without.name {
			names[i] = ""
		}
	}
	g.nodes = append(g.nodes, node(op, domain, names, outputs, attributes))
	return true
}

// node is a NodeProto, named after its first output.
func node(op, domain string, inputs, outputs []string, attributes []attribute) message {
	var m message
	for _, s := range inputs {
		m.text(1, s)
	}
	for _, s := range outputs {
		m.text(2, s)
	}
	m.text(3, outputs[0])
	m.text(4, op)
	for _, a := range attributes {
		m.bytes(5, a)
	}
	if domain != "" {
		m.text(7, domain)
	}
	return m
}

// count is the number of elements of a shape; fixed is false when it has a dimension of [Any].
func count(shape []int) (n int, fixed bool) {
	n, fixed = 1, true
	for _, d := range shape {
		if d == Any {
			fixed = false
			continue
		}
		n *= d
	}
	return n, fixed
}
