package latent

import (
	"context"
	"errors"
	"fmt"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
)

// LeastChunk and LeastSamples are how far [Field.Fit] goes down.
const (
	LeastChunk   = 1024
	LeastSamples = 64
)

// Fit is [Field.Surface] within the memory there is: where that does not do it asks about half as many points at a time,
// down to [LeastChunk], then takes half as many samples along each side, down to [LeastSamples]. step is told what it does
// and what it changed, and the share done.
func (f *Field) Fit(ctx context.Context, samples, chunk int, step func(text string, fraction float64)) (*mesh.Mesh, error) {
	return fit(samples, chunk, step, func(samples, chunk int, step func(float64)) (*mesh.Mesh, error) {
		return f.Surface(ctx, samples, chunk, step)
	})
}

func fit(samples, chunk int, step func(string, float64), surface func(samples, chunk int, step func(float64)) (*mesh.Mesh, error)) (*mesh.Mesh, error) {
	changed := ""
	for {
		text := fmt.Sprintf("finding the surface in %d³ samples", samples) + changed
		m, err := surface(samples, chunk, func(share float64) { step(text, share) })
		switch {
		case !errors.Is(err, onnx.ErrOutOfMemory):
			return m, err
		case chunk/2 >= LeastChunk:
			chunk /= 2
			changed = fmt.Sprintf(", %d points at a time for want of memory", chunk)
		case samples/2 >= LeastSamples:
			samples /= 2
			changed = fmt.Sprintf(", fewer than asked for and %d points at a time for want of memory", chunk)
		default:
			return nil, err
		}
	}
}
