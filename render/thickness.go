package render

import (
	"context"
	"fmt"

	"orfeas/pipeline/mesh"
)

// Heat is a map of how thick the walls of a mesh are, ready to be drawn.
type Heat struct {
	full, draft *surface // draft is nil where the full one is small; the red of their colours is the place on the scale
}

// Walls measures how thick a mesh is under each of its faces, the large ones in pieces, as its certificate does. It works
// on all cores for about two seconds on a million triangles; step is told the share done and may be nil. Errors are
// those of ctx and of a broken mesh.
func Walls(ctx context.Context, m *mesh.Mesh, step func(float64)) (*Heat, error) {
	if err := check(m); err != nil {
		return nil, fmt.Errorf("measure the walls: %w", err)
	}
	lo, hi := m.Bounds()
	fine := refined(m, max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2])/64)
	walls, err := fine.Thickness(ctx, step)
	if err != nil {
		return nil, err
	}
	h := &Heat{full: newSurface(fine)}
	h.full.heat(fine, walls)
	// The stand-in takes the values along as colours.
	fine.Colors = make([][4]uint8, len(fine.Vertices))
	for f, t := range h.full.triangles {
		for k, v := range t {
			fine.Colors[fine.Triangles[f][k]] = [4]uint8{uint8(255 * h.full.vertices[v].color[0]), 0, 0, 255}
		}
	}
	if p := proxy(fine); p != nil {
		h.draft = newSurface(p)
		for i := range p.Vertices { // copies at creases come after them
			h.draft.vertices[i].color = [3]float32{float32(p.Colors[i][0]) / 255}
		}
		for f, t := range h.draft.triangles {
			for k, v := range t {
				h.draft.vertices[v].color = h.draft.vertices[p.Triangles[f][k]].color
			}
		}
	}
	return h, nil
}

// heat sets every vertex to the mean of its faces' places on the scale, weighted by their areas; the copies at a crease
// keep its sides apart.
func (s *surface) heat(m *mesh.Mesh, walls []float64) {
	sums := make([][2]float32, len(s.vertices))
	for f, t := range s.triangles {
		area := length(faceCross(m, m.Triangles[f]))
		value := thicknessAt(walls[f])
		for _, v := range t {
			sums[v][0] += area * value
			sums[v][1] += area
		}
	}
	for i, sum := range sums {
		s.vertices[i].color = [3]float32{1}
		if sum[1] > 0 {
			s.vertices[i].color[0] = sum[0] / sum[1]
		}
	}
}

// painted is the mesh with colours at its vertices where it has only a texture, for the stand-in.
func painted(m *mesh.Mesh) *mesh.Mesh {
	if m.Texture == nil || m.Colors != nil || len(m.Triangles) <= proxyAbove {
		return m
	}
	out := &mesh.Mesh{Vertices: m.Vertices, Triangles: m.Triangles, Colors: make([][4]uint8, len(m.Vertices))}
	b := m.Texture.Rect
	for f, t := range m.Triangles {
		for k, v := range t {
			uv := m.UVs[f][k]
			x := min(max(int(uv[0]*float32(b.Dx())), 0), b.Dx()-1)
			y := min(max(int(uv[1]*float32(b.Dy())), 0), b.Dy()-1)
			copy(out.Colors[v][:], m.Texture.Pix[m.Texture.PixOffset(b.Min.X+x, b.Min.Y+y):][:4])
		}
	}
	return out
}
