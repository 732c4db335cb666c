package onnx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orfeas/pipeline/weights"
)

// TestRunStops: a run ends with its context, in the middle, and the session can be run again.
func TestRunStops(t *testing.T) {
	needLibrary(t)
	const side, depth = 512, 2000 // minutes of work
	g := NewGraph(nil, F32)
	y := g.Input("x", Any, side)
	w := g.Const("w", waves(side*side, 0.7), side, side)
	for range depth {
		y = g.Gemm(y, w, Value{})
	}
	g.Output("y", y)
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	began := make(chan struct{})
	go func() { close(began); cancel() }()
	<-began
	if _, err := s.Run(ctx, ramp(1e-9, 4096, side)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	late, stop := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer stop()
	if _, err := s.Run(late, ramp(1e-9, 4096, side)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("out of time: %v", err)
	}
	if _, err := s.Run(context.Background(), ramp(1e-9, 1, side)); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	needLibrary(t)
	if _, err := Open(&Model{graph: []byte("no network")}, Options{}); err == nil {
		t.Error("nonsense was opened")
	}
	g := NewGraph(nil, F32)
	g.Output("y", g.Input("x", 1))
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Provider{CUDA, DirectML, CoreML, "abacus"} {
		if s, err := Open(m, Options{Provider: p}); err == nil {
			s.Close() // there is one
		} else if !errors.Is(err, ErrProvider) {
			t.Errorf("%s: %v", p, err)
		}
	}
}

// TestShortCheckpoint: the file was cut after its directory was read.
func TestShortCheckpoint(t *testing.T) {
	needLibrary(t)
	c := checkpoint(t, layerWeights(f32Entry)...)
	m, err := layers(c, F32, 4, 2).Model()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(c.Path, c.Tensors["wide"].Offset+4); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(m, Options{}); !errors.Is(err, weights.ErrCorrupt) {
		t.Errorf("half a file was opened: %v", err)
	}
}

func TestReadModel(t *testing.T) {
	needLibrary(t)
	g := NewGraph(nil, F32)
	g.Output("y", g.Gelu(g.Input("x", Any, 3)))
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "network.onnx")
	if err := os.WriteFile(path, m.graph, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadModel(path, 10); err == nil {
		t.Error("a network over the limit was read")
	}
	if m, err = ReadModel(path, 1<<20); err != nil {
		t.Fatal(err)
	}
	s, err := Open(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if in, out := fmt.Sprint(s.Inputs()), fmt.Sprint(s.Outputs()); in != "[x [-1 3]]" || out != "[y [-1 3]]" {
		t.Errorf("takes %s, gives %s", in, out)
	}
	if out, err := s.Run(context.Background(), ramp(1, 2, 3)); err != nil || !same(out[0].Data[:2], []float32{0, 0.8413447}, 1e-6) {
		t.Errorf("%v (%v)", out, err)
	}
}

func TestNamedFailures(t *testing.T) {
	tests := []struct {
		text     string
		provider Provider
		want     error
	}{
		{"Failed to allocate memory for requested buffer of size 6442450944", CPU, ErrOutOfMemory},
		{"CUDA failure 2: out of memory ; GPU=0", CUDA, ErrOutOfMemory},
		{"CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0", CUDA, ErrOutOfMemory},
		{"CUDA failure 209: no kernel image is available for execution on the device ; GPU=0", CUDA, ErrProvider},
		{"bfc_arena.cc:376 Available memory of 12 is smaller than requested bytes of 42", CUDA, ErrOutOfMemory},
		{"std::bad_alloc", CPU, ErrOutOfMemory},
		{"CUDA failure 100: no CUDA-capable device is detected", CUDA, ErrProvider},
		{"something else", WebGPU, ErrProvider},
		{"something else", CPU, nil},
		{"a.cc:63 Context::Initialize(const Config&) status == Success was false. No adapters", WebGPU, ErrProvider},
	}
	for _, tt := range tests {
		err := named(errors.New(tt.text), tt.provider)
		for _, sentinel := range []error{ErrOutOfMemory, ErrProvider} {
			if errors.Is(err, sentinel) != (sentinel == tt.want) {
				t.Errorf("%s: %v", tt.text, err)
			}
		}
		_, sentence, long := strings.Cut(tt.text, "was false. ")
		if !long {
			sentence = tt.text
		}
		if !strings.HasSuffix(err.Error(), ": "+sentence) && err.Error() != sentence {
			t.Errorf("%s became %v", tt.text, err)
		}
	}
}

func TestLibrary(t *testing.T) {
	if !linked {
		t.Skip("built without cgo")
	}
	t.Setenv(LibraryVariable, filepath.Join(t.TempDir(), "none.so"))
	if _, err := Library(); !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), LibraryVariable) {
		t.Error(err)
	}
	cache := t.TempDir()
	t.Setenv(LibraryVariable, "")
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("LocalAppData", cache)
	if _, err := Library(); !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), cache) {
		t.Error(err)
	}
	root, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	var last string
	for _, version := range []string{"1.9.0", "1.24.3", "1.30.0", "1.30.12"} {
		last = filepath.Join(root, "orfeas", "onnxruntime", version, libraryNames()[0])
		if err := os.MkdirAll(filepath.Dir(last), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(last, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if path, err := Library(); err != nil || path != last {
		t.Errorf("%s, not the newest %s (%v)", path, last, err)
	}
}

// TestProbeOutlivesItsChild: whatever the child does, there is a finding.
func TestProbeOutlivesItsChild(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for does, want := range map[string]string{
		"hangs":   "did not answer within 500ms",
		"crashes": "segmentation fault",
		"babbles": "gave no answer",
	} {
		child := exec.Command(program)
		child.Env = append(os.Environ(), "ORFEAS_TEST_CHILD="+does)
		f := answer(context.Background(), WebGPU, child, 500*time.Millisecond)
		if f.Usable || f.Provider != WebGPU || !strings.Contains(f.Why, want) {
			// A busy machine may be slower to crash than that.
			if does == "hangs" || !strings.Contains(f.Why, "did not answer") {
				t.Errorf("a child that %s: %+v", does, f)
			}
		}
	}
	if f := answer(context.Background(), WebGPU, exec.Command(filepath.Join(t.TempDir(), "none")), time.Second); f.Usable || f.Why == "" {
		t.Errorf("no child: %+v", f)
	}
}

func TestProbe(t *testing.T) {
	needLibrary(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(program)
	child.Env = append(os.Environ(), "ORFEAS_TEST_CHILD=answers")
	if f := answer(context.Background(), CPU, child, time.Minute); !f.Usable || f.Half || f.Speed <= 0 {
		t.Errorf("the CPU in a child: %+v", f)
	}
	found, err := Probe(context.Background())
	if err != nil || len(found) != len(Providers()) {
		t.Fatalf("%+v (%v)", found, err)
	}
	for _, f := range found {
		if f.Usable != (f.Why == "") || f.Provider == CPU && !f.Usable {
			t.Errorf("%+v", f)
		}
	}
}

func TestChoose(t *testing.T) {
	cpu := Finding{Provider: CPU, Usable: true, Speed: 80}
	gone, fast := Finding{Provider: CUDA, Why: "no library"}, Finding{Provider: CUDA, Usable: true, Half: true, Speed: 9000}
	soft, web := Finding{Provider: WebGPU, Usable: true, Speed: 5}, Finding{Provider: WebGPU, Usable: true, Speed: 900}
	tests := []struct {
		found  []Finding
		wanted Provider
		want   Provider
		in     DType
		why    string
	}{
		{[]Finding{fast, web, cpu}, "", CUDA, F16, ""},
		{[]Finding{gone, web, cpu}, "", WebGPU, F32, "cuda: no library"},
		{[]Finding{gone, soft, cpu}, "", CPU, F32, "slower than the CPU"},
		{[]Finding{gone, soft, cpu}, WebGPU, WebGPU, F32, "cuda: ORFEAS_PROVIDER says webgpu"},
		{[]Finding{fast, web, cpu}, CPU, CPU, F32, "ORFEAS_PROVIDER says cpu"},
		{[]Finding{gone, web, cpu}, CUDA, CPU, F32, "cuda: no library"},
		{[]Finding{cpu}, "", CPU, F32, ""},
		{nil, "", CPU, F32, ""},
	}
	for _, tt := range tests {
		c := Choose(tt.found, tt.wanted)
		if c.Provider != tt.want || c.Compute != tt.in || !strings.Contains(strings.Join(c.WhyNot, "; "), tt.why) {
			t.Errorf("%+v, %s wanted: %+v", tt.found, tt.wanted, c)
		}
	}
}

// TestBest: it is the CPU where this program cannot try anything else.
func TestBest(t *testing.T) {
	needLibrary(t)
	c, err := Best(context.Background())
	if err != nil || c.Provider != CPU || c.Compute != F32 || len(c.WhyNot) != len(Providers())-1 {
		t.Errorf("%+v (%v)", c, err)
	}
}
