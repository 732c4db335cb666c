package onnx

import "slices"

// Linear is torch's: x Wᵀ + b with W, the tensor name.weight, [outputs, inputs], and b, name.bias, if there is one.
// It works on the last axis of x.
func (g *Graph) Linear(x Value, name string, outputs int, bias bool) Value {
	if x.name == "" {
		return x
	}
	w := g.Weight(name+".weight", outputs, x.Shape[len(x.Shape)-1])
	var b Value
	if bias {
		b = g.Weight(name+".bias", outputs)
	}
	return g.Gemm(x, w, b)
}

// Gemm is x Wᵀ + b over the last axis of x, with W [outputs, inputs] as torch keeps it; a zero b is left out.
func (g *Graph) Gemm(x, w, b Value) Value {
	if x.name == "" || w.name == "" {
		return Value{}
	}
	last := len(x.Shape) - 1
	if len(w.Shape) != 2 || w.Shape[1] != x.Shape[last] {
		return g.fail("Gemm of %v and %v", x, w)
	}
	operands := []Value{g.Reshape(x, flat(x.Shape), x.Shape[last]), w}
	if b.name != "" {
		operands = append(operands, b)
	}
	y := g.apply("Gemm", "", x.DType, []int{operands[0].Shape[0], w.Shape[0]}, operands, intAttribute("transB", 1))
	return g.Reshape(y, append(slices.Clone(x.Shape[:last]), w.Shape[0])...)
}

// flat is the product of all axes but the last.
func flat(shape []int) int {
	n, fixed := count(shape[:len(shape)-1])
	if !fixed {
		return Any
	}
	return n
}

// LayerNorm normalises the last axis, in F32, with name.weight and name.bias.
func (g *Graph) LayerNorm(x Value, name string, epsilon float64) Value {
	if x.name == "" {
		return x
	}
	last := x.Shape[len(x.Shape)-1]
	return g.Normalize(x, g.exact(name+".weight", last), g.exact(name+".bias", last), epsilon)
}

// Normalize normalises the last axis, in F32, with a scale and a bias that may be computed, as modulated layers have them.
func (g *Graph) Normalize(x, scale, bias Value, epsilon float64) Value {
	y := g.apply("LayerNormalization", "", F32, x.Shape, []Value{g.Cast(x, F32), g.Cast(scale, F32), g.Cast(bias, F32)},
		intAttribute("axis", -1), floatAttribute("epsilon", epsilon))
	return g.Cast(y, x.DType)
}

// RMSNorm divides the last axis by the root of its mean square (Zhang and Sennrich 2019), in F32, times the tensor of that
// name.
func (g *Graph) RMSNorm(x Value, name string, epsilon float64) Value {
	if x.name == "" {
		return x
	}
	scale := g.exact(name, x.Shape[len(x.Shape)-1])
	y := g.apply("SimplifiedLayerNormalization", "", F32, x.Shape, []Value{g.Cast(x, F32), scale},
		intAttribute("axis", -1), floatAttribute("epsilon", epsilon))
	return g.Cast(y, x.DType)
}

// GroupNorm normalises x [channels, n] in groups of channels, in F32, with name.weight and name.bias.
func (g *Graph) GroupNorm(x Value, name string, groups int, epsilon float64) Value {
	if len(x.Shape) != 2 || groups < 1 || x.Shape[0]%groups != 0 || x.Shape[1] == Any {
		if x.name != "" {
			g.fail("%d groups of %v", groups, x)
		}
		return Value{}
	}
	channels, n := x.Shape[0], x.Shape[1]
	ones, zeros := make([]float32, groups), make([]float32, groups)
	for i := range ones {
		ones[i] = 1
	}
	y := g.Reshape(g.Cast(x, F32), 1, groups, channels/groups*n)
	y = g.apply("InstanceNormalization", "", F32, y.Shape,
		[]Value{y, g.floats("ones", ones, groups), g.floats("zeros", zeros, groups)}, floatAttribute("epsilon", epsilon))
	scale, bias := g.exact(name+".weight", channels), g.exact(name+".bias", channels)
	y = g.Mul(g.Reshape(y, channels, n), g.Reshape(scale, channels, 1))
	return g.Cast(g.Add(y, g.Reshape(bias, channels, 1)), x.DType)
}

// Patches is a convolution of x [n, channels, height, width] whose stride is its kernel, with name.weight
// [outputs, channels, side, side] and name.bias.
func (g *Graph) Patches(x Value, name string, outputs, side int) Value {
	if x.name == "" {
		return x
	}
	if len(x.Shape) != 4 || x.Shape[2]%side != 0 || x.Shape[3]%side != 0 {
		return g.fail("patches of %d of %v", side, x)
	}
	shape := []int{x.Shape[0], outputs, x.Shape[2] / side, x.Shape[3] / side}
	operands := []Value{x, g.Weight(name+".weight", outputs, x.Shape[1], side, side), g.Weight(name+".bias", outputs)}
	return g.apply("Conv", "", x.DType, shape, operands, intsAttribute("kernel_shape", side, side), intsAttribute("strides", side, side))
}

// Upsample is the transpose of [Graph.Patches]: every pixel of x becomes side x side of them, with name.weight
// [channels, outputs, side, side] and name.bias.
func (g *Graph) Upsample(x Value, name string, outputs, side int) Value {
	if x.name == "" {
		return x
	}
	if len(x.Shape) != 4 {
		return g.fail("upsample %v", x)
	}
	shape := []int{x.Shape[0], outputs, x.Shape[2] * side, x.Shape[3] * side}
	operands := []Value{x, g.Weight(name+".weight", x.Shape[1], outputs, side, side), g.Weight(name+".bias", outputs)}
	return g.apply("ConvTranspose", "", x.DType, shape, operands, intsAttribute("kernel_shape", side, side), intsAttribute("strides", side, side))
}
