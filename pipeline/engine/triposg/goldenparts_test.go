package triposg

import (
	"context"
	"fmt"
	"testing"

	"orfeas/pipeline/engine/dino"
	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
)

// goldenPrepare leaves out pictures of more than 2000 pixels, which the official code makes smaller first and the
// pipeline never hands on, and those without a cut-out.
func goldenPrepare(t *testing.T, c golden.Case) {
	var config struct {
		Processor dino.Processor `json:"feature_extractor_dinov2"`
		Cases     []string
	}
	c.Config(t, &config)
	for _, name := range config.Cases {
		img := golden.Picture(golden.Read(t, c.Inputs, name+".image_rgba"))
		if img.Rect.Dx() > 2000 || c.Has("inputs:"+name+".alpha_resized_normalised") {
			continue
		}
		got := prepared(img)
		c.Check(t, name+".prepared_rgb", golden.Colours(got))
		x, side := config.Processor.Pixels(got), config.Processor.Side()
		if want := name + ".pixel_values_top16rows"; c.Has("expected:" + want) {
			var top []float32
			for channel := range 3 {
				top = append(top, x[channel*side*side:][:16*side]...)
			}
			golden.Near(t, want, top, golden.Read(t, c.Expected, want).Data, golden.Tolerance{Atol: 1e-6})
		}
		if want := name + ".cropped_224"; c.Has("expected:" + want) {
			back := make([]float32, len(x)) // to RGB, channels last
			for i, v := range x {
				channel := i / (side * side)
				v = (v*config.Processor.Deviation[channel] + config.Processor.Mean[channel]) * 255
				back[i%(side*side)*3+channel] = v
			}
			golden.Near(t, want, back, golden.Read(t, c.Expected, want).Data, golden.Tolerance{Atol: 1e-3})
		}
	}
}

func goldenPositions(t *testing.T, c golden.Case) {
	var config struct {
		From int `json:"grid_in"`
		To   int `json:"grid_out"`
	}
	c.Config(t, &config)
	table := golden.Read(t, c.Inputs, "position_embeddings")
	c.Check(t, "interpolated", dino.Resampled(table.Data, config.From, config.To, config.To, table.Shape[2], 0))
}

// goldenEncoder begins with a picture or, where the case has none, with its pixels.
func goldenEncoder(t *testing.T, c golden.Case) {
	var config struct {
		Vision    *dino.Config   `json:"image_encoder_dinov2"`
		Processor dino.Processor `json:"feature_extractor_dinov2"`
	}
	c.Config(t, &config)
	var x onnx.Tensor
	if config.Vision == nil {
		config.Vision = &dino.Config{}
		c.Config(t, config.Vision)
		x = golden.Read(t, c.Inputs, "pixel_values")
	} else {
		side := config.Processor.Side()
		x = onnx.Tensor{Shape: []int{1, 3, side, side}, Data: config.Processor.Pixels(golden.Picture(golden.Read(t, c.Inputs, "image_rgb")))}
		golden.Near(t, "pixel_values", x.Data, golden.Read(t, c.Expected, "pixel_values").Data, golden.Tolerance{Atol: 1e-6})
	}
	if err := config.Vision.Check(); err != nil {
		t.Error(err)
	}
	positions, err := config.Vision.Positions(c.Weights, x.Shape[2])
	if err != nil {
		t.Fatal(err)
	}
	c.Check(t, "position_embeddings", positions)
	g := onnx.NewGraph(c.Weights, onnx.F32)
	g.Trace = true
	tokens := config.Vision.Tokens(g, g.Input("image", x.Shape...), positions)
	g.Output("image_embeds", tokens)
	g.Output("last_hidden_state", tokens)
	c.Run(t, g, []onnx.Tensor{x})
}

func goldenTransformer(t *testing.T, c golden.Case) {
	var config Transformer
	c.Config(t, &config)
	x, tokens, times := golden.Read(t, c.Inputs, "hidden_states"), golden.Read(t, c.Inputs, "encoder_hidden_states"), golden.Read(t, c.Inputs, "timestep")
	var batch [][]onnx.Tensor
	var embedded []float32
	for i, at := range times.Data {
		e := latent.Sinusoid(float64(at), config.Width, 10000)
		embedded = append(embedded, e...)
		batch = append(batch, []onnx.Tensor{golden.One(x, i), {Shape: []int{1, config.Width}, Data: e}, golden.One(tokens, i)})
	}
	c.Check(t, "time_embed", embedded)
	for _, guide := range []bool{false, true} {
		g := onnx.NewGraph(c.Weights, onnx.F32)
		g.Trace = !guide
		out := config.network().Whole(g, x.Shape[1], tokens.Shape[1], guide)
		g.Output("sample", g.Slice(out, 0, 0, 1))
		if guide {
			g.Output("sample_uncond", g.Slice(out, 0, 1, 2))
		}
		c.Run(t, g, batch...)
	}
}

func goldenDecoder(t *testing.T, c golden.Case) {
	var config VAE
	c.Config(t, &config)
	v := config.network()
	z, points := golden.Read(t, c.Inputs, "z"), golden.Triples(golden.Read(t, c.Inputs, "sampled_points").Data)
	var embedded []float32
	for _, p := range points {
		embedded = v.Embed(embedded, p)
	}
	c.Check(t, "embedder", embedded)

	g := onnx.NewGraph(c.Weights, onnx.F32)
	g.Trace = true
	g.Output("negative", v.Whole(g, z.Shape[1], len(points)))
	c.Run(t, g, []onnx.Tensor{golden.One(z, 0), {Shape: []int{len(points), v.Embedded()}, Data: embedded}})

	c.Check(t, "sample", logits(t, c, config, z, points))
}

// logits asks the field over latents z at points, as a network does.
func logits(t *testing.T, c golden.Case, config VAE, z onnx.Tensor, points [][3]float32) []float32 {
	n := &Network{config: Config{VAE: config}, vae: c.Weights, device: latent.Device{Compute: onnx.F32}}
	f, err := n.Field(context.Background(), z.Data)
	golden.SkipWithout(t, err)
	defer f.Close()
	out := make([]float32, len(points))
	if err := f.At(context.Background(), points, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// goldenGrid asks at the samples that the official code asked at; which those are is its own matter.
func goldenGrid(t *testing.T, c golden.Case) {
	var config struct{ VAE VAE }
	c.Config(t, &config)
	all, valid := golden.Read(t, c.Expected, "grid_logits"), golden.Read(t, c.Expected, "valid")
	var points [][3]float32
	var want []float32
	g := config.VAE.network().Grid(all.Shape[0])
	for i, v := range valid.Data {
		if n := g.N[0]; v != 0 {
			points = append(points, [3]float32{at(g.Step, i/n/n), at(g.Step, i/n%n), at(g.Step, i%n)})
			want = append(want, all.Data[i])
		}
	}
	got := logits(t, c, config.VAE, golden.Read(t, c.Inputs, "z"), points)
	golden.Near(t, fmt.Sprintf("%d samples", len(want)), got, want, c.Tolerance(t, "grid_logits"))
}

func at(step float64, i int) float32 { return float32(float64(i)*step - Radius) }
