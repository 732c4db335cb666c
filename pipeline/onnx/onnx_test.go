package onnx

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"orfeas/pipeline/weights"
)

// TestMain plays the child of a probe, which is this binary, as the variable says.
func TestMain(m *testing.M) {
	switch os.Getenv("ORFEAS_TEST_CHILD") {
	case "hangs":
		time.Sleep(time.Hour)
	case "crashes":
		os.Stderr.WriteString("loading the driver\nsegmentation fault\n")
		os.Exit(139)
	case "babbles":
		os.Stdout.WriteString("hello")
		os.Exit(0)
	case "answers":
		os.Args = []string{os.Args[0], probeWord, string(CPU)}
		AnswerProbe()
	}
	os.Exit(m.Run())
}

func needLibrary(t testing.TB) {
	t.Helper()
	if err := start(); err != nil {
		t.Skip(err)
	}
}

// run runs a graph on the CPU.
func run(t testing.TB, g *Graph, inputs ...Tensor) []Tensor {
	t.Helper()
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(context.Background(), inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ramp is the numbers 0, 1, 2 and so on, times a step.
func ramp(step float32, shape ...int) Tensor {
	n, _ := count(shape)
	t := Tensor{shape, make([]float32, n)}
	for i := range t.Data {
		t.Data[i] = step * float32(i)
	}
	return t
}

// entry is a tensor of a .safetensors file.
type entry struct {
	name, dtype string
	shape       []int
	data        []byte
}

func f32Entry(name string, t Tensor) entry {
	var b []byte
	for _, x := range t.Data {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return entry{name, "F32", t.Shape, b}
}

// bf16Entry cuts the numbers off.
func bf16Entry(name string, t Tensor) entry {
	var b []byte
	for _, x := range t.Data {
		b = binary.LittleEndian.AppendUint16(b, uint16(math.Float32bits(x)>>16))
	}
	return entry{name, "BF16", t.Shape, b}
}

// f16Entry is right for whole numbers up to 2048 and multiples of powers of two alike.
func f16Entry(name string, t Tensor) entry {
	var b []byte
	for _, x := range t.Data {
		bits := math.Float32bits(x)
		h := uint16(bits>>16) & 0x8000
		if x != 0 {
			h |= uint16(int(bits>>23&255)-127+15)<<10 | uint16(bits>>13)&1023
		}
		b = binary.LittleEndian.AppendUint16(b, h)
	}
	return entry{name, "F16", t.Shape, b}
}

func checkpoint(t testing.TB, entries ...entry) *weights.Checkpoint {
	t.Helper()
	header, body := map[string]any{}, []byte{}
	for _, e := range entries {
		header[e.name] = map[string]any{"dtype": e.dtype, "shape": e.shape, "data_offsets": []int{len(body), len(body) + len(e.data)}}
		body = append(body, e.data...)
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	var file bytes.Buffer
	binary.Write(&file, binary.LittleEndian, uint64(len(text)))
	file.Write(text)
	file.Write(body)
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := weights.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOperators holds each operator to numbers worked out by hand.
func TestOperators(t *testing.T) {
	needLibrary(t)
	x23, one := ramp(1, 2, 3), Tensor{[]int{1}, []float32{1}} // x23 is 0 1 2, 3 4 5
	tests := []struct {
		name  string
		input Tensor
		make  func(g *Graph, x Value) Value
		shape []int
		want  []float32
	}{
		{"add a row", x23, func(g *Graph, x Value) Value { return g.Add(x, g.Const("c", []float32{10, 20, 30}, 3)) }, []int{2, 3}, []float32{10, 21, 32, 13, 24, 35}},
		{"sub a column", x23, func(g *Graph, x Value) Value { return g.Sub(x, g.Const("c", []float32{1, 2}, 2, 1)) }, []int{2, 3}, []float32{-1, 0, 1, 1, 2, 3}},
		{"mul", x23, func(g *Graph, x Value) Value { return g.Mul(x, x) }, []int{2, 3}, []float32{0, 1, 4, 9, 16, 25}},
		{"matmul", x23, func(g *Graph, x Value) Value { return g.MatMul(x, g.Transpose(x, 1, 0)) }, []int{2, 2}, []float32{5, 14, 14, 50}},
		{"gemm", x23, func(g *Graph, x Value) Value { return g.Gemm(x, x, g.Const("b", []float32{1, -1}, 2)) }, []int{2, 2}, []float32{6, 13, 15, 49}},
		{"gelu", one, func(g *Graph, x Value) Value { return g.Gelu(x) }, []int{1}, []float32{0.8413447}},
		{"gelu by tanh", one, func(g *Graph, x Value) Value { return g.GeluTanh(x) }, []int{1}, []float32{0.8411920}},
		{"silu", one, func(g *Graph, x Value) Value { return g.Silu(x) }, []int{1}, []float32{0.7310586}},
		{"softmax", ramp(0, 1, 4), func(g *Graph, x Value) Value { return g.Softmax(x) }, []int{1, 4}, []float32{0.25, 0.25, 0.25, 0.25}},
		{"reshape", x23, func(g *Graph, x Value) Value { return g.Reshape(x, 3, 2) }, []int{3, 2}, x23.Data},
		{"transpose", x23, func(g *Graph, x Value) Value { return g.Transpose(x, 1, 0) }, []int{3, 2}, []float32{0, 3, 1, 4, 2, 5}},
		{"concat", x23, func(g *Graph, x Value) Value { return g.Concat(1, x, g.Const("c", []float32{8, 9}, 2, 1)) }, []int{2, 4}, []float32{0, 1, 2, 8, 3, 4, 5, 9}},
		{"slice", x23, func(g *Graph, x Value) Value { return g.Slice(x, 1, 1, 3) }, []int{2, 2}, []float32{1, 2, 4, 5}},
		{"attention", ramp(1, 2, 2), func(g *Graph, x Value) Value { // two heads of one channel
			return g.Attention(g.Mul(x, g.Const("zero", []float32{0}, 1)), x, x, 2)
		}, []int{2, 2}, []float32{1, 2, 1, 2}},
		{"attention with a bias", ramp(1, 2, 2), func(g *Graph, x Value) Value { // the first key counts three times
			return g.AttentionBiased(g.Mul(x, g.Const("zero", []float32{0}, 1)), x, x, 2, []float32{float32(math.Log(3)), 0})
		}, []int{2, 2}, []float32{0.5, 1.5, 0.5, 1.5}},
		{"normalise", ramp(1, 2, 2), func(g *Graph, x Value) Value { // to -1 and 1
			return g.Normalize(x, g.Const("scale", []float32{2, 3}, 2), g.Const("bias", []float32{10, 20}, 2), 1e-9)
		}, []int{2, 2}, []float32{8, 23, 8, 23}},
		{"route", x23, routed, []int{2, 3}, []float32{0 + 2, 1 + 3, 2 + 4, 3 + 30, 4 + 40, 5 + 50}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := NewGraph(nil, F32)
			y := tt.make(g, g.Input("x", tt.input.Shape...))
			g.Output("y", y)
			out := run(t, g, tt.input)[0]
			if !slices.Equal(out.Shape, tt.shape) || !slices.Equal(y.Shape, tt.shape) {
				t.Errorf("shape %v, worked out %v, want %v", out.Shape, y.Shape, tt.shape)
			}
			if !same(out.Data, tt.want, 1e-6) {
				t.Errorf("%v, want %v", out.Data, tt.want)
			}
		})
	}
}

// routed adds to the first row itself and 2, to the second ten times itself; a third way nothing goes.
func routed(g *Graph, x Value) Value {
	largest, indices := g.TopK(g.Const("gate", []float32{7, 2, 9, 3, 8, 1}, 2, 3), 2)
	sum := x
	for i, factor := range []float32{0, 10, 1} { // the first row's two are 2 and 0, the second's 1 and 0
		places := g.Places(indices, i)
		rows := g.Mul(g.Rows(x, places), g.Const("factor", []float32{factor}, 1))
		if i == 2 { // 9 - 7
			rows = g.Add(rows, g.Sub(g.Reshape(g.Pick(largest, places), Any, 1), g.Const("seven", []float32{7}, 1)))
		}
		sum = g.AddRows(sum, places, rows)
	}
	return g.AddRows(sum, g.Places(indices, 5), g.Rows(x, g.Places(indices, 5)))
}

// TestAttentionInPieces: so many queries are answered in two pieces as they are in one.
func TestAttentionInPieces(t *testing.T) {
	needLibrary(t)
	const n, m, c = 300, 1 << 17, 2
	if most := maxScores / m; most >= n || most < n/2 {
		t.Fatalf("%d at a time", most)
	}
	q, k := ramp(0.01, n, c), ramp(1, m, c)
	for i := range k.Data {
		k.Data[i] = float32(math.Sin(float64(i)) + 1)
	}
	answer := func(biases []float32) []float32 {
		g := NewGraph(nil, F32)
		x, y := g.Input("q", n, c), g.Input("k", m, c)
		g.Output("y", g.attention(x, y, y, 1, biases))
		return run(t, g, q, k)[0].Data
	}
	if !same(answer(make([]float32, m)), answer(nil), 1e-4) {
		t.Error("other numbers")
	}
}

// TestBiasesAreShared: however many layers attend with the same biases, the runtime keeps one of them for every number of queries.
func TestBiasesAreShared(t *testing.T) {
	g := NewGraph(nil, F32)
	x := g.Input("x", 6, 4)
	for range 3 {
		x = g.AttentionBiased(x, x, x, 2, []float32{0, 0, 0, 1, 1, 1})
	}
	x = g.AttentionBiased(g.Slice(x, 0, 0, 2), x, x, 2, []float32{0, 0, 0, 1, 1, 1})
	x = g.AttentionBiased(x, x, x, 2, []float32{0, 2})
	g.Output("y", x)
	expanded := 0
	for _, n := range g.nodes {
		if bytes.Contains(n, []byte("Expand/")) && !bytes.Contains(n, []byte("MultiHeadAttention")) {
			expanded++
		}
	}
	if expanded != 3 || g.err != nil {
		t.Errorf("%d, not 3: %v", expanded, g.err)
	}
}

// TestRMSNorm: with an epsilon of 3 the roots are those of 12.5 + 3 and 1 + 3.
func TestRMSNorm(t *testing.T) {
	needLibrary(t)
	g := NewGraph(checkpoint(t, f32Entry("norm.weight", Tensor{[]int{2}, []float32{1, 2}})), F32)
	g.Output("y", g.RMSNorm(g.Input("x", 2, 2), "norm.weight", 3))
	out := run(t, g, Tensor{[]int{2, 2}, []float32{3, 4, 1, 1}})[0].Data
	square := float32(math.Sqrt(15.5))
	if want := []float32{3 / square, 8 / square, 0.5, 1}; !same(out, want, 1e-6) {
		t.Errorf("%v, want %v", out, want)
	}
}

func same(got, want []float32, tolerance float64) bool {
	return slices.EqualFunc(got, want, func(a, b float32) bool { return math.Abs(float64(a-b)) <= tolerance })
}

// layers is a network with every layer that has weights.
func layers(c *weights.Checkpoint, compute DType, shape ...int) *Graph {
	g := NewGraph(c, compute)
	x := g.Linear(g.Input("x", shape...), "linear", 4, true)
	x = g.LayerNorm(x, "norm", 1e-5)
	x = g.Add(x, g.Gemm(x, g.WeightRows("wide", 4, 8, 8, 4), Value{}))
	g.Output("y", g.GroupNorm(x, "norm", 2, 1e-5))
	return g
}

func layerWeights(as func(string, Tensor) entry) []entry {
	return []entry{
		as("linear.weight", Tensor{[]int{4, 2}, []float32{1, 0.5, -1, 2, 0.25, 1, 2, -0.5}}),
		as("linear.bias", ramp(0.5, 4)), as("norm.weight", ramp(0.25, 4)), as("norm.bias", ramp(1, 4)), as("wide", ramp(0.0625, 8, 4)),
	}
}

// TestWeightsOfEveryType: the same numbers in another type give the same result, and computing in F16 nearly so.
func TestWeightsOfEveryType(t *testing.T) {
	needLibrary(t)
	x := ramp(0.5, 4, 2)
	want := run(t, layers(checkpoint(t, layerWeights(f32Entry)...), F32, 4, 2), x)[0]
	for name, as := range map[string]func(string, Tensor) entry{"F32": f32Entry, "F16": f16Entry, "BF16": bf16Entry} {
		for compute, tolerance := range map[DType]float64{F32: 1e-6, F16: 0.02} {
			out := run(t, layers(checkpoint(t, layerWeights(as)...), compute, 4, 2), x)[0]
			if !same(out.Data, want.Data, tolerance) {
				t.Errorf("weights %s, computed in %v: %v, want %v", name, compute, out.Data, want.Data)
			}
		}
	}
}

// TestWeightsThatCannotBePointedTo: views with strides and tensors at odd offsets are copied.
func TestWeightsThatCannotBePointedTo(t *testing.T) {
	needLibrary(t)
	c := checkpoint(t, entry{"odd", "U8", []int{1}, []byte{7}}, f32Entry("w", ramp(1, 2, 3)))
	turned := c.Tensors["w"]
	turned.Shape, turned.Strides = []int64{3, 2}, []int64{1, 3}
	c.Tensors["turned"] = turned
	g := NewGraph(c, F32)
	g.Output("y", g.MatMul(g.Weight("w", 2, 3), g.Weight("turned", 3, 2)))
	g.Output("x", g.Input("in", 1))
	if out := run(t, g, ramp(1, 1))[0]; !same(out.Data, []float32{5, 14, 14, 50}, 0) {
		t.Errorf("%v", out.Data)
	}
}

// TestLinkedWeights: a Hugging Face cache has links to files in another folder.
func TestLinkedWeights(t *testing.T) {
	needLibrary(t)
	c := checkpoint(t, layerWeights(f32Entry)...)
	link := filepath.Join(t.TempDir(), "link.safetensors")
	if err := os.Symlink(c.Path, link); err != nil {
		t.Skip(err)
	}
	linked, err := weights.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	x := ramp(1, 4, 2)
	if a, b := run(t, layers(c, F32, 4, 2), x)[0], run(t, layers(linked, F32, 4, 2), x)[0]; !slices.Equal(a.Data, b.Data) {
		t.Errorf("%v through the link, %v directly", b.Data, a.Data)
	}
}

func TestBatchesOfAnySize(t *testing.T) {
	needLibrary(t)
	g := NewGraph(checkpoint(t, layerWeights(f32Entry)...), F32)
	g.Output("y", g.Linear(g.Input("x", Any, 3, 2), "linear", 4, true))
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(m, Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, n := range []int{1, 5, 2} {
		out, err := s.Run(context.Background(), ramp(1, n, 3, 2))
		if err != nil || !slices.Equal(out[0].Shape, []int{n, 3, 4}) {
			t.Errorf("batch of %d: %v (%v)", n, out, err)
		}
	}
	if _, err := s.Run(context.Background(), ramp(1, 2, 4, 2)); err == nil || !strings.Contains(err.Error(), "x") {
		t.Errorf("a wrong shape: %v", err)
	}
	if _, err := s.Run(context.Background()); err == nil {
		t.Error("no input was taken")
	}
}

// TestMissingAndWrongWeights: all are named at once.
func TestMissingAndWrongWeights(t *testing.T) {
	all := layerWeights(f32Entry)
	_, err := layers(checkpoint(t, all[1], all[2]), F32, 4, 2).Model()
	for _, name := range []string{"linear.weight", "norm.bias", "wide"} {
		if !errors.Is(err, weights.ErrMissing) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is missing: %v", name, err)
		}
	}
	if strings.Count(err.Error(), "norm.bias") != 1 || strings.Contains(err.Error(), "linear.bias") {
		t.Error(err)
	}
	_, err = layers(checkpoint(t, all...), F32, 4, 3).Model()
	if want := "linear.weight [4 2], not [4 3]"; !errors.Is(err, weights.ErrShape) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := layers(checkpoint(t, append(all[1:], entry{"linear.weight", "I64", []int{4, 2}, make([]byte, 64)})...), F32, 4, 2).Model(); err == nil {
		t.Error("whole numbers were taken for weights")
	}
}

// TestWrongNetworks: what does not fit is said when the network is written, with names.
func TestWrongNetworks(t *testing.T) {
	tests := map[string]func(g *Graph, x Value) Value{
		"add":       func(g *Graph, x Value) Value { return g.Add(x, g.Const("five", ramp(1, 5).Data, 5)) },
		"types":     func(g *Graph, x Value) Value { return g.Add(x, g.Cast(x, F16)) },
		"matmul":    func(g *Graph, x Value) Value { return g.MatMul(x, x) },
		"gemm":      func(g *Graph, x Value) Value { return g.Gemm(x, g.Transpose(x, 1, 0), Value{}) },
		"reshape":   func(g *Graph, x Value) Value { return g.Reshape(x, 7) },
		"transpose": func(g *Graph, x Value) Value { return g.Transpose(x, 0, 0) },
		"concat":    func(g *Graph, x Value) Value { return g.Concat(0, x, g.Transpose(x, 1, 0)) },
		"attention": func(g *Graph, x Value) Value { return g.Attention(x, x, x, 2) },
		"slice":     func(g *Graph, x Value) Value { return g.Slice(x, 1, 2, 4) },
		"groups":    func(g *Graph, x Value) Value { return g.GroupNorm(x, "norm", 4, 1e-5) },
		"constant":  func(g *Graph, x Value) Value { return g.Const("c", []float32{1}, 2) },
		"patches":   func(g *Graph, x Value) Value { return g.Patches(x, "p", 4, 2) },
		"upsample":  func(g *Graph, x Value) Value { return g.Upsample(x, "p", 4, 2) },
	}
	for name, make := range tests {
		g := NewGraph(nil, F32)
		// Everything after the mistake goes on in silence.
		g.Output("y", g.LayerNorm(g.Linear(make(g, g.Input("x", 2, 3)), "l", 2, true), "n", 1))
		if m, err := g.Model(); err == nil || m != nil || errors.Is(err, weights.ErrMissing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewGraph(nil, F32).Model(); err == nil {
		t.Error("a network without outputs was taken")
	}
}

// TestSameBytes: a network is written the same way every time.
func TestSameBytes(t *testing.T) {
	c := checkpoint(t, layerWeights(f16Entry)...)
	a, err := layers(c, F32, 4, 2).Model()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if b, err := layers(c, F32, 4, 2).Model(); err != nil || !bytes.Equal(a.graph, b.graph) {
			t.Fatalf("another network (%v)", err)
		}
	}
}
