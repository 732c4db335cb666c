package hunyuan

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
)

// kinds are the cases that are known, told by their tensors.
var kinds = []golden.Kind{
	{Name: "end to end", Needs: []string{"inputs:image_rgba", "inputs:noise", "expected:latents"}, Run: goldenEndToEnd},
	{Name: "schedulers", Needs: []string{"expected:flow_5.sigmas"}, Run: goldenSchedulers},
	{Name: "preprocess", Needs: []string{"inputs:rgba_down", "expected:rgba_down.recentred_rgb"}, Run: goldenPreprocess},
	{Name: "image encoder", Needs: []string{"inputs:image", "expected:normalised", "expected:main"}, Run: goldenEncoder},
	{Name: "transformer", Needs: []string{"inputs:x", "inputs:t", "inputs:cond", "expected:out"}, Run: goldenFlow},
	{Name: "decoder", Needs: []string{"inputs:latents", "inputs:queries", "expected:logits"}, Run: goldenDecoder},
}

// TestGolden runs every case of the reference.
func TestGolden(t *testing.T) {
	golden.Walk(t, "hunyuan3d", func(c golden.Case) bool {
		var producer string
		return c.Says(t, "producer", &producer) && strings.Contains(producer, "hy3d")
	}, kinds)
}

func goldenSchedulers(t *testing.T, c golden.Case) {
	var table map[string]struct{ Sigmas []float64 }
	c.Says(t, "table", &table)
	for name, want := range table {
		var s Scheduler
		n := len(want.Sigmas) - 1
		switch {
		case strings.HasPrefix(name, "pcm"):
			s.Target = "x." + consistencyScheduler
			fmt.Sscanf(name, "pcm%d_", &s.Params.Phases)
		case strings.HasPrefix(name, "flow_shift"):
			var shift int
			fmt.Sscanf(name, "flow_shift%d_", &shift)
			s.Params.Shift = float64(shift)
			fallthrough
		default:
			s.Target = flowScheduler
		}
		if err := s.complete(); err != nil {
			t.Fatal(name, err)
		}
		var sigmas, times []float32
		for _, x := range s.sigmas(n) {
			sigmas, times = append(sigmas, float32(x)), append(times, float32(1000*x))
		}
		c.Check(t, name+".sigmas", sigmas)
		c.CheckAs(t, name+".timesteps", times[:n], golden.Tolerance{Atol: 1e-4})
		total := 0.0
		for _, step := range s.steps(n) {
			total += step.Length
		}
		useful := n
		if !s.phased() {
			useful = max(n-1, 1)
		}
		if math.Abs(total-1) > 1e-9 || len(s.steps(n)) != useful {
			t.Errorf("%s: %d steps of %d go %g of the way", name, len(s.steps(n)), n, total)
		}
	}
}

func goldenPreprocess(t *testing.T, c golden.Case) {
	var config map[string]Processor
	c.Config(t, &config)
	for name, p := range config {
		img := golden.Picture(golden.Read(t, c.Inputs, name))
		framed := p.framed(img)
		c.CheckAs(t, name+".recentred_rgb", golden.Colours(framed), golden.Tolerance{})
		c.CheckAs(t, name+".resized_rgb", golden.Colours(cubic(framed, p.Size, p.Size)), golden.Tolerance{})
		// What the network sees, without its means and deviations, from -1 to 1.
		x, want := p.pixels(img, p.Size), golden.Read(t, c.Expected, name+".image").Data
		for i, v := range x {
			channel := i / (p.Size * p.Size)
			x[i] = 2*(v*deviation[channel]+mean[channel]) - 1
		}
		golden.Near(t, name+".image", x, want, golden.Tolerance{Atol: 1e-6})
	}
}

// goldenEncoder begins with the picture as its processor leaves it.
func goldenEncoder(t *testing.T, c golden.Case) {
	var config struct {
		Side   int `json:"conditioner_image_size"`
		DINOv2 struct{}
	}
	c.Config(t, &config)
	var k Config
	c.Config(t, &struct{ DINOv2 any }{&k.Conditioner.Params.Main.Kwargs.Config})
	v := k.vision()
	if err := v.Check(); err != nil {
		t.Fatal(err)
	}
	picture := golden.Read(t, c.Inputs, "image")
	size := picture.Shape[3]
	rows := make([]float32, len(picture.Data))
	for i, x := range picture.Data {
		rows[i%(size*size)*3+i/(size*size)] = (x + 1) / 2
	}
	x := normalised(rows, size, config.Side)
	c.CheckAs(t, "normalised", x, golden.Tolerance{Atol: 1e-5})

	from := c.Weights.Under("main_image_encoder.model.")
	positions, err := v.Positions(from, config.Side)
	if err != nil {
		t.Fatal(err)
	}
	c.Check(t, "pos_embed_used", positions)
	g := onnx.NewGraph(from, onnx.F32)
	g.Trace = true
	g.Output("main", v.Tokens(g, g.Input("pixels", 1, 3, config.Side, config.Side), positions))
	in := onnx.Tensor{Shape: []int{1, 3, config.Side, config.Side}, Data: x}
	c.Run(t, g, []onnx.Tensor{in})

	// In parts, as it is run.
	tokens, err := latent.Device{Compute: onnx.F32}.Look(t.Context(), v, from, [][]float32{x}, config.Side, func(string, float64) {})
	golden.SkipWithout(t, err)
	c.Check(t, "main", tokens[0].Data)
}

// goldenFlow asks a transformer of either kind, with the picture and without it.
func goldenFlow(t *testing.T, c golden.Case) {
	var config Model
	c.Config(t, &config)
	config.MoETop = max(config.MoETop, usualTop)
	f, err := flowOf(c.Weights, config)
	if err != nil {
		t.Fatal(err)
	}
	x, times, tokens := golden.Read(t, c.Inputs, "x"), golden.Read(t, c.Inputs, "t"), golden.Read(t, c.Inputs, "cond")
	inputs := func(i int, tokens onnx.Tensor) []onnx.Tensor {
		at := float64(times.Data[i])
		switch f := f.(type) {
		case latent.Transformer:
			return []onnx.Tensor{golden.One(x, i), {Shape: []int{1, f.Width}, Data: latent.Sinusoid(at, f.Width, 10000)}, tokens}
		case Stream:
			in := []onnx.Tensor{golden.One(x, i), tokens, f.waves(at)}
			if f.Distilled {
				in = append(in, f.waves(float64(golden.Read(t, c.Inputs, "guidance").Data[i])))
			}
			return in
		}
		return nil
	}
	var batch [][]onnx.Tensor
	var embedded []float32
	for i := range times.Data {
		batch = append(batch, inputs(i, golden.One(tokens, i)))
		for _, in := range batch[i][1:] { // the one of the time
			if in.Shape[0] == 1 && len(embedded) < (i+1)*in.Shape[1] {
				embedded = append(embedded, in.Data...)
			}
		}
	}
	c.Check(t, "t_emb", embedded)
	c.Check(t, "t_embedder.time_embed", embedded)
	g := onnx.NewGraph(c.Weights, onnx.F32)
	g.Trace = true
	g.Output("out", f.Whole(g, x.Shape[1], tokens.Shape[1], false))
	c.Run(t, g, batch...)
	withoutPicture(t, c, f, x, tokens, inputs)
}

// withoutPicture holds what is left out of the branch without the picture to the same network told that all tokens are zero.
func withoutPicture(t *testing.T, c golden.Case, f flow, x, tokens onnx.Tensor, inputs func(int, onnx.Tensor) []onnx.Tensor) {
	if s, ok := f.(Stream); ok && s.Distilled {
		return
	}
	d := latent.Device{Compute: onnx.F32}
	whole := func(guide bool, tokens onnx.Tensor) []float32 {
		g := onnx.NewGraph(c.Weights, onnx.F32)
		g.Output("out", f.Whole(g, x.Shape[1], tokens.Shape[0], guide))
		out, err := d.Pass(t.Context(), g, inputs(0, tokens)...)
		golden.SkipWithout(t, err)
		return out[0].Data
	}
	with := golden.One(tokens, 0)
	both := whole(true, with)
	n := len(both) / 2
	golden.Near(t, "with the picture", both[:n], golden.One(golden.Read(t, c.Expected, "out"), 0).Data, c.Tolerance(t, "out"))
	zeros := onnx.Tensor{Shape: with.Shape, Data: make([]float32, len(with.Data))}
	golden.Near(t, "without the picture", both[n:], whole(false, zeros), golden.Tolerance{Atol: 1e-5, Rtol: 1e-5})
}

func goldenDecoder(t *testing.T, c golden.Case) {
	var said VAE
	c.Config(t, &said)
	v, err := decoderOf(c.Weights, said)
	if err != nil {
		t.Fatal(err)
	}
	if kind := kindOf(c.Weights); kind == Standard != (said.Downsample == 1) {
		t.Errorf("taken for a %s decoder", kind)
	}
	for _, name := range []string{"query_proj", "latents_proj", "cross_attn_decoder.attn", "cross_attn_decoder"} {
		if x, ok := c.Expected.Tensors[name]; ok { // without what their names begin with
			c.Expected.Tensors["geo_decoder."+name] = x
		}
	}
	z, points := golden.Read(t, c.Inputs, "latents"), golden.Triples(golden.Read(t, c.Inputs, "queries").Data)
	var embedded []float32
	for _, p := range points {
		embedded = v.Embed(embedded, p)
	}
	c.Check(t, "fourier", embedded)
	scaled := golden.One(z, 0)
	scaled.Data = append([]float32{}, scaled.Data...)
	for i := range scaled.Data {
		scaled.Data[i] *= float32(1 / said.Scale)
	}
	c.Check(t, "latents_unscaled", scaled.Data)
	g := onnx.NewGraph(c.Weights, onnx.F32)
	g.Trace = true
	g.Output("logits", v.Whole(g, z.Shape[1], len(points)))
	c.Run(t, g, []onnx.Tensor{scaled, {Shape: []int{len(points), v.Embedded()}, Data: embedded}})

	f, err := v.Field(t.Context(), latent.Device{Compute: onnx.F32}, c.Weights, z.Data, 1/said.Scale, 0)
	golden.SkipWithout(t, err)
	defer f.Close()
	got := make([]float32, len(points))
	if err := f.At(t.Context(), points, got); err != nil {
		t.Fatal(err)
	}
	c.Check(t, "logits", got)
	checkGrid(t, c, v, f)
	checkNear(t, c, v, z.Data, said)
}
