package hunyuan

import (
	"context"
	"fmt"
	"math"

	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// Stream are the sizes of the transformer of 2.0 and 2mini, which is of FLUX's kind: blocks with one stream of latents and
// one of the picture's tokens that attend to both together, then blocks with both in one. Every layer is modulated by the
// time ("Scalable Diffusion Models with Transformers", Peebles and Xie 2023). There are no positions.
type Stream struct {
	Channels, Context, Width, Heads int
	Ratio                           int  // how many times as wide the feed-forward networks are
	Double, Single                  int  // blocks
	Waves                           int  // numbers that the time is told by
	Distilled                       bool // the guidance is told to the network, and costs nothing
}

// The constants of the embedding of times and of the norms.
const (
	wavesScale    = 1000
	wavesPeriod   = 1000
	streamEpsilon = 1e-6
)

// Check refuses sizes no network has.
func (c Stream) Check() error {
	if c.Double < 1 || c.Single < 1 || c.Double+c.Single > 256 || c.Channels < 1 || c.Channels > 4096 || c.Context < 1 || c.Context > 16384 ||
		c.Ratio < 1 || c.Ratio > 16 || c.Waves < 2 || c.Waves > 4096 {
		return fmt.Errorf("%d and %d blocks, %d channels, a context of %d, %d times as wide within, times of %d numbers", c.Double, c.Single, c.Channels, c.Context, c.Ratio, c.Waves)
	}
	return latent.InHeads(c.Width, c.Heads)
}

// waves embeds a time from 0 to 1, or a guidance, cosines first. Its angles go up to thousands, and are computed in F64.
func (c Stream) waves(t float64) onnx.Tensor {
	x, half := latent.Sinusoid(wavesScale*t, c.Waves, wavesPeriod), c.Waves/2
	return onnx.Tensor{Shape: []int{1, c.Waves}, Data: append(x[half:len(x):len(x)], x[:half]...)}
}

// Denoise is that of [latent.Transformer].
func (c Stream) Denoise(ctx context.Context, d latent.Device, from *weights.Checkpoint, tokens onnx.Tensor, x []float32, steps []latent.Step, guidance float64, done func(steps int)) error {
	b := branches{m: tokens.Shape[0], n: len(x) / c.Channels, guide: guidance > 1 && !c.Distilled}
	done(0)
	projected, err := d.Pass(ctx, c.tokensGraph(d, from, b.m), tokens)
	if err != nil {
		return err
	}
	session, err := d.Open(c.stepGraph(d, from, b))
	if err != nil {
		return err
	}
	defer session.Close()
	inputs := []onnx.Tensor{{}, projected[0], {}}
	if c.Distilled {
		inputs = append(inputs, c.waves(guidance))
	}
	return latent.Follow(x, steps, func(i int) ([]float32, error) {
		inputs[0], inputs[2] = onnx.Tensor{Shape: []int{b.n, c.Channels}, Data: x}, c.waves(steps[i].Time)
		out, err := session.Run(ctx, inputs...)
		if err != nil {
			return nil, err
		}
		if !b.guide {
			return out[0].Data, nil
		}
		return latent.Guided(out[0].Data[:len(x)], out[0].Data[len(x):], guidance), nil
	}, func(step int) error {
		if err := d.Numbers(x, from); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
		done(step)
		return nil
	})
}

// tokensGraph brings a picture's tokens to the transformer's width, which is the same at every step.
func (c Stream) tokensGraph(d latent.Device, from *weights.Checkpoint, m int) *onnx.Graph {
	g := onnx.NewGraph(from, d.Compute)
	g.Output("projected", c.projected(g, g.Input("tokens", m, c.Context)))
	return g
}

func (c Stream) projected(g *onnx.Graph, tokens onnx.Value) onnx.Value {
	return g.Linear(tokens, "cond_in", c.Width, true)
}

func (c Stream) stepGraph(d latent.Device, from *weights.Checkpoint, b branches) *onnx.Graph {
	g := onnx.NewGraph(from, d.Compute)
	x, tokens := g.Input("latents", b.n, c.Channels), g.Input("projected", b.m, c.Width)
	g.Output("flow", c.flow(g, x, tokens, c.moment(g), b))
	return g
}

// moment are the inputs that say when it is, and how strictly the picture is to be followed, behind their layers.
func (c Stream) moment(g *onnx.Graph) onnx.Value {
	layers := func(name, input string) onnx.Value {
		x := g.Silu(g.Linear(g.Input(input, 1, c.Waves), name+".in_layer", c.Width, true))
		x = g.Linear(x, name+".out_layer", c.Width, true)
		g.Tap(name, x)
		return x
	}
	v := layers("time_in", "time")
	if c.Distilled {
		v = g.Add(v, layers("guidance_in", "guidance"))
	}
	return g.Silu(v)
}

// Whole is the network without anything left out, as that of [latent.Transformer] is: of latents [n, channels], tokens
// [m, context], the waves of the time and, if it is distilled, of the guidance.
func (c Stream) Whole(g *onnx.Graph, n, m int, guide bool) onnx.Value {
	b := branches{m, n, guide && !c.Distilled}
	x, tokens := g.Input("latents", n, c.Channels), c.projected(g, g.Input("tokens", m, c.Context))
	g.Tap("cond_in", tokens)
	return g.Reshape(c.flow(g, x, tokens, c.moment(g), b), b.count(), n, c.Channels)
}

// branches are the latents, n of them, with the m tokens of a picture and, when guided, also without it. Without it all
// tokens are zero before they are projected and stay equal to each other: one stands for all of them, and counts m times in
// every attention. Both are rows of the same values, so that every weight is there once; only attention keeps them apart.
type branches struct {
	m, n  int
	guide bool
}

func (b branches) count() int {
	if b.guide {
		return 2
	}
	return 1
}

// apart are the rows of both branches, each with its tokens first, of those of tokens and of latents.
func (b branches) apart(g *onnx.Graph, tokens, latents onnx.Value) []onnx.Value {
	if !b.guide {
		return []onnx.Value{g.Concat(0, tokens, latents)}
	}
	return []onnx.Value{
		g.Concat(0, g.Slice(tokens, 0, 0, b.m), g.Slice(latents, 0, 0, b.n)),
		g.Concat(0, g.Slice(tokens, 0, b.m, b.m+1), g.Slice(latents, 0, b.n, 2*b.n)),
	}
}

// split undoes apart.
func (b branches) split(g *onnx.Graph, rows []onnx.Value) (tokens, latents onnx.Value) {
	tokens, latents = g.Slice(rows[0], 0, 0, b.m), g.Slice(rows[0], 0, b.m, b.m+b.n)
	if !b.guide {
		return tokens, latents
	}
	return g.Concat(0, tokens, g.Slice(rows[1], 0, 0, 1)), g.Concat(0, latents, g.Slice(rows[1], 0, 1, 1+b.n))
}

// divided are the rows of each branch where the first has so many.
func (b branches) divided(g *onnx.Graph, x onnx.Value, first int) []onnx.Value {
	if !b.guide {
		return []onnx.Value{x}
	}
	if len(x.Shape) != 2 {
		return []onnx.Value{x, x}
	}
	return []onnx.Value{g.Slice(x, 0, 0, first), g.Slice(x, 0, first, x.Shape[0])}
}

// attend is attention within each branch, of queries to keys and values.
func (b branches) attend(g *onnx.Graph, q, k, v []onnx.Value, heads int) []onnx.Value {
	out := []onnx.Value{g.Attention(q[0], k[0], v[0], heads)}
	if b.guide {
		biases := make([]float32, 1+b.n)
		biases[0] = float32(math.Log(float64(b.m)))
		out = append(out, g.AttentionBiased(q[1], k[1], v[1], heads, biases))
	}
	return out
}
