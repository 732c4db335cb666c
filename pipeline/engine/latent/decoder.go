package latent

import (
	"fmt"
	"math"
	"strings"

	"orfeas/pipeline/onnx"
)

// Decoder are the sizes of an autoencoder's decoder: a transformer over the latents, and one block that a point goes
// through, which attends to them. Points are told to it by sines of Frequencies octaves, of π times the coordinate with Pi.
type Decoder struct {
	Channels, Heads, Width, Layers int
	Point                          PointBlock
	Frequencies                    int
	Pi                             bool
	Epsilon, LastEpsilon           float64 // of all norms of layers, and of the one before the logit
	Sign                           float32 // of a logit inside
	Radius                         float64 // how far the world reaches along each axis
	Names                          DecoderNames
}

// PointBlock are the sizes of the block that points go through; within it is Ratio times as wide.
type PointBlock struct{ Heads, Width, Ratio int }

// DecoderNames are what the tensors are called; empty where a network does without.
type DecoderNames struct {
	In     string     // the first layer of latents
	Blocks string     // the transformer's blocks, with a verb for the number
	Self   BlockNames // in each of them
	Query  string     // the first layer of points
	Shrink string     // the layer that makes latents as wide as the block for points
	Point  string     // that block
	Cross  BlockNames // in it
	Norm   string     // after it
	Out    string
}

// BlockNames are what the tensors in a block are called.
type BlockNames struct {
	Norm, LatentNorm   string   // before attention, of what asks and what is asked
	Query              string   // of attention to latents
	Products           []string // queries, keys and values, of attention to latents only the last two; or one of all
	QueryNorm, KeyNorm string   // of each head
	Project            string
	FeedNorm           string
	Feed               [2]string
}

// Check refuses sizes no network has.
func (v Decoder) Check() error {
	if v.Layers < 1 || v.Layers > 256 || v.Channels < 1 || v.Channels > 4096 || v.Frequencies < 1 || v.Frequencies > 32 || v.Point.Ratio < 1 || v.Point.Ratio > 16 {
		return fmt.Errorf("%d layers, %d channels, %d frequencies, %d times as wide within", v.Layers, v.Channels, v.Frequencies, v.Point.Ratio)
	}
	if err := InHeads(v.Point.Width, v.Point.Heads); err != nil {
		return err
	}
	return InHeads(v.Width, v.Heads)
}

// Whole is the decoder without anything left out, for n latents and any number of embedded points, with the sign that the
// network gives its logits.
func (v Decoder) Whole(g *onnx.Graph, n, points int) onnx.Value {
	to := v.pair(g, v.latents(g, g.Input("latents", n, v.Channels)))
	return v.ask(g, g.Input("points", points, v.Embedded()), to)
}

// latents makes of what the flow ended in, [n, channels], the set that every point is compared with, [n, width].
func (v Decoder) latents(g *onnx.Graph, z onnx.Value) onnx.Value {
	z = g.Linear(z, v.Names.In, v.Width, true)
	g.Tap(v.Names.In, z)
	for i := range v.Layers {
		name, s := fmt.Sprintf(v.Names.Blocks, i), v.Names.Self
		key := name + "."
		heads := v.heads(g, g.LayerNorm(z, key+s.Norm, v.Epsilon), key, s, 3, v.Width, v.Heads)
		q, k := v.normed(g, heads[0], key, s.QueryNorm), v.normed(g, heads[1], key, s.KeyNorm)
		a := g.Linear(g.Attention(plain(g, q), plain(g, k), plain(g, heads[2]), v.Heads), key+s.Project, v.Width, true)
		g.Tap(key+tapped(s), a)
		z = v.feed(g, g.Add(z, a), key, s, 4*v.Width)
		g.Tap(name, z)
	}
	g.Tap("decoded_latents", z)
	return z
}

// heads are the products of x that a block attends with.
func (v Decoder) heads(g *onnx.Graph, x onnx.Value, key string, n BlockNames, parts, width, heads int) []onnx.Value {
	products := make([]onnx.Value, len(n.Products))
	for i, name := range n.Products {
		products[i] = g.Linear(x, key+name, parts/len(products)*width, false)
	}
	return interleaved(g, heads, parts, products...)
}

// normed normalises heads where the network does.
func (v Decoder) normed(g *onnx.Graph, heads onnx.Value, key, name string) onnx.Value {
	if name == "" {
		return heads
	}
	return g.LayerNorm(heads, key+name, headEpsilon)
}

// tapped is the name of a block's attention, of which its output is part.
func tapped(n BlockNames) string {
	name, _, _ := strings.Cut(n.Project, ".")
	return name
}

// feed is a block's feed-forward network, added to x.
func (v Decoder) feed(g *onnx.Graph, x onnx.Value, key string, n BlockNames, wide int) onnx.Value {
	return g.Add(x, feed(g, g.LayerNorm(x, key+n.FeedNorm, v.Epsilon), key+n.Feed[0], key+n.Feed[1], wide))
}

// pair makes the keys and values of the latents [n, width] that points attend to.
func (v Decoder) pair(g *onnx.Graph, z onnx.Value) Pair {
	if v.Names.Shrink != "" {
		z = g.Linear(z, v.Names.Shrink, v.Point.Width, true)
		g.Tap(v.Names.Shrink, z)
	}
	key, n := v.Names.Point+".", v.Names.Cross
	heads := v.heads(g, g.LayerNorm(z, key+n.LatentNorm, v.Epsilon), key, n, 2, v.Point.Width, v.Point.Heads)
	return Pair{plain(g, v.normed(g, heads[0], key, n.KeyNorm)), plain(g, heads[1])}
}

// queries makes of embedded points [p, embedded] what goes through their block and what they ask the latents with,
// [p, width] each.
func (v Decoder) queries(g *onnx.Graph, points onnx.Value) (x, q onnx.Value) {
	key, n, width := v.Names.Point+".", v.Names.Cross, v.Point.Width
	x = g.Linear(points, v.Names.Query, width, true)
	g.Tap(v.Names.Query, x)
	q = g.Linear(g.LayerNorm(x, key+n.Norm, v.Epsilon), key+n.Query, width, false)
	if n.QueryNorm != "" {
		q = plain(g, v.normed(g, apart(g, q, v.Point.Heads), key, n.QueryNorm))
	}
	return x, q
}

// ask makes of embedded points [p, embedded] their logits [p, 1].
func (v Decoder) ask(g *onnx.Graph, points onnx.Value, to Pair) onnx.Value {
	key, n, width := v.Names.Point+".", v.Names.Cross, v.Point.Width
	x, q := v.queries(g, points)
	a := g.Linear(g.Attention(q, to.Keys, to.Values, v.Point.Heads), key+n.Project, width, true)
	g.Tap(key+tapped(n), a)
	x = v.feed(g, g.Add(x, a), key, n, v.Point.Ratio*width)
	g.Tap(v.Names.Point, x)
	if v.Names.Norm != "" {
		x = g.LayerNorm(x, v.Names.Norm, v.LastEpsilon)
		g.Tap(v.Names.Norm, x)
	}
	return g.Linear(x, v.Names.Out, 1, true)
}

// Embedded is how many numbers a point is told by.
func (v Decoder) Embedded() int { return 3 * (1 + 2*v.Frequencies) }

// Embed appends a point's coordinates, and the sines and then the cosines of their octaves, x first.
func (v Decoder) Embed(out []float32, p [3]float32) []float32 {
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
