package mesh

import (
	"context"
	"math"
)

// DecimateOptions say when [Mesh.Decimate] is done; what is reached first counts.
type DecimateOptions struct {
	Faces int // triangles aimed at; 0 for no limit
	// MaxError bounds the root mean square distance of a vertex from the planes of the faces it stands for, in the mesh's
	// units, and half of what a single collapse may go off a face beside it, for a small corner weighs nothing against large
	// sides; 0 for no limit.
	MaxError float64
}

// Decimate removes edges in the order of their quadric error (Garland and Heckbert 1997), area-weighted, each into the
// point of least error. Borders are held by planes at right angles to them; a collapse that would turn a face over, make
// a sliver, or change the topology (the link condition of Dey et al. 1999) is not done, so a closed 2-manifold stays one.
// Colours are carried along, and edges between different colours cost more.
//
// Faces with a repeated corner, an index out of range or a coordinate that is not finite are dropped. The result is the
// same on every run. step is called with the share done and may be nil. The only error is that of ctx.
func (m *Mesh) Decimate(ctx context.Context, o DecimateOptions, step func(fraction float64)) (*Mesh, error) {
	if step == nil {
		step = func(float64) {}
	}
	d := newDecimator(m)
	if err := d.prepare(ctx); err != nil {
		return nil, err
	}
	start, goal := d.live, max(o.Faces, 4)
	limit := math.Inf(1)
	if o.MaxError > 0 {
		limit = o.MaxError * o.MaxError / (d.scale * d.scale)
		d.most = 4 * limit
	}
	var some []collapse
	for n := 0; d.live > goal; n++ {
		if n&127 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			step(float64(start-d.live) / float64(max(start-goal, 1)))
		}
		if some = d.queue.pop(some[:0]); len(some) == 0 {
			break
		}
		for _, c := range d.fetched(some) {
			if d.live <= goal || c.stamp != d.stamp[c.a]+d.stamp[c.b] {
				continue
			}
			p, cost := d.place(c.a, c.b)
			if cost > limit*d.weight(c.a, c.b) {
				continue
			}
			// What is judged must be what is written.
			if p = d.inner(d.outer(p)); d.allowed(c.a, c.b, p) {
				d.collapse(c.a, c.b, p)
			}
		}
	}
	step(1)
	return d.result(), nil
}

// decimator works in a frame of its own, centred and about two units long, where neither a mesh of a nanometre nor one
// far from the origin loses digits.
type decimator struct {
	mesh     *Mesh
	centre   [3]float64
	scale    float64
	vertices []decimated
	faces    [][3]uint32
	dead     []bool
	refs     []uint32     // the faces round each vertex; a changed vertex gets a new run at the end
	colors   [][4]float32 // nil without
	stamp    []uint32     // how often a vertex has changed, its end included; apart, for most of the queue is stale
	mark     []uint32
	now      uint32
	live     int
	queue    *collapses
	seen     float64 // of no use, see fetched
	most     float64 // squared distance that a collapse may go off a face beside it, 0 for any
}

// decimated is a vertex, laid out to fill two cache lines: the collapses jump about in memory, and that is their cost.
type decimated struct {
	position [3]float64
	quadric  quadric
	area     float64 // of the faces it stands for
	start    uint32  // refs[start : start+faces] are the faces round it
	faces    uint32  // 0 when it is gone
	border   bool
}

// fetched returns those of some collapses that are not stale, having looked at all that deciding on them will look at: a
// processor waits for many such looks at once, but for one after the other when they are part of the deciding.
func (d *decimator) fetched(some []collapse) []collapse {
	n := 0
	for _, c := range some {
		if c.stamp == d.stamp[c.a]+d.stamp[c.b] {
			some[n] = c
			n++
		}
	}
	some = some[:n]
	for _, c := range some {
		a, b := &d.vertices[c.a], &d.vertices[c.b]
		d.seen += a.position[0] + b.position[0] + float64(a.faces+b.faces)
	}
	for _, c := range some {
		for _, f := range d.round(c.a) {
			d.seen += float64(d.faces[f][0])
		}
		for _, f := range d.round(c.b) {
			d.seen += float64(d.faces[f][0])
		}
	}
	for _, c := range some {
		for _, f := range d.round(c.a) {
			d.seen += d.vertices[d.faces[f][0]].position[0]
		}
		for _, f := range d.round(c.b) {
			d.seen += d.vertices[d.faces[f][0]].position[0]
		}
	}
	return some
}

func (d *decimator) round(v uint32) []uint32 {
	x := &d.vertices[v]
	return d.refs[x.start : x.start+x.faces]
}

func (d *decimator) inner(p [3]float32) (q [3]float64) {
	for k := range q {
		q[k] = (float64(p[k]) - d.centre[k]) / d.scale
	}
	return q
}

func (d *decimator) outer(p [3]float64) (q [3]float32) {
	for k := range q {
		q[k] = float32(p[k]*d.scale + d.centre[k])
	}
	return q
}

func (d *decimator) weight(a, b uint32) float64 { return d.vertices[a].area + d.vertices[b].area }

func (d *decimator) push(a, b uint32, price float32) {
	d.queue.push(price, collapse{a: a, b: b, stamp: d.stamp[a] + d.stamp[b]})
}

func (d *decimator) collapse(a, b uint32, p [3]float64) {
	va, vb := &d.vertices[a], &d.vertices[b]
	if d.colors != nil {
		edge := sub(vb.position, va.position)
		t := float32(min(max(dot(sub(p, va.position), edge)/max(dot(edge, edge), 1e-300), 0), 1))
		for k := range d.colors[a] {
			d.colors[a][k] += t * (d.colors[b][k] - d.colors[a][k])
		}
	}
	va.position = p
	va.quadric.add(&vb.quadric)
	va.area += vb.area
	va.border = va.border || vb.border
	start := uint32(len(d.refs))
	for _, f := range d.round(a) {
		if t := d.faces[f]; t[0] != b && t[1] != b && t[2] != b {
			d.refs = append(d.refs, f)
			continue
		}
		d.dead[f] = true
		d.live--
		for _, v := range d.faces[f] {
			if v != a && v != b {
				d.forget(v, f)
			}
		}
	}
	for _, f := range d.round(b) {
		if d.dead[f] {
			continue
		}
		for i, v := range d.faces[f] {
			if v == b {
				d.faces[f][i] = a
			}
		}
		d.refs = append(d.refs, f)
	}
	va.start, va.faces, vb.faces = start, uint32(len(d.refs))-start, 0
	d.stamp[a]++
	d.stamp[b]++
	d.renew(a)
}

func (d *decimator) forget(v, f uint32) {
	list := d.round(v)
	for i, g := range list {
		if g == f {
			list[i] = list[len(list)-1]
			d.vertices[v].faces--
			return
		}
	}
}

// renew puts the edges of a changed vertex into the queue again.
func (d *decimator) renew(a uint32) {
	d.now += 2
	for _, f := range d.round(a) {
		for _, v := range d.faces[f] {
			if v != a && d.mark[v] != d.now {
				d.mark[v] = d.now
				d.push(min(a, v), max(a, v), d.price(min(a, v), max(a, v)))
			}
		}
	}
}

func (d *decimator) result() *Mesh {
	m := &Mesh{Triangles: make([][3]uint32, 0, d.live), Vertices: make([][3]float32, 0, d.live/2+8)}
	number := make([]uint32, len(d.vertices))
	for f, t := range d.faces {
		if d.dead[f] {
			continue
		}
		for i, v := range t {
			if number[v] == 0 {
				m.Vertices = append(m.Vertices, d.outer(d.vertices[v].position))
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
