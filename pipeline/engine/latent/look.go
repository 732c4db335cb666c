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

// Look makes the tokens [1 + patches, hidden] of each of the pictures, pixels [3, side, side]; where a device has too little
// memory for that, on the CPU. step is told that, and the share done.
func (d Device) Look(ctx context.Context, c dino.Config, from *weights.Checkpoint, pixels [][]float32, side int, step func(text string, fraction float64)) ([]onnx.Tensor, error) {
	const text = "looking at the picture"
	x, err := d.look(ctx, c, from, pixels, side, func(f float64) { step(text, f) })
	if d.full(err) {
		on := fmt.Sprintf("%s with the CPU, for want of memory of %s", text, d.Run.Provider)
		d.note(false, "the picture was looked at with the processor, for want of memory of %s", d.Run.Provider)
		x, err = d.cpu().look(ctx, c, from, pixels, side, func(f float64) { step(on, f) })
	}
	if err != nil {
		return nil, fmt.Errorf("image encoder: %w", err)
	}
	return x, nil
}

// look loads some layers at a time, and has all pictures go through them.
func (d Device) look(ctx context.Context, c dino.Config, from *weights.Checkpoint, pixels [][]float32, side int, done func(fraction float64)) ([]onnx.Tensor, error) {
	positions, err := c.Positions(from, side)
	if err != nil {
		return nil, err
	}
	x := make([]onnx.Tensor, len(pixels))
	for i, p := range pixels {
		x[i] = onnx.Tensor{Shape: []int{1, 3, side, side}, Data: p}
	}
	for first := 0; first < c.Layers; first += layersAtOnce {
		err := d.through(ctx, d.lookGraph(c, from, x[0].Shape, positions, first), x, func(i int) {
			share := float64(i) / float64(len(x))
			done((float64(first) + share*float64(min(layersAtOnce, c.Layers-first))) / float64(c.Layers))
		})
		if err != nil {
			return nil, err
		}
	}
	for _, x := range x {
		if err := d.Numbers(x.Data, from); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// through puts what a network makes of each of x in its place. next is told which one is next.
func (d Device) through(ctx context.Context, g *onnx.Graph, x []onnx.Tensor, next func(i int)) error {
	next(0)
	s, err := d.Open(g)
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range x {
		next(i)
		out, err := s.Run(ctx, x[i])
		if err != nil {
			return err
		}
		x[i] = out[0]
	}
	return nil
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
