package onnx

// Conv is a convolution of x [n, channels, height, width] with a square kernel of an odd side and zeros beyond the edges, so
// that the size stays; with name.weight [outputs, channels, side, side] and, if there is one, name.bias.
func (g *Graph) Conv(x Value, name string, outputs, side int, bias bool) Value {
	if x.name == "" {
		return x
	}
	if len(x.Shape) != 4 || side%2 == 0 {
		return g.fail("convolution of %v by %d", x, side)
	}
	operands := []Value{x, g.Weight(name+".weight", outputs, x.Shape[1], side, side)}
	if bias {
		operands = append(operands, g.Weight(name+".bias", outputs))
	}
	p := side / 2
	return g.apply("Conv", "", x.DType, []int{x.Shape[0], outputs, x.Shape[2], x.Shape[3]}, operands,
		intsAttribute("kernel_shape", side, side), intsAttribute("pads", p, p, p, p))
}

// Relu is max(x, 0), Softplus ln(1 + exp(x)).
func (g *Graph) Relu(x Value) Value     { return g.unary("Relu", "", x) }
func (g *Graph) Softplus(x Value) Value { return g.unary("Softplus", "", x) }

// Shuffle turns every n² channels of x [1, channels, height, width] into n x n pixels (Shi et al. 2016).
func (g *Graph) Shuffle(x Value, n int) Value {
	if x.name == "" {
		return x
	}
	if len(x.Shape) != 4 || x.Shape[0] != 1 || n < 1 || x.Shape[1]%(n*n) != 0 {
		return g.fail("shuffle %v by %d", x, n)
	}
	c, h, w := x.Shape[1]/(n*n), x.Shape[2], x.Shape[3]
	x = g.Transpose(g.Reshape(x, c, n, n, h, w), 0, 3, 1, 4, 2)
	return g.Reshape(x, 1, c, n*h, n*w)
}
