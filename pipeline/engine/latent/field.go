package latent

import (
	"cmp"
	"context"
	"errors"
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
	near    *near                                 // nil when all points are compared with all latents
	onCPU   func(context.Context) (*Field, error) // opens it there; nil where it is
}

// Field opens the decoder over latents, [n, channels] as the flow left them, times scale. It has to be closed. Points are
// always looked at in F32, for in F16 their coordinates would be off by parts of a sample. [Field.Surface] compares points
// with so many of the latents as keep says, those that matter most to where they are; with all when it is 0. Where a device
// has too little memory for that, the CPU does it.
func (v Decoder) Field(ctx context.Context, d Device, from *weights.Checkpoint, latents []float32, scale float64, keep int) (*Field, error) {
	onCPU := func(ctx context.Context) (*Field, error) {
		d.note(false, "what came out was read with the processor, for want of memory of %s", d.Run.Provider)
		return v.field(ctx, d.cpu(), from, latents, scale, keep)
	}
	f, err := v.field(ctx, d, from, latents, scale, keep)
	if d.full(err) {
		return onCPU(ctx)
	}
	if err == nil && d.Run.Provider != onnx.CPU && d.Run.Provider != "" {
		f.onCPU = onCPU
	}
	return f, err
}

func (v Decoder) field(ctx context.Context, d Device, from *weights.Checkpoint, latents []float32, scale float64, keep int) (*Field, error) {
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
	f := &Field{decoder: v, device: d, from: from, session: session}
	if keep > 0 && keep < n {
		if f.near, err = v.near(once, from, out[0].Data, out[1].Data, keep); err != nil {
			return nil, errors.Join(fmt.Errorf("decoder: %w", err), f.Close())
		}
	}
	return f, nil
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
func (f *Field) Close() error {
	if f.near != nil {
		return errors.Join(f.near.close(), f.session.Close())
	}
	return f.session.Close()
}

// embedded are points as the decoder is told them.
func (v Decoder) embedded(points [][3]float32) onnx.Tensor {
	x := make([]float32, 0, len(points)*v.Embedded())
	for _, p := range points {
		x = v.Embed(x, p)
	}
	return onnx.Tensor{Shape: []int{len(points), v.Embedded()}, Data: x}
}

// At sets values[i] to the logit at points[i], positive inside, as compared with all latents.
func (f *Field) At(ctx context.Context, points [][3]float32, values []float32) error {
	return f.answer(ctx, f.session, values, f.decoder.embedded(points))
}

// answer sets values to the logits that a session gives for its inputs.
func (f *Field) answer(ctx context.Context, s *onnx.Session, values []float32, inputs ...onnx.Tensor) error {
	out, err := s.Run(ctx, inputs...)
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
	field := mesh.Field{
		Batch:  chunk,
		Stride: max(1, (samples-1)/coarse),
		Step:   step,
		Sample: f.At,
	}
	if f.near != nil {
		field.Batch, field.Sample = nearBatch, func(ctx context.Context, points [][3]float32, values []float32) error {
			return f.Nearly(ctx, points, values, chunk)
		}
	}
	m, err := mesh.IsosurfaceSparse(ctx, f.decoder.Grid(samples), field)
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
