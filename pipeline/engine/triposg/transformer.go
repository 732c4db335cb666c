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
		out[i] = pair{joined(g, g.RMSNorm(heads[0], key+"norm_k", headEpsilon)), joined(g, heads[1])}
	}
	return out
}

// interleaved undoes how the official code lays out heads: the products [n, c], one beside the other, are seen as heads
// of as many parts each, so that a head has its parts from wherever they fall. It returns the parts [n, heads, d].
func interleaved(g *onnx.Graph, heads int, products ...onnx.Value) []onnx.Value {
	out := make([]onnx.Value, len(products))
	x := g.Concat(1, products...)
	if len(x.Shape) != 2 {
		return out
	}
	d := x.Shape[1] / len(products) / heads
	x = g.Reshape(x, x.Shape[0], heads, len(products)*d)
	for i := range out {
		out[i] = g.Slice(x, 2, i*d, (i+1)*d)
	}
	return out
}

// joined puts heads [n, heads, d] one after the other, [n, c].
func joined(g *onnx.Graph, x onnx.Value) onnx.Value {
	if len(x.Shape) != 3 {
		return x
	}
	return g.Reshape(x, x.Shape[0], x.Shape[1]*x.Shape[2])
}

// enter makes of latents x [n, channels] and the embedding [1, width] of the time the hidden states [1 + n, width], the
// time first, behind the first attention: so far no picture has a say.
func (c Transformer) enter(g *onnx.Graph, x, time onnx.Value) onnx.Value {
	t := g.Gelu(g.Linear(time, "time_proj.linear_1", 4*c.Width, true))
	t = g.Linear(t, "time_proj.linear_2", c.Width, true)
	g.Tap("time_proj", t)
	x = g.Linear(x, "proj_in", c.Width, true)
	g.Tap("proj_in", x)
	return c.self(g, 0, g.Concat(0, t, x))
}

// flow goes the rest of the way, from what enter made to which way the latents flow [n, channels]. Without pairs it does
// so without a picture, whose tokens are zero then: as keys and values have no bias, attention to them gives zero, and
// only its output's bias is left.
func (c Transformer) flow(g *onnx.Graph, h onnx.Value, pairs []pair) onnx.Value {
	var skips []onnx.Value
	for i := range c.Layers {
		name := fmt.Sprintf("blocks.%d", i)
		if i > c.Layers/2 {
			last := len(skips) - 1
			h = g.Linear(g.Concat(1, skips[last], h), name+".skip_linear", c.Width, true)
			h = g.LayerNorm(h, name+".skip_norm", normEpsilon)
			skips = slices.Delete(skips, last, last+1)
		}
		if i > 0 {
			h = c.self(g, i, h)
		}
		if pairs == nil {
			h = g.Add(h, g.Weight(name+".attn2.to_out.0.bias", c.Width))
		} else {
			h = c.cross(g, name, h, pairs[i])
		}
		f := g.Gelu(g.Linear(g.LayerNorm(h, name+".norm3", normEpsilon), name+".ff.net.0.proj", 4*c.Width, true))
		h = g.Add(h, g.Linear(f, name+".ff.net.2", c.Width, true))
		if pairs != nil {
			g.Tap(name, h)
		}
		if i < c.Layers/2 {
			skips = append(skips, h)
		}
	}
	h = g.LayerNorm(h, "norm_out", normEpsilon)
	if len(h.Shape) != 2 {
		return h
	}
	return g.Linear(g.Slice(h, 0, 1, h.Shape[0]), "proj_out", c.Channels, true)
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
	a := g.Attention(joined(g, q), joined(g, k), joined(g, heads[2]), c.Heads)
	a = g.Linear(a, key+"to_out.0", c.Width, true)
	if i == 0 {
		g.Tap(name+".attn1", a)
	}
	return g.Add(h, a)
}

// cross is the attention to the picture, added to the hidden states. Its queries are laid out plainly.
func (c Transformer) cross(g *onnx.Graph, name string, h onnx.Value, to pair) onnx.Value {
	key := name + ".attn2."
	q := g.Linear(g.LayerNorm(h, name+".norm2", normEpsilon), key+"to_q", c.Width, false)
	if len(q.Shape) != 2 {
		return q
	}
	q = g.RMSNorm(g.Reshape(q, q.Shape[0], c.Heads, c.Width/c.Heads), key+"norm_q", headEpsilon)
	a := g.Linear(g.Attention(joined(g, q), to.keys, to.values, c.Heads), key+"to_out.0", c.Width, true)
	g.Tap(name+".attn2", a)
	return g.Add(h, a)
}
