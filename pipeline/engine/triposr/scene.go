package triposr

import (
	"context"
	"errors"
	"fmt"
	"image"

	"orfeas/pipeline/engine/dino"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// ErrNothing says that the network saw nothing in the picture.
var ErrNothing = errors.New("the network sees no object")

// blocksAtOnce is how many blocks of the backbone are in memory together. Their weights are read, used and let go, so
// that the network needs a fraction of the room it takes on the disk, and tells how far it is.
const blocksAtOnce = 4

// maxTensor bounds a weight that is read by this package, not by the runtime.
const maxTensor = 64 << 20

// Network is TripoSR in a checkpoint.
type Network struct {
	config     Config
	checkpoint *weights.Checkpoint
	run        onnx.Options
	compute    onnx.DType
	ratio      float64 // of the frame that the subject takes
}

// New takes a checkpoint for a network. compute is what the large parts compute in; the decoder is always in F32, for
// its densities are larger than F16 can hold.
func New(c *weights.Checkpoint, config Config, run onnx.Options, compute onnx.DType) *Network {
	return &Network{config, c, run, compute, foregroundRatio}
}

// Check builds all parts without running any, to know that every tensor is there in its shape. It names all that are not.
func (n *Network) Check() error {
	c, g := n.config, n.graph()
	name, shape := n.table()
	g.Weight(name, shape...)
	g.Weight(decoderPrefix+"layers.0.weight", c.Decoder.Neurons, c.Decoder.In)
	side := c.ImageSize / c.ViT.Patch
	tokens := c.ViT.tokens(g, visionPrefix, n.imageInput(g), make([]float32, (1+side*side)*c.ViT.Hidden))
	g.Output("scene", n.backbone(g, onnx.Value{}, tokens, 0, c.Backbone.Layers))
	g.Output("points", c.Decoder.decode(g, decoderPrefix, g.Input("x", onnx.Any, c.Decoder.Neurons)))
	_, err := g.Model()
	return err
}

// The parts of the network by the names of their tensors.
const (
	visionPrefix   = "image_tokenizer.model."
	backbonePrefix = "backbone."
	decoderPrefix  = "decoder."
)

func (n *Network) graph() *onnx.Graph { return onnx.NewGraph(n.checkpoint, n.compute) }

func (n *Network) imageInput(g *onnx.Graph) onnx.Value {
	return g.Input("image", 1, 3, n.config.ImageSize, n.config.ImageSize)
}

// table is the table of positions as the checkpoint has it, for the pictures the tokenizer was made for.
func (n *Network) table() (name string, shape []int) {
	from := n.config.ViT.Size / n.config.ViT.Patch
	return visionPrefix + "embeddings.position_embeddings", []int{1, 1 + from*from, n.config.ViT.Hidden}
}

// positionsExtra is what the library with which the network was trained added to the number of positions.
const positionsExtra = 0.1

// positions is that table for pictures of the size the network is fed with.
func (n *Network) positions() ([]float32, error) {
	v := n.config.ViT
	name, shape := n.table()
	table, err := n.floats(name, shape...)
	if err != nil {
		return nil, err
	}
	side := n.config.ImageSize / v.Patch
	return dino.Resampled(table, v.Size/v.Patch, side, side, v.Hidden, positionsExtra), nil
}

// floats reads a tensor.
func (n *Network) floats(name string, shape ...int) ([]float32, error) {
	var want []int64
	for _, d := range shape {
		want = append(want, int64(d))
	}
	if err := n.checkpoint.Expect(map[string][]int64{name: want}); err != nil {
		return nil, err
	}
	return n.checkpoint.Tensors[name].Floats(maxTensor)
}

// backbone is the blocks from up to before to. The first part makes h itself, the last returns the planes of features
// [3, features, side, side].
func (n *Network) backbone(g *onnx.Graph, h, tokens onnx.Value, from, to int) onnx.Value {
	c := n.config
	if from == 0 {
		h = c.Backbone.enter(g, backbonePrefix, c.Tokenizer.embedded(g))
	}
	for i := from; i < to; i++ {
		h = c.Backbone.block(g, backbonePrefix, i, h, tokens)
	}
	if to < c.Backbone.Layers {
		return h
	}
	x := c.Backbone.leave(g, backbonePrefix, h, c.Tokenizer.embedded(g))
	return g.Upsample(c.Tokenizer.separated(g, x), "post_processor.upsample", c.PostProcessor.Out, 2)
}

// Scene is the planes of features of a picture: x y, x z, y z, each [features, side, side].
type Scene struct {
	features, side int
	data           []float32
}

// Look makes the scene of a picture whose alpha is the cut-out. step is told the share done.
func (n *Network) Look(ctx context.Context, img *image.NRGBA, step func(text string, fraction float64)) (*Scene, error) {
	size := n.config.ImageSize
	rgb := condition(img, n.ratio, size)
	if rgb == nil {
		return nil, ErrNothing
	}
	x := make([]float32, len(rgb))
	for i, v := range rgb {
		x[i%3*size*size+i/3] = v
	}
	step("looking at the picture", 0)
	positions, err := n.positions()
	if err != nil {
		return nil, err
	}
	g := n.graph()
	g.Output("tokens", n.config.ViT.tokens(g, visionPrefix, n.imageInput(g), positions))
	tokens, err := n.pass(ctx, g, onnx.Tensor{Shape: []int{1, 3, size, size}, Data: x})
	if err != nil {
		return nil, fmt.Errorf("image tokenizer: %w", err)
	}
	planes, err := n.imagine(ctx, tokens, step)
	if err != nil {
		return nil, fmt.Errorf("backbone: %w", err)
	}
	if err := (latent.Device{Run: n.run}).Numbers(planes.Data, n.checkpoint); err != nil {
		return nil, fmt.Errorf("backbone: %w", err)
	}
	return &Scene{planes.Shape[1], planes.Shape[2], planes.Data}, nil
}

// imagine runs the backbone, some blocks at a time.
func (n *Network) imagine(ctx context.Context, tokens onnx.Tensor, step func(string, float64)) (onnx.Tensor, error) {
	layers := n.config.Backbone.Layers
	// The tokenizer is a fourteenth of the work.
	done := func(block int) float64 { return (1 + 13*float64(block)/float64(layers)) / 14 }
	var h onnx.Tensor
	for from := 0; from < layers; from += blocksAtOnce {
		to := min(from+blocksAtOnce, layers)
		step(fmt.Sprintf("imagining the object, block %d of %d", from+1, layers), done(from))
		g := n.graph()
		var hidden onnx.Value
		inputs := []onnx.Tensor{tokens}
		t := g.Input("tokens", tokens.Shape...)
		if from > 0 {
			hidden = g.Input("hidden", h.Shape...)
			inputs = append(inputs, h)
		}
		g.Output("out", n.backbone(g, hidden, t, from, to))
		var err error
		if h, err = n.pass(ctx, g, inputs...); err != nil {
			return h, err
		}
	}
	step("", 1)
	return h, nil
}

// pass opens a part of the network, runs it once and lets it go.
func (n *Network) pass(ctx context.Context, g *onnx.Graph, inputs ...onnx.Tensor) (onnx.Tensor, error) {
	m, err := g.Model()
	if err != nil {
		return onnx.Tensor{}, err
	}
	s, err := onnx.Open(m, n.run)
	if err != nil {
		return onnx.Tensor{}, err
	}
	defer s.Close()
	out, err := s.Run(ctx, inputs...)
	if err != nil {
		return onnx.Tensor{}, err
	}
	return out[0], nil
}
