// Package latent is what the networks share that imagine a shape as a set of latents ("3DShape2VecSet", Zhang et al., SIGGRAPH
// 2023): a transformer steered by a picture's tokens takes noise to latents, step by step along a rectified flow, and the
// decoder of an autoencoder, asked with the latents at a point, says whether it is inside. TripoSG and Hunyuan3D name their
// tensors differently, and differ in constants, which are fields here.
package latent

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// ErrNothing says that the network saw nothing in the picture.
var ErrNothing = errors.New("the network sees no object")

// Device is what networks run on and compute in. Note is told what is done otherwise than asked for, for want of memory, and
// whether the shape is the coarser for it; nil for nobody.
type Device struct {
	Run     onnx.Options
	Compute onnx.DType
	Note    func(what string, coarser bool)
}

// note tells who wants to know.
func (d Device) note(coarser bool, format string, args ...any) {
	if d.Note != nil {
		d.Note(fmt.Sprintf(format, args...), coarser)
	}
}

// full reports whether an error says that there is too little memory where the CPU could help.
func (d Device) full(err error) bool {
	return errors.Is(err, onnx.ErrOutOfMemory) && d.Run.Provider != onnx.CPU && d.Run.Provider != ""
}

// cpu is the processor instead.
func (d Device) cpu() Device { return Device{Compute: onnx.F32, Note: d.Note} }

// Open loads a network.
func (d Device) Open(g *onnx.Graph) (*onnx.Session, error) {
	m, err := g.Model()
	if err != nil {
		return nil, err
	}
	return onnx.Open(m, d.Run)
}

// Pass loads a network, runs it once and lets it go.
func (d Device) Pass(ctx context.Context, g *onnx.Graph, inputs ...onnx.Tensor) ([]onnx.Tensor, error) {
	s, err := d.Open(g)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Run(ctx, inputs...)
}

// Numbers checks that x, made with the tensors of a file, are finite. What is not comes from a device that cannot compute
// so large numbers, or, on the CPU, from damaged weights.
func (d Device) Numbers(x []float32, made *weights.Checkpoint) error {
	for _, v := range x {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			if d.Run.Provider != onnx.CPU && d.Run.Provider != "" {
				return fmt.Errorf("%w: what it computes are no numbers any more", onnx.ErrProvider)
			}
			return fmt.Errorf("%w: what is computed with %s are no numbers any more", weights.ErrCorrupt, made.Path)
		}
	}
	return nil
}

// Covered is the box of what a picture's alpha covers at all, empty when that is nothing.
func Covered(img *image.NRGBA) image.Rectangle {
	box := image.Rectangle{Min: img.Rect.Max, Max: img.Rect.Min}
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			if img.Pix[img.PixOffset(x, y)+3] > 0 {
				box.Min.X, box.Min.Y = min(box.Min.X, x), min(box.Min.Y, y)
				box.Max.X, box.Max.Y = max(box.Max.X, x+1), max(box.Max.Y, y+1)
			}
		}
	}
	return box
}
