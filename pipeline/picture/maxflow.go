package picture

import "context"

// gridCut finds minimum cuts on a grid of w x h nodes joined to their eight neighbours, by the augmenting-path algorithm
// of Boykov and Kolmogorov (2004): two search trees grow from source and sink, and are mended, not rebuilt, after each
// augmentation.
type gridCut struct {
	w, h     int
	terminal []float32    // residual capacity to the source (positive) or the sink (negative)
	links    [8][]float32 // residual capacity to each neighbour
	step     [8]int
	tree     []int8 // +1 source tree, -1 sink tree, 0 free
	parent   []int8 // link to the parent; rootLink, orphanLink or noLink
	active   []int32
	queued   []bool
	orphans  []int32
}

const (
	rootLink   = -1
	orphanLink = -2
	noLink     = -3
)

// linkOffsets come in opposite pairs: k^1 is the way back of k.
var linkOffsets = [8][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, -1}, {1, -1}, {-1, 1}}

func newGridCut(w, h int) *gridCut {
	g := &gridCut{w: w, h: h, terminal: make([]float32, w*h), tree: make([]int8, w*h), parent: make([]int8, w*h), queued: make([]bool, w*h)}
	for k, o := range linkOffsets {
		g.links[k] = make([]float32, w*h)
		g.step[k] = o[1]*w + o[0]
	}
	return g
}

// solve cuts the graph; afterwards tree is +1 on the source's side.
func (g *gridCut) solve(ctx context.Context) error {
	g.active = g.active[:0]
	for p, c := range g.terminal {
		g.tree[p], g.parent[p], g.queued[p] = 0, noLink, false
		if c != 0 {
			g.tree[p], g.parent[p] = 1, rootLink
			if c < 0 {
				g.tree[p] = -1
			}
			g.push(int32(p))
		}
	}
	for rounds := 0; len(g.active) > 0; rounds++ {
		if rounds&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		p := g.active[0]
		if g.tree[p] == 0 || !g.grow(p) {
			g.active = g.active[1:]
			g.queued[p] = false
		}
	}
	return nil
}

func (g *gridCut) push(p int32) {
	if !g.queued[p] {
		g.queued[p] = true
		g.active = append(g.active, p)
	}
}

// residual is the capacity left from the source's side of link k at p to the sink's side.
func (g *gridCut) residual(p int32, k int, tree int8) float32 {
	if tree > 0 {
		return g.links[k][p]
	}
	return g.links[k^1][int(p)+g.step[k]]
}

// grow takes free neighbours into p's tree; it augments and returns true when it meets the other tree.
func (g *gridCut) grow(p int32) bool {
	for k := range 8 {
		// Links over the grid's edge have no capacity, and so are never followed; but the way back must not be read there.
		if !g.has(p, k) || g.residual(p, k, g.tree[p]) <= 0 {
			continue
		}
		q := p + int32(g.step[k])
		switch g.tree[q] {
		case 0:
			g.tree[q], g.parent[q] = g.tree[p], int8(k^1)
			g.push(q)
		case -g.tree[p]:
			if g.tree[p] > 0 {
				g.augment(p, k)
			} else {
				g.augment(q, k^1)
			}
			return true
		}
	}
	return false
}

func (g *gridCut) has(p int32, k int) bool {
	x, y := int(p)%g.w+linkOffsets[k][0], int(p)/g.w+linkOffsets[k][1]
	return x >= 0 && y >= 0 && x < g.w && y < g.h
}

// augment sends what fits along the path root - s - link k - sink.
func (g *gridCut) augment(s int32, k int) {
	t := s + int32(g.step[k])
	flow := g.links[k][s]
	p := s
	for ; g.parent[p] != rootLink; p += int32(g.step[g.parent[p]]) {
		up := int(g.parent[p])
		flow = min(flow, g.links[up^1][p+int32(g.step[up])])
	}
	flow = min(flow, g.terminal[p])
	for p = t; g.parent[p] != rootLink; p += int32(g.step[g.parent[p]]) {
		flow = min(flow, g.links[g.parent[p]][p])
	}
	flow = min(flow, -g.terminal[p])

	g.links[k][s] -= flow
	g.links[k^1][t] += flow
	for p = s; g.parent[p] != rootLink; {
		up := int(g.parent[p])
		q := p + int32(g.step[up])
		g.links[up][p] += flow
		g.links[up^1][q] -= flow
		if g.links[up^1][q] <= 0 {
			g.orphan(p)
		}
		p = q
	}
	if g.terminal[p] -= flow; g.terminal[p] <= 0 {
		g.orphan(p)
	}
	for p = t; g.parent[p] != rootLink; {
		up := int(g.parent[p])
		q := p + int32(g.step[up])
		g.links[up^1][q] += flow
		g.links[up][p] -= flow
		if g.links[up][p] <= 0 {
			g.orphan(p)
		}
		p = q
	}
	if g.terminal[p] += flow; g.terminal[p] >= 0 {
		g.orphan(p)
	}
	g.adopt()
}

// orphan cuts p off its parent; the path is still walked by augment, so the parent is only replaced by adopt.
func (g *gridCut) orphan(p int32) { g.orphans = append(g.orphans, p) }

// adopt finds new parents for the orphans, or frees them.
func (g *gridCut) adopt() {
	for _, p := range g.orphans {
		g.parent[p] = orphanLink
	}
	for len(g.orphans) > 0 {
		p := g.orphans[len(g.orphans)-1]
		g.orphans = g.orphans[:len(g.orphans)-1]
		if g.parent[p] != orphanLink || g.foster(p) {
			continue
		}
		for k := range 8 {
			if !g.has(p, k) {
				continue
			}
			q := p + int32(g.step[k])
			if g.tree[q] != g.tree[p] {
				continue
			}
			if g.residual(q, k^1, g.tree[p]) > 0 {
				g.push(q)
			}
			if g.parent[q] == int8(k^1) {
				g.parent[q] = orphanLink
				g.orphans = append(g.orphans, q)
			}
		}
		g.tree[p], g.parent[p] = 0, noLink
	}
}

// foster looks for a neighbour in the same tree, with capacity left and a way to the root.
func (g *gridCut) foster(p int32) bool {
	for k := range 8 {
		if !g.has(p, k) {
			continue
		}
		q := p + int32(g.step[k])
		if g.tree[q] == g.tree[p] && g.residual(q, k^1, g.tree[p]) > 0 && g.rooted(q) {
			g.parent[p] = int8(k)
			return true
		}
	}
	return false
}

func (g *gridCut) rooted(p int32) bool {
	for g.parent[p] >= 0 {
		p += int32(g.step[g.parent[p]])
	}
	return g.parent[p] == rootLink
}
