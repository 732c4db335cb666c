package triposr

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

func skipWithout(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, onnx.ErrNoLibrary) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// goldenEndToEnd goes all the way, from every file that holds the weights.
func goldenEndToEnd(t *testing.T, c golden) {
	config := Released
	c.config(t, &config)
	files, err := filepath.Glob(filepath.Join(c.folder, "*.ckpt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, c.weights.Path) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			checkpoint, err := weights.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			n := New(checkpoint, config, onnx.Options{}, onnx.F32)
			if err := n.Check(); err != nil {
				t.Fatal(err)
			}
			endToEnd(t, c, n)
		})
	}
}

func endToEnd(t *testing.T, c golden, n *Network) {
	img := pixels(read(t, c.inputs, "rgba"))
	c.check(t, "cond_image", condition(img, n.config.ImageSize))
	var steps []float64
	s, err := n.Look(context.Background(), img, func(_ string, f float64) { steps = append(steps, f) })
	skipWithout(t, err)
	for i, f := range steps {
		if f < 0 || f > 1 || i > 0 && f < steps[i-1] || i == len(steps)-1 && f != 1 {
			t.Errorf("progress %v", steps)
			break
		}
	}
	c.check(t, "scene_codes", s.data)
	f := openField(t, n, s)
	checkField(t, c, f, triples(read(t, c.expected, "grid_points").Data), [5]string{"density_raw", "", "density_act", "grid_color"})

	m, err := f.Surface(context.Background(), c.Samples, c.Threshold, func(float64) {})
	if err != nil {
		t.Fatal(err)
	}
	if r := m.Check(); !r.Clean() {
		t.Errorf("the surface is not clean: %+v", r)
	}
	want, colors := triples(read(t, c.expected, "mesh_vertices").Data), triples(read(t, c.expected, "mesh_vertex_colors").Data)
	sameSurface(t, m, want, 0, c.Tolerance["mesh_vertices"].Atol)

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
	c.check(t, "mesh_vertex_colors", got)
}
