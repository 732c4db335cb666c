package mesh

import (
	"context"
	"math"
)

// solidField is the field whose zero is the rebuilt surface of a mesh, positive inside.
type solidField struct {
	mesh       *Mesh
	grid       Grid
	tree       *bvh
	winding    *windings
	sheets     *bvh // of the faces that enclose nothing, nil without
	sheetShare float64
	walled     bool // there are faces that enclose something
}

// band is how far from the surface, in steps, distances are asked for.
const band = 1.5

func newSolidField(ctx context.Context, m *Mesh, side int) (*solidField, error) {
	if side == 0 {
		side = defaultGrid
	}
	f := &solidField{mesh: m, grid: m.gridOf(min(max(side, MinGrid), MaxGrid), 3)}
	all := m.allFaces()
	f.tree = newBVH(m, all)
	f.winding = newWindings(m, f.tree)
	kind, err := f.kinds(ctx)
	if err != nil {
		return nil, err
	}
	var walls, sheets []uint32
	var area, total float64
	for i, t := range m.Triangles {
		a := norm(m.faceCross(t))
		total += a
		switch kind[i] {
		case wall:
			walls = append(walls, uint32(i))
		case sheet:
			area += a
			sheets = append(sheets, uint32(i))
		}
	}
	// A trace of sheets is what the rims of holes leave.
	if area > 0.002*total {
		f.sheets, f.sheetShare = newBVH(m, sheets), area/total
	}
	if f.walled = len(walls) > 0; !f.walled {
		walls = all[:1] // a face alone encloses nothing either, and no tree is empty
	}
	if len(walls) < len(m.Triangles) {
		f.tree = newBVH(m, walls)
		f.winding = newWindings(m, f.tree)
	}
	return f, nil
}

// What a face is to the solid.
const (
	wall  = iota // between inside and outside, or between two insides of parts that overlap
	sheet        // outside on both sides
	inner        // a sheet within the solid, which would only trouble the winding number
)

// kinds tells what every face is, by the winding number on its two sides. An open part that is a sheet for the better
// share is one altogether.
func (f *solidField) kinds(ctx context.Context) ([]uint8, error) {
	m := f.mesh
	kind := make([]uint8, len(m.Triangles))
	const batch = 256
	err := inParallel(ctx, (len(kind)+batch-1)/batch, func(n int) {
		for i := n * batch; i < min((n+1)*batch, len(kind)); i++ {
			kind[i] = f.kind(m.Triangles[i])
		}
	}, func(float64) {})
	if err != nil {
		return nil, err
	}
	label, n := m.Components()
	thin, all := make([]float64, n), make([]float64, n)
	for i, t := range m.Triangles {
		if l := label[i]; l >= 0 {
			a := norm(m.faceCross(t))
			all[l] += a
			if kind[i] == sheet {
				thin[l] += a
			}
		}
	}
	closed := m.closedParts(label, n)
	for i := range kind {
		if l := label[i]; l >= 0 && !closed[l] && thin[l] > 0.25*all[l] {
			kind[i] = sheet
		}
	}
	return kind, nil
}

func (f *solidField) kind(t [3]uint32) uint8 {
	m := f.mesh
	n := m.faceCross(t)
	l := norm(n)
	if l == 0 {
		return wall
	}
	p := blend(wide(m.Vertices[t[0]]), wide(m.Vertices[t[1]]), wide(m.Vertices[t[2]]), [3]float64{1. / 3, 1. / 3, 1. / 3})
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, way := range [2]float64{-0.75, 0.75} {
		d := way * f.grid.Step / l
		w := f.winding.at([3]float64{p[0] + d*n[0], p[1] + d*n[1], p[2] + d*n[2]})
		lo, hi = min(lo, w), max(hi, w)
	}
	switch {
	case hi < 0.5:
		return sheet
	case lo >= 0.5 && lo < 0.9:
		return inner
	}
	return wall
}

// closedParts tells which parts have no open edge.
func (m *Mesh) closedParts(label []int32, n int) []bool {
	closed := make([]bool, n)
	for i := range closed {
		closed[i] = true
	}
	runs(m.halfEdges(func(f int) bool { return label[f] >= 0 }), func(e []halfEdge) {
		if len(e) == 1 {
			closed[label[e[0].face]] = false
		}
	})
	return closed
}

func (m *Mesh) allFaces() []uint32 {
	out := make([]uint32, len(m.Triangles))
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}

// gridOf is a grid over the mesh with that many steps along its longest side and a margin of so many all round.
func (m *Mesh) gridOf(side int, margin float64) Grid {
	lo, hi := m.Bounds()
	g := Grid{Step: max(float64(hi[0]-lo[0]), float64(hi[1]-lo[1]), float64(hi[2]-lo[2])) / float64(side)}
	for k := range 3 {
		n := math.Ceil(float64(hi[k]-lo[k])/g.Step) + 2*margin
		g.N[k] = int(n) + 1
		// A share of a step off, so that flat sides and symmetric middles do not lie on samples.
		g.Origin[k] = (float64(lo[k])+float64(hi[k])-n*g.Step)/2 + 0.013*g.Step
	}
	return g
}

// fill samples a block. The value is the distance to the nearest face, negative where the winding number is below a half,
// and no more than what the winding number says: so it passes zero on the surface itself where there is one, and smoothly
// where there is a hole.
func (f *solidField) fill(first [3]float64, out *block) {
	h := f.grid.Step
	var w, d [len(out)]float64
	var p [len(out)][3]float64
	for s := range out {
		x, y, z := inBlock(s)
		p[s] = [3]float64{first[0] + h*float64(x), first[1] + h*float64(y), first[2] + h*float64(z)}
		d[s] = band * h
		if near, ok := f.tree.nearest(f.mesh, p[s], d[s]*d[s]); ok {
			d[s] = math.Sqrt(near.square)
		}
		w[s] = f.windingAt(s, &p, &d, &w)
		value := math.Copysign(min(d[s], 2*band*h*math.Abs(w[s])), w[s])
		if f.sheets != nil {
			if near, ok := f.sheets.nearest(f.mesh, p[s], 4*h*h); ok {
				value = max(value, h-math.Sqrt(near.square))
			}
		}
		out[s] = float32(value)
	}
}

// windingAt is the winding number of a sample of a block less a half. Where no face lies between the sample and one before
// it, it differs little from that one's, which is taken unless it leaves the side in doubt; evaluating it takes longer
// than all the rest.
func (f *solidField) windingAt(s int, p *[len(block{})][3]float64, d, w *[len(block{})]float64) float64 {
	h := f.grid.Step
	x, y, z := inBlock(s)
	for k, at := range [3]int{x, y, z} {
		if at == 0 {
			continue
		}
		q := s - [3]int{1, blockSide, blockSide * blockSide}[k]
		if math.Abs(w[q]) < 0.35 {
			continue
		}
		if d[s] <= h && d[q] <= h {
			var way [3]float64
			way[k] = 1
			if _, face := f.tree.ray(f.mesh, p[q], way, h, anyFace); face >= 0 {
				continue
			}
		}
		return w[q]
	}
	return f.winding.at(p[s]) - 0.5
}

// far asks for more room, and less doubt, for a ball larger than a block: within three fifths of the room a harmonic
// function such as the winding number grows to no more than ten times its value in the middle (Harnack's inequality).
func (f *solidField) far(p [3]float64, radius float64) (float32, bool) {
	h := f.grid.Step
	room, doubt := radius, 0.15
	if radius > 2*blockSide*h {
		room, doubt = radius/0.6, 0.05
	}
	if f.sheets != nil {
		if _, ok := f.sheets.nearest(f.mesh, p, (radius+h)*(radius+h)); ok {
			return 0, false
		}
	}
	if _, ok := f.tree.nearest(f.mesh, p, room*room); ok {
		return 0, false
	}
	w := f.winding.at(p) - 0.5
	return float32(math.Copysign(band*h, w)), math.Abs(w) > 0.5-doubt
}
