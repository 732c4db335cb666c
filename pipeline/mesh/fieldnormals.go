package mesh

import (
	"context"
	"fmt"
)

// FieldNormals returns the unit normal at every vertex of a surface that [Isosurface] or [IsosurfaceSparse] took from a
// field: against the field's gradient, by central differences over step to both sides, six samples a vertex. They show
// shading that the triangles are too coarse for. A mesh does not carry them, for whatever moves its vertices makes them
// wrong; ask for them last. Where the gradient is nothing or not a number the vertex gets that of [Mesh.VertexNormals].
//
// The error is that of ctx or of the field.
func FieldNormals(ctx context.Context, m *Mesh, step float64, f Field) ([][3]float32, error) {
	batch := f.Batch
	if batch <= 0 {
		batch = 1 << 16
	}
	if f.Step == nil {
		f.Step = func(float64) {}
	}
	out := m.VertexNormals()
	perBatch := max(batch/6, 1)
	for from := 0; from < len(out); from += perBatch {
		to := min(from+perBatch, len(out))
		points, values := make([][3]float32, 0, 6*(to-from)), make([]float32, 6*(to-from))
		for _, v := range m.Vertices[from:to] {
			for axis := range 3 {
				lo, hi := v, v
				lo[axis], hi[axis] = float32(float64(v[axis])-step), float32(float64(v[axis])+step)
				points = append(points, lo, hi)
			}
		}
		if err := sampled(ctx, f, batch, points, values); err != nil {
			return nil, err
		}
		for i := range points[:to-from] {
			var n [3]float64
			for axis := range 3 {
				lo, hi := points[6*i+2*axis], points[6*i+2*axis+1]
				// What the rounding of the places has left of two steps.
				if gap := float64(hi[axis]) - float64(lo[axis]); gap > 0 {
					n[axis] = (float64(values[6*i+2*axis]) - float64(values[6*i+2*axis+1])) / gap
				}
			}
			if l := norm(n); l > 0 && l-l == 0 {
				out[from+i] = unit(n)
			}
		}
		f.Step(float64(to) / float64(len(out)))
	}
	return out, ctx.Err()
}

// sampled evaluates a field in batches.
func sampled(ctx context.Context, f Field, batch int, points [][3]float32, values []float32) error {
	for from := 0; from < len(points); from += batch {
		to := min(from+batch, len(points))
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.Sample(ctx, points[from:to], values[from:to]); err != nil {
			return fmt.Errorf("sample the field: %w", err)
		}
	}
	return nil
}
