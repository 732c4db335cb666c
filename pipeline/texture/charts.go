package texture

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"

	"orfeas/pipeline/mesh"
)

const (
	chartBend = 0.62 // cosine of the angle between a face, evened out, and its chart, which bounds the stretch to 1.6
	chartTilt = 0.25 // the same for the faces as they are: their area shrinks to a quarter at most
	chartMany = 24   // a chart of fewer faces is joined to a neighbour if they allow it
)

// chart is a connected patch of faces that is flattened by looking at it along its mean normal.
type chart struct {
	faces  []uint32
	normal [3]float64 // sum of the faces' normals by area
}

func (c *chart) direction() [3]float64 {
	l := math.Sqrt(dot(c.normal, c.normal))
	if l == 0 {
		return [3]float64{0, 0, 1}
	}
	return [3]float64{c.normal[0] / l, c.normal[1] / l, c.normal[2] / l}
}

// charter divides the faces of a mesh into charts.
type charter struct {
	mesh   *mesh.Mesh
	near   [][3]int32   // the faces beyond the three edges, -1 for none
	normal [][3]float64 // unit
	even   [][3]float64 // the same, evened out over the neighbours, unit
	area   []float64
	chart  []int32 // of every face, -1 for none yet
	charts []chart
}

// chartsOf divides the faces, and returns what lies beyond their edges (see [beyond]). Every face is in one chart, turned
// towards its eye. The only error is that of ctx.
func chartsOf(ctx context.Context, m *mesh.Mesh) (out []chart, near [][3]int32, err error) {
	c := newCharter(m)
	for f := range m.Triangles {
		if f%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
		}
		if c.chart[f] < 0 {
			c.grow(uint32(f))
		}
	}
	c.join()
	for i := range c.charts {
		if len(c.charts[i].faces) > 0 {
			out = append(out, c.charts[i])
		}
	}
	return out, c.near, ctx.Err()
}

func newCharter(m *mesh.Mesh) *charter {
	n := len(m.Triangles)
	c := &charter{mesh: m, near: beyond(m), normal: make([][3]float64, n), area: make([]float64, n), chart: make([]int32, n)}
	for f, t := range m.Triangles {
		o := wide(m.Vertices[t[0]])
		x := cross(sub(wide(m.Vertices[t[1]]), o), sub(wide(m.Vertices[t[2]]), o))
		l := math.Sqrt(dot(x, x))
		c.area[f], c.chart[f] = l/2, -1
		if l > 0 {
			c.normal[f] = [3]float64{x[0] / l, x[1] / l, x[2] / l}
		}
	}
	c.even = slices.Clone(c.normal)
	for range 4 {
		next := make([][3]float64, n)
		for f := range next {
			sum := c.even[f]
			for _, g := range c.near[f] {
				if g >= 0 && dot(c.normal[f], c.normal[g]) > 0.5 { // not across creases
					for k := range sum {
						sum[k] += c.even[g][k]
					}
				}
			}
			if l := math.Sqrt(dot(sum, sum)); l > 0 {
				next[f] = [3]float64{sum[0] / l, sum[1] / l, sum[2] / l}
			}
		}
		c.even = next
	}
	return c
}

// beyond finds for every face the ones beyond its edges, edge k running from corner k. An edge of more than two faces has
// no other side.
func beyond(m *mesh.Mesh) [][3]int32 {
	type half struct {
		to   uint32 // the end with the greater number
		face uint32
		edge uint8
	}
	// The half-edges in the order of their lesser ends.
	start := make([]int32, len(m.Vertices)+1)
	for _, t := range m.Triangles {
		for k, a := range t {
			start[min(a, t[(k+1)%3])+1]++
		}
	}
	for i := range len(m.Vertices) {
		start[i+1] += start[i]
	}
	halves, next := make([]half, 3*len(m.Triangles)), slices.Clone(start)
	for f, t := range m.Triangles {
		for k, a := range t {
			b := t[(k+1)%3]
			from := min(a, b)
			halves[next[from]] = half{max(a, b), uint32(f), uint8(k)}
			next[from]++
		}
	}
	near := make([][3]int32, len(m.Triangles))
	for f := range near {
		near[f] = [3]int32{-1, -1, -1}
	}
	for v := range len(m.Vertices) {
		list := halves[start[v]:start[v+1]]
		slices.SortFunc(list, func(a, b half) int { return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.face, b.face)) })
		for i := 0; i < len(list); {
			j := i + 1
			for j < len(list) && list[j].to == list[i].to {
				j++
			}
			if a, b := list[i], list[j-1]; j == i+2 {
				near[a.face][a.edge], near[b.face][b.edge] = int32(b.face), int32(a.face)
			}
			i = j
		}
	}
	return near
}

// grow makes a chart from a face on, of the faces that turn least from it first.
func (c *charter) grow(seed uint32) {
	id := int32(len(c.charts))
	ch := chart{}
	add := func(f uint32) {
		c.chart[f] = id
		ch.faces = append(ch.faces, f)
		for k := range ch.normal {
			ch.normal[k] += (c.area[f] + 1e-30) * c.even[f][k]
		}
	}
	add(seed)
	var queue candidates
	offer := func(f uint32) {
		d := ch.direction()
		for _, g := range c.near[f] {
			if g >= 0 && c.chart[g] < 0 {
				heap.Push(&queue, candidate{float32(1 - dot(c.even[g], d)), uint32(g)})
			}
		}
	}
	offer(seed)
	for len(queue) > 0 {
		f := heap.Pop(&queue).(candidate).face
		if c.chart[f] >= 0 || !c.suits(f, &ch) {
			continue
		}
		add(f)
		offer(f)
	}
	// The direction has moved since the first faces were taken.
	d := ch.direction()
	kept := ch.faces[:0]
	alone := false
	for _, f := range ch.faces {
		switch {
		case c.area[f] == 0 || dot(c.normal[f], d) >= chartTilt:
			kept = append(kept, f)
		case f == seed: // it must not be tried again
			alone = true
		default:
			c.chart[f] = -1
		}
	}
	ch.faces = kept
	if alone {
		c.chart[seed] = id + 1
		c.charts = append(c.charts, ch, chart{faces: []uint32{seed}, normal: c.normal[seed]})
		return
	}
	c.charts = append(c.charts, ch)
}

func (c *charter) suits(f uint32, ch *chart) bool {
	d := ch.direction()
	return dot(c.even[f], d) > chartBend && (c.area[f] == 0 || dot(c.normal[f], d) > chartTilt)
}

// join gives the faces of small charts to the neighbour that has most of their border, where every face may be.
func (c *charter) join() {
	for i := range c.charts {
		small := &c.charts[i]
		if len(small.faces) == 0 || len(small.faces) >= chartMany {
			continue
		}
		border := map[int32]int{}
		var order []int32
		for _, f := range small.faces {
			for _, g := range c.near[f] {
				if g >= 0 && c.chart[g] != int32(i) {
					if border[c.chart[g]] == 0 {
						order = append(order, c.chart[g])
					}
					border[c.chart[g]]++
				}
			}
		}
		slices.SortStableFunc(order, func(a, b int32) int { return border[b] - border[a] })
		for _, to := range order {
			d := c.charts[to].direction()
			if slices.ContainsFunc(small.faces, func(f uint32) bool { return c.area[f] > 0 && dot(c.normal[f], d) < chartTilt }) {
				continue
			}
			for _, f := range small.faces {
				c.chart[f] = to
			}
			c.charts[to].faces = append(c.charts[to].faces, small.faces...)
			small.faces = nil
			break
		}
	}
}

// candidates is a heap of faces by how far they turn, then by number.
type candidates []candidate

type candidate struct {
	turn float32
	face uint32
}

func (q candidates) Len() int { return len(q) }
func (q candidates) Less(i, j int) bool {
	return q[i].turn < q[j].turn || q[i].turn == q[j].turn && q[i].face < q[j].face
}
func (q candidates) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *candidates) Push(x any)   { *q = append(*q, x.(candidate)) }
func (q *candidates) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
