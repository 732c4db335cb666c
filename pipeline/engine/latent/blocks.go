package latent

import (
	"fmt"
	"strings"

	"orfeas/pipeline/onnx"
)

// pairs makes the keys and values of all blocks of the picture's tokens [m, context].
func (c Transformer) pairs(g *onnx.Graph, tokens onnx.Value) []Pair {
	out := make([]Pair, c.Layers)
	for i := range out {
		key := fmt.Sprintf("blocks.%d.attn2.", i)
		heads := interleaved(g, c.Heads, 2,
			g.Linear(tokens, key+"to_k", c.Width, false),
			g.Linear(tokens, key+"to_v", c.Width, false))
		out[i] = Pair{plain(g, g.RMSNorm(heads[0], key+c.Names.KeyNorm, headEpsilon)), plain(g, heads[1])}
	}
	return out
}

// enter makes of latents x [n, channels] and the embedding [1, width] of the time the hidden states [1, 1 + n, width],
// the time first, behind the first attention: so far no picture has a say.
func (c Transformer) enter(g *onnx.Graph, x, time onnx.Value) onnx.Value {
	t := g.Gelu(g.Linear(time, c.Names.Time[0], 4*c.Width, true))
	t = g.Linear(t, c.Names.Time[1], c.Width, true)
	name, _, _ := strings.Cut(c.Names.Time[0], ".")
	g.Tap(name, t)
	x = g.Linear(x, c.Names.In, c.Width, true)
	g.Tap(c.Names.In, x)
	h := g.Concat(0, t, x)
	if len(h.Shape) != 2 {
		return h
	}
	return c.self(g, 0, g.Reshape(h, 1, h.Shape[0], c.Width))
}

// flow goes the rest of the way, from what enter made to where the latents flow [1, n, channels]. With guide it goes
// there without the picture too, second in [2, n, channels]; both together, so that every weight is there once.
func (c Transformer) flow(g *onnx.Graph, h onnx.Value, pairs []Pair, guide bool) onnx.Value {
	var skips []onnx.Value
	for i := range c.Layers {
		name := fmt.Sprintf("blocks.%d", i)
		if i > c.Layers/2 {
			last := len(skips) - 1
			h = g.Linear(g.Concat(2, skips[last], h), name+".skip_linear", c.Width, true)
			h = g.LayerNorm(h, name+".skip_norm", c.Epsilon)
			g.Tap(name+".skip_norm", h)
			skips = skips[:last]
		}
		if i > 0 {
			h = c.self(g, i, h)
		}
		h = c.attend(g, name, h, pairs[i], guide)
		h = g.Add(h, c.feed(g, i, g.LayerNorm(h, name+".norm3", c.Epsilon)))
		g.Tap(name, h)
		if i < c.Layers/2 {
			skips = append(skips, h)
		}
	}
	h = g.LayerNorm(h, c.Names.Norm, c.Epsilon)
	g.Tap(c.Names.Norm, h)
	if len(h.Shape) != 3 {
		return h
	}
	return g.Linear(g.Slice(h, 1, 1, h.Shape[1]), c.Names.Out, c.Channels, true)
}

// feed is a block's feed-forward network, or several of them.
func (c Transformer) feed(g *onnx.Graph, i int, x onnx.Value) onnx.Value {
	name := fmt.Sprintf("blocks.%d.", i)
	if i >= c.Layers-c.Experts.Layers {
		return c.Experts.feed(g, name+"moe.", x)
	}
	return feed(g, x, name+c.Names.Feed[0], name+c.Names.Feed[1], 4*c.Width)
}

// feed is a feed-forward network that is so wide within.
func feed(g *onnx.Graph, x onnx.Value, first, second string, wide int) onnx.Value {
	if len(x.Shape) == 0 {
		return x
	}
	return g.Linear(g.Gelu(g.Linear(x, first, wide, true)), second, x.Shape[len(x.Shape)-1], true)
}

// self is the attention of the hidden states to themselves, added to them.
func (c Transformer) self(g *onnx.Graph, i int, h onnx.Value) onnx.Value {
	name := fmt.Sprintf("blocks.%d", i)
	key, n := name+".attn1.", g.LayerNorm(h, name+".norm1", c.Epsilon)
	heads := interleaved(g, c.Heads, 3,
		g.Linear(n, key+"to_q", c.Width, false),
		g.Linear(n, key+"to_k", c.Width, false),
		g.Linear(n, key+"to_v", c.Width, false))
	q, k := g.RMSNorm(heads[0], key+c.Names.QueryNorm, headEpsilon), g.RMSNorm(heads[1], key+c.Names.KeyNorm, headEpsilon)
	a := g.Attention(plain(g, q), plain(g, k), plain(g, heads[2]), c.Heads)
	a = g.Linear(a, key+c.Names.Project, c.Width, true)
	g.Tap(name+".attn1", a)
	return g.Add(h, a)
}

// attend is the attention to the picture, added to the hidden states. Without the picture its tokens are zero: as keys and
// values have no bias, attention to them gives zero, and only its output's bias is left.
func (c Transformer) attend(g *onnx.Graph, name string, h onnx.Value, to Pair, guide bool) onnx.Value {
	with, without := h, h
	if guide && len(h.Shape) == 3 && h.Shape[0] == 2 {
		with, without = g.Slice(h, 0, 0, 1), g.Slice(h, 0, 1, 2)
	}
	with = c.cross(g, name, with, to)
	if !guide {
		return with
	}
	return g.Concat(0, with, g.Add(without, g.Weight(name+".attn2."+c.Names.Project+".bias", c.Width)))
}

// cross is the attention of h [1, n, width] to the picture, added to h. Its queries are laid out plainly.
func (c Transformer) cross(g *onnx.Graph, name string, h onnx.Value, to Pair) onnx.Value {
	key := name + ".attn2."
	q := g.Linear(g.LayerNorm(h, name+".norm2", c.Epsilon), key+"to_q", c.Width, false)
	if len(q.Shape) != 3 || len(to.Keys.Shape) != 2 {
		return onnx.Value{}
	}
	q = plain(g, g.RMSNorm(apart(g, q, c.Heads), key+c.Names.QueryNorm, headEpsilon))
	m := to.Keys.Shape[0]
	a := g.Attention(q, g.Reshape(to.Keys, 1, m, c.Width), g.Reshape(to.Values, 1, m, c.Width), c.Heads)
	a = g.Linear(a, key+c.Names.Project, c.Width, true)
	g.Tap(name+".attn2", a)
	return g.Add(h, a)
}
