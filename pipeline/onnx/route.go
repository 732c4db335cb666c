package onnx

// Operators that send rows of a tensor different ways, as a mixture of experts does. How many go where is known only when
// the network runs.

// TopK are the k largest numbers along the last axis of x, the largest first, and their indices.
func (g *Graph) TopK(x Value, k int) (largest, indices Value) {
	if x.name == "" {
		return x, x
	}
	last := len(x.Shape) - 1
	if k < 1 || k > x.Shape[last] {
		return g.fail("the %d largest of %v", k, x), Value{}
	}
	shape := append(append([]int{}, x.Shape[:last]...), k)
	largest, indices = Value{g.fresh("TopK"), x.DType, shape}, Value{g.fresh("TopK"), I64, shape}
	g.write("TopK", "", []Value{x, g.ints(k)}, []string{largest.name, indices.name}, nil)
	return largest, indices
}

// Places are the rows and columns [n, 2] at which indices is i.
func (g *Graph) Places(indices Value, i int) Value {
	hit := g.apply("Equal", "", Bool, indices.Shape, []Value{indices, g.ints(i)})
	at := g.apply("NonZero", "", I64, []int{2, Any}, []Value{hit})
	return g.Transpose(at, 1, 0)
}

// rows are the rows [n, 1] of places.
func (g *Graph) rows(places Value) Value {
	return g.apply("Slice", "", I64, []int{Any, 1}, []Value{places, g.ints(0), g.ints(1), g.ints(1)})
}

// Pick are the numbers [n] of x at places.
func (g *Graph) Pick(x, places Value) Value {
	return g.apply("GatherND", "", x.DType, []int{Any}, []Value{x, places})
}

// Rows are the rows of x at the rows of places.
func (g *Graph) Rows(x, places Value) Value {
	if len(x.Shape) != 2 {
		return Value{}
	}
	return g.apply("GatherND", "", x.DType, []int{Any, x.Shape[1]}, []Value{x, g.rows(places)})
}

// AddRows adds rows, each to the row of x that its place says.
func (g *Graph) AddRows(x, places, rows Value) Value {
	return g.apply("ScatterND", "", x.DType, x.Shape, []Value{x, g.rows(places), rows}, textAttribute("reduction", "add"))
}
