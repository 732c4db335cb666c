package sculpt

import (
	"errors"
	"fmt"
	"math"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// planes is what the network is fed: colours, coverage, height of the inflated silhouette.
const planes = 5

// The constants of tools/train/net.py.
const (
	groups  = 8
	heads   = 4
	sharp   = 10
	epsilon = 1e-5
)

// errShape says that a checkpoint is of another network.
var errShape = errors.New("these are not the weights of sculpt")

// network is its sizes: channels and residual blocks of each level, the finest first.
type network struct {
	widths, blocks []int
}

// networkOf reads the sizes from the names and shapes of the tensors.
func networkOf(c *weights.Checkpoint) (n network, err error) {
	stem, ok := c.Tensors["stem.weight"]
	if !ok || len(stem.Shape) != 4 {
		return n, errShape
	}
	n.widths = []int{int(stem.Shape[0])}
	for i := 0; ; i++ {
		t, ok := c.Tensors[fmt.Sprintf("shrink.%d.weight", i)]
		if !ok {
			break
		}
		n.widths = append(n.widths, int(t.Shape[0]))
	}
	for i := range n.widths {
		b := 0
		for ; ; b++ {
			if _, ok := c.Tensors[fmt.Sprintf("down.%d.%d.first.weight", i, b)]; !ok {
				break
			}
		}
		n.blocks = append(n.blocks, b)
	}
	return n, nil
}

// build writes the network for pictures of side x side pixels, a multiple of 2 to the number of levels: planes
// [1, 5, side, side], 0 to 1, become mid and half [1, 1, side, side].
func (n network) build(g *onnx.Graph, side int) {
	in := g.Input("planes", 1, planes, side, side)
	x := g.Patches(g.Concat(1, in, g.Const("places", places(side), 1, 2, side, side)), "stem", n.widths[0], 2)
	last := len(n.widths) - 1
	var kept []onnx.Value
	for i, c := range n.widths {
		if i > 0 {
			x = g.Patches(x, fmt.Sprintf("shrink.%d", i-1), c, 2)
		}
		for b := range n.blocks[i] {
			x = block(g, fmt.Sprintf("down.%d.%d", i, b), x)
			if i == last {
				x = gaze(g, fmt.Sprintf("gaze.%d", b), x)
			}
		}
		kept = append(kept, x)
	}
	for i := last - 1; i >= 0; i-- {
		x = g.Add(kept[i], g.Upsample(x, fmt.Sprintf("grow.%d", i), n.widths[i], 2))
		x = block(g, fmt.Sprintf("up.%d", i), x)
	}
	x = g.Shuffle(g.Conv(g.Relu(norm(g, "norm", x)), "head", 8, 3, true), 2)
	g.Output("mid", g.Slice(x, 1, 0, 1))
	half := g.Add(g.Slice(in, 1, planes-1, planes), g.Slice(x, 1, 1, 2))
	g.Output("half", g.Mul(g.Softplus(g.Mul(half, g.Const("sharp", []float32{sharp}, 1))), g.Const("blunt", []float32{1.0 / sharp}, 1)))
}

// places are the coordinates of the pixels, x and then y, from -1 to 1, as torch.linspace has them.
func places(side int) []float32 {
	out := make([]float32, 2*side*side)
	step := 2 / float64(side-1)
	for p := range side * side {
		out[p] = float32(math.FMA(float64(p%side), step, -1))
		out[side*side+p] = float32(math.FMA(float64(p/side), step, -1))
	}
	return out
}

// norm normalises x [1, channels, height, width] in groups.
func norm(g *onnx.Graph, name string, x onnx.Value) onnx.Value {
	if len(x.Shape) != 4 {
		return x
	}
	s := x.Shape
	return g.Reshape(g.GroupNorm(g.Reshape(x, s[1], s[2]*s[3]), name, groups, epsilon), s...)
}

// block is x plus two convolutions of it.
func block(g *onnx.Graph, name string, x onnx.Value) onnx.Value {
	if len(x.Shape) != 4 {
		return x
	}
	c := x.Shape[1]
	y := g.Relu(norm(g, name+".norm", g.Conv(x, name+".first", c, 3, false)))
	return g.Add(x, g.Conv(y, name+".second", c, 3, true))
}

// gaze is x plus attention of every pixel to all.
func gaze(g *onnx.Graph, name string, x onnx.Value) onnx.Value {
	if len(x.Shape) != 4 {
		return x
	}
	s := x.Shape
	c := s[1]
	t := g.Transpose(g.GroupNorm(g.Reshape(x, c, s[2]*s[3]), name+".norm", groups, epsilon), 1, 0)
	part := func(i int) onnx.Value {
		return g.Gemm(t, g.WeightRows(name+".qkv.weight", i*c, (i+1)*c, 3*c, c), g.WeightRows(name+".qkv.bias", i*c, (i+1)*c, 3*c))
	}
	a := g.Linear(g.Attention(part(0), part(1), part(2), heads), name+".out", c, true)
	return g.Add(x, g.Reshape(g.Transpose(a, 1, 0), s...))
}
