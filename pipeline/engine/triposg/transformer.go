package triposg

import (
	"fmt"
	"slices"

	"orfeas/pipeline/onnx"
)

// The constants of the norms, which no configuration changes.
const (
	normEpsilon = 1e-5 // of layers
	headEpsilon = 1e-6 // of queries and keys
)

// pair are the keys and values, [m, width] each, that a block attends to.
type pair struct{ keys, values onnx.Value }

// pairs makes the keys and values of all blocks of the picture's tokens [m, context]. They are the same at every step.
func (c Transformer) pairs(g *onnx.Graph, tokens onnx.Value) []pair {
	out := make([]pair, c.Layers)
	for i := range out {
		key := fmt.Sprintf("blocks.%d.attn2.", i)
		heads := interleaved(g, c.Heads,
			g.Linear(tokens, key+"to_k", c.Width, false),
			g.Linear(tokens, key+"to_v", c.Width, false))
		out[i] = pair{plain(g, g.RMSNorm(heads[0], key+"norm_k", headEpsilon)), plain(g, heads[1])}
	}
	return out
}

// interleaved undoes how the official code lays out heads: the products [..., c], one beside the other, are seen as heads
// of as many parts each, so that a head has its parts from wherever they fall. It returns the parts [..., heads, d].
func interleaved(g *onnx.Graph, heads int, products ...onnx.Value) []onnx.Value {
	out := make([]onnx.Value, len(products))
	last := len(products[0].Shape) - 1
	if last < 0 {
		return out
	}
	d := products[0].Shape[last] / heads
	x := g.Reshape(g.Concat(last, products...), append(slices.Clone(products[0].Shape[:last]), heads, len(products)*d)...)
	for i := range out {
		out[i] = g.Slice(x, last+1, i*d, (i+1)*d)
	}
	return out
}

// plain lays heads [..., heads, d] one after the other, [..., c].
func plain(g *onnx.Graph, x onnx.Value) onnx.Value {
	last := len(x.Shape) - 1
	if last < 1 {
		return x
	}
	return g.Reshape(x, append(slices.Clone(x.Shape[:last-1]), x.Shape[last-1]*x.Shape[last])...)
}

// enter makes of latents x [n, channels] and the embedding [1, width] of the time the hidden states [1, 1 + n, width],
// the time first, behind the first attention: so far no picture has a say.
func (c Transformer) enter(g *onnx.Graph, x, time onnx.Value) onnx.Value {
	t := g.Gelu(g.Linear(time, "time_proj.linear_1", 4*c.Width, true))
	t = g.Linear(t, "time_proj.linear_2", c.Width, true)
	g.Tap("time_proj", t)
	x = g.Linear(x, "proj_in", c.Width, true)
	g.Tap("proj_in", x)
	h := g.Concat(0, t, x)
	if len(h.Shape) != 2 {
		return h
	}
	return c.self(g, 0, g.Reshape(h, 1, h.Shape[0], c.Width))
}

// flow goes the rest of the way, from what enter made to where the latents flow [1, n, channels]. With guide it goes
// there without the picture too, second in [2, n, channels]; both together, so that every weight is there once.
func (c Transformer) flow(g *onnx.Graph, h onnx.Value, pairs []pair, guide bool) onnx.Value {
	var skips []onnx.Value
	for i := range c.Layers {
		name := fmt.Sprintf("blocks.%d", i)
		if i > c.Layers/2 {
			last := len(skips) - 1
			h = g.Linear(g.Concat(2, skips[last], h), name+".skip_linear", c.Width, true)
			h = g.LayerNorm(h, name+".skip_norm", normEpsilon)
			g.Tap(name+".skip_norm", h)
			skips = skips[:last]
		}
		if i > 0 {
			h = c.self(g, i, h)
		}
		h = c.attend(g, name, h, pairs[i], guide)
		f := g.Gelu(g.Linear(g.LayerNorm(h, name+".norm3", normEpsilon), name+".ff.net.0.proj", 4*c.Width, true))
		h = g.Add(h, g.Linear(f, name+".ff.net.2", c.Width, true))
		g.Tap(name, h)
		if i < c.Layers/2 {
			skips = append(skips, h)
		}
	}
	h = g.LayerNorm(h, "norm_out", normEpsilon)
	g.Tap("norm_out", h)
	if len(h.Shape) != 3 {
		return h
	}
	return g.Linear(g.Slice(h, 1, 1, h.Shape[1]), "proj_out", c.Channels, true)
}

// self is the attention of the hidden states to themselves, added to them.
func (c Transformer) self(g *onnx.Graph, i int, h onnx.Value) onnx.Value {
	name := fmt.Sprintf("blocks.%d", i)
	key, n := name+".attn1.", g.LayerNorm(h, name+".norm1", normEpsilon)
	heads := interleaved(g, c.Heads,
		g.Linear(n, key+"to_q", c.Width, false),
		g.Linear(n, key+"to_k", c.Width, false),
		g.Linear(n, key+"to_v", c.Width, false))
	q, k := g.RMSNorm(heads[0], key+"norm_q", headEpsilon), g.RMSNorm(heads[1], key+"norm_k", headEpsilon)
	a := g.Attention(plain(g, q), plain(g, k), plain(g, heads[2]), c.Heads)
	a = g.Linear(a, key+"to_out.0", c.Width, true)
	g.Tap(name+".attn1", a)
	return g.Add(h, a)
}

// attend is the attention to the picture, added to the hidden states. Without the picture its tokens are zero: as keys and
// values have no bias, attention to them gives zero, and only its output's bias is left.
func (c Transformer) attend(g *onnx.Graph, name string, h onnx.Value, to pair, guide bool) onnx.Value {
	with, without := h, h
	if guide && len(h.Shape) == 3 && h.Shape[0] == 2 {
		with, without = g.Slice(h, 0, 0, 1), g.Slice(h, 0, 1, 2)
	}
	with = c.cross(g, name, with, to)
	if !guide {
		return with
	}
	return g.Concat(0, with, g.Add(without, g.Weight(name+".attn2.to_out.0.bias", c.Width)))
}

// cross is the attention of h [1, n, width] to the picture, added to h. Its queries are laid out plainly.
func (c Transformer) cross(g *onnx.Graph, name string, h onnx.Value, to pair) onnx.Value {
	key := name + ".attn2."
	q := g.Linear(g.LayerNorm(h, name+".norm2", normEpsilon), key+"to_q", c.Width, false)
	if len(q.Shape) != 3 || len(to.keys.Shape) != 2 {
		return onnx.Value{}
	}
	q = plain(g, g.RMSNorm(g.Reshape(q, 1, q.Shape[1], c.Heads, c.Width/c.Heads), key+"norm_q", headEpsilon))
	m := to.keys.Shape[0]
	a := g.Attention(q, g.Reshape(to.keys, 1, m, c.Width), g.Reshape(to.values, 1, m, c.Width), c.Heads)
	a = g.Linear(a, key+"to_out.0", c.Width, true)
	g.Tap(name+".attn2", a)
	return g.Add(h, a)
}
