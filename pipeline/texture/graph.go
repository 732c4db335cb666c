package texture

import (
	"context"
	"math"
)

// graph is a weighted graph over nodes in compressed rows: to[start[i]:start[i+1]] are the neighbours of i.
type graph struct {
	start, to []int32
	weight    []float32
}

// edges returns the graph of a mesh's vertices, an edge as heavy as it has triangles.
func edges(vertices int, triangles [][3]uint32) *graph {
	start := make([]int32, vertices+1)
	for _, t := range triangles {
		for _, v := range t {
			start[v+1] += 2
		}
	}
	for i := range vertices {
		start[i+1] += start[i]
	}
	to := make([]int32, start[vertices])
	next := append([]int32(nil), start...)
	for _, t := range triangles {
		for k, v := range t {
			to[next[v]], to[next[v]+1] = int32(t[(k+1)%3]), int32(t[(k+2)%3])
			next[v] += 2
		}
	}
	ones := make([]float32, len(to))
	for i := range ones {
		ones[i] = 1
	}
	itself := make([]int32, vertices)
	for i := range itself {
		itself[i] = int32(i)
	}
	return (&graph{start, to, ones}).joined(itself, vertices)
}

// joined is the graph of n groups of nodes; edges between two groups become one with their weights, those within go.
func (g *graph) joined(group []int32, n int) *graph {
	first, next := make([]int32, n), make([]int32, len(group)) // lists of the nodes of each group, by their number
	for i := range first {
		first[i] = -1
	}
	for i := len(group) - 1; i >= 0; i-- {
		next[i] = first[group[i]]
		first[group[i]] = int32(i)
	}
	out := &graph{start: make([]int32, 1, n+1)}
	slot := make([]int32, n) // 1 + where the edge from this group to that one is
	for a := range int32(n) {
		from := int32(len(out.to))
		for i := first[a]; i >= 0; i = next[i] {
			for e := g.start[i]; e < g.start[i+1]; e++ {
				b := group[g.to[e]]
				if b == a {
					continue
				}
				if slot[b] <= from {
					out.to, out.weight = append(out.to, b), append(out.weight, 0)
					slot[b] = int32(len(out.to))
				}
				out.weight[slot[b]-1] += g.weight[e]
			}
		}
		out.start = append(out.start, int32(len(out.to)))
	}
	return out
}

// groups puts every node that is left together with its neighbours that are left and of its kind, in the order of their
// numbers.
func (g *graph) groups(kind []uint8) (group []int32, n int) {
	group = make([]int32, len(g.start)-1)
	for i := range group {
		group[i] = -1
	}
	for i := range group {
		if group[i] >= 0 {
			continue
		}
		near := g.to[g.start[i]:g.start[i+1]]
		at := int32(n)
		free, full := 0, int32(-1)
		for _, j := range near {
			switch {
			case kind[j] != kind[i]:
			case group[j] < 0:
				free++
			case full < 0:
				full = group[j]
			}
		}
		if free == 0 && full >= 0 { // rather than a group of one
			group[i] = full
			continue
		}
		n++
		group[i] = at
		for _, j := range near {
			if group[j] < 0 && kind[j] == kind[i] {
				group[j] = at
			}
		}
	}
	return group, n
}

// rgb is a colour, or a difference of two, in sRGB from 0 to 255.
type rgb [3]float32

// problem asks for the colours u that make the sum of weight·(u_i-u_j)² over the edges plus that of pull·u² - 2·toward·u
// over the nodes the least: a screened Poisson equation on the graph.
type problem struct {
	graph  *graph
	kind   []uint8 // u may jump between nodes of different kinds; coarser levels keep them apart
	pull   []float32
	toward []rgb
}

// solve works from coarse to fine: groups of neighbours are solved for first, and each level corrects what the coarser
// one says by conjugate gradients (cascadic, Bornemann and Deuflhard 1996). What is left is an error of long waves, which
// the eye does not see in a filling. The only error is that of ctx.
func (p *problem) solve(ctx context.Context) ([]rgb, error) {
	const coarsest, rounds = 200, 24
	n := len(p.pull)
	if n <= coarsest {
		return p.conjugate(ctx, make([]rgb, n), 2*n+8)
	}
	group, m := p.graph.groups(p.kind)
	if m > n*9/10 { // next to no edges
		return p.conjugate(ctx, make([]rgb, n), rounds)
	}
	coarse := &problem{p.graph.joined(group, m), make([]uint8, m), make([]float32, m), make([]rgb, m)}
	for i, g := range group {
		coarse.kind[g] = p.kind[i]
		coarse.pull[g] += p.pull[i]
		for k := range 3 {
			coarse.toward[g][k] += p.toward[i][k]
		}
	}
	rough, err := coarse.solve(ctx)
	if err != nil {
		return nil, err
	}
	u := make([]rgb, n)
	for i, g := range group {
		u[i] = rough[g]
	}
	more := 1
	for s := n; s < 100_000; s *= 4 {
		more++
	}
	return p.conjugate(ctx, u, rounds*more)
}

// conjugate improves u by so many steps of conjugate gradients, with the diagonal as the preconditioner, the three
// channels side by side.
func (p *problem) conjugate(ctx context.Context, u []rgb, rounds int) ([]rgb, error) {
	n := len(u)
	diagonal := make([]float32, n)
	for i := range diagonal {
		sum := p.pull[i]
		for e := p.graph.start[i]; e < p.graph.start[i+1]; e++ {
			sum += p.graph.weight[e]
		}
		diagonal[i] = max(sum, 1e-12)
	}
	r, d, q := make([]rgb, n), make([]rgb, n), make([]rgb, n)
	rho, err := sums(ctx, n, func(from, to int) (sum [3]float64) {
		p.times(r, u, diagonal, from, to)
		for i := from; i < to; i++ {
			for k := range 3 {
				r[i][k] = p.toward[i][k] - r[i][k]
				d[i][k] = r[i][k] / diagonal[i]
				sum[k] += float64(r[i][k]) * float64(d[i][k])
			}
		}
		return sum
	})
	start := rho
	for range rounds {
		if err != nil {
			return nil, err
		}
		if rho[0] <= 1e-8*start[0] && rho[1] <= 1e-8*start[1] && rho[2] <= 1e-8*start[2] {
			break
		}
		var along, next [3]float64
		along, err = sums(ctx, n, func(from, to int) (sum [3]float64) {
			p.times(q, d, diagonal, from, to)
			for i := from; i < to; i++ {
				for k := range 3 {
					sum[k] += float64(d[i][k]) * float64(q[i][k])
				}
			}
			return sum
		})
		var alpha, beta rgb
		for k := range 3 {
			if along[k] > 0 {
				alpha[k] = float32(rho[k] / along[k])
			}
		}
		if err == nil {
			next, err = sums(ctx, n, func(from, to int) (sum [3]float64) {
				for i := from; i < to; i++ {
					for k := range 3 {
						u[i][k] += alpha[k] * d[i][k]
						r[i][k] -= alpha[k] * q[i][k]
						sum[k] += float64(r[i][k]) * float64(r[i][k]) / float64(diagonal[i])
					}
				}
				return sum
			})
		}
		for k := range 3 {
			if rho[k] > 0 {
				beta[k] = float32(next[k] / rho[k])
			}
		}
		rho = next
		if err == nil {
			err = each(ctx, n, func(from, to int) {
				for i := from; i < to; i++ {
					for k := range 3 {
						d[i][k] = r[i][k]/diagonal[i] + beta[k]*d[i][k]
					}
				}
			})
		}
	}
	return u, err
}

// times gives out the rows from..to-1 of the matrix times u.
func (p *problem) times(out, u []rgb, diagonal []float32, from, to int) {
	start, next, weight := p.graph.start, p.graph.to, p.graph.weight
	for i := from; i < to; i++ {
		a, b, c := diagonal[i]*u[i][0], diagonal[i]*u[i][1], diagonal[i]*u[i][2]
		near := next[start[i]:start[i+1]]
		heavy := weight[start[i]:start[i+1]][:len(near)]
		for e, j := range near {
			w, v := heavy[e], &u[j]
			a -= w * v[0]
			b -= w * v[1]
			c -= w * v[2]
		}
		out[i] = rgb{a, b, c}
	}
}

// sums adds up three numbers over 0..n-1, by chunks.
func sums(ctx context.Context, n int, add func(from, to int) [3]float64) (total [3]float64, err error) {
	parts := make([][3]float64, (n+chunk-1)/chunk)
	err = each(ctx, n, func(from, to int) { parts[from/chunk] = add(from, to) })
	for _, part := range parts {
		for k := range total {
			total[k] += part[k]
		}
	}
	if math.IsNaN(total[0] + total[1] + total[2]) {
		total = [3]float64{}
	}
	return total, err
}
