package latent

import (
	"cmp"
	"context"
	"fmt"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// Field answers whether a point of the world is inside.
type Field struct {
	decoder Decoder
	device  Device
	from    *weights.Checkpoint
	session *onnx.Session
}

// Field opens the decoder over latents, [n, channels] as the flow left them, times scale. It has to be closed. Points are
// always looked at in F32, for in F16 their coordinates would be off by parts of a sample.
func (v Decoder) Field(ctx context.Context, d Device, from *weights.Checkpoint, latents []float32, scale float64) (*Field, error) {
	n := len(latents) / v.Channels
	z := make([]float32, len(latents))
	for i, x := range latents {
		z[i] = x * float32(scale)
	}
	out, err := d.Pass(ctx, v.pairGraph(d, from, n), onnx.Tensor{Shape: []int{n, v.Channels}, Data: z})
	if err == nil {
		err = cmp.Or(d.Numbers(out[0].Data, from), d.Numbers(out[1].Data, from))
	}
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	once := d
	once.Run.Shelf = nil // this part has the picture's latents in it
	session, err := once.Open(v.pointsGraph(from, out[0].Data, out[1].Data))
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	return &Field{v, d, from, session}, nil
}

func (v Decoder) pairGraph(d Device, from *weights.Checkpoint, n int) *onnx.Graph {
	g := onnx.NewGraph(from, d.Compute)
	p := v.pair(g, v.latents(g, g.Input("latents", n, v.Channels)))
	g.Output("keys", p.Keys)
	g.Output("values", p.Values)
	return g
}

// pointsGraph answers points, any number of them.
func (v Decoder) pointsGraph(from *weights.Checkpoint, keys, values []float32) *onnx.Graph {
	g := onnx.NewGraph(from, onnx.F32)
	m := len(keys) / v.Point.Width
	to := Pair{g.Const("keys", keys, m, v.Point.Width), g.Const("values", values, m, v.Point.Width)}
	g.Output("logits", v.ask(g, g.Input("points", onnx.Any, v.Embedded()), to))
	return g
}

// Close lets the decoder go.
func (f *Field) Close() error { return f.session.Close() }

// At sets values[i] to the logit at points[i], positive inside.
func (f *Field) At(ctx context.Context, points [][3]float32, values []float32) error {
	x := make([]float32, 0, len(points)*f.decoder.Embedded())
	for _, p := range points {
		x = f.decoder.Embed(x, p)
	}
	out, err := f.session.Run(ctx, onnx.Tensor{Shape: []int{len(points), f.decoder.Embedded()}, Data: x})
	if err != nil {
		return fmt.Errorf("decoder: %w", err)
	}
	for i, y := range out[0].Data {
		values[i] = f.decoder.Sign * y
	}
	if err := f.device.Numbers(values, f.from); err != nil {
		return fmt.Errorf("decoder: %w", err)
	}
	return nil
}

// Chunk is how many points the decoder is asked about at a time unless someone says otherwise. The widest that is in
// memory for each are four times the decoder's channels, 16 KB.
const Chunk = 8192

// coarse is how many samples along each side the surface is looked for with at first.
const coarse = 64

// Surface is where the field is zero, in the world, of samples³ samples, chunk at a time. It is closed, also where the
// object reaches the end of the world. step is told the share done.
//
// Only the samples beside the surface are asked for, found by a first, coarse grid: a speck between its samples can be
// missed.
func (f *Field) Surface(ctx context.Context, samples, chunk int, step func(fraction float64)) (*mesh.Mesh, error) {
	m, err := mesh.IsosurfaceSparse(ctx, f.decoder.Grid(samples), mesh.Field{
		Batch:  chunk,
		Stride: max(1, (samples-1)/coarse),
		Step:   step,
		Sample: f.At,
	})
	if err == nil && len(m.Triangles) == 0 {
		err = ErrNothing
	}
	return m, err
}

// Grid has n³ samples, the outermost on the faces of the world.
func (v Decoder) Grid(n int) mesh.Grid {
	r := v.Radius
	return mesh.Grid{N: [3]int{n, n, n}, Origin: [3]float64{-r, -r, -r}, Step: 2 * r / float64(n-1)}
}
