package mesh

import (
	"context"
	"math"
)

// DecimateOptions say when [Mesh.Decimate] is done; what is reached first counts.
type DecimateOptions struct {
	Faces    int     // triangles aimed at; 0 for no limit
	MaxError float64 // root mean square distance from the planes of the faces a vertex stands for, in the mesh's units; 0 for no limit
}

// Decimate removes edges in the order of their quadric error (Garland and Heckbert 1997), area-weighted, each into the
// point of least error. Borders are held by planes at right angles to them; a collapse that would turn a face over, make
// a sliver, or change the topology (the link condition of Dey et al. 1999) is not done, so a closed 2-manifold stays one.
// Colours are carried along. The result is the same on every run; step is called with the share done.
func (m *Mesh) Decimate(ctx context.Context, o DecimateOptions, step func(fraction float64)) (*Mesh, error) {
	d := newDecimator(m)
	start, goal := d.live, max(o.Faces, 4)
	if o.Faces == 0 {
		goal = 4
	}
	limit := math.Inf(1)
	if o.MaxError > 0 {
		limit = o.MaxError * o.MaxError
	}
	for n := 0; d.live > goal && len(d.heap) > 0; n++ {
		if n&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			step(float64(start-d.live) / float64(max(start-goal, 1)))
		}
		c := d.heap.pop()
		if c.stamp != d.stamp[c.a]+d.stamp[c.b] || d.gone(c.a) || d.gone(c.b) {
			continue
		}
		p, cost := d.place(c.a, c.b)
		if o.MaxError > 0 && cost > limit*d.weight(c.a, c.b) {
			continue
		}
		if d.allowed(c.a, c.b, p) {
			d.collapse(c.a, c.b, p)
		}
	}
	step(1)
	return d.result(), nil
}

type decimator struct {
	colors    [][4]float32
	position  [][3]float64
	quadrics  []quadric
	area      []float64 // of the faces a vertex stands for
	faces     [][3]uint32
	dead      []bool
	around    [][]uint32 // faces round a vertex; nil when it is gone
	border    []bool
	stamp     []uint32 // of a vertex: how often it has changed
	mark      []uint32
	markNow   uint32
	live      int
	heap      collapses
	neighbour []uint32
}

func newDecimator(m *Mesh) *decimator {
	n := len(m.Vertices)
	d := &decimator{
		position: make([][3]float64, n), quadrics: make([]quadric, n), area: make([]float64, n),
		faces: append([][3]uint32(nil), m.Triangles...), dead: make([]bool, len(m.Triangles)), around: make([][]uint32, n),
		border: make([]bool, n), stamp: make([]uint32, n), mark: make([]uint32, n), live: len(m.Triangles),
	}
	for i, v := range m.Vertices {
		d.position[i] = wide(v)
	}
	if m.Colors != nil {
		d.colors = make([][4]float32, n)
		for i, c := range m.Colors {
			d.colors[i] = [4]float32{float32(c[0]), float32(c[1]), float32(c[2]), float32(c[3])}
		}
	}
	d.link()
	for _, t := range d.faces {
		c := m.faceCross(t)
		l := norm(c)
		if l == 0 {
			continue
		}
		u := [3]float64{c[0] / l, c[1] / l, c[2] / l}
		q := planeQuadric(u, -dot(u, d.position[t[0]]), l/2)
		for _, v := range t {
			d.quadrics[v].add(&q)
			d.area[v] += l / 2
		}
	}
	edges := m.halfEdges(func(int) bool { return true })
	runs(edges, func(e []halfEdge) {
		if len(e) == 1 {
			d.hold(uint32(e[0].key>>32), uint32(e[0].key), d.faces[e[0].face])
		}
	})
	d.heap = make(collapses, 0, len(edges)/2)
	runs(edges, func(e []halfEdge) {
		d.heap = append(d.heap, d.candidate(uint32(e[0].key>>32), uint32(e[0].key)))
	})
	d.heap.order()
	return d
}

// link fills around from one array, so that a million vertices are not a million allocations.
func (d *decimator) link() {
	count := make([]uint32, len(d.position)+1)
	for _, t := range d.faces {
		for _, v := range t {
			count[v+1]++
		}
	}
	for i := 1; i < len(count); i++ {
		count[i] += count[i-1]
	}
	all := make([]uint32, count[len(count)-1])
	for v := range d.around {
		d.around[v] = all[count[v]:count[v]:count[v+1]]
	}
	for f, t := range d.faces {
		for _, v := range t {
			d.around[v] = append(d.around[v], uint32(f))
		}
	}
}

// hold keeps a border edge where it is, by a plane through it at right angles to its face.
func (d *decimator) hold(a, b uint32, t [3]uint32) {
	const firm = 10
	e := sub(d.position[b], d.position[a])
	n := cross(e, cross(sub(d.position[t[1]], d.position[t[0]]), sub(d.position[t[2]], d.position[t[0]])))
	d.border[a], d.border[b] = true, true
	if l := norm(n); l > 0 {
		n = [3]float64{n[0] / l, n[1] / l, n[2] / l}
		q := planeQuadric(n, -dot(n, d.position[a]), firm*dot(e, e))
		d.quadrics[a].add(&q)
		d.quadrics[b].add(&q)
	}
}

func (d *decimator) gone(v uint32) bool { return d.around[v] == nil }

func (d *decimator) weight(a, b uint32) float64 { return d.area[a] + d.area[b] }

func (d *decimator) candidate(a, b uint32) collapse {
	_, cost := d.place(a, b)
	return collapse{float32(cost), a, b, d.stamp[a] + d.stamp[b]}
}

// place returns where the edge would go and the error there: the point of least error when it lies near the edge, else
// the best of the ends and the middle.
func (d *decimator) place(a, b uint32) ([3]float64, float64) {
	q := d.quadrics[a]
	q.add(&d.quadrics[b])
	pa, pb := d.position[a], d.position[b]
	middle := [3]float64{(pa[0] + pb[0]) / 2, (pa[1] + pb[1]) / 2, (pa[2] + pb[2]) / 2}
	edge := sub(pb, pa)
	long := dot(edge, edge)
	// A touch of length orders the flat places, where every error is zero, and keeps their triangles even.
	bias := 1e-7 * long * d.weight(a, b)
	if p, ok := q.best(); ok {
		if away := sub(p, middle); dot(away, away) <= 2*long {
			return p, math.Max(q.at(p), 0) + bias
		}
	}
	best, cost := middle, q.at(middle)
	for _, p := range [2][3]float64{pa, pb} {
		if c := q.at(p); c < cost {
			best, cost = p, c
		}
	}
	return best, math.Max(cost, 0) + bias
}

// allowed tells whether the collapse keeps the topology and every face's side.
func (d *decimator) allowed(a, b uint32, p [3]float64) bool {
	d.markNow += 2
	shared := 0
	for _, f := range d.around[a] {
		hasB := false
		for _, v := range d.faces[f] {
			d.mark[v] = d.markNow
			hasB = hasB || v == b
		}
		if hasB {
			shared++
		}
	}
	if shared == 0 || shared > 2 || (d.border[a] && d.border[b] && shared != 1) {
		return false
	}
	common := 0
	for _, f := range d.around[b] {
		for _, v := range d.faces[f] {
			if v != a && v != b && d.mark[v] == d.markNow {
				d.mark[v] = d.markNow - 1
				common++
			}
		}
	}
	// Neighbours in common must be exactly the far corners of the shared faces, and a tetrahedron must stay.
	if common != shared || len(d.around[a])+len(d.around[b])-2*shared < 3 {
		return false
	}
	return d.keepsSides(a, b, p) && d.keepsSides(b, a, p)
}

// keepsSides tells whether moving v to p turns or flattens none of its faces, but for those with gone that vanish.
func (d *decimator) keepsSides(v, gone uint32, p [3]float64) bool {
	for _, f := range d.around[v] {
		t := d.faces[f]
		if t[0] == gone || t[1] == gone || t[2] == gone {
			continue
		}
		i := 0
		for t[i] != v {
			i++
		}
		u, w := d.position[t[(i+1)%3]], d.position[t[(i+2)%3]]
		side := sub(w, u)
		before, after := cross(side, sub(d.position[v], u)), cross(side, sub(p, u))
		lb, la := dot(before, before), dot(after, after)
		if s := dot(before, after); s <= 0 || s*s < 0.04*lb*la {
			return false
		}
		// Slivers: the height must not be less than a fiftieth of the longest side.
		long := max(dot(side, side), dot(sub(p, u), sub(p, u)), dot(sub(p, w), sub(p, w)))
		if la < 4e-4*long*long && la < lb {
			return false
		}
	}
	return true
}

func (d *decimator) collapse(a, b uint32, p [3]float64) {
	if d.colors != nil {
		da, db := norm(sub(p, d.position[a])), norm(sub(p, d.position[b]))
		if t := float32(da / max(da+db, 1e-30)); t > 0 {
			for k := range d.colors[a] {
				d.colors[a][k] += t * (d.colors[b][k] - d.colors[a][k])
			}
		}
	}
	d.position[a] = p
	d.quadrics[a].add(&d.quadrics[b])
	d.area[a] += d.area[b]
	d.border[a] = d.border[a] || d.border[b]
	keep := make([]uint32, 0, len(d.around[a])+len(d.around[b])-4)
	for _, f := range d.around[a] {
		if t := d.faces[f]; t[0] == b || t[1] == b || t[2] == b {
			d.dead[f] = true
			d.live--
			for _, v := range t {
				if v != a && v != b {
					d.forget(v, f)
				}
			}
			continue
		}
		keep = append(keep, f)
	}
	for _, f := range d.around[b] {
		if d.dead[f] {
			continue
		}
		for i, v := range d.faces[f] {
			if v == b {
				d.faces[f][i] = a
			}
		}
		keep = append(keep, f)
	}
	d.around[a], d.around[b] = keep, nil
	d.stamp[a]++
	d.renew(a)
}

func (d *decimator) forget(v, f uint32) {
	list := d.around[v]
	for i, g := range list {
		if g == f {
			list[i] = list[len(list)-1]
			d.around[v] = list[:len(list)-1]
			return
		}
	}
}

// renew puts the edges of a changed vertex into the heap again.
func (d *decimator) renew(a uint32) {
	d.markNow += 2
	d.neighbour = d.neighbour[:0]
	for _, f := range d.around[a] {
		for _, v := range d.faces[f] {
			if v != a && d.mark[v] != d.markNow {
				d.mark[v] = d.markNow
				d.neighbour = append(d.neighbour, v)
			}
		}
	}
	for _, v := range d.neighbour {
		d.heap.push(d.candidate(min(a, v), max(a, v)))
	}
}

func (d *decimator) result() *Mesh {
	m := &Mesh{Triangles: make([][3]uint32, 0, d.live)}
	number := make([]uint32, len(d.position))
	for f, t := range d.faces {
		if d.dead[f] {
			continue
		}
		for i, v := range t {
			if number[v] == 0 {
				m.Vertices = append(m.Vertices, narrow(d.position[v]))
				number[v] = uint32(len(m.Vertices))
				if d.colors != nil {
					c := d.colors[v]
					m.Colors = append(m.Colors, [4]uint8{uint8(c[0] + 0.5), uint8(c[1] + 0.5), uint8(c[2] + 0.5), uint8(c[3] + 0.5)})
				}
			}
			t[i] = number[v] - 1
		}
		m.Triangles = append(m.Triangles, t)
	}
	return m
}
