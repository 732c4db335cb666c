package triposr

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"

	"orfeas/pipeline/onnx"
)

// Field answers what is at a point of the world: how dense, of which colour.
type Field struct {
	folded  Scene // what the first layer of the decoder makes of each plane, channels last
	radius  float64
	bias    float64
	session *onnx.Session
}

// Field opens the decoder over a scene. It has to be closed.
//
// The first layer is linear in the features of the three planes, and the features are linear in the texels, so that the
// layer can be applied to the texels once, instead of to every point.
func (n *Network) Field(s *Scene) (*Field, error) {
	d := n.config.Decoder
	w, err := n.floats(decoderPrefix+"layers.0.weight", d.Neurons, d.In)
	if err != nil {
		return nil, err
	}
	if n.config.Renderer.Reduction == "mean" {
		w = thirds(w, d.In)
	}
	if len(w) != d.Neurons*planes*s.features {
		return nil, fmt.Errorf("decoder: %d inputs for planes of %d features", d.In, s.features)
	}
	g := onnx.NewGraph(n.checkpoint, onnx.F32)
	g.Output("out", d.decode(g, decoderPrefix, g.Input("x", onnx.Any, d.Neurons)))
	m, err := g.Model()
	if err != nil {
		return nil, err
	}
	session, err := onnx.Open(m, n.run)
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	return &Field{folded: s.folded(w, d.Neurons), radius: n.config.Renderer.Radius, bias: n.config.Renderer.Bias, session: session}, nil
}

// Close lets the decoder go.
func (f *Field) Close() error { return f.session.Close() }

// thirds turns a layer for the mean of the planes' features into one for all of them.
func thirds(w []float32, in int) []float32 {
	out := make([]float32, 0, planes*len(w))
	for from := 0; from < len(w); from += in {
		for range planes {
			for _, x := range w[from : from+in] {
				out = append(out, x/planes)
			}
		}
	}
	return out
}

// folded applies a layer w [neurons, 3 · features] to the texels. The result has its channels last.
func (s *Scene) folded(w []float32, neurons int) Scene {
	texels := s.side * s.side
	out := Scene{neurons, s.side, make([]float32, planes*texels*neurons)}
	column := make([]float32, neurons)
	for c := range planes * s.features {
		for k := range column {
			column[k] = w[k*planes*s.features+c]
		}
		plane := out.data[c/s.features*texels*neurons:]
		for t, v := range s.data[c*texels:][:texels] {
			to := plane[t*neurons:][:neurons]
			for k, f := range column {
				to[k] += f * v
			}
		}
	}
	return out
}

// The coordinates of a point that say where it lies on each plane: the column, then the row.
var axes = [planes][2]int{{0, 1}, {0, 2}, {1, 2}}

// sample adds to out, channels long, what the planes have at p: bilinear between the texels' centres, and nothing
// beyond the edge.
func (s *Scene) sample(p [3]float32, radius float64, out []float32) {
	n := s.features
	for k, a := range axes {
		x, y := s.texel(p[a[0]], radius), s.texel(p[a[1]], radius)
		x0, y0 := math.Floor(x), math.Floor(y)
		fx, fy := float32(x-x0), float32(y-y0)
		var weight [4]float32
		var corner [4][]float32
		for c := range corner {
			i, j := int(x0)+c&1, int(y0)+c>>1
			if i >= 0 && j >= 0 && i < s.side && j < s.side {
				weight[c] = [2]float32{1 - fx, fx}[c&1] * [2]float32{1 - fy, fy}[c>>1]
			} else {
				i, j = 0, 0
			}
			corner[c] = s.data[((k*s.side+j)*s.side+i)*n:][:n]
		}
		blend(out, corner, weight)
	}
}

// blend adds to out four vectors of its length, weighed.
func blend(out []float32, v [4][]float32, w [4]float32) {
	a, b, c, d := v[0][:len(out)], v[1][:len(out)], v[2][:len(out)], v[3][:len(out)]
	wa, wb, wc, wd := w[0], w[1], w[2], w[3]
	for i := range out {
		out[i] += wa*a[i] + wb*b[i] + wc*c[i] + wd*d[i]
	}
}

// texel is where a coordinate lies on a plane, in texels, whose centres are the whole numbers; far outside for one that
// is no number.
func (s *Scene) texel(x float32, radius float64) float64 {
	t := (float64(x)/radius+1)/2*float64(s.side) - 0.5
	if !(t > -2 && t < float64(s.side)+1) {
		return -2
	}
	return t
}

// at sets out[i] to density and colour at points[i], before their activations.
func (f *Field) at(ctx context.Context, points [][3]float32, out [][4]float32) error {
	n := f.folded.features
	x := make([]float32, n*len(points))
	var wait sync.WaitGroup
	parts := runtime.GOMAXPROCS(0)
	for part := range parts {
		wait.Go(func() {
			for i := part * len(points) / parts; i < (part+1)*len(points)/parts; i++ {
				f.folded.sample(points[i], f.radius, x[i*n:][:n])
			}
		})
	}
	wait.Wait()
	y, err := f.session.Run(ctx, onnx.Tensor{Shape: []int{len(points), n}, Data: x})
	if err != nil {
		return fmt.Errorf("decoder: %w", err)
	}
	for i := range out {
		copy(out[i][:], y[0].Data[4*i:])
	}
	return nil
}

// densest keeps densities from overflowing, between which nothing could be interpolated.
const densest = 1e30

// density is the first of the four numbers with its activation.
func (f *Field) density(raw float32) float64 { return min(math.Exp(float64(raw)+f.bias), densest) }

// shade is one of the others with its activation, sRGB.
func shade(raw float32) float64 { return 1 / (1 + math.Exp(-float64(raw))) }
