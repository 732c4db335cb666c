package hunyuan

import (
	"fmt"

	"orfeas/pipeline/onnx"
)

// flow is where latents [n, channels] flow with projected tokens [m, width] at a moment [1, width]: [n, channels] or, with
// two branches, [2n, channels].
func (c Stream) flow(g *onnx.Graph, x, tokens, moment onnx.Value, b branches) onnx.Value {
	x = g.Linear(x, "latent_in", c.Width, true)
	g.Tap("latent_in", x)
	if b.guide {
		x = g.Concat(0, x, x)
		tokens = g.Concat(0, tokens, g.Reshape(g.Weight("cond_in.bias", c.Width), 1, c.Width))
	}
	for i := range c.Double {
		name := fmt.Sprintf("double_blocks.%d", i)
		x, tokens = c.double(g, name+".", x, tokens, moment, b)
		g.Tap(name+".0", x)
		g.Tap(name+".1", tokens)
	}
	rows := b.apart(g, tokens, x)
	for i := range c.Single - 1 {
		name := fmt.Sprintf("single_blocks.%d", i)
		rows = c.single(g, name+".", rows, moment, b)
		g.Tap(name, rows[0])
	}
	x = c.last(g, fmt.Sprintf("single_blocks.%d.", c.Single-1), rows, moment, b)
	m := c.modulation(g, "final_layer.adaLN_modulation.1", moment, 2)
	return g.Linear(c.modulated(g, x, m[0], m[1]), "final_layer.linear", c.Channels, true)
}

// modulation are so many rows [width] of shifts, scales and gates, in this order.
func (c Stream) modulation(g *onnx.Graph, name string, moment onnx.Value, n int) []onnx.Value {
	x, out := g.Linear(moment, name, n*c.Width, true), make([]onnx.Value, n)
	g.Tap(name, x)
	for i := range out {
		out[i] = g.Reshape(g.Slice(x, 1, i*c.Width, (i+1)*c.Width), c.Width)
	}
	return out
}

// modulated normalises x and shifts and scales it.
func (c Stream) modulated(g *onnx.Graph, x, shift, scale onnx.Value) onnx.Value {
	return g.Normalize(x, g.Add(scale, g.Const("one", []float32{1}, 1)), shift, streamEpsilon)
}

// double is a block of two streams.
func (c Stream) double(g *onnx.Graph, name string, x, tokens, moment onnx.Value, b branches) (onnx.Value, onnx.Value) {
	mx, mt := c.modulation(g, name+"img_mod.lin", moment, 6), c.modulation(g, name+"txt_mod.lin", moment, 6)
	ax := c.products(g, name+"img_attn.qkv", name+"img_attn.norm.", c.modulated(g, x, mx[0], mx[1]), 3)
	at := c.products(g, name+"txt_attn.qkv", name+"txt_attn.norm.", c.modulated(g, tokens, mt[0], mt[1]), 3)
	fromTokens, fromLatents := b.split(g, b.attend(g, b.apart(g, at[0], ax[0]), b.apart(g, at[1], ax[1]), b.apart(g, at[2], ax[2]), c.Heads))
	after := func(h, attended onnx.Value, stream string, m []onnx.Value) onnx.Value {
		a := g.Linear(attended, name+stream+"_attn.proj", c.Width, true)
		g.Tap(name+stream+"_attn.proj", a)
		h = g.Add(h, g.Mul(a, m[2]))
		f := g.GeluTanh(g.Linear(c.modulated(g, h, m[3], m[4]), name+stream+"_mlp.0", c.Ratio*c.Width, true))
		return g.Add(h, g.Mul(g.Linear(f, name+stream+"_mlp.2", c.Width, true), m[5]))
	}
	return after(x, fromLatents, "img", mx), after(tokens, fromTokens, "txt", mt)
}

// products are queries, keys and values of x, the first two normalised head by head: the thirds of the first rows of a layer
// that has rows times the width of them.
func (c Stream) products(g *onnx.Graph, layer, norms string, x onnx.Value, rows int) [3]onnx.Value {
	var out [3]onnx.Value
	for i := range out {
		out[i] = c.part(g, layer, x, i, i+1, rows)
	}
	out[0] = c.normed(g, norms+"query_norm.scale", out[0])
	out[1] = c.normed(g, norms+"key_norm.scale", out[1])
	return out
}

// part is a layer's rows from so many widths up to before others, on x.
func (c Stream) part(g *onnx.Graph, layer string, x onnx.Value, from, to, rows int) onnx.Value {
	return g.Gemm(x,
		g.WeightRows(layer+".weight", from*c.Width, to*c.Width, rows*c.Width, c.Width),
		g.WeightRows(layer+".bias", from*c.Width, to*c.Width, rows*c.Width))
}

func (c Stream) normed(g *onnx.Graph, name string, x onnx.Value) onnx.Value {
	if len(x.Shape) != 2 {
		return x
	}
	n := x.Shape[0]
	return g.Reshape(g.RMSNorm(g.Reshape(x, n, c.Heads, c.Width/c.Heads), name, streamEpsilon), n, c.Width)
}

// single is a block of one stream. Of its first layer, the first three widths are for attention, the rest goes round it.
func (c Stream) single(g *onnx.Graph, name string, rows []onnx.Value, moment onnx.Value, b branches) []onnx.Value {
	m, h := c.modulation(g, name+"modulation.lin", moment, 3), g.Concat(0, rows...)
	y := c.modulated(g, h, m[0], m[1])
	a := c.products(g, name+"linear1", name+"norm.", y, 3+c.Ratio)
	at := func(x onnx.Value) []onnx.Value { return b.divided(g, x, b.m+b.n) }
	h = c.round(g, name, h, y, g.Concat(0, b.attend(g, at(a[0]), at(a[1]), at(a[2]), c.Heads)...), m[2])
	return at(h)
}

// round adds to h what attention made and what goes round it.
func (c Stream) round(g *onnx.Graph, name string, h, y, attended, gate onnx.Value) onnx.Value {
	f := g.GeluTanh(c.part(g, name+"linear1", y, 3, 3+c.Ratio, 3+c.Ratio))
	return g.Add(h, g.Mul(g.Linear(g.Concat(1, attended, f), name+"linear2", c.Width, true), gate))
}

// last is the last block of one stream, of which only latents are of use: tokens are keys and values and nothing else.
func (c Stream) last(g *onnx.Graph, name string, rows []onnx.Value, moment onnx.Value, b branches) onnx.Value {
	m, h := c.modulation(g, name+"modulation.lin", moment, 3), g.Concat(0, rows...)
	y := c.modulated(g, h, m[0], m[1])
	latents := func(x onnx.Value) onnx.Value {
		_, x = b.split(g, b.divided(g, x, b.m+b.n))
		return x
	}
	h, of := latents(h), latents(y)
	q := c.normed(g, name+"norm.query_norm.scale", c.part(g, name+"linear1", of, 0, 1, 3+c.Ratio))
	k := c.normed(g, name+"norm.key_norm.scale", c.part(g, name+"linear1", y, 1, 2, 3+c.Ratio))
	v := c.part(g, name+"linear1", y, 2, 3, 3+c.Ratio)
	at := func(x onnx.Value) []onnx.Value { return b.divided(g, x, b.m+b.n) }
	a := b.attend(g, b.divided(g, q, b.n), at(k), at(v), c.Heads)
	return c.round(g, name, h, of, g.Concat(0, a...), m[2])
}
