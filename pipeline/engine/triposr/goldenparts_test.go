package triposr

import (
	"context"
	"math"
	"testing"

	"orfeas/pipeline/engine/dino"
	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

func floats(raw []uint8) []float32 {
	out := make([]float32, len(raw))
	for i, v := range raw {
		out[i] = float32(v)
	}
	return out
}

func goldenCondition(t *testing.T, c golden.Case) {
	var config struct {
		Ratio      float64 `json:"foreground_ratio"`
		Background float32
		Size       int `json:"cond_image_size"`
	}
	c.Config(t, &config)
	img := golden.Picture(golden.Read(t, c.Inputs, "rgba"))
	f := framed(img, config.Ratio)
	c.Check(t, "after_resize_foreground", floats(f.Pix))
	c.Check(t, "after_grey_composite", floats(over(f, config.Background)))
	if config.Background == grey {
		c.Check(t, "cond_image", condition(img, config.Ratio, config.Size))
	}
}

func goldenResize(t *testing.T, c golden.Case) {
	var config struct{ Dst int }
	c.Config(t, &config)
	x := golden.Read(t, c.Inputs, "image")
	if c.Inputs.Tensors["image"].DType == weights.U8 {
		for i := range x.Data {
			x.Data[i] /= 255
		}
	}
	got := dino.Bilinear(x.Data, x.Shape[1], x.Shape[0], x.Shape[2], config.Dst, config.Dst)
	c.Check(t, "image", got)
	if !c.Has("expected:rows") {
		return
	}
	// Some of the rows, in their order; which ones has to be found out.
	rows, wide, found := golden.Read(t, c.Expected, "rows"), config.Dst*x.Shape[2], []float32{}
	for at, want := 0, rows.Data; len(want) > 0 && at < config.Dst; at++ {
		row := got[at*wide:][:wide]
		if _, off := c.Tolerance(t, "rows").Off(row, want[:wide]); off == 0 {
			found, want = append(found, row...), want[wide:]
		}
	}
	c.Check(t, "rows", found)
}

func goldenPositions(t *testing.T, c golden.Case) {
	var config struct {
		From     int `json:"src_grid"`
		To       int `json:"dst_grid"`
		Channels int
	}
	c.Config(t, &config)
	c.Check(t, "pos_embed", dino.Resampled(golden.Read(t, c.Inputs, "position_embeddings").Data, config.From, config.To, config.To, config.Channels, positionsExtra))
}

func goldenTokens(t *testing.T, c golden.Case) {
	config := Released
	c.Config(t, &config)
	v := config.ViT
	img := golden.Read(t, c.Inputs, "images")
	h, w := img.Shape[3], img.Shape[4]
	table := golden.Read(t, c.Weights, "model.embeddings.position_embeddings")
	positions := dino.Resampled(table.Data, v.Size/v.Patch, h/v.Patch, w/v.Patch, v.Hidden, positionsExtra)
	c.Check(t, "pos_embed_used", positions)

	g := onnx.NewGraph(c.Weights, onnx.F32)
	g.Trace = true
	x := v.tokens(g, "model.", g.Input("images", 1, 3, h, w), positions)
	g.Output("final_layernorm", x)
	g.Output("tokens_B_Nv_C_Nt", g.Transpose(x, 1, 0))
	g.Output("encoder_hidden_states_B_Nt_C", x)
	c.Run(t, g, batches(onnx.Tensor{Shape: append([]int{img.Shape[0], 1}, img.Shape[2:]...), Data: img.Data})...)
}

func goldenPlanes(t *testing.T, c golden.Case) {
	var config Tokenizer
	c.Config(t, &config)
	c.Weights.Tensors["tokenizer.embeddings"] = c.Weights.Tensors["embeddings"]
	g := onnx.NewGraph(c.Weights, onnx.F32)
	x := g.Add(config.embedded(g), g.Input("zero", 1, 1))
	g.Output("tokens_B_C_T", x)
	g.Output("detokenized_B_Np_C_H_W", config.separated(g, x))
	c.Run(t, g, []onnx.Tensor{{Shape: []int{1, 1}, Data: []float32{0}}})
}

func goldenBackbone(t *testing.T, c golden.Case) {
	config := Released.Backbone
	c.Config(t, &config)
	hidden, context := golden.Read(t, c.Inputs, "hidden_states"), golden.Read(t, c.Inputs, "encoder_hidden_states")
	g := onnx.NewGraph(c.Weights, onnx.F32)
	g.Trace = true
	x, y := g.Input("hidden", hidden.Shape[1:]...), g.Input("context", context.Shape[1:]...)
	h := config.enter(g, "", x)
	for i := range config.Layers {
		h = config.block(g, "", i, h, y)
	}
	g.Output("output", config.leave(g, "", h, x))
	c.Run(t, g, batches(hidden, context)...)
}

func goldenUpsampler(t *testing.T, c golden.Case) {
	var config PostProcessor
	c.Config(t, &config)
	x := golden.Read(t, c.Inputs, "triplanes")
	g := onnx.NewGraph(c.Weights, onnx.F32)
	g.Output("triplanes_up", g.Upsample(g.Input("x", x.Shape[1:]...), "upsample", config.Out, 2))
	c.Run(t, g, batches(x)...)
}

func goldenDecoder(t *testing.T, c golden.Case) {
	var config Config
	c.Config(t, &config)
	x := golden.Read(t, c.Inputs, "triplane")
	s := Scene{x.Shape[1], x.Shape[2], x.Data}
	points := golden.Triples(golden.Read(t, c.Inputs, "positions").Data)

	// With an identity for the first layer the features themselves come out.
	wide := config.Decoder.In
	identity := make([]float32, wide*wide)
	for i := range wide {
		identity[i*wide+i] = 1
	}
	if config.Renderer.Reduction == "mean" {
		identity = thirds(identity, wide)
	}
	folded := s.folded(identity, wide)
	features := make([]float32, wide*len(points))
	for i, p := range points {
		folded.sample(p, config.Renderer.Radius, features[i*wide:][:wide])
	}
	c.Check(t, "sampled_features", features)

	named := &weights.Checkpoint{Tensors: map[string]weights.Tensor{}}
	for name, tensor := range c.Weights.Tensors {
		named.Tensors[decoderPrefix+name] = tensor
	}
	f := openField(t, New(named, config, onnx.Options{}, onnx.F32), &s)
	checkField(t, c, f, points, [5]string{"density", "features", "density_act", "color"})
}

// checkField checks what a field says at points: density and colours before their activations, and after.
func checkField(t *testing.T, c golden.Case, f *Field, points [][3]float32, names [5]string) {
	t.Helper()
	raw := make([][4]float32, len(points))
	if err := f.at(context.Background(), points, raw); err != nil {
		t.Fatal(err)
	}
	var density, colors, dense, shades []float32
	for _, r := range raw {
		density, dense = append(density, r[0]), append(dense, float32(f.density(r[0])))
		for _, x := range r[1:] {
			colors, shades = append(colors, x), append(shades, float32(shade(x)))
		}
	}
	for i, got := range [][]float32{density, colors, dense, shades} {
		c.Check(t, names[i], got)
	}
}

func openField(t *testing.T, n *Network, s *Scene) *Field {
	t.Helper()
	f, err := n.Field(s)
	golden.SkipWithout(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// goldenSurface compares with what marching cubes of the official code made of the same densities: ours has the same
// crossings of the grid's edges, whatever triangles are between them.
func goldenSurface(t *testing.T, c golden.Case) {
	var config struct {
		Resolution int
		Threshold  float64
	}
	c.Config(t, &config)
	d, n := golden.Read(t, c.Inputs, "density").Data, config.Resolution
	m, err := mesh.Isosurface(context.Background(), worldGrid(n, 1), func(k int, out []float32) {
		for i := range out {
			out[i] = d[(i%n*n+i/n)*n+k] - float32(config.Threshold)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	var volume float64
	c.Says(t, "signed_volume", &volume)
	tolerance := c.Tolerance(t, "vertices").Atol + 2*keptOff*worldGrid(n, 1).Step
	sameSurface(t, m, golden.Triples(golden.Read(t, c.Expected, "vertices").Data), 1, volume, tolerance)
}

// keptOff is the share of a grid's step that our isosurface keeps its vertices from the samples, so that no triangle
// has a side of no length.
const keptOff = 0.02

// sameSurface checks that every vertex of each is near one of the other. The official surface is open where it meets
// the faces of the world at ±radius, ours is closed beyond them. volume, if not 0, is that of the official one.
func sameSurface(t *testing.T, m *mesh.Mesh, want [][3]float32, radius, volume, tolerance float64) {
	t.Helper()
	lost, added := 0, 0
	for _, v := range want {
		if nearest(v, m.Vertices) > tolerance {
			lost++
		}
	}
	for _, v := range m.Vertices {
		inside := float64(max(v[0], v[1], v[2], -v[0], -v[1], -v[2])) <= radius
		if inside && nearest(v, want) > tolerance {
			added++
		}
	}
	t.Logf("%d vertices, theirs %d; within %.2g all the same but %d and %d; volume %.6f", len(m.Vertices), len(want), tolerance, lost, added, m.Volume())
	if lost+added > 0 {
		t.Errorf("%d of %d vertices are not on our surface, %d of ours not on theirs", lost, len(want), added)
	}
	if volume != 0 && math.Abs(m.Volume()/volume-1) > 0.01 {
		t.Errorf("volume %.5f, not %.5f", m.Volume(), volume)
	}
}

func nearest(p [3]float32, all [][3]float32) float64 {
	best := math.Inf(1)
	for _, q := range all {
		best = min(best, math.Hypot(math.Hypot(float64(p[0]-q[0]), float64(p[1]-q[1])), float64(p[2]-q[2])))
	}
	return best
}
