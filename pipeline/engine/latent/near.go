package latent

import (
	"cmp"
	"context"
	"math"
	"slices"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// near are the parts of a decoder that compare points with those latents alone that matter most to where they are ("Unleashing
// Vecset Diffusion Model for Fast Shape Generation", Lai et al. 2025, adaptive key and value selection). What comes of it is
// a little off what all latents say.
type near struct {
	keys, values []float32 // of all latents, [m, width] each
	keep         int       // of them, for each head
	queries      *onnx.Session
	ask          *onnx.Session
}

// nearBatch is how many points are laid into cells at a time, cellsAside how many of those there are along each side of the
// box that the points are in, and askedOf every which point of a cell says which latents matter to it.
const (
	nearBatch  = 1 << 18
	cellsAside = 6
	askedOf    = 50
)

// near opens them.
func (v Decoder) near(d Device, from *weights.Checkpoint, keys, values []float32, keep int) (*near, error) {
	queries := onnx.NewGraph(from, onnx.F32)
	_, q := v.queries(queries, queries.Input("points", onnx.Any, v.Embedded()))
	queries.Output("queries", q)
	ask := onnx.NewGraph(from, onnx.F32)
	points := ask.Input("points", onnx.Any, v.Embedded())
	to := Pair{ask.Input("keys", keep, v.Point.Width), ask.Input("values", keep, v.Point.Width)}
	ask.Output("logits", v.ask(ask, points, to))
	n := &near{keys: keys, values: values, keep: keep}
	var err error
	if n.queries, err = d.Open(queries); err != nil {
		return nil, err
	}
	if n.ask, err = d.Open(ask); err != nil {
		n.queries.Close()
		return nil, err
	}
	return n, nil
}

func (n *near) close() error { return cmp.Or(n.ask.Close(), n.queries.Close()) }

// Nearly is [Field.At] with the latents that matter most to each cell of points, chunk of them at a time, as many as the
// field was opened with. Which those are goes by all points, not by chunk.
func (f *Field) Nearly(ctx context.Context, points [][3]float32, values []float32, chunk int) error {
	v, n := f.decoder, f.near
	if n == nil {
		return f.At(ctx, points, values)
	}
	for _, cell := range cellsOf(points) {
		var asked [][3]float32
		for i := 0; i < len(cell); i += askedOf {
			asked = append(asked, points[cell[i]])
		}
		out, err := n.queries.Run(ctx, v.embedded(asked))
		if err != nil {
			return err
		}
		keys, vals := n.picked(mean(out[0].Data, v.Point.Width), v.Point)
		for part := range slices.Chunk(cell, chunk) {
			at, logits := make([][3]float32, len(part)), make([]float32, len(part))
			for i, p := range part {
				at[i] = points[p]
			}
			if err := f.answer(ctx, n.ask, logits, v.embedded(at), keys, vals); err != nil {
				return err
			}
			for i, p := range part {
				values[p] = logits[i]
			}
		}
	}
	return nil
}

// mean is that of rows so wide.
func mean(rows []float32, width int) []float32 {
	out := make([]float32, width)
	for i, x := range rows {
		out[i%width] += x
	}
	for i := range out {
		out[i] /= float32(len(rows) / width)
	}
	return out
}

// picked are the keys and values [keep, width] of the latents that a query asks for most, for each head its own.
func (n *near) picked(query []float32, b PointBlock) (keys, values onnx.Tensor) {
	m, d := len(n.keys)/b.Width, b.Width/b.Heads
	shape := []int{n.keep, b.Width}
	keys, values = onnx.Tensor{Shape: shape, Data: make([]float32, n.keep*b.Width)}, onnx.Tensor{Shape: shape, Data: make([]float32, n.keep*b.Width)}
	order, scores := make([]int, m), make([]float32, m)
	for h := range b.Heads {
		for j := range order {
			order[j], scores[j] = j, 0
			for c := h * d; c < (h+1)*d; c++ {
				scores[j] += query[c] * n.keys[j*b.Width+c]
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
		for i, j := range order[:n.keep] {
			copy(keys.Data[i*b.Width+h*d:][:d], n.keys[j*b.Width+h*d:])
			copy(values.Data[i*b.Width+h*d:][:d], n.values[j*b.Width+h*d:])
		}
	}
	return keys, values
}

// cellsOf lays points into the cells of their box, as places in points, x first. Empty ones are left out.
func cellsOf(points [][3]float32) (cells [][]int) {
	lo, hi := points[0], points[0]
	for _, p := range points {
		for a, x := range p {
			lo[a], hi[a] = min(lo[a], x), max(hi[a], x)
		}
	}
	all := make([][]int, cellsAside*cellsAside*cellsAside)
	for i, p := range points {
		cell := 0
		for a, x := range p {
			at := 0.0
			if hi[a] > lo[a] {
				at = math.Floor(float64((x-lo[a])/(hi[a]-lo[a])) * (cellsAside - 0.001))
			}
			cell = cell*cellsAside + int(at)
		}
		all[cell] = append(all[cell], i)
	}
	for _, c := range all {
		if len(c) > 0 {
			cells = append(cells, c)
		}
	}
	return cells
}
