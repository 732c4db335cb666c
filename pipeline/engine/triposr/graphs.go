package triposr

import (
	"fmt"

	"orfeas/pipeline/onnx"
)

// The normalisation of the picture, ImageNet's mean and deviation.
var mean, deviation = []float32{0.485, 0.456, 0.406}, []float32{0.229, 0.224, 0.225}

// The backbone's constants, which no configuration changes.
const (
	groupNormEpsilon = 1e-6
	layerNormEpsilon = 1e-5
	planes           = 3
)

// tokens is the image tokenizer: img [1, 3, side, side] of RGB from 0 to 1 becomes [1 + patches, hidden], the class
// token first. positions is the table for that many patches.
func (v ViT) tokens(g *onnx.Graph, prefix string, img onnx.Value, positions []float32) onnx.Value {
	inverse := make([]float32, len(deviation))
	for i, d := range deviation {
		inverse[i] = 1 / d
	}
	x := g.Mul(g.Sub(img, g.Const("mean", mean, 3, 1, 1)), g.Const("deviation", inverse, 3, 1, 1))
	x = g.Patches(x, prefix+"embeddings.patch_embeddings.projection", v.Hidden, v.Patch)
	n := len(positions)/v.Hidden - 1
	patches := g.Transpose(g.Reshape(x, v.Hidden, n), 1, 0)
	g.Tap("patch_embed", patches)
	class := g.Reshape(g.Weight(prefix+"embeddings.cls_token", 1, 1, v.Hidden), 1, v.Hidden)
	h := g.Add(g.Concat(0, class, patches), g.Const("positions", positions, n+1, v.Hidden))
	g.Tap("embeddings", h)
	for i := range v.Layers {
		h = v.layer(g, fmt.Sprintf("%sencoder.layer.%d.", prefix, i), h)
		g.Tap(fmt.Sprintf("layer%d", i), h)
	}
	return g.LayerNorm(h, prefix+"layernorm", v.Epsilon)
}

func (v ViT) layer(g *onnx.Graph, key string, h onnx.Value) onnx.Value {
	n := g.LayerNorm(h, key+"layernorm_before", v.Epsilon)
	self := key + "attention.attention."
	a := g.Attention(
		g.Linear(n, self+"query", v.Hidden, true),
		g.Linear(n, self+"key", v.Hidden, true),
		g.Linear(n, self+"value", v.Hidden, true), v.Heads)
	h = g.Add(h, g.Linear(a, key+"attention.output.dense", v.Hidden, true))
	n = g.LayerNorm(h, key+"layernorm_after", v.Epsilon)
	m := g.Gelu(g.Linear(n, key+"intermediate.dense", v.MLP, true))
	return g.Add(h, g.Linear(m, key+"output.dense", v.Hidden, true))
}

// embedded are the learned planes as [channels, tokens]; a token's number is (plane · side + row) · side + column.
func (t Tokenizer) embedded(g *onnx.Graph) onnx.Value {
	e := g.Weight("tokenizer.embeddings", planes, t.Channels, t.Plane, t.Plane)
	return g.Reshape(g.Transpose(e, 1, 0, 2, 3), t.Channels, planes*t.Plane*t.Plane)
}

// separated turns tokens [channels, tokens] back into planes [3, channels, side, side].
func (t Tokenizer) separated(g *onnx.Graph, x onnx.Value) onnx.Value {
	return g.Transpose(g.Reshape(x, t.Channels, planes, t.Plane, t.Plane), 1, 0, 2, 3)
}

func (b Backbone) inner() int { return b.Heads * b.HeadSize }

// enter turns x [channels, tokens] into hidden states [tokens, inner].
func (b Backbone) enter(g *onnx.Graph, prefix string, x onnx.Value) onnx.Value {
	n := g.GroupNorm(x, prefix+"norm", b.Groups, groupNormEpsilon)
	g.Tap("group_norm", n)
	h := g.Linear(g.Transpose(n, 1, 0), prefix+"proj_in", b.inner(), true)
	g.Tap("proj_in", h)
	return h
}

// block is one layer: attention of the hidden states to themselves, to the context [m, cross], and a gated network.
func (b Backbone) block(g *onnx.Graph, prefix string, i int, h, context onnx.Value) onnx.Value {
	key, tap := fmt.Sprintf("%stransformer_blocks.%d.", prefix, i), fmt.Sprintf("block%d", i)
	n := g.LayerNorm(h, key+"norm1", layerNormEpsilon)
	a := b.attention(g, key+"attn1.", n, n)
	g.Tap(tap+".attn1", a)
	h = g.Add(h, a)
	a = b.attention(g, key+"attn2.", g.LayerNorm(h, key+"norm2", layerNormEpsilon), context)
	g.Tap(tap+".attn2", a)
	h = g.Add(h, a)
	f := b.gated(g, key+"ff.net.", tap, g.LayerNorm(h, key+"norm3", layerNormEpsilon))
	g.Tap(tap+".ff", f)
	h = g.Add(h, f)
	g.Tap(tap, h)
	return h
}

func (b Backbone) attention(g *onnx.Graph, key string, x, context onnx.Value) onnx.Value {
	a := g.Attention(
		g.Linear(x, key+"to_q", b.inner(), false),
		g.Linear(context, key+"to_k", b.inner(), false),
		g.Linear(context, key+"to_v", b.inner(), false), b.Heads)
	return g.Linear(a, key+"to_out.0", b.inner(), true)
}

// gated is GEGLU (Shazeer 2020): the first half of the projection is the value, the second, through a Gelu, the gate.
// The halves are two products, so that nothing has to be split.
func (b Backbone) gated(g *onnx.Graph, key, tap string, x onnx.Value) onnx.Value {
	in, wide := b.inner(), 4*b.inner()
	half := func(from int) onnx.Value {
		return g.Gemm(x,
			g.WeightRows(key+"0.proj.weight", from, from+wide, 2*wide, in),
			g.WeightRows(key+"0.proj.bias", from, from+wide, 2*wide))
	}
	y := g.Mul(half(0), g.Gelu(half(wide)))
	g.Tap(tap+".ff.geglu", y)
	return g.Linear(y, key+"2", in, true)
}

// leave turns hidden states back into [channels, tokens] and adds x, what entered.
func (b Backbone) leave(g *onnx.Graph, prefix string, h, x onnx.Value) onnx.Value {
	o := g.Linear(h, prefix+"proj_out", b.Channels, true)
	g.Tap("proj_out", o)
	return g.Add(g.Transpose(o, 1, 0), x)
}

// decode is the decoder behind its first product: x [n, neurons] becomes density and colour, before their activations,
// [n, 4].
func (d Decoder) decode(g *onnx.Graph, prefix string, x onnx.Value) onnx.Value {
	x = g.Silu(g.Add(x, g.Weight(prefix+"layers.0.bias", d.Neurons)))
	for i := 1; i < d.Hidden; i++ {
		x = g.Silu(g.Linear(x, fmt.Sprintf("%slayers.%d", prefix, 2*i), d.Neurons, true))
	}
	return g.Linear(x, fmt.Sprintf("%slayers.%d", prefix, 2*d.Hidden), 4, true)
}
