package hunyuan

import (
	"context"
	"fmt"
	"image"

	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
)

// Pictures are of one object from the sides that networks of several views know, by the numbers these have there, nil where
// there is none; their alpha is the cut-out. The front is always there. Left and right are the object's own: from its left it
// looks to the left of the picture, and is seen from +x.
type Pictures [4]*image.NRGBA

// The sides.
const (
	Front = iota
	Left
	Back
	Right
)

var sideNames = [len(Pictures{})]string{"front", "left", "back", "right"}

// view is what the network sees of one side.
type view struct {
	side   int
	pixels []float32 // [3, size, size] as DINOv2 takes them
}

// seen are the views of the pictures, by side. All have a view, or it is an error.
func (n *Network) seen(pictures Pictures) ([]view, error) {
	var out []view
	for side, img := range pictures {
		if img == nil {
			continue
		}
		if side >= n.config.views() {
			return nil, fmt.Errorf("the network does not look at the %s of things", sideNames[side])
		}
		v := view{side, n.config.Processor.Params.pixels(img, n.config.side())}
		if v.pixels == nil {
			return nil, fmt.Errorf("the %s: %w", sideNames[side], latent.ErrNothing)
		}
		out = append(out, v)
	}
	return out, nil
}

// views is how many sides the network knows.
func (c Config) views() int {
	main := c.Conditioner.Params.Main
	switch {
	case main.Type != viewsType:
		return 1
	case main.Kwargs.Views == 0:
		return usualViews
	}
	return main.Kwargs.Views
}

// look makes the tokens of views, [views · (1 + patches), hidden]. A network of several views is told which side each is by
// what is added to all of its tokens, as a position is told in Vaswani et al. 2017.
func (n *Network) look(ctx context.Context, views []view, step func(text string, fraction float64)) (onnx.Tensor, error) {
	var pixels [][]float32
	for _, v := range views {
		pixels = append(pixels, v.pixels)
	}
	each, err := n.device.Look(ctx, n.config.vision(), n.vision, pixels, n.config.side(), step)
	if err != nil {
		return onnx.Tensor{}, err
	}
	if n.config.Conditioner.Params.Main.Type != viewsType {
		return each[0], nil
	}
	hidden := n.config.vision().Hidden
	var all []float32
	for i, x := range each {
		embedding := latent.Sinusoid(float64(views[i].side), hidden, viewsPeriod)
		for k, v := range x.Data {
			all = append(all, v+embedding[k%hidden])
		}
	}
	return onnx.Tensor{Shape: []int{len(all) / hidden, hidden}, Data: all}, nil
}

// viewsPeriod is that of the embedding of sides, which no configuration changes.
const viewsPeriod = 10000
