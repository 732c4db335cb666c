package sculpt

import (
	"context"
	"fmt"
	"slices"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// Sheets are the two surfaces over a square grid of side x side nodes, rows downward, in half the longer side of the subject:
// Mid is the depth half way between them, away from the viewer, up to a constant; Half is half the thickness.
type Sheets struct {
	Side      int
	Mid, Half []float32
}

// Network is the network, open.
type Network struct {
	session *onnx.Session
	side    int
}

// Open loads the network of a checkpoint for views of side x side nodes. Errors wrap those of [onnx.Open].
func Open(c *weights.Checkpoint, side int) (*Network, error) {
	n, err := networkOf(c)
	if err != nil {
		return nil, err
	}
	g := onnx.NewGraph(c, onnx.F32)
	n.build(g, side)
	m, err := g.Model()
	if err != nil {
		return nil, err
	}
	s, err := onnx.Open(m, onnx.Options{})
	if err != nil {
		return nil, err
	}
	return &Network{s, side}, nil
}

// Close gives the memory back.
func (n *Network) Close() error { return n.session.Close() }

// Look returns the sheets behind a view [5, side, side], 0 to 1: the mean of what the network sees in it and in its mirror image.
func (n *Network) Look(ctx context.Context, view []float32) (*Sheets, error) {
	if len(view) != planes*n.side*n.side {
		return nil, fmt.Errorf("a view of %d numbers", len(view))
	}
	in := slices.Clone(view)
	out, err := n.run(ctx, in)
	if err != nil {
		return nil, err
	}
	mirror(in, n.side)
	other, err := n.run(ctx, in)
	if err != nil {
		return nil, err
	}
	for k := range out {
		mirror(other[k], n.side)
		for i, v := range other[k] {
			out[k][i] = (out[k][i] + v) / 2
		}
	}
	return &Sheets{n.side, out[0], out[1]}, nil
}

// run returns mid and half for planes from 0 to 1.
func (n *Network) run(ctx context.Context, in []float32) ([2][]float32, error) {
	out, err := n.session.Run(ctx, onnx.Tensor{Shape: []int{1, planes, n.side, n.side}, Data: in})
	if err != nil {
		return [2][]float32{}, err
	}
	return [2][]float32{out[0].Data, out[1].Data}, nil
}

// mirror turns every row of side numbers round.
func mirror(v []float32, side int) {
	for at := 0; at < len(v); at += side {
		row := v[at : at+side]
		for i, j := 0, side-1; i < j; i, j = i+1, j-1 {
			row[i], row[j] = row[j], row[i]
		}
	}
}
