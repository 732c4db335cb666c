package triposg

import (
	"context"
	"fmt"
	"math"

	"orfeas/pipeline/onnx"
)

// latents makes of what the flow ended in, [n, channels], the set that every point is compared with, [n, width].
func (v VAE) latents(g *onnx.Graph, z onnx.Value) onnx.Value {
	z = g.Linear(z, "post_quant", v.Width, true)
	g.Tap("post_quant", z)
	for i := range v.Layers {
		name := fmt.Sprintf("decoder.blocks.%d", i)
		key, n := name+".attn1.", g.LayerNorm(z, name+".norm1", normEpsilon)
		heads := interleaved(g, v.Heads,
			g.Linear(n, key+"to_q", v.Width, false),
			g.Linear(n, key+"to_k", v.Width, false),
			g.Linear(n, key+"to_v", v.Width, false))
		a := g.Attention(plain(g, heads[0]), plain(g, heads[1]), plain(g, heads[2]), v.Heads)
		z = v.feed(g, name, g.Add(z, g.Linear(a, key+"to_out.0", v.Width, true)))
		g.Tap(name, z)
	}
	return z
}

// feed is a block's feed-forward network, added to x.
func (v VAE) feed(g *onnx.Graph, name string, x onnx.Value) onnx.Value {
	f := g.Gelu(g.Linear(g.LayerNorm(x, name+".norm3", normEpsilon), name+".ff.net.0.proj", 4*v.Width, true))
	return g.Add(x, g.Linear(f, name+".ff.net.2", v.Width, true))
}

// last names the block that points go through.
func (v VAE) last() string { return fmt.Sprintf("decoder.blocks.%d", v.Layers) }

// pair makes the keys and values of the latents [n, width] that points attend to.
func (v VAE) pair(g *onnx.Graph, z onnx.Value) pair {
	key := v.last() + ".attn2."
	n := g.LayerNorm(z, key+"norm_cross", normEpsilon)
	heads := interleaved(g, v.Heads, g.Linear(n, key+"to_k", v.Width, false), g.Linear(n, key+"to_v", v.Width, false))
	return pair{plain(g, heads[0]), plain(g, heads[1])}
}

// ask makes of embedded points [p, embedded] the negative of their logits [p, 1].
func (v VAE) ask(g *onnx.Graph, points onnx.Value, to pair) onnx.Value {
	name := v.last()
	q := g.Linear(points, "decoder.proj_query", v.Width, true)
	g.Tap("decoder.proj_query", q)
	a := g.Linear(g.LayerNorm(q, name+".norm2", normEpsilon), name+".attn2.to_q", v.Width, false)
	a = g.Linear(g.Attention(a, to.keys, to.values, v.Heads), name+".attn2.to_out.0", v.Width, true)
	g.Tap(name+".attn2", a)
	q = v.feed(g, name, g.Add(q, a))
	g.Tap(name, q)
	q = g.LayerNorm(q, "decoder.norm_out", normEpsilon)
	g.Tap("decoder.norm_out", q)
	return g.Linear(q, "decoder.proj_out", 1, true)
}

// embedded is how many numbers a point is told by.
func (v VAE) embedded() int { return 3 * (1 + 2*v.Frequencies) }

// embed appends a point's coordinates, and the sines and then the cosines of their octaves, x first.
func (v VAE) embed(out []float32, p [3]float32) []float32 {
	at, n := len(out)+3, 3*v.Frequencies
	out = append(append(out, p[:]...), make([]float32, 2*n)...)
	for c, x := range p {
		f := float64(x)
		if v.Pi {
			f *= math.Pi
		}
		for k := range v.Frequencies {
			sin, cos := math.Sincos(f)
			out[at+c*v.Frequencies+k], out[at+n+c*v.Frequencies+k] = float32(sin), float32(cos)
			f *= 2
		}
	}
	return out
}

// Field answers whether a point of the world is inside.
type Field struct {
	vae     VAE
	session *onnx.Session
}

// Close lets the decoder go.
func (f *Field) Close() error { return f.session.Close() }

// at sets values[i] to the logit at points[i], positive inside.
func (f *Field) at(ctx context.Context, points [][3]float32, values []float32) error {
	x := make([]float32, 0, len(points)*f.vae.embedded())
	for _, p := range points {
		x = f.vae.embed(x, p)
	}
	out, err := f.session.Run(ctx, onnx.Tensor{Shape: []int{len(points), f.vae.embedded()}, Data: x})
	if err != nil {
		return fmt.Errorf("decoder: %w", err)
	}
	for i, y := range out[0].Data {
		values[i] = -y
	}
	return nil
}
