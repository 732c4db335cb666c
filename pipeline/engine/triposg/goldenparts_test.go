package triposg

import (
	"context"
	"fmt"
	"image"
	"testing"

	"orfeas/pipeline/engine/dino"
	"orfeas/pipeline/onnx"
)

// pixels is a picture of RGB or RGBA.
func pixels(x onnx.Tensor) *image.NRGBA {
	h, w, channels := x.Shape[0], x.Shape[1], x.Shape[2]
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.Pix[4*i+3] = 255
		for c := range channels {
			img.Pix[4*i+c] = uint8(x.Data[i*channels+c])
		}
	}
	return img
}

// colours are the RGB of a picture.
func colours(img *image.NRGBA) (out []float32) {
	for i, v := range img.Pix {
		if i%4 < 3 {
			out = append(out, float32(v))
		}
	}
	return out
}

func triples(x []float32) [][3]float32 {
	out := make([][3]float32, len(x)/3)
	for i := range out {
		copy(out[i][:], x[3*i:])
	}
	return out
}

// goldenPrepare leaves out pictures of more than 2000 pixels, which the official code makes smaller first and the
// pipeline never hands on, and those without a cut-out.
func goldenPrepare(t *testing.T, c golden) {
	var config struct {
		Processor dino.Processor `json:"feature_extractor_dinov2"`
		Cases     []string
	}
	c.config(t, &config)
	for _, name := range config.Cases {
		img := pixels(read(t, c.inputs, name+".image_rgba"))
		if img.Rect.Dx() > 2000 || c.has("inputs:"+name+".alpha_resized_normalised") {
			continue
		}
		got := prepared(img)
		c.check(t, name+".prepared_rgb", colours(got))
		x, side := config.Processor.Pixels(got), config.Processor.Side()
		if want := name + ".pixel_values_top16rows"; c.has("expected:" + want) {
			var top []float32
			for channel := range 3 {
				top = append(top, x[channel*side*side:][:16*side]...)
			}
			near(t, want, top, read(t, c.expected, want).Data, 1e-6, 0)
		}
		if want := name + ".cropped_224"; c.has("expected:" + want) {
			back := make([]float32, len(x)) // to RGB, channels last
			for i, v := range x {
				channel := i / (side * side)
				v = (v*config.Processor.Deviation[channel] + config.Processor.Mean[channel]) * 255
				back[i%(side*side)*3+channel] = v
			}
			near(t, want, back, read(t, c.expected, want).Data, 1e-3, 0)
		}
	}
}

func goldenPositions(t *testing.T, c golden) {
	var config struct {
		From int `json:"grid_in"`
		To   int `json:"grid_out"`
	}
	c.config(t, &config)
	table := read(t, c.inputs, "position_embeddings")
	c.check(t, "interpolated", dino.Resampled(table.Data, config.From, config.To, config.To, table.Shape[2], 0))
}

// goldenEncoder begins with a picture or, where the case has none, with its pixels.
func goldenEncoder(t *testing.T, c golden) {
	var config struct {
		Vision    *dino.Config   `json:"image_encoder_dinov2"`
		Processor dino.Processor `json:"feature_extractor_dinov2"`
	}
	c.config(t, &config)
	var x onnx.Tensor
	if config.Vision == nil {
		config.Vision = &dino.Config{}
		c.config(t, config.Vision)
		x = read(t, c.inputs, "pixel_values")
	} else {
		side := config.Processor.Side()
		x = onnx.Tensor{Shape: []int{1, 3, side, side}, Data: config.Processor.Pixels(pixels(read(t, c.inputs, "image_rgb")))}
		near(t, "pixel_values", x.Data, read(t, c.expected, "pixel_values").Data, 1e-6, 0)
	}
	if err := config.Vision.Check(); err != nil {
		t.Error(err)
	}
	positions, err := config.Vision.Positions(c.weights, x.Shape[2])
	if err != nil {
		t.Fatal(err)
	}
	c.check(t, "position_embeddings", positions)
	g := onnx.NewGraph(c.weights, onnx.F32)
	g.Trace = true
	tokens := config.Vision.Tokens(g, g.Input("image", x.Shape...), positions)
	g.Output("image_embeds", tokens)
	g.Output("last_hidden_state", tokens)
	c.run(t, g, []onnx.Tensor{x})
}

func goldenTransformer(t *testing.T, c golden) {
	var config Transformer
	c.config(t, &config)
	x, tokens, times := read(t, c.inputs, "hidden_states"), read(t, c.inputs, "encoder_hidden_states"), read(t, c.inputs, "timestep")
	var batch [][]onnx.Tensor
	var embedded []float32
	for i, at := range times.Data {
		e := sinusoid(float64(at), config.Width)
		embedded = append(embedded, e...)
		batch = append(batch, []onnx.Tensor{one(x, i), {Shape: []int{1, config.Width}, Data: e}, one(tokens, i)})
	}
	c.check(t, "time_embed", embedded)
	for _, guide := range []bool{false, true} {
		g := onnx.NewGraph(c.weights, onnx.F32)
		g.Trace = !guide
		h := config.enter(g, g.Input("latents", x.Shape[1:]...), g.Input("time", 1, config.Width))
		out := config.flow(g, h, config.pairs(g, g.Input("tokens", tokens.Shape[1:]...)), guide)
		g.Output("sample", g.Slice(out, 0, 0, 1))
		if guide {
			g.Output("sample_uncond", g.Slice(out, 0, 1, 2))
		}
		c.run(t, g, batch...)
	}
}

// one is the i-th of a batch.
func one(x onnx.Tensor, i int) onnx.Tensor {
	n := len(x.Data) / x.Shape[0]
	return onnx.Tensor{Shape: x.Shape[1:], Data: x.Data[i*n:][:n]}
}

func goldenDecoder(t *testing.T, c golden) {
	var config VAE
	c.config(t, &config)
	z, points := read(t, c.inputs, "z"), triples(read(t, c.inputs, "sampled_points").Data)
	var embedded []float32
	for _, p := range points {
		embedded = config.embed(embedded, p)
	}
	c.check(t, "embedder", embedded)

	g := onnx.NewGraph(c.weights, onnx.F32)
	g.Trace = true
	to := config.pair(g, config.latents(g, g.Input("z", z.Shape[1:]...)))
	g.Output("negative", config.ask(g, g.Input("points", len(points), config.embedded()), to))
	c.run(t, g, []onnx.Tensor{one(z, 0), {Shape: []int{len(points), config.embedded()}, Data: embedded}})

	c.check(t, "sample", logits(t, c, config, z, points))
}

// logits asks the field over latents z at points, as a network does.
func logits(t *testing.T, c golden, config VAE, z onnx.Tensor, points [][3]float32) []float32 {
	n := &Network{config: Config{VAE: config}, vae: c.weights, compute: onnx.F32}
	f, err := n.Field(context.Background(), z.Data)
	skipWithout(t, err)
	defer f.Close()
	out := make([]float32, len(points))
	if err := f.at(context.Background(), points, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// goldenGrid asks at the samples that the official code asked at; which those are is its own matter.
func goldenGrid(t *testing.T, c golden) {
	var config struct{ VAE VAE }
	c.config(t, &config)
	all, valid := read(t, c.expected, "grid_logits"), read(t, c.expected, "valid")
	var points [][3]float32
	var want []float32
	g := worldGrid(all.Shape[0])
	for i, v := range valid.Data {
		if n := g.N[0]; v != 0 {
			points = append(points, [3]float32{at(g.Step, i/n/n), at(g.Step, i/n%n), at(g.Step, i%n)})
			want = append(want, all.Data[i])
		}
	}
	atol, rtol := c.tolerance(t, "grid_logits")
	got := logits(t, c, config.VAE, read(t, c.inputs, "z"), points)
	near(t, fmt.Sprintf("%d samples", len(want)), got, want, atol, rtol)
}

func at(step float64, i int) float32 { return float32(float64(i)*step - Radius) }
