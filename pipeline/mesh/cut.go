package mesh

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrOpen is wrapped by operations that need a closed, oriented mesh.
var ErrOpen = errors.New("the mesh is not a closed surface")

// ErrCut is wrapped by [Mesh.CutBelow] where there is nothing to cut, nothing would be left, or the cut cannot be closed.
var ErrCut = errors.New("the cut cannot be made")

// CutBelow takes off what lies below a height, in the mesh's units, and closes the cut with a flat base. The mesh must be
// closed, oriented and without crossings, and stays so. Where the cut would run through vertices it
// is made between those next above, higher by a ten-thousandth of the size at most.
func (m *Mesh) CutBelow(z float64) (*Mesh, error) {
	if r := m.Check(); !r.Closed || !r.Oriented || !r.Manifold {
		return nil, fmt.Errorf("cut the base: %w", ErrOpen)
	}
	lo, hi := m.Bounds()
	if !(z > float64(lo[2]) && z < float64(hi[2])) {
		return nil, fmt.Errorf("cut the base: %w: the mesh reaches from %.4g to %.4g, not to both sides of %.4g", ErrCut, lo[2], hi[2], z)
	}
	size := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2])
	c := &cutter{mesh: m, height: m.clearHeight(float32(z), size*1e-5), places: map[uint64]uint32{}, next: map[uint32]uint32{},
		out: &Mesh{Vertices: append([][3]float32(nil), m.Vertices...), Colors: append([][4]uint8(nil), m.Colors...)}}
	for _, t := range m.Triangles {
		c.face(t)
	}
	if len(c.out.Triangles) == 0 {
		return nil, fmt.Errorf("cut the base: %w: nothing is left", ErrCut)
	}
	points := make([][2]float64, len(c.out.Vertices))
	for i, v := range c.out.Vertices {
		points[i] = [2]float64{float64(v[1]), float64(v[0])} // seen from below
	}
	base, ok := triangulated(points, c.loops())
	if !ok {
		return nil, fmt.Errorf("cut the base: %w at %.4g: the outline there is too tangled", ErrCut, z)
	}
	c.out.Triangles = append(c.out.Triangles, base...)
	return c.out.Compact(), nil
}

// clearHeight is z, or where a vertex is nearer to it than gap the middle of the widest stretch without one among the
// ten gaps above.
func (m *Mesh) clearHeight(z, gap float32) float32 {
	_, hi := m.Bounds()
	top := min(z+10*gap, hi[2])
	clear := true
	above := []float32{z, top}
	for _, v := range m.Vertices {
		clear = clear && (v[2] <= z-gap || v[2] >= z+gap)
		if v[2] > z && v[2] < top {
			above = append(above, v[2])
		}
	}
	if clear {
		return z
	}
	slices.Sort(above)
	best := 1
	for i := range above[1:] {
		if above[i+1]-above[i] > above[best]-above[best-1] {
			best = i + 1
		}
	}
	return above[best-1] + (above[best]-above[best-1])/2
}

type cutter struct {
	mesh   *Mesh
	out    *Mesh
	height float32
	places map[uint64]uint32 // the vertex on each edge that is cut
	next   map[uint32]uint32 // round the base
	starts []uint32          // keys of next, in the order they came
}

// face adds what is left of a face.
func (c *cutter) face(t [3]uint32) {
	above := func(v uint32) bool { return c.mesh.Vertices[v][2] > c.height }
	n := 0
	for _, v := range t {
		if above(v) {
			n++
		}
	}
	switch n {
	case 3:
		c.out.Triangles = append(c.out.Triangles, t)
	case 1, 2:
		// Turned so that the corner alone on its side comes first.
		for above(t[0]) != (n == 1) || above(t[1]) == above(t[0]) || above(t[2]) == above(t[0]) {
			t = [3]uint32{t[1], t[2], t[0]}
		}
		a, b := c.place(t[0], t[1]), c.place(t[0], t[2])
		if n == 1 {
			c.out.Triangles = append(c.out.Triangles, [3]uint32{t[0], a, b})
			c.link(b, a)
			return
		}
		c.out.Triangles = append(c.out.Triangles, [3]uint32{a, t[1], t[2]}, [3]uint32{a, t[2], b})
		c.link(a, b)
	}
}

func (c *cutter) link(from, to uint32) {
	c.next[from] = to
	c.starts = append(c.starts, from)
}

// place is the vertex where an edge meets the base, one for both faces.
func (c *cutter) place(u, v uint32) uint32 {
	u, v = min(u, v), max(u, v)
	key := uint64(u)<<32 | uint64(v)
	if at, ok := c.places[key]; ok {
		return at
	}
	a, b := wide(c.mesh.Vertices[u]), wide(c.mesh.Vertices[v])
	s := (float64(c.height) - a[2]) / (b[2] - a[2])
	p := narrow([3]float64{a[0] + s*(b[0]-a[0]), a[1] + s*(b[1]-a[1]), 0})
	p[2] = c.height
	at := uint32(len(c.out.Vertices))
	c.out.Vertices = append(c.out.Vertices, p)
	if c.mesh.Colors != nil {
		var color [4]uint8
		for k := range color {
			x, y := float64(c.mesh.Colors[u][k]), float64(c.mesh.Colors[v][k])
			color[k] = uint8(math.Round(x + s*(y-x)))
		}
		c.out.Colors = append(c.out.Colors, color)
	}
	c.places[key] = at
	return at
}

func (c *cutter) loops() (loops [][]uint32) {
	done := map[uint32]bool{}
	for _, first := range c.starts {
		var loop []uint32
		for v := first; !done[v]; v = c.next[v] {
			done[v] = true
			loop = append(loop, v)
		}
		if len(loop) > 2 {
			loops = append(loops, loop)
		}
	}
	return loops
}
