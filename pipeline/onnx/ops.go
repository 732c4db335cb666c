package onnx

import (
	"fmt"
	"slices"
	"strings"
)

// Cast turns v into another type; nothing is done when it has it already.
func (g *Graph) Cast(v Value, t DType) Value {
	if v.DType == t || v.name == "" {
		return v
	}
	return g.apply("Cast", "", t, v.Shape, []Value{v}, intAttribute("to", int(t)))
}

// Add, Sub and Mul work element by element and broadcast as NumPy does.
func (g *Graph) Add(a, b Value) Value { return g.binary("Add", a, b) }
func (g *Graph) Sub(a, b Value) Value { return g.binary("Sub", a, b) }
func (g *Graph) Mul(a, b Value) Value { return g.binary("Mul", a, b) }

func (g *Graph) binary(op string, a, b Value) Value {
	if a.name == "" || b.name == "" {
		return Value{}
	}
	shape, ok := broadcast(a.Shape, b.Shape)
	if !ok || a.DType != b.DType {
		return g.fail("%s of %v and %v (%v, %v)", op, a, b, a.DType, b.DType)
	}
	return g.apply(op, "", a.DType, shape, []Value{a, b})
}

// broadcast is the shape two operands have together. Any goes with Any and with 1.
func broadcast(a, b []int) ([]int, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	for i, n := range b {
		at := len(a) - len(b) + i
		switch {
		case n == 1 || n == out[at]:
		case out[at] == 1:
			out[at] = n
		default:
			return nil, false
		}
	}
	return out, true
}

// MatMul multiplies the last two axes; the others broadcast.
func (g *Graph) MatMul(a, b Value) Value {
	if a.name == "" || b.name == "" {
		return Value{}
	}
	m, n := len(a.Shape), len(b.Shape)
	if m < 2 || n < 2 || a.Shape[m-1] != b.Shape[n-2] || a.DType != b.DType {
		return g.fail("MatMul of %v and %v", a, b)
	}
	shape, ok := broadcast(a.Shape[:m-2], b.Shape[:n-2])
	if !ok {
		return g.fail("MatMul of %v and %v", a, b)
	}
	return g.apply("MatMul", "", a.DType, append(shape, a.Shape[m-2], b.Shape[n-1]), []Value{a, b})
}

// Gelu is x Φ(x) with the exact error function, GeluTanh with its approximation by a hyperbolic tangent (Hendrycks and
// Gimpel 2016); Silu is x σ(x).
func (g *Graph) Gelu(x Value) Value { return g.unary("Gelu", "", x) }
func (g *Graph) GeluTanh(x Value) Value {
	return g.unary("Gelu", "", x, textAttribute("approximate", "tanh"))
}
func (g *Graph) Silu(x Value) Value {
	return g.unary("QuickGelu", contrib, x, floatAttribute("alpha", 1))
}

func (g *Graph) unary(op, domain string, x Value, attributes ...attribute) Value {
	return g.apply(op, domain, x.DType, x.Shape, []Value{x}, attributes...)
}

// Softmax is over the last axis, in F32.
func (g *Graph) Softmax(x Value) Value {
	y := g.unary("Softmax", "", g.Cast(x, F32), intAttribute("axis", -1))
	return g.Cast(y, x.DType)
}

// Reshape gives x another shape, of which at most one dimension is [Any].
func (g *Graph) Reshape(x Value, shape ...int) Value {
	if x.name == "" || slices.Equal(x.Shape, shape) {
		return x
	}
	from, fixed := count(x.Shape)
	to, fixedTo := count(shape)
	fits := from == to
	if !fixed { // what is Any takes what is over
		fits = max(from, to)%max(min(from, to), 1) == 0
	}
	if !fits || fixed != fixedTo {
		return g.fail("%v as %s", x, shapeText(shape))
	}
	return g.apply("Reshape", "", x.DType, shape, []Value{x, g.ints(shape...)})
}

// Transpose puts axis axes[i] of x at i.
func (g *Graph) Transpose(x Value, axes ...int) Value {
	if x.name == "" {
		return x
	}
	shape := make([]int, len(axes))
	used := make([]bool, len(x.Shape))
	for i, a := range axes {
		if len(axes) != len(x.Shape) || a < 0 || a >= len(used) || used[a] {
			return g.fail("axes %v of %v", axes, x)
		}
		used[a], shape[i] = true, x.Shape[a]
	}
	return g.apply("Transpose", "", x.DType, shape, []Value{x}, intsAttribute("perm", axes...))
}

// Concat joins values along an axis.
func (g *Graph) Concat(axis int, values ...Value) Value {
	if slices.ContainsFunc(values, func(v Value) bool { return v.name == "" }) {
		return Value{}
	}
	shape := slices.Clone(values[0].Shape)
	for _, v := range values[1:] {
		if len(v.Shape) != len(shape) || axis >= len(shape) || v.DType != values[0].DType {
			return g.fail("Concat of %v and %v", values[0], v)
		}
		for i, n := range v.Shape {
			switch {
			case i == axis:
				shape[i] += n
			case n != shape[i]:
				return g.fail("Concat of %v and %v along axis %d", values[0], v, axis)
			}
		}
	}
	return g.apply("Concat", "", values[0].DType, shape, values, intAttribute("axis", axis))
}

// Slice is the part of x from one index up to before another along an axis.
func (g *Graph) Slice(x Value, axis, from, to int) Value {
	if x.name == "" {
		return x
	}
	if axis < 0 || axis >= len(x.Shape) || from < 0 || from >= to || to > x.Shape[axis] {
		return g.fail("%d to %d along axis %d of %v", from, to, axis, x)
	}
	shape := slices.Clone(x.Shape)
	shape[axis] = to - from
	return g.apply("Slice", "", x.DType, shape, []Value{x, g.ints(from), g.ints(to), g.ints(axis)})
}

// shapeText writes a shape as errors show it.
func shapeText(shape []int) string {
	words := make([]string, len(shape))
	for i, n := range shape {
		if words[i] = fmt.Sprint(n); n == Any {
			words[i] = "?"
		}
	}
	return "[" + strings.Join(words, " ") + "]"
}
