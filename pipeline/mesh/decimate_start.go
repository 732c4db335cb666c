package mesh

import (
	"context"
	"math"
	"runtime"
	"sync"
)

func newDecimator(m *Mesh) *decimator {
	n := len(m.Vertices)
	d := &decimator{mesh: m, vertices: make([]decimated, n), mark: make([]uint32, n), stamp: make([]uint32, n), queue: new(collapses)}
	d.faces = make([][3]uint32, 0, len(m.Triangles))
	for _, t := range m.Triangles {
		if m.sound(t) {
			d.faces = append(d.faces, t)
		}
	}
	d.live, d.dead = len(d.faces), make([]bool, len(d.faces))
	d.frame()
	for _, t := range d.faces {
		for _, v := range t {
			d.vertices[v].position = d.inner(m.Vertices[v])
		}
	}
	if len(m.Colors) == n && n > 0 {
		d.colors = make([][4]float32, n)
		for i, c := range m.Colors {
			d.colors[i] = [4]float32{float32(c[0]), float32(c[1]), float32(c[2]), float32(c[3])}
		}
	}
	return d
}

// sound reports whether the corners of a face exist, differ, and are finite.
func (m *Mesh) sound(t [3]uint32) bool {
	if n := uint32(len(m.Vertices)); t[0] >= n || t[1] >= n || t[2] >= n || t[0] == t[1] || t[1] == t[2] || t[2] == t[0] {
		return false
	}
	for _, v := range t {
		for _, x := range m.Vertices[v] {
			if x-x != 0 {
				return false
			}
		}
	}
	return true
}

func (d *decimator) frame() {
	lo, hi := [3]float64{math.Inf(1), math.Inf(1), math.Inf(1)}, [3]float64{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	for _, t := range d.faces {
		for _, v := range t {
			for k, x := range d.mesh.Vertices[v] {
				lo[k], hi[k] = min(lo[k], float64(x)), max(hi[k], float64(x))
			}
		}
	}
	d.scale = 1
	if long := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2]); long > 0 {
		d.scale = math.Ldexp(1, math.Ilogb(long)) // a power of two rounds nothing
	}
	for k := range 3 {
		if len(d.faces) > 0 {
			d.centre[k] = (lo[k] + hi[k]) / 2
		}
	}
}

// prepare fills everything the collapses start from; it looks at ctx every few milliseconds.
func (d *decimator) prepare(ctx context.Context) error {
	d.link()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, t := range d.faces {
		if i&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		d.addPlane(t)
	}
	edges, err := d.edges(ctx)
	if err != nil {
		return err
	}
	prices := make([]float32, len(edges))
	parts := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for p := range parts {
		wait.Go(func() {
			for i := p * len(edges) / parts; i < (p+1)*len(edges)/parts; i++ {
				if i&0xffff == 0 && ctx.Err() != nil {
					return
				}
				prices[i] = d.price(edges[i][0], edges[i][1])
			}
		})
	}
	wait.Wait()
	d.queue.runs = make([]run, 1, len(edges)/8+1024)
	for i, e := range edges {
		d.push(e[0], e[1], prices[i])
	}
	return ctx.Err()
}

// link lists the faces round every vertex, in one array.
func (d *decimator) link() {
	for _, t := range d.faces {
		for _, v := range t {
			d.vertices[v].faces++
		}
	}
	n := uint32(0)
	for i := range d.vertices {
		v := &d.vertices[i]
		v.start, n, v.faces = n, n+v.faces, 0
	}
	d.refs = make([]uint32, n, n+n/2)
	for f, t := range d.faces {
		for _, v := range t {
			x := &d.vertices[v]
			d.refs[x.start+x.faces] = uint32(f)
			x.faces++
		}
	}
}

func (d *decimator) addPlane(t [3]uint32) {
	a, b, c := &d.vertices[t[0]], &d.vertices[t[1]], &d.vertices[t[2]]
	n := cross(sub(b.position, a.position), sub(c.position, a.position))
	l := norm(n)
	if l == 0 {
		return
	}
	u := [3]float64{n[0] / l, n[1] / l, n[2] / l}
	q := planeQuadric(u, -dot(u, a.position), l/2)
	for _, v := range [3]*decimated{a, b, c} {
		v.quadric.add(&q)
		v.area += l / 2
	}
}

// edges lists every edge once, smaller vertex first, and holds those of the border.
func (d *decimator) edges(ctx context.Context) ([][2]uint32, error) {
	out := make([][2]uint32, 0, len(d.faces)*3/2+8)
	seen := make([]uint8, len(d.vertices)) // faces on the edge from a, cleared as they are read
	var near []uint32
	for a := range uint32(len(d.vertices)) {
		if a&0xffff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		near = near[:0]
		for _, f := range d.round(a) {
			for _, v := range d.faces[f] {
				if v <= a {
					continue
				}
				if seen[v] == 0 {
					near = append(near, v)
				}
				seen[v] = min(seen[v]+1, 2)
			}
		}
		for _, b := range near {
			out = append(out, [2]uint32{a, b})
			if seen[b] == 1 {
				d.hold(a, b)
			}
			seen[b] = 0
		}
	}
	return out, nil
}

// hold keeps a border edge where it is, by a plane through it at right angles to its face.
func (d *decimator) hold(a, b uint32) {
	const firm = 10
	va, vb := &d.vertices[a], &d.vertices[b]
	va.border, vb.border = true, true
	for _, f := range d.round(a) {
		t := d.faces[f]
		if t[0] != b && t[1] != b && t[2] != b {
			continue
		}
		p := d.vertices[t[0]].position
		e := sub(vb.position, va.position)
		n := cross(e, cross(sub(d.vertices[t[1]].position, p), sub(d.vertices[t[2]].position, p)))
		l := norm(n)
		if l == 0 {
			return
		}
		n = [3]float64{n[0] / l, n[1] / l, n[2] / l}
		q := planeQuadric(n, -dot(n, va.position), firm*dot(e, e))
		va.quadric.add(&q)
		vb.quadric.add(&q)
	}
}
