package latent

import (
	"context"
	"fmt"

	"orfeas/pipeline/engine/dino"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// layersAtOnce is how many layers of the network that looks at pictures are in memory at a time.
const layersAtOnce = 8

// Look makes the tokens [1 + patches, hidden] of pixels [3, side, side]; where a device has too little memory for that, on
// the CPU. step is told that, and the share done.
func (d Device) Look(ctx context.Context, c dino.Config, from *weights.Checkpoint, pixels []float32, side int, step func(text string, fraction float64)) (onnx.Tensor, error) {
	const text = "looking at the picture"
	x, err := d.look(ctx, c, from, pixels, side, func(f float64) { step(text, f) })
	if d.full(err) {
		on := fmt.Sprintf("%s with the CPU, for want of memory of %s", text, d.Run.Provider)
		d.note(false, "the picture was looked at with the processor, for want of memory of %s", d.Run.Provider)
		return d.cpu().look(ctx, c, from, pixels, side, func(f float64) { step(on, f) })
	}
	return x, err
}

func (d Device) look(ctx context.Context, c dino.Config, from *weights.Checkpoint, pixels []float32, side int, done func(fraction float64)) (onnx.Tensor, error) {
	positions, err := c.Positions(from, side)
	if err != nil {
		return onnx.Tensor{}, fmt.Errorf("image encoder: %w", err)
	}
	x := onnx.Tensor{Shape: []int{1, 3, side, side}, Data: pixels}
	for first := 0; first < c.Layers; first += layersAtOnce {
		done(float64(first) / float64(c.Layers))
		out, err := d.Pass(ctx, d.lookGraph(c, from, x.Shape, positions, first), x)
		if err != nil {
			return x, fmt.Errorf("image encoder: %w", err)
		}
		x = out[0]
	}
	if err := d.Numbers(x.Data, from); err != nil {
		return x, fmt.Errorf("image encoder: %w", err)
	}
	return x, nil
}

// lookGraph is the part of the network that begins with a layer.
func (d Device) lookGraph(c dino.Config, from *weights.Checkpoint, shape []int, positions []float32, first int) *onnx.Graph {
	g := onnx.NewGraph(from, d.Compute)
	h, last := g.Input("hidden", shape...), min(first+layersAtOnce, c.Layers)
	if first == 0 {
		h = c.Enter(g, h, positions)
	}
	if h = c.Through(g, h, first, last); last == c.Layers {
		h = c.Leave(g, h)
	}
	g.Output("tokens", h)
	return g
}

// CheckLook builds the network without running it, to know that its tensors are there.
func CheckLook(c dino.Config, from *weights.Checkpoint, side int) error {
	positions, err := c.Positions(from, side)
	if err == nil {
		g := onnx.NewGraph(from, onnx.F32)
		g.Output("tokens", c.Tokens(g, g.Input("image", 1, 3, side, side), positions))
		_, err = g.Model()
	}
	if err != nil {
		return fmt.Errorf("image encoder: %w", err)
	}
	return nil
}
