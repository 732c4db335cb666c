package mesh

import (
	"context"
	"fmt"
	"math"
)

// rebuilt extracts the surface of the winding number anew.
func (m *Mesh) rebuilt(ctx context.Context, o SolidOptions, r *Repair, step func(string, float64)) (*Mesh, error) {
	f, err := newSolidField(ctx, m, o.Grid)
	if err != nil {
		return nil, err
	}
	r.Sheets = f.sheetShare
	text := fmt.Sprintf("rebuilding the surface on a grid of %d x %d x %d", f.grid.N[0], f.grid.N[1], f.grid.N[2])
	b, err := sampleBlocks(ctx, f.grid, f.far, f.fill, func(s float64) { step(text, 0.1+0.6*s) })
	if err != nil {
		return nil, err
	}
	out, err := Isosurface(ctx, f.grid, b.layer)
	if err != nil {
		return nil, err
	}
	out, dropped, _ := out.nested()
	r.Inner, r.Step = dropped, f.grid.Step
	if large := out.withoutParts(20 * math.Pow(f.grid.Step, 3)); len(large.Triangles) > 0 {
		out = large
	}
	if len(out.Triangles) == 0 {
		return nil, fmt.Errorf("make solid: %w", ErrNothing)
	}
	if f.walled {
		if out, err = f.sharpened(ctx, b, out); err != nil {
			return nil, err
		}
	}
	if out, err = out.simplified(ctx, f.grid.Step, func(s float64) { step("decimating", 0.75+0.2*s) }); err != nil {
		return nil, err
	}
	return out, f.paint(ctx, out)
}

// simplified decimates what came from a grid as far as that does not show: to an error of a twentieth of a step.
func (m *Mesh) simplified(ctx context.Context, h float64, step func(float64)) (*Mesh, error) {
	// Where two sheets pass a step apart, moving one can push it through the other.
	for _, share := range [2]float64{1. / 20, 1. / 200} {
		small, err := m.Decimate(ctx, DecimateOptions{MaxError: share * h}, step)
		if err != nil {
			return nil, err
		}
		if small.SelfIntersections() == 0 {
			return small, nil
		}
	}
	return m, nil
}

// withoutParts drops the parts below a volume.
func (m *Mesh) withoutParts(volume float64) *Mesh {
	label, n := m.Components()
	size := m.partSizes(label, n)
	out := &Mesh{Vertices: m.Vertices, Colors: m.Colors}
	for f, t := range m.Triangles {
		if l := label[f]; l >= 0 && size[l] >= volume {
			out.Triangles = append(out.Triangles, t)
		}
	}
	return out.Compact()
}

// paint gives out the colours of the nearest places of the soup.
func (f *solidField) paint(ctx context.Context, out *Mesh) error {
	m := f.mesh
	if m.Colors == nil {
		return nil
	}
	out.Colors = make([][4]uint8, len(out.Vertices))
	const batch = 1024
	return inParallel(ctx, (len(out.Vertices)+batch-1)/batch, func(n int) {
		for i := n * batch; i < min((n+1)*batch, len(out.Vertices)); i++ {
			h, _ := f.tree.nearest(m, wide(out.Vertices[i]), math.Inf(1))
			t := m.Triangles[h.face]
			for k := range 4 {
				c := 0.5
				for j, v := range t {
					c += h.weight[j] * float64(m.Colors[v][k])
				}
				out.Colors[i][k] = uint8(c)
			}
		}
	}, func(float64) {})
}
