package triposr

import (
	"context"
	"math"

	"orfeas/pipeline/mesh"
)

// batch is how many points the decoder is asked about at a time, few enough for the processor's cache.
const batch = 8192

// Surface is where the density crosses the threshold, in the world, of resolution³ samples, with colours. It is closed,
// also where the object reaches the end of the world. step is told the share done.
//
// Only the samples beside the surface are asked for, found by a first, coarse grid of one sample per texel of the
// planes: a speck smaller than that can be missed.
func (f *Field) Surface(ctx context.Context, resolution int, threshold float64, step func(fraction float64)) (*mesh.Mesh, error) {
	return f.surface(ctx, resolution, (resolution-1)/f.folded.side, threshold, step)
}

// surface begins with every stride-th sample.
func (f *Field) surface(ctx context.Context, resolution, stride int, threshold float64, step func(fraction float64)) (*mesh.Mesh, error) {
	raw := make([][4]float32, batch)
	m, err := mesh.IsosurfaceSparse(ctx, worldGrid(resolution, f.radius), mesh.Field{
		Batch:  batch,
		Stride: max(1, stride),
		Step:   func(s float64) { step(0.95 * s) },
		Sample: func(ctx context.Context, points [][3]float32, values []float32) error {
			if err := f.at(ctx, points, raw[:len(points)]); err != nil {
				return err
			}
			for i := range values {
				values[i] = float32(f.density(raw[i][0]) - threshold)
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	if len(m.Triangles) == 0 {
		return nil, ErrNothing
	}
	if err := f.paint(ctx, m); err != nil {
		return nil, err
	}
	step(1)
	return m, nil
}

// worldGrid has n³ samples, the outermost on the faces of the world.
func worldGrid(n int, radius float64) mesh.Grid {
	return mesh.Grid{N: [3]int{n, n, n}, Origin: [3]float64{-radius, -radius, -radius}, Step: 2 * radius / float64(n-1)}
}

// paint asks for the colour of every vertex.
func (f *Field) paint(ctx context.Context, m *mesh.Mesh) error {
	m.Colors = make([][4]uint8, len(m.Vertices))
	raw := make([][4]float32, batch)
	for from := 0; from < len(m.Vertices); from += batch {
		to := min(from+batch, len(m.Vertices))
		if err := f.at(ctx, m.Vertices[from:to], raw[:to-from]); err != nil {
			return err
		}
		for i := from; i < to; i++ {
			m.Colors[i][3] = 255
			for k, c := range raw[i-from][1:] {
				m.Colors[i][k] = uint8(math.Round(255 * shade(c)))
			}
		}
	}
	return nil
}

// Model turns a mesh of the world, x toward the viewer and z up, into the frame of models, x right, y up and z toward
// the viewer. It changes the mesh.
func Model(m *mesh.Mesh) {
	for i, v := range m.Vertices {
		m.Vertices[i] = [3]float32{v[1], v[2], v[0]}
	}
}
