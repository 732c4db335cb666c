package mesh

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// ErrGrid is wrapped by [Isosurface] and [IsosurfaceSparse] for a grid they cannot work on.
var ErrGrid = errors.New("grid")

// maxGridSide bounds a side of an isosurface grid, so that a layer's memory stays far below a gigabyte.
const maxGridSide = 4096

// Grid is a regular lattice of samples of a scalar field: sample (i,j,k) lies at Origin + Step*(i,j,k).
type Grid struct {
	N      [3]int // samples along x, y, z, at least 2
	Origin [3]float64
	Step   float64
}

func (g Grid) check(side int) error {
	for _, n := range g.N {
		if n < 2 || n > side {
			return fmt.Errorf("%w: a side has %d samples, not 2 to %d", ErrGrid, n, side)
		}
	}
	return nil
}

func (g Grid) at(i, j, k float64) [3]float32 {
	return [3]float32{
		float32(g.Origin[0] + g.Step*i),
		float32(g.Origin[1] + g.Step*j),
		float32(g.Origin[2] + g.Step*k)}
}

// Isosurface extracts the surface on which a scalar field is zero, positive inside, by marching cubes (Lorensen &
// Cline 1987). layer fills one layer of samples, row-major with x fastest, for a given k; it is called from several
// goroutines, and for some layers twice. Values that are not numbers count as outside, and so does everything beyond
// the grid, so the result is closed: it is an outward 2-manifold whatever the field. On an ambiguous cell face inside
// corners are kept apart, by the same rule from both sides, so that there are no cracks; within an ambiguous cell the
// sheets stay apart too, without the tunnels that the trilinear interpolant may have there (Chernyaev 1995).
//
// No more than two layers per goroutine are held; shared vertices are found through arrays beside the layers.
func Isosurface(ctx context.Context, g Grid, layer func(k int, out []float32)) (*Mesh, error) {
	if err := g.check(maxGridSide); err != nil {
		return nil, err
	}
	return march(ctx, g, func(k int, p *plane) {
		layer(k, p.values)
		p.signs()
	})
}

// march runs slabs of cell layers side by side. fill sets the values and the masks of a plane whose masks say that
// every sample is known and outside.
func march(ctx context.Context, g Grid, fill func(k int, p *plane)) (*Mesh, error) {
	// One layer of outside samples all round: cells run from -1 to N.
	cells := g.N[2] + 1
	parts := min(runtime.GOMAXPROCS(0), max(1, cells/8))
	slabs := make([]slab, parts)
	var wait sync.WaitGroup
	for p := range slabs {
		slabs[p] = slab{grid: g, fill: fill, from: p*cells/parts - 1, to: (p+1)*cells/parts - 1}
		wait.Go(func() { slabs[p].run(ctx) })
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return sew(slabs), nil
}

// sew joins the slabs: the bottom vertices of each are the top ones of the slab below.
func sew(slabs []slab) *Mesh {
	vertices, triangles := 0, 0
	m := &Mesh{}
	var wait sync.WaitGroup
	for i := range slabs {
		vertices, triangles = vertices+slabs[i].vertices.n, triangles+slabs[i].triangles.n
		if i > 0 {
			vertices -= slabs[i].bottom
		}
	}
	m.Vertices, m.Triangles = make([][3]float32, vertices), make([][3]uint32, triangles)
	vertices, triangles = 0, 0
	below := 0 // where the top vertices of the slab below begin
	for i := range slabs {
		s, skip := &slabs[i], 0
		if i > 0 {
			skip = s.bottom
		}
		base, lower, first := vertices-skip, below, triangles
		wait.Go(func() { s.copyTo(m, base, lower, skip, first) })
		below = base + s.top
		vertices, triangles = vertices+s.vertices.n-skip, triangles+s.triangles.n
	}
	wait.Wait()
	return m
}

// copyTo writes the slab's part of the mesh: vertex v becomes lower+v when v < skip, else base+v.
func (s *slab) copyTo(m *Mesh, base, lower, skip, first int) {
	at := 0
	for _, part := range s.vertices.parts {
		if from := max(skip-at, 0); from < len(part) {
			copy(m.Vertices[base+at+from:], part[from:])
		}
		at += len(part)
	}
	for _, part := range s.triangles.parts {
		out := m.Triangles[first : first+len(part)]
		for i, t := range part {
			for c, v := range t {
				if int(v) < skip {
					t[c] = uint32(lower + int(v))
				} else {
					t[c] = uint32(base + int(v))
				}
			}
			out[i] = t
		}
		first += len(part)
	}
}
