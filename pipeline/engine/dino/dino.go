// Package dino is the vision transformer DINOv2 (Oquab et al., "DINOv2: Learning Robust Visual Features without
// Supervision", arXiv 2304.07193; weights Apache-2.0), with which networks that make shapes look at a picture: its
// preprocessing, its table of positions and its graph, under the names the transformers library gives the tensors.
package dino

import (
	"fmt"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// maxTable bounds the table of positions, which is read here and not by the runtime.
const maxTable = 64 << 20

// Config are the sizes of the network, named as in its config.json. Its table of positions is for pictures of Size.
type Config struct {
	Hidden  int     `json:"hidden_size"`
	Layers  int     `json:"num_hidden_layers"`
	Heads   int     `json:"num_attention_heads"`
	Size    int     `json:"image_size"`
	Patch   int     `json:"patch_size"`
	Ratio   int     `json:"mlp_ratio"`
	Epsilon float64 `json:"layer_norm_eps"`
	SwiGLU  bool    `json:"use_swiglu_ffn"` // a gated feed-forward network, as the giant has (Shazeer 2020)
}

// Check refuses sizes no network has.
func (c Config) Check() error {
	switch {
	case c.Heads < 1 || c.Hidden < 1 || c.Hidden > 8192 || c.Hidden%c.Heads != 0:
		return fmt.Errorf("%d channels in %d heads", c.Hidden, c.Heads)
	case c.Layers < 1 || c.Layers > 256 || c.Ratio < 1 || c.Ratio > 16:
		return fmt.Errorf("%d layers, %d times as wide within", c.Layers, c.Ratio)
	case c.Patch < 1 || c.Size < c.Patch || c.Size > 4096:
		return fmt.Errorf("pictures of %d in patches of %d", c.Size, c.Patch)
	case !(c.Epsilon > 0 && c.Epsilon < 1):
		return fmt.Errorf("a layer_norm_eps of %g", c.Epsilon)
	}
	return nil
}

// Positions is the table of positions of the checkpoint for pictures of side x side pixels, [1 + patches, hidden].
func (c Config) Positions(from *weights.Checkpoint, side int) ([]float32, error) {
	const name = "embeddings.position_embeddings"
	trained := c.Size / c.Patch
	if err := from.Expect(map[string][]int64{name: {1, int64(1 + trained*trained), int64(c.Hidden)}}); err != nil {
		return nil, err
	}
	table, err := from.Tensors[name].Floats(maxTable)
	if err != nil {
		return nil, err
	}
	return Resampled(table, trained, side/c.Patch, side/c.Patch, c.Hidden, 0), nil
}

// Tokens makes of a normalised picture [1, 3, side, side] its tokens [1 + patches, hidden], the class token first.
// positions is the table for that many patches.
func (c Config) Tokens(g *onnx.Graph, img onnx.Value, positions []float32) onnx.Value {
	return c.Leave(g, c.Through(g, c.Enter(g, img, positions), 0, c.Layers))
}

// Enter, Through and Leave are the way of [Config.Tokens] in parts, for those who do not want all layers in memory at a
// time: to the first layer, from one layer up to before another, and from the last on.
func (c Config) Enter(g *onnx.Graph, img onnx.Value, positions []float32) onnx.Value {
	x := g.Patches(img, "embeddings.patch_embeddings.projection", c.Hidden, c.Patch)
	n := len(positions)/c.Hidden - 1
	patches := g.Transpose(g.Reshape(x, c.Hidden, n), 1, 0)
	class := g.Reshape(g.Weight("embeddings.cls_token", 1, 1, c.Hidden), 1, c.Hidden)
	h := g.Add(g.Concat(0, class, patches), g.Const("positions", positions, n+1, c.Hidden))
	g.Tap("embeddings", h)
	return h
}

// Through takes hidden states [1 + patches, hidden] through layers.
func (c Config) Through(g *onnx.Graph, h onnx.Value, from, to int) onnx.Value {
	for i := from; i < to; i++ {
		name := fmt.Sprintf("encoder.layer.%d", i)
		h = c.layer(g, name+".", h)
		g.Tap(name, h)
	}
	return h
}

// Leave makes of the last layer's hidden states the tokens.
func (c Config) Leave(g *onnx.Graph, h onnx.Value) onnx.Value {
	return g.LayerNorm(h, "layernorm", c.Epsilon)
}

// layer is attention and a feed-forward network, each scaled channel by channel before it is added.
func (c Config) layer(g *onnx.Graph, key string, h onnx.Value) onnx.Value {
	n, self := g.LayerNorm(h, key+"norm1", c.Epsilon), key+"attention.attention."
	a := g.Attention(
		g.Linear(n, self+"query", c.Hidden, true),
		g.Linear(n, self+"key", c.Hidden, true),
		g.Linear(n, self+"value", c.Hidden, true), c.Heads)
	a = g.Linear(a, key+"attention.output.dense", c.Hidden, true)
	h = g.Add(h, g.Mul(a, g.Weight(key+"layer_scale1.lambda1", c.Hidden)))
	f := c.feed(g, key+"mlp.", g.LayerNorm(h, key+"norm2", c.Epsilon))
	return g.Add(h, g.Mul(f, g.Weight(key+"layer_scale2.lambda1", c.Hidden)))
}

func (c Config) feed(g *onnx.Graph, key string, x onnx.Value) onnx.Value {
	if !c.SwiGLU {
		return g.Linear(g.Gelu(g.Linear(x, key+"fc1", c.Ratio*c.Hidden, true)), key+"fc2", c.Hidden, true)
	}
	// Two products over the halves of one weight take less memory than one and its halves.
	wide := (c.Ratio*c.Hidden*2/3 + 7) / 8 * 8
	half := func(i int) onnx.Value {
		return g.Gemm(x,
			g.WeightRows(key+"weights_in.weight", i*wide, (i+1)*wide, 2*wide, c.Hidden),
			g.WeightRows(key+"weights_in.bias", i*wide, (i+1)*wide, 2*wide))
	}
	return g.Linear(g.Mul(g.Silu(half(0)), half(1)), key+"weights_out", c.Hidden, true)
}
