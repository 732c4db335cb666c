package texture

import (
	"context"
	"fmt"
	"math"
	"slices"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// Fineness is the longest edge colours are worked out along, as a share of the mesh's longest side.
const fineness = 1.0 / 160

// Painting is a mesh with its colours worked out: what the picture shows and a filling of the rest.
type Painting struct {
	mesh    *mesh.Mesh
	subject *picture.Subject // seen from the front
	view    *depth
	others  []*other // pictures of other sides
	offset  []rgb    // per vertex of the fine mesh, what is added to their colours; nil when there are none
	fine    *refined
	normals [][3]float32 // of the fine mesh's vertices
	flat    [][3]float32 // of its faces, once a texture is asked for
	graph   *graph
	length  float64 // mean length of an edge of the fine mesh
	size    float64 // longest side

	trust []float64 // of the picture, per vertex of the fine mesh
	shown []rgb     // by the picture there
	fills []guide
	from  []uint8 // 1 + which of fills the vertex is guided by, 0 for none
	hint  []rgb   // what it says
	fill  []rgb   // the filling, as if nothing were shown
	Notes []string
}

// guide proposes colours for what the picture does not show. ok is false where it has nothing to say.
type guide func(p, normal [3]float32) (c rgb, ok bool)

// New lays the picture over the mesh by the camera and looks what it shows, and so with pictures of other sides, if there
// are any. The mesh must pass mesh.Check's index and number tests. The only error is that of ctx.
func New(ctx context.Context, m *mesh.Mesh, s *picture.Subject, c Camera, others ...View) (*Painting, error) {
	lo, hi := m.Bounds()
	p := &Painting{mesh: m, subject: s, size: float64(max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2]))}
	var err error
	if p.view, err = look(ctx, m, c, s.Matte.Rect.Dx(), s.Matte.Rect.Dy()); err != nil {
		return nil, err
	}
	p.fine = refine(m, p.size*fineness)
	fine := p.fine.mesh
	p.normals = fine.VertexNormals()
	p.graph = edges(len(fine.Vertices), fine.Triangles)
	for _, t := range fine.Triangles {
		d := sub(wide(fine.Vertices[t[0]]), wide(fine.Vertices[t[1]]))
		p.length += math.Sqrt(dot(d, d))
	}
	p.length /= float64(max(len(fine.Triangles), 1))
	n := len(fine.Vertices)
	p.trust, p.shown = make([]float64, n), make([]rgb, n)
	p.from, p.hint = make([]uint8, n), make([]rgb, n)
	err = each(ctx, n, func(from, to int) {
		for i := from; i < to; i++ {
			p.trust[i], p.shown[i] = p.look(fine.Vertices[i], p.normals[i], p.normals[i], 0)
		}
	})
	if err == nil {
		err = p.add(ctx, others)
	}
	return p, err
}

// look returns the colour that the pictures show at a point of the surface, and how far it is to be trusted. flat is the
// normal of its face, which knows better than the mean of those round its corners when it is seen from the side.
func (p *Painting) look(v, normal, flat [3]float32, loose float64) (float64, rgb) {
	w, x, y := p.view.seen(v, p.view.facing(v, normal, flat), loose)
	if len(p.others) == 0 {
		return w, p.at(x, y)
	}
	return p.blend(v, normal, flat, loose, w, p.at(x, y))
}

func (p *Painting) at(x, y float64) rgb {
	c := p.subject.At(x, y)
	return rgb{float32(c[0]), float32(c[1]), float32(c[2])}
}

// guideBy lets g speak for the vertices that are not well shown and that no guide before it spoke for.
func (p *Painting) guideBy(ctx context.Context, g guide) error {
	p.fills = append(p.fills, g)
	return each(ctx, len(p.from), func(from, to int) {
		for i := from; i < to; i++ {
			if p.trust[i] < 1 && p.from[i] == 0 {
				if c, ok := g(p.fine.mesh.Vertices[i], p.normals[i]); ok {
					p.from[i], p.hint[i] = uint8(len(p.fills)), c
				}
			}
		}
	})
}

// spread works out the filling: the smoothest there is that agrees with the picture where that is to be trusted and goes
// up and down as the guides do where there are any (Pérez, Gangnet and Blake 2003, on a surface). Where a guide has said
// something its own colour counts a little too, so that only the neighbourhood of a seam is changed.
func (p *Painting) spread(ctx context.Context) error {
	const shown, reach = 20, 0.06
	n := len(p.trust)
	own := float32(2 * math.Pow(p.length/(reach*max(p.size, 1e-9)), 2))
	mean := p.mean()
	q := &problem{p.graph, p.from, make([]float32, n), make([]rgb, n)}
	for i := range n {
		w := float32(shown * p.trust[i] * p.trust[i])
		hint := p.hint[i]
		for k := range 3 {
			// The unknown is the difference from the hint. A part that shows nothing gets the mean colour.
			q.toward[i][k] = w*(p.shown[i][k]-hint[k]) + 1e-6*(mean[k]-hint[k])
		}
		q.pull[i] = w + 1e-6
		if p.from[i] != 0 {
			q.pull[i] += own
		}
		for e := p.graph.start[i]; e < p.graph.start[i+1]; e++ {
			if j := p.graph.to[e]; p.from[i] != p.from[j] {
				for k := range 3 {
					q.toward[i][k] += p.graph.weight[e] * (p.hint[j][k] - hint[k])
				}
			}
		}
	}
	var err error
	if p.fill, err = q.solve(ctx); err != nil {
		return err
	}
	for i := range p.fill {
		for k := range 3 {
			p.fill[i][k] += p.hint[i][k]
		}
	}
	return nil
}

// mean is the mean of what is shown.
func (p *Painting) mean() rgb {
	var sum [3]float64
	var all float64
	for i, w := range p.trust {
		all += w
		for k := range sum {
			sum[k] += w * float64(p.shown[i][k])
		}
	}
	if all == 0 {
		return rgb{160, 160, 160}
	}
	return rgb{float32(sum[0] / all), float32(sum[1] / all), float32(sum[2] / all)}
}

// colour is that of a point of fine triangle f with barycentric coordinates b.
func (p *Painting) colour(f int, b [3]float32) [4]uint8 {
	t := p.fine.mesh.Triangles[f]
	var v, n [3]float32
	var fill, off, offset rgb
	from := p.from[t[0]]
	for i, w := range b {
		from = min(from, p.from[t[i]])
		for k := range 3 {
			v[k] += w * p.fine.mesh.Vertices[t[i]][k]
			n[k] += w * p.normals[t[i]][k]
			fill[k] += w * p.fill[t[i]][k]
			off[k] += w * (p.fill[t[i]][k] - p.hint[t[i]][k])
			if p.offset != nil {
				offset[k] += w * p.offset[t[i]][k]
			}
		}
	}
	n = unit(n)
	w, shown := p.look(v, n, p.flat[f], 0)
	for k := range shown {
		shown[k] += offset[k]
	}
	n = p.view.facing(v, n, p.flat[f])
	if w < 1 && from != 0 && from == max(p.from[t[0]], p.from[t[1]], p.from[t[2]]) {
		if c, ok := p.fills[from-1](v, n); ok {
			for k := range fill {
				fill[k] = c[k] + off[k]
			}
		}
	}
	return mix(fill, shown, w)
}

// Colors returns the colours of the mesh's vertices.
func (p *Painting) Colors() [][4]uint8 {
	out := make([][4]uint8, len(p.mesh.Vertices))
	for i := range out {
		out[i] = mix(p.fill[i], p.shown[i], p.trust[i])
	}
	return out
}

func mix(a, b rgb, t float64) [4]uint8 {
	out := [4]uint8{3: 255}
	for k := range 3 {
		out[k] = uint8(min(max(float64(a[k])+t*float64(b[k]-a[k]), 0), 255) + 0.5)
	}
	return out
}

func unit(n [3]float32) [3]float32 {
	l := float32(math.Sqrt(dot(wide(n), wide(n))))
	if l == 0 {
		return [3]float32{0, 0, 1}
	}
	return [3]float32{n[0] / l, n[1] / l, n[2] / l}
}

// Unseen says how what the picture does not show is filled.
type Unseen string

// The ways of filling.
const (
	Auto     Unseen = "auto"     // as the picture and the shape suggest
	Mirror   Unseen = "mirror"   // the back is the front, mirrored
	Continue Unseen = "continue" // the colours and the patterns at the rim go on
	Spread   Unseen = "spread"   // the colours at the rim go on, without a pattern
)

// Known reports whether it is one of them; the empty one is Auto.
func (u Unseen) Known() bool {
	return u == "" || u == Auto || u == Mirror || u == Continue || u == Spread
}

// Fill works out the colours of everything. Which way was taken, and why, is in the Notes. The only error is that of ctx.
func (p *Painting) Fill(ctx context.Context, how Unseen, step func(text string, fraction float64)) error {
	if p.unseen() < 0.01 {
		return p.spread(ctx)
	}
	if how == "" || how == Auto || how == Continue {
		step("looking for symmetry", 0.1)
		plane, ok, err := p.symmetry(ctx)
		if err != nil {
			return err
		}
		if ok {
			if err := p.guideBy(ctx, p.reflected(plane)); err != nil {
				return err
			}
			p.note("what the picture hides is taken from the other side of the shape, which is symmetric (%.0f %% of it)", 100*plane.gain)
		}
	}
	back, why := "the back", ""
	known := slices.ContainsFunc(p.others, func(o *other) bool { return o.Side == picture.Back })
	if known {
		back = "what no picture shows"
	}
	switch {
	case how != "" && how != Auto:
	case known:
		how = Spread
	default:
		how, why = p.choose()
	}
	switch how {
	case Mirror:
		if err := p.guideBy(ctx, p.through); err != nil {
			return err
		}
		p.note("%s is the front, mirrored%s", back, why)
	case Continue:
		step("spreading the colours", 0.3)
		if err := p.spread(ctx); err != nil {
			return err
		}
		step("continuing the pattern", 0.5)
		g, err := p.synthesis(ctx)
		if err != nil {
			return err
		}
		if err := p.guideBy(ctx, g); err != nil {
			return err
		}
		p.note("%s continues the pattern of the front%s", back, why)
	default:
		p.note("%s has the colours of the rim%s", back, why)
	}
	step("spreading the colours", 0.8)
	return p.spread(ctx)
}

func (p *Painting) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

// unseen is the share of the vertices that the picture says nothing about.
func (p *Painting) unseen() float64 {
	n := 0
	for _, w := range p.trust {
		if w < 0.2 {
			n++
		}
	}
	return float64(n) / float64(max(len(p.trust), 1))
}

// through is the guide that lets the picture shine through to the back.
func (p *Painting) through(v, normal [3]float32) (rgb, bool) {
	if dot(wide(normal), p.view.camera.toEye(v)) > -0.2 {
		return rgb{}, false
	}
	x, y, _ := p.view.camera.project(v)
	return p.at(x, y), true
}
