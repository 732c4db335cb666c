package triposg

import (
	"context"

	"orfeas/pipeline/mesh"
)

// batch is how many points the decoder is asked about at a time. The widest that is in memory for each are four times the
// decoder's channels, 16 KB.
const batch = 8192

// coarse is how many samples along each side the surface is looked for with at first.
const coarse = 64

// Surface is where the field is zero, in the world, of resolution³ samples. It is closed, also where the object reaches
// the end of the world. step is told the share done.
//
// Only the samples beside the surface are asked for, found by a first, coarse grid: a speck between its samples can be
// missed.
func (f *Field) Surface(ctx context.Context, resolution int, step func(fraction float64)) (*mesh.Mesh, error) {
	m, err := mesh.IsosurfaceSparse(ctx, worldGrid(resolution), mesh.Field{
		Batch:  batch,
		Stride: max(1, (resolution-1)/coarse),
		Step:   step,
		Sample: f.at,
	})
	if err == nil && len(m.Triangles) == 0 {
		err = ErrNothing
	}
	return m, err
}

// worldGrid has n³ samples, the outermost on the faces of the world.
func worldGrid(n int) mesh.Grid {
	return mesh.Grid{N: [3]int{n, n, n}, Origin: [3]float64{-Radius, -Radius, -Radius}, Step: 2 * Radius / float64(n-1)}
}
