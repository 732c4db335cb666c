package latent

import (
	"slices"

	"orfeas/pipeline/onnx"
)

// Pair are the keys and values, [m, width] each, that something attends to.
type Pair struct{ Keys, Values onnx.Value }

// headEpsilon is that of the norms of queries and keys, which no configuration changes.
const headEpsilon = 1e-6

// interleaved undoes how the official code lays out heads: products [..., c], one beside the other, are seen as heads of
// some parts each, queries, keys and values, so that a head has its parts from wherever they fall. It returns the parts
// [..., heads, d]. One product may be all of them together.
func interleaved(g *onnx.Graph, heads, parts int, products ...onnx.Value) []onnx.Value {
	out := make([]onnx.Value, parts)
	last := len(products[0].Shape) - 1
	if last < 0 {
		return out
	}
	x := g.Concat(last, products...)
	if len(x.Shape) == 0 {
		return out
	}
	d := x.Shape[last] / heads / parts
	x = g.Reshape(x, append(slices.Clone(products[0].Shape[:last]), heads, parts*d)...)
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

// apart is the opposite of plain.
func apart(g *onnx.Graph, x onnx.Value, heads int) onnx.Value {
	last := len(x.Shape) - 1
	if last < 0 {
		return x
	}
	return g.Reshape(x, append(slices.Clone(x.Shape[:last]), heads, x.Shape[last]/heads)...)
}
