package texture

import (
	"context"
	"math"
)

// plane is a plane of symmetry: the points p with normal·p = offset.
type plane struct {
	normal [3]float64
	offset float64
	fit    float64 // share of the surface whose mirror image lies on the surface
	gain   float64 // share of what is not shown whose mirror image is
}

func (s *plane) reflect(p [3]float32) [3]float32 { return s.mirrored(p, s.offset) }

func (s *plane) mirrored(p [3]float32, offset float64) [3]float32 {
	d := 2 * (dot(s.normal, wide(p)) - offset)
	for k := range p {
		p[k] -= float32(d * s.normal[k])
	}
	return p
}

const (
	cells         = 64   // along the longest side of the grid that a mirror image is held against
	symmetric     = 0.93 // the least fit of a plane of symmetry
	worthwhile    = 0.15 // the least gain
	alike         = 26   // the greatest mean difference of the colours on both sides, where both are shown
	strayMirrored = 0.02 // how far behind the surface a mirror image may lie, as a share of the size
)

// symmetry looks for an upright plane of symmetry of the shape that helps: one that has much of what is not shown on one
// side and is shown on the other, and that the colours shown on both sides do not speak against.
func (p *Painting) symmetry(ctx context.Context) (best plane, ok bool, err error) {
	o := p.occupied()
	centre := p.centre()
	for i := range 48 {
		if err := ctx.Err(); err != nil {
			return best, false, err
		}
		s := plane{normal: [3]float64{math.Cos(math.Pi * float64(i) / 48), 0, math.Sin(math.Pi * float64(i) / 48)}}
		s.offset = dot(s.normal, centre)
		if math.Abs(dot(s.normal, p.view.camera.Back)) > 0.95 { // it would show the back of what is seen
			continue
		}
		if s.fit = p.fits(o, &s); s.fit > best.fit {
			best = s
		}
	}
	if best.fit < symmetric-0.15 {
		return best, false, nil
	}
	best = p.adjusted(o, best)
	if best.fit < symmetric {
		return best, false, nil
	}
	both, apart, hidden, gained := 0.0, 0.0, 0, 0
	for i := 0; i < len(p.trust); i += 1 + len(p.trust)/8192 {
		v, n := best.reflect(p.fine.mesh.Vertices[i]), best.mirrored(p.normals[i], 0)
		w, c := p.look(v, n, n, strayMirrored*p.size)
		switch {
		case p.trust[i] < 0.2:
			if hidden++; w > 0.3 {
				gained++
			}
		case w > 0.5 && p.trust[i] > 0.5:
			both++
			for k := range 3 {
				apart += math.Abs(float64(c[k]-p.shown[i][k])) / 3
			}
		}
	}
	best.gain = float64(gained) / float64(max(hidden, 1))
	return best, best.gain > worthwhile && apart <= alike*both, nil
}

// adjusted turns and shifts a plane a little for the best fit.
func (p *Painting) adjusted(o *occupancy, s plane) plane {
	turn, shift := math.Pi/96, 0.01*p.size
	for range 5 {
		for _, d := range [][2]float64{{turn, 0}, {-turn, 0}, {0, shift}, {0, -shift}} {
			sin, cos := math.Sincos(d[0])
			t := plane{normal: [3]float64{cos*s.normal[0] - sin*s.normal[2], s.normal[1], sin*s.normal[0] + cos*s.normal[2]}}
			c := p.centre()
			t.offset = s.offset + dot(t.normal, c) - dot(s.normal, c) + d[1]
			if t.fit = p.fits(o, &t); t.fit > s.fit {
				s = t
			}
		}
		turn, shift = turn/2, shift/2
	}
	return s
}

// reflected is the guide that looks at the other side of a plane.
func (p *Painting) reflected(s plane) guide {
	return func(v, normal [3]float32) (rgb, bool) {
		n := s.mirrored(normal, 0)
		w, c := p.look(s.reflect(v), n, n, strayMirrored*p.size)
		return c, w > 0.3
	}
}

// centre is that of the box.
func (p *Painting) centre() (c [3]float64) {
	lo, hi := p.mesh.Bounds()
	for k := range c {
		c[k] = (float64(lo[k]) + float64(hi[k])) / 2
	}
	return c
}

// occupancy tells which cells of a grid hold surface, or are next to one that does.
type occupancy struct {
	origin [3]float64
	cell   float64
	n      int // cells along a side, with a margin
	full   []bool
}

func (p *Painting) occupied() *occupancy {
	lo, _ := p.mesh.Bounds()
	o := &occupancy{cell: p.size / cells, n: cells + 4}
	for k := range o.origin {
		o.origin[k] = float64(lo[k]) - 2*o.cell
	}
	o.full = make([]bool, o.n*o.n*o.n)
	for _, v := range p.fine.mesh.Vertices {
		i := o.index(v)
		if i < 0 {
			continue
		}
		for _, d := range [7]int{0, 1, -1, o.n, -o.n, o.n * o.n, -o.n * o.n} {
			if j := i + d; j >= 0 && j < len(o.full) {
				o.full[j] = true
			}
		}
	}
	return o
}

// index is the cell of a point, negative outside of the grid.
func (o *occupancy) index(v [3]float32) int {
	i := 0
	for k := 2; k >= 0; k-- {
		c := int(math.Floor((float64(v[k]) - o.origin[k]) / o.cell))
		if c < 0 || c >= o.n {
			return -1
		}
		i = i*o.n + c
	}
	return i
}

// fits is the share of the vertices whose mirror image lies in an occupied cell.
func (p *Painting) fits(o *occupancy, s *plane) float64 {
	n, in := 0, 0
	for i := 0; i < len(p.fine.mesh.Vertices); i += 1 + len(p.fine.mesh.Vertices)/4096 {
		n++
		if j := o.index(s.reflect(p.fine.mesh.Vertices[i])); j >= 0 && o.full[j] {
			in++
		}
	}
	return float64(in) / float64(max(n, 1))
}
