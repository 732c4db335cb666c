package triposr

import (
	"context"
	"image"
	"math"
	"testing"

	"orfeas/pipeline/engine/dino"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

func pixels(x onnx.Tensor) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, x.Shape[1], x.Shape[0]))
	for i, v := range x.Data {
		img.Pix[i] = uint8(v)
	}
	return img
}

func floats(raw []uint8) []float32 {
	out := make([]float32, len(raw))
	for i, v := range raw {
		out[i] = float32(v)
	}
	return out
}

func goldenCondition(t *testing.T, c golden) {
	var config struct {
		Ratio      float64 `json:"foreground_ratio"`
		Background float32
		Size       int `json:"cond_image_size"`
	}
	c.config(t, &config)
	img := pixels(read(t, c.inputs, "rgba"))
	f := framed(img, config.Ratio)
	c.check(t, "after_resize_foreground", floats(f.Pix))
	c.check(t, "after_grey_composite", floats(over(f, config.Background)))
	if config.Background == grey {
		c.check(t, "cond_image", condition(img, config.Ratio, config.Size))
	}
}

func goldenResize(t *testing.T, c golden) {
	var config struct{ Dst int }
	c.config(t, &config)
	x := read(t, c.inputs, "image")
	if c.inputs.Tensors["image"].DType == weights.U8 {
		for i := range x.Data {
			x.Data[i] /= 255
		}
	}
	got := resized(x.Data, x.Shape[1], x.Shape[0], x.Shape[2], config.Dst, config.Dst)
	c.check(t, "image", got)
	if !c.has([]string{"expected:rows"}) {
		return
	}
	// Some of the rows, in their order; which ones has to be found out.
	rows, wide, found := read(t, c.expected, "rows"), config.Dst*x.Shape[2], []float32{}
	for at, want := 0, rows.Data; len(want) > 0 && at < config.Dst; at++ {
		if row := got[at*wide:][:wide]; c.close("rows", row, want[:wide]) {
			found, want = append(found, row...), want[wide:]
		}
	}
	c.check(t, "rows", found)
}

func goldenPositions(t *testing.T, c golden) {
	var config struct {
		From     int `json:"src_grid"`
		To       int `json:"dst_grid"`
		Channels int
	}
	c.config(t, &config)
	c.check(t, "pos_embed", dino.Resampled(read(t, c.inputs, "position_embeddings").Data, config.From, config.To, config.To, config.Channels, positionsExtra))
}

func goldenTokens(t *testing.T, c golden) {
	config := Released
	c.config(t, &config)
	v := config.ViT
	img := read(t, c.inputs, "images")
	h, w := img.Shape[3], img.Shape[4]
	table := read(t, c.weights, "model.embeddings.position_embeddings")
	positions := dino.Resampled(table.Data, v.Size/v.Patch, h/v.Patch, w/v.Patch, v.Hidden, positionsExtra)
	c.check(t, "pos_embed_used", positions)

	g := onnx.NewGraph(c.weights, onnx.F32)
	g.Trace = true
	x := v.tokens(g, "model.", g.Input("images", 1, 3, h, w), positions)
	g.Output("final_layernorm", x)
	g.Output("tokens_B_Nv_C_Nt", g.Transpose(x, 1, 0))
	g.Output("encoder_hidden_states_B_Nt_C", x)
	c.run(t, g, batches(img, 1, 3, h, w))
}

func goldenPlanes(t *testing.T, c golden) {
	var config Tokenizer
	c.config(t, &config)
	c.weights.Tensors["tokenizer.embeddings"] = c.weights.Tensors["embeddings"]
	g := onnx.NewGraph(c.weights, onnx.F32)
	x := g.Add(config.embedded(g), g.Input("zero", 1, 1))
	g.Output("tokens_B_C_T", x)
	g.Output("detokenized_B_Np_C_H_W", config.separated(g, x))
	c.run(t, g, []onnx.Tensor{{Shape: []int{1, 1}, Data: []float32{0}}})
}

func goldenBackbone(t *testing.T, c golden) {
	config := Released.Backbone
	c.config(t, &config)
	hidden, context := read(t, c.inputs, "hidden_states"), read(t, c.inputs, "encoder_hidden_states")
	g := onnx.NewGraph(c.weights, onnx.F32)
	g.Trace = true
	x, y := g.Input("hidden", hidden.Shape[1:]...), g.Input("context", context.Shape[1:]...)
	h := config.enter(g, "", x)
	for i := range config.Layers {
		h = config.block(g, "", i, h, y)
	}
	g.Output("output", config.leave(g, "", h, x))
	c.run(t, g, batches(hidden, hidden.Shape[1:]...), batches(context, context.Shape[1:]...))
}

func goldenUpsampler(t *testing.T, c golden) {
	var config PostProcessor
	c.config(t, &config)
	x := read(t, c.inputs, "triplanes")
	g := onnx.NewGraph(c.weights, onnx.F32)
	g.Output("triplanes_up", g.Upsample(g.Input("x", x.Shape[1:]...), "upsample", config.Out, 2))
	c.run(t, g, batches(x, x.Shape[1:]...))
}

func goldenDecoder(t *testing.T, c golden) {
	var config Config
	c.config(t, &config)
	x := read(t, c.inputs, "triplane")
	s := Scene{x.Shape[1], x.Shape[2], x.Data}
	points := triples(read(t, c.inputs, "positions").Data)

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
	c.check(t, "sampled_features", features)

	named := &weights.Checkpoint{Tensors: map[string]weights.Tensor{}}
	for name, tensor := range c.weights.Tensors {
		named.Tensors[decoderPrefix+name] = tensor
	}
	f := openField(t, New(named, config, onnx.Options{}, onnx.F32), &s)
	checkField(t, c, f, points, [5]string{"density", "features", "density_act", "color"})
}

// checkField checks what a field says at points: density and colours before their activations, and after.
func checkField(t *testing.T, c golden, f *Field, points [][3]float32, names [5]string) {
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
		c.check(t, names[i], got)
	}
}

func openField(t *testing.T, n *Network, s *Scene) *Field {
	t.Helper()
	f, err := n.Field(s)
	skipWithout(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func triples(x []float32) [][3]float32 {
	out := make([][3]float32, len(x)/3)
	for i := range out {
		copy(out[i][:], x[3*i:])
	}
	return out
}

// goldenSurface compares with what marching cubes of the official code made of the same densities: ours has the same
// crossings of the grid's edges, whatever triangles are between them.
func goldenSurface(t *testing.T, c golden) {
	var config struct {
		Resolution int
		Threshold  float64
	}
	c.config(t, &config)
	d, n := read(t, c.inputs, "density").Data, config.Resolution
	m, err := mesh.Isosurface(context.Background(), worldGrid(n, 1), func(k int, out []float32) {
		for i := range out {
			out[i] = d[(i%n*n+i/n)*n+k] - float32(config.Threshold)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	tolerance := c.Tolerance["vertices"].Atol + 2*keptOff*worldGrid(n, 1).Step
	sameSurface(t, m, triples(read(t, c.expected, "vertices").Data), 1, c.Volume, tolerance)
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
