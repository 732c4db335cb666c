package triposr

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// goldenEndToEnd goes all the way, from every file that holds the weights.
func goldenEndToEnd(t *testing.T, c golden.Case) {
	config := Released
	c.Config(t, &config)
	files, err := filepath.Glob(filepath.Join(c.Folder, "*.ckpt"))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("half precision", func(t *testing.T) { halfScene(t, c, config) })
	for _, file := range append(files, c.Weights.Path) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			checkpoint, err := weights.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			n := network(t, c, checkpoint, config, onnx.F32)
			if err := n.Check(); err != nil {
				t.Fatal(err)
			}
			endToEnd(t, c, n)
		})
	}
}

// inHalf is how far the scene may be off, in parts of its largest number, when it is computed in F16.
const inHalf = 0.01

// halfScene computes the scene in F16, as GPUs do.
func halfScene(t *testing.T, c golden.Case, config Config) {
	n := network(t, c, c.Weights, config, onnx.F16)
	s, err := n.Look(context.Background(), golden.Picture(golden.Read(t, c.Inputs, "rgba")), func(string, float64) {})
	golden.SkipWithout(t, err)
	worst, size := 0.0, 0.0
	for i, want := range golden.Read(t, c.Expected, "scene_codes").Data {
		worst, size = max(worst, math.Abs(float64(s.data[i]-want))), max(size, math.Abs(float64(want)))
	}
	t.Logf("off by %.2g of %.2g", worst, size)
	if !(worst <= inHalf*size) {
		t.Errorf("off by %g of %g", worst, size)
	}
}

func network(t *testing.T, c golden.Case, from *weights.Checkpoint, config Config, compute onnx.DType) *Network {
	n := New(from, config, onnx.Options{}, compute)
	c.Says(t, "foreground_ratio", &n.ratio)
	return n
}

func endToEnd(t *testing.T, c golden.Case, n *Network) {
	img := golden.Picture(golden.Read(t, c.Inputs, "rgba"))
	c.Check(t, "cond_image", condition(img, n.ratio, n.config.ImageSize))
	var steps []float64
	s, err := n.Look(context.Background(), img, func(_ string, f float64) { steps = append(steps, f) })
	golden.SkipWithout(t, err)
	for i, f := range steps {
		if f < 0 || f > 1 || i > 0 && f < steps[i-1] || i == len(steps)-1 && f != 1 {
			t.Errorf("progress %v", steps)
			break
		}
	}
	c.Check(t, "scene_codes", s.data)
	if !c.Has("expected:grid_points", "expected:mesh_vertices", "expected:mesh_vertex_colors") {
		return
	}
	f := openField(t, n, s)
	checkField(t, c, f, golden.Triples(golden.Read(t, c.Expected, "grid_points").Data), [5]string{"density_raw", "", "density_act", "grid_color"})

	var samples int
	var threshold float64
	c.Says(t, "mc_resolution", &samples)
	c.Says(t, "density_threshold", &threshold)
	ctx, radius, none := context.Background(), n.config.Renderer.Radius, func(float64) {}
	whole, err := f.surface(ctx, samples, 1, threshold, none)
	if err != nil {
		t.Fatal(err)
	}
	want, colors := golden.Triples(golden.Read(t, c.Expected, "mesh_vertices").Data), golden.Triples(golden.Read(t, c.Expected, "mesh_vertex_colors").Data)
	near := c.Tolerance(t, "mesh_vertices").Atol + 2*keptOff*worldGrid(samples, radius).Step
	sameSurface(t, whole, want, radius, 0, near)

	m, err := f.Surface(ctx, samples, threshold, none)
	if err != nil {
		t.Fatal(err)
	}
	if r := m.Check(); !r.Clean() {
		t.Errorf("the surface is not clean: %+v", r)
	}
	for _, v := range m.Vertices {
		if nearest(v, whole.Vertices) > 0 {
			t.Fatalf("%v is no vertex of the surface of all samples", v)
		}
	}
	if m.Volume() < 0.95*whole.Volume() {
		t.Errorf("of a volume of %.4f only %.4f was found", whole.Volume(), m.Volume())
	}

	raw := make([][4]float32, len(want))
	if err := f.at(context.Background(), want, raw); err != nil {
		t.Fatal(err)
	}
	var got []float32
	for _, r := range raw {
		got = append(got, float32(shade(r[1])), float32(shade(r[2])), float32(shade(r[3])))
	}
	if len(got) != 3*len(colors) {
		t.Fatal("the case has not one colour per vertex")
	}
	c.Check(t, "mesh_vertex_colors", got)
}

// TestNoNumbers: damaged weights are named, and do not become a scene.
func TestNoNumbers(t *testing.T) {
	c := golden.Open(t, golden.Reference(t, "triposr", "golden", "e2e"))
	config := Released
	c.Config(t, &config)
	data, err := os.ReadFile(c.Weights.Path)
	if err != nil {
		t.Fatal(err)
	}
	body := data[8+binary.LittleEndian.Uint64(data):]
	for i := range body {
		body[i] = 0xff
	}
	path := filepath.Join(t.TempDir(), "spoilt.safetensors")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	spoilt, err := weights.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = network(t, c, spoilt, config, onnx.F32).Look(t.Context(), golden.Picture(golden.Read(t, c.Inputs, "rgba")), func(string, float64) {})
	if errors.Is(err, onnx.ErrNoLibrary) {
		t.Skip(err)
	}
	if !errors.Is(err, weights.ErrCorrupt) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}
