package onnx

import (
	"fmt"
	"slices"
)

// Attention of many tokens is written in pieces of its queries, because a run is stopped only between two operators: the
// operations in a piece, a fraction of a second's work, and the scores in one where they are in memory.
const (
	maxOperations = 6e10
	maxScores     = 1 << 25
)

// Attention is softmax(q kᵀ / √d) v in heads of d channels, head after head in the last axis; q [n, c], k [m, c] and
// v [m, e], or all with a batch before. It is fused: the scores are never all in memory.
func (g *Graph) Attention(q, k, v Value, heads int) Value {
	return g.attention(q, k, v, heads, nil)
}

// AttentionBiased adds biases[i] to all scores of the i-th key. The scores of a piece are in memory on the CPU.
func (g *Graph) AttentionBiased(q, k, v Value, heads int, biases []float32) Value {
	if len(k.Shape) > 1 && k.Shape[len(k.Shape)-2] != len(biases) {
		return g.fail("attention of %v and %v with %d biases", q, k, len(biases))
	}
	return g.attention(q, k, v, heads, biases)
}

func (g *Graph) attention(q, k, v Value, heads int, biases []float32) Value {
	if q.name == "" || k.name == "" || v.name == "" {
		return Value{}
	}
	rank := len(q.Shape)
	ok := (rank == 2 || rank == 3) && len(k.Shape) == rank && len(v.Shape) == rank && slices.Equal(k.Shape[:rank-1], v.Shape[:rank-1])
	if ok = ok && q.Shape[rank-1] == k.Shape[rank-1] && heads > 0 && q.Shape[rank-1]%heads == 0 && v.Shape[rank-1]%heads == 0; !ok {
		return g.fail("attention in %d heads of %v, %v and %v", heads, q, k, v)
	}
	if biases != nil && q.Shape[rank-2] == Any {
		return g.fail("attention of any number of queries, %v, with biases", q)
	}
	if rank == 2 {
		as3 := func(x Value) Value { return g.Reshape(x, append([]int{1}, x.Shape...)...) }
		y := g.pieces(as3(q), as3(k), as3(v), heads, biases)
		return g.Reshape(y, q.Shape[0], v.Shape[1])
	}
	return g.pieces(q, k, v, heads, biases)
}

// pieces is attention of q [b, n, c], as many queries at a time as are good at once.
func (g *Graph) pieces(q, k, v Value, heads int, biases []float32) Value {
	n, m := q.Shape[1], k.Shape[1]
	most := n
	if n != Any && m != Any {
		most = max(1, maxOperations/(4*max(m, 1)*q.Shape[2]*max(q.Shape[0], 1)))
		if biases != nil {
			most = min(most, max(1, maxScores/(max(m, 1)*heads)))
		}
	}
	if n <= most {
		return g.piece(q, k, v, heads, biases)
	}
	count := (n + most - 1) / most
	var out []Value
	for i := range count {
		out = append(out, g.piece(g.Slice(q, 1, i*n/count, (i+1)*n/count), k, v, heads, biases))
	}
	return g.Concat(1, out...)
}

func (g *Graph) piece(q, k, v Value, heads int, biases []float32) Value {
	operands := []Value{q, k, v}
	if biases != nil {
		operands = append(operands, without, without, g.biases(q.Shape[1], biases))
	}
	shape := append(slices.Clone(q.Shape[:2]), v.Shape[2])
	return g.apply("MultiHeadAttention", contrib, q.DType, shape, operands, intAttribute("num_heads", heads))
}

// biases are those of n queries, [1, 1, n, keys], the same for each. The runtime makes them when it loads and keeps them: all
// attention with the same shares them.
func (g *Graph) biases(n int, biases []float32) Value {
	key := fmt.Sprint("biases of ", n, biases)
	v, known := g.loaded[key]
	if !known {
		m := len(biases)
		row := g.Const("biases", biases, 1, 1, 1, m)
		v = g.apply("Expand", "", row.DType, []int{1, 1, n, m}, []Value{row, g.ints(1, 1, n, m)})
		g.loaded[key] = v
	}
	return v
}
