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
// down to [LeastChunk], then asks the CPU, or, where that is asked already, takes half as many samples along each side, down
// to [LeastSamples]. step is told what it does and what it changed, and the share done.
func (f *Field) Fit(ctx context.Context, samples, chunk int, step func(text string, fraction float64)) (*mesh.Mesh, error) {
	least := LeastSamples
	if f.onCPU != nil {
		least = samples // the CPU goes on with as many
	}
	m, err := fit(samples, chunk, least, step, f.device.note, func(samples, chunk int, step func(float64)) (*mesh.Mesh, error) {
		return f.Surface(ctx, samples, chunk, step)
	})
	if f.onCPU == nil || !errors.Is(err, onnx.ErrOutOfMemory) {
		return m, err
	}
	other, err := f.onCPU(ctx)
	if err != nil {
		return nil, err
	}
	defer other.Close()
	return other.Fit(ctx, samples, chunk, step)
}

// fit goes down the ladder to so many samples at least, and notes what it took when that was enough.
func fit(samples, chunk, least int, step func(string, float64), note func(coarser bool, format string, args ...any), surface func(samples, chunk int, step func(float64)) (*mesh.Mesh, error)) (*mesh.Mesh, error) {
	changed, asked, pieces := "", samples, chunk
	for {
		text := fmt.Sprintf("finding the surface in %d³ samples", samples) + changed
		m, err := surface(samples, chunk, func(share float64) { step(text, share) })
		switch {
		case !errors.Is(err, onnx.ErrOutOfMemory):
			if err == nil && samples < asked {
				note(true, "the surface was found in %d³ samples instead of %d³, %d points at a time instead of %d, for want of memory", samples, asked, chunk, pieces)
			} else if err == nil && chunk < pieces {
				note(false, "the surface was found %d points at a time instead of %d, for want of memory", chunk, pieces)
			}
			return m, err
		case chunk/2 >= LeastChunk:
			chunk /= 2
			changed = fmt.Sprintf(", %d points at a time for want of memory", chunk)
		case samples/2 >= least:
			samples /= 2
			changed = fmt.Sprintf(", fewer than asked for and %d points at a time for want of memory", chunk)
		default:
			return nil, err
		}
	}
}
