package latent

import (
	"context"
	"fmt"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// Transformer are the sizes of a network with skip connections that is asked which way latents flow. Its blocks attend to
// the latents, and the time before them, and to a picture's tokens of Context channels; where there are Experts, the last
// blocks have several feed-forward networks.
type Transformer struct {
	Heads, Width, Channels, Layers, Context int
	Experts                                 Experts
	Epsilon                                 float64 // of the norms of layers
	Names                                   TransformerNames
}

// TransformerNames are what the tensors are called, those of blocks without the "blocks.N." before them.
type TransformerNames struct {
	Time               [2]string // the layers that the time goes through
	In, Norm, Out      string    // before and after the blocks
	QueryNorm, KeyNorm string    // in attn1 and attn2
	Project            string    // their output
	Feed               [2]string // the layers of the feed-forward network
}

// Check refuses sizes no network has.
func (c Transformer) Check() error {
	if c.Layers < 1 || c.Layers > 256 || c.Channels < 1 || c.Channels > 4096 || c.Context < 1 || c.Context > 16384 {
		return fmt.Errorf("%d layers, %d channels, a context of %d", c.Layers, c.Channels, c.Context)
	}
	if e := c.Experts; e.Layers < 0 || e.Layers > c.Layers || e.Layers > 0 && (e.Top < 1 || e.Top > e.Count || e.Count > 1024) {
		return fmt.Errorf("%d of %d experts in %d layers", e.Top, e.Count, e.Layers)
	}
	return InHeads(c.Width, c.Heads)
}

// InHeads refuses widths no network has.
func InHeads(width, heads int) error {
	if heads < 1 || width < 2 || width > 16384 || width%heads != 0 || width%2 != 0 {
		return fmt.Errorf("%d channels in %d heads", width, heads)
	}
	return nil
}

// Whole is the network without anything left out, for a picture of m tokens: of latents [n, channels], the embedded time
// [1, width] and tokens [m, context], the flow [1, n, channels], or with guide [2, n, channels], the second without the
// picture.
func (c Transformer) Whole(g *onnx.Graph, n, m int, guide bool) onnx.Value {
	h := c.enter(g, g.Input("latents", n, c.Channels), g.Input("time", 1, c.Width))
	return c.flow(g, h, c.pairs(g, g.Input("tokens", m, c.Context)), guide)
}

// Denoise takes x, which is noise, along the flow that a picture's tokens steer. The weights stay in memory for all steps.
// A guidance over 1 exaggerates the picture's say, and takes twice the time. done is told how many steps are done.
func (c Transformer) Denoise(ctx context.Context, d Device, from *weights.Checkpoint, tokens onnx.Tensor, x []float32, steps []Step, guidance float64, done func(steps int)) error {
	m, n, guide := tokens.Shape[0], len(x)/c.Channels, guidance > 1
	done(0)
	pairs, err := d.Pass(ctx, c.pairsGraph(d, from, m), tokens)
	if err != nil {
		return err
	}
	session, err := d.Open(c.stepGraph(d, from, n, m, guide))
	if err != nil {
		return err
	}
	defer session.Close()
	inputs := append(make([]onnx.Tensor, 2), pairs...)
	return Follow(x, steps, func(i int) ([]float32, error) {
		inputs[0] = onnx.Tensor{Shape: []int{n, c.Channels}, Data: x}
		inputs[1] = onnx.Tensor{Shape: []int{1, c.Width}, Data: Sinusoid(steps[i].Time, c.Width, 10000)}
		out, err := session.Run(ctx, inputs...)
		if err != nil {
			return nil, err
		}
		if !guide {
			return out[0].Data, nil
		}
		return Guided(out[0].Data[:len(x)], out[0].Data[len(x):], guidance), nil
	}, func(step int) error {
		if err := d.Numbers(x, from); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
		done(step)
		return nil
	})
}

// pairsGraph makes the keys and values of every block of m tokens, in turn. They are the same at every step.
func (c Transformer) pairsGraph(d Device, from *weights.Checkpoint, m int) *onnx.Graph {
	g := onnx.NewGraph(from, d.Compute)
	for i, p := range c.pairs(g, g.Input("tokens", m, c.Context)) {
		g.Output(fmt.Sprintf("keys%d", i), p.Keys)
		g.Output(fmt.Sprintf("values%d", i), p.Values)
	}
	return g
}

// stepGraph asks where n latents flow with a picture of m tokens and, when it guides, also without: what is the same for
// both, up to the first look at the picture, is done once.
func (c Transformer) stepGraph(d Device, from *weights.Checkpoint, n, m int, guide bool) *onnx.Graph {
	g := onnx.NewGraph(from, d.Compute)
	h := c.enter(g, g.Input("latents", n, c.Channels), g.Input("time", 1, c.Width))
	pairs := make([]Pair, c.Layers)
	for i := range pairs {
		pairs[i] = Pair{
			g.Input(fmt.Sprintf("keys%d", i), m, c.Width),
			g.Input(fmt.Sprintf("values%d", i), m, c.Width),
		}
	}
	g.Output("flow", c.flow(g, h, pairs, guide))
	return g
}
