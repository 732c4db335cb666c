package latent

import (
	"fmt"

	"orfeas/pipeline/onnx"
)

// Experts are a mixture of feed-forward networks (Shazeer et al. 2017) in the last Layers: each token goes through the Top
// that a gate gives most to, of Count, each weighed by what it gives, and through one that all tokens share.
type Experts struct{ Layers, Count, Top int }

// feed is the mixture of x [..., width]. Which experts a token goes to is decided in F32; each is run on its tokens alone.
func (e Experts) feed(g *onnx.Graph, name string, x onnx.Value) onnx.Value {
	if len(x.Shape) != 3 {
		return x
	}
	width := x.Shape[2]
	expert := func(x onnx.Value, key string) onnx.Value {
		return feed(g, x, name+key+".net.0.proj", name+key+".net.2", 4*width)
	}
	tokens := g.Reshape(x, x.Shape[0]*x.Shape[1], width)
	gate := g.Softmax(g.Cast(g.Linear(tokens, name+"gate", e.Count, false), onnx.F32))
	shares, chosen := g.TopK(gate, e.Top)
	g.Tap(name+"gate.1", shares)
	shared := expert(tokens, "shared_experts")
	g.Tap(name+"shared_experts", shared)
	sum := g.Cast(shared, onnx.F32)
	for i := range e.Count {
		places := g.Places(chosen, i)
		y := g.Cast(expert(g.Rows(tokens, places), fmt.Sprintf("experts.%d", i)), onnx.F32)
		sum = g.AddRows(sum, places, g.Mul(y, g.Reshape(g.Pick(shares, places), onnx.Any, 1)))
	}
	out := g.Reshape(g.Cast(sum, x.DType), x.Shape...)
	g.Tap(name[:len(name)-1], out)
	return out
}
