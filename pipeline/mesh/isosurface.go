package mesh

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
)

// ErrGrid is wrapped by [Isosurface] for a grid it cannot work on.
var ErrGrid = errors.New("grid")

// maxGridSide bounds a side of an isosurface grid, so that a layer's memory stays far below a gigabyte.
const maxGridSide = 4096

// Grid is a regular lattice of samples of a scalar field: sample (i,j,k) lies at Origin + Step*(i,j,k).
type Grid struct {
	N      [3]int // samples along x, y, z, at least 2
	Origin [3]float64
	Step   float64
}

// Isosurface extracts the surface on which a scalar field is zero, positive inside, by marching cubes (Lorensen &
// Cline 1987). layer fills one layer of samples, row-major with x fastest, for a given k; it is called from several
// goroutines, and for some layers twice. Values that are not numbers count as outside, and so does everything beyond
// the grid, so the result is closed: it is an outward 2-manifold whatever the field. On an ambiguous cell face inside
// corners are kept apart, by the same rule from both sides, so that there are no cracks.
//
// No more than two layers per goroutine are held; shared vertices are found through arrays beside the layers.
func Isosurface(ctx context.Context, g Grid, layer func(k int, out []float32)) (*Mesh, error) {
	for _, n := range g.N {
		if n < 2 || n > maxGridSide {
			return nil, fmt.Errorf("%w: a side has %d samples, not 2 to %d", ErrGrid, n, maxGridSide)
		}
	}
	// One layer of outside samples all round: cells run from -1 to N.
	cells := g.N[2] + 1
	parts := min(runtime.GOMAXPROCS(0), max(1, cells/8))
	slabs := make([]slab, parts)
	var wait sync.WaitGroup
	for p := range slabs {
		slabs[p] = slab{grid: g, layer: layer, from: p*cells/parts - 1, to: (p+1)*cells/parts - 1}
		wait.Go(func() { slabs[p].run(ctx) })
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return sew(slabs), nil
}

// slab is a run of cell layers [from, to), worked on by one goroutine. The vertices on its lowest sample layer are
// made by this slab and by the one below in the same order, and sewn together afterwards.
type slab struct {
	grid     Grid
	layer    func(int, []float32)
	from, to int

	vertices  [][3]float32
	triangles [][3]uint32
	bottom    int // vertices[:bottom] lie on the lowest sample layer
	top       int // vertices[top:] lie on the highest sample layer

	w, h   int // padded layer size
	values [2][]float32
	inside [2][]bool
	xEdge  [2][]uint32 // vertex on the edge from a sample to its neighbour in +x, per sample layer
	yEdge  [2][]uint32
	zEdge  []uint32
	raw    []float32
}

func (s *slab) run(ctx context.Context) {
	s.w, s.h = s.grid.N[0]+2, s.grid.N[1]+2
	n := s.w * s.h
	for b := range 2 {
		s.values[b], s.inside[b] = make([]float32, n), make([]bool, n)
		s.xEdge[b], s.yEdge[b] = make([]uint32, n), make([]uint32, n)
	}
	s.zEdge, s.raw = make([]uint32, n), make([]float32, s.grid.N[0]*s.grid.N[1])
	s.load(0, s.from)
	s.planeVertices(0, s.from)
	s.bottom = len(s.vertices)
	for k := s.from; k < s.to; k++ {
		if ctx.Err() != nil {
			return
		}
		lo, hi := (k-s.from)&1, (k-s.from+1)&1
		s.load(hi, k+1)
		s.columnVertices(lo, hi, k)
		s.top = len(s.vertices)
		s.planeVertices(hi, k+1)
		s.cells(lo, hi)
	}
}

// load fills buffer b with sample layer k and its frame of outside samples.
func (s *slab) load(b, k int) {
	v, in := s.values[b], s.inside[b]
	for i := range v {
		v[i], in[i] = -1, false
	}
	if k < 0 || k >= s.grid.N[2] {
		return
	}
	nx := s.grid.N[0]
	s.layer(k, s.raw)
	for j := range s.grid.N[1] {
		row := (j+1)*s.w + 1
		for i, f := range s.raw[j*nx : (j+1)*nx] {
			v[row+i], in[row+i] = f, f > 0
			if f != f {
				v[row+i] = -1
			}
		}
	}
}

// crossing is where between an inside and an outside sample the field is zero, kept off the ends so that no triangle
// loses its area.
func crossing(a, b float32) float64 {
	t := float64(a) / (float64(a) - float64(b))
	if math.IsNaN(t) {
		t = 0.5
	}
	return min(max(t, 0.02), 0.98)
}

func (s *slab) vertex(i, j int, k float64, dx, dy float64) uint32 {
	g := s.grid
	s.vertices = append(s.vertices, [3]float32{
		float32(g.Origin[0] + g.Step*(float64(i-1)+dx)),
		float32(g.Origin[1] + g.Step*(float64(j-1)+dy)),
		float32(g.Origin[2] + g.Step*k)})
	return uint32(len(s.vertices) - 1)
}

func (s *slab) planeVertices(b, k int) {
	v, in := s.values[b], s.inside[b]
	for j := range s.h - 1 {
		for i := range s.w - 1 {
			p := j*s.w + i
			if in[p] != in[p+1] {
				s.xEdge[b][p] = s.vertex(i, j, float64(k), crossing(v[p], v[p+1]), 0)
			}
			if in[p] != in[p+s.w] {
				s.yEdge[b][p] = s.vertex(i, j, float64(k), 0, crossing(v[p], v[p+s.w]))
			}
		}
	}
}

func (s *slab) columnVertices(lo, hi, k int) {
	a, b := s.values[lo], s.values[hi]
	for j := range s.h {
		for i := range s.w {
			if p := j*s.w + i; s.inside[lo][p] != s.inside[hi][p] {
				s.zEdge[p] = s.vertex(i, j, float64(k)+crossing(a[p], b[p]), 0, 0)
			}
		}
	}
}

func (s *slab) cells(lo, hi int) {
	a, b := s.inside[lo], s.inside[hi]
	for j := range s.h - 1 {
		for i := range s.w - 1 {
			p := j*s.w + i
			q := p + s.w
			c := bit(a[p], 0) | bit(a[p+1], 1) | bit(a[q], 2) | bit(a[q+1], 3) |
				bit(b[p], 4) | bit(b[p+1], 5) | bit(b[q], 6) | bit(b[q+1], 7)
			if c == 0 || c == 255 {
				continue
			}
			edges := [12]uint32{
				s.xEdge[lo][p], s.xEdge[lo][q], s.xEdge[hi][p], s.xEdge[hi][q],
				s.yEdge[lo][p], s.yEdge[lo][p+1], s.yEdge[hi][p], s.yEdge[hi][p+1],
				s.zEdge[p], s.zEdge[p+1], s.zEdge[q], s.zEdge[q+1],
			}
			for _, t := range cubes[c] {
				s.triangles = append(s.triangles, [3]uint32{edges[t[0]], edges[t[1]], edges[t[2]]})
			}
		}
	}
}

func bit(on bool, n int) int {
	if on {
		return 1 << n
	}
	return 0
}

// sew joins the slabs: the bottom vertices of each are the top ones of the slab below.
func sew(slabs []slab) *Mesh {
	nv, nt := 0, 0
	for _, s := range slabs {
		nv, nt = nv+len(s.vertices), nt+len(s.triangles)
	}
	m := &Mesh{Vertices: make([][3]float32, 0, nv), Triangles: make([][3]uint32, 0, nt)}
	below := 0 // where the top vertices of the slab below begin
	for i, s := range slabs {
		skip := 0
		if i > 0 {
			skip = s.bottom
		}
		base := len(m.Vertices) - skip
		m.Vertices = append(m.Vertices, s.vertices[skip:]...)
		for _, t := range s.triangles {
			for c, v := range t {
				if int(v) < skip {
					t[c] = uint32(below + int(v))
				} else {
					t[c] = uint32(base + int(v))
				}
			}
			m.Triangles = append(m.Triangles, t)
		}
		below = base + s.top
	}
	return m
}
