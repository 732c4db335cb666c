package mesh

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// Check looks the mesh over for what a slicer needs. It never fails: a mesh with broken indices or coordinates gets
// Invalid counts, and those faces are left out of the rest.
func (m *Mesh) Check() Report {
	r, _ := m.check(context.Background())
	return r
}

// check returns a tree of all faces with an area too; nil when the mesh is invalid. Once ctx is done crossings are no longer
// counted to the end.
func (m *Mesh) check(ctx context.Context) (Report, *bvh) {
	r := Report{Vertices: len(m.Vertices), Triangles: len(m.Triangles)}
	c := &checker{mesh: m, usable: m.usable(&r)}
	var tree *bvh
	var crossings int
	repeated := c.repeated()
	var wait sync.WaitGroup
	if r.Invalid == 0 {
		wait.Go(func() {
			tree = newBVH(m, m.facesWithArea())
			once := tree
			if len(repeated) > 0 { // they are counted already, and a thousand in one place would make half a million pairs
				once = newBVH(m, slices.DeleteFunc(m.facesWithArea(), func(f uint32) bool {
					_, found := slices.BinarySearch(repeated, f)
					return found
				}))
			}
			crossings = m.crossings(ctx, once, maxCrossings, func(_, _ uint32) {})
		})
	}
	edges := m.halfEdges(func(f int) bool { return c.usable[f] })
	c.edges(&r, edges)
	c.vertices(&r, edges)
	c.parts(&r)
	r.Duplicates = len(repeated)
	wait.Wait()
	r.SelfIntersections = crossings
	r.Closed = r.OpenEdges == 0 && r.Invalid == 0 && r.Triangles > 0
	r.Manifold = r.ManifoldFaults == 0 && r.Invalid == 0
	r.Oriented = r.FlippedEdges == 0
	r.Outward = r.Closed && r.Oriented && !c.inverted(&r, tree)
	r.Genus = -1
	if r.Closed && r.Manifold && r.Degenerate == 0 {
		r.Genus = r.Components - r.Euler/2 // 2 - 2g for each component
	}
	if r.Invalid == 0 {
		r.Min, r.Max = m.Bounds()
		r.Volume, r.Area = m.Volume(), m.Area()
	}
	return r, tree
}

// usable marks the faces whose three corners exist, are finite and differ, and counts the others.
func (m *Mesh) usable(r *Report) []bool {
	bad := make([]bool, len(m.Vertices))
	for i, v := range m.Vertices {
		for _, x := range v {
			if x-x != 0 { // NaN and the infinities
				bad[i] = true
			}
		}
		if bad[i] {
			r.Invalid++
		}
	}
	out := make([]bool, len(m.Triangles))
	var invalid, degenerate atomic.Int64
	inChunks(len(m.Triangles), 1<<14, func(from, to int) {
		outside, flat := 0, 0
		for f, t := range m.Triangles[from:to] {
			n := uint32(len(m.Vertices))
			if t[0] >= n || t[1] >= n || t[2] >= n {
				outside++
				continue
			}
			if bad[t[0]] || bad[t[1]] || bad[t[2]] {
				continue
			}
			if t[0] == t[1] || t[1] == t[2] || t[2] == t[0] {
				flat++
				continue
			}
			if m.faceCross(t) == [3]float64{} {
				flat++ // still takes part in the connectivity
			}
			out[from+f] = true
		}
		invalid.Add(int64(outside))
		degenerate.Add(int64(flat))
	})
	r.Invalid += int(invalid.Load())
	r.Degenerate += int(degenerate.Load())
	return out
}

type checker struct {
	mesh   *Mesh
	usable []bool
	part   sets      // over faces, joined across edges
	volume []float64 // per root face, signed
}

func (c *checker) edges(r *Report, edges []halfEdge) {
	c.part = newSets(len(c.mesh.Triangles))
	n := 0
	runs(edges, func(e []halfEdge) {
		n++
		switch {
		case len(e) == 1:
			r.OpenEdges++
		case len(e) > 2:
			r.ManifoldFaults++
		case e[0].back == e[1].back:
			r.FlippedEdges++
		}
		for _, o := range e[1:] {
			c.part.join(e[0].face, o.face)
		}
	})
	r.Euler -= n
}

// vertices counts those whose faces form more than one fan: a corner of a face is joined with the corners of the next
// face round the same vertex across their shared edge; a vertex with two groups of corners is a fault.
func (c *checker) vertices(r *Report, edges []halfEdge) {
	m := c.mesh
	corner := newSets(3 * len(m.Triangles))
	of := func(face, v uint32) uint32 {
		t := m.Triangles[face]
		for i, u := range t {
			if u == v {
				return 3*face + uint32(i)
			}
		}
		return 3 * face
	}
	runs(edges, func(e []halfEdge) {
		if len(e) != 2 {
			return
		}
		a, b := uint32(e[0].key>>32), uint32(e[0].key)
		corner.join(of(e[0].face, a), of(e[1].face, a))
		corner.join(of(e[0].face, b), of(e[1].face, b))
	})
	fans := make([]uint8, len(m.Vertices))
	for f, t := range m.Triangles {
		if !c.usable[f] {
			continue
		}
		r.Euler++
		for i, v := range t {
			if id := uint32(3*f + i); corner.root(id) == id && fans[v] < 2 {
				fans[v]++
			}
		}
	}
	for _, n := range fans {
		if n > 0 {
			r.Euler++
		}
		if n > 1 {
			r.ManifoldFaults++
		}
	}
}

// parts counts the components and sums their signed volumes.
func (c *checker) parts(r *Report) {
	m := c.mesh
	c.volume = make([]float64, len(m.Triangles))
	for f, t := range m.Triangles {
		if !c.usable[f] {
			continue
		}
		root := c.part.root(uint32(f))
		if root == uint32(f) {
			r.Components++
		}
		c.volume[root] += dot(wide(m.Vertices[t[0]]), cross(wide(m.Vertices[t[1]]), wide(m.Vertices[t[2]])))
	}
}

// inverted reports whether a component of a closed mesh is inside out: one with a negative volume that is not a cavity,
// which is one that the others surround.
func (c *checker) inverted(r *Report, tree *bvh) bool {
	var hollow []uint32 // the first faces of the components with a negative volume
	for f := range uint32(len(c.mesh.Triangles)) {
		if c.usable[f] && c.part.root(f) == f && c.volume[f] < 0 {
			hollow = append(hollow, f)
		}
	}
	if len(hollow) == 0 || len(hollow) == r.Components {
		return len(hollow) > 0
	}
	for _, f := range hollow {
		p := c.mesh.Vertices[c.mesh.Triangles[f][0]]
		if tree.winding(c.mesh, p, func(g uint32) bool { return c.part.root(g) != f }) <= 0 {
			return true
		}
	}
	return false
}

// repeated lists the faces whose three corners are those of an earlier one, in order.
func (c *checker) repeated() (later []uint32) {
	type key struct{ mid, hi, face uint32 }
	m := c.mesh
	// Faces that share all corners share the smallest; few do, so each bucket is short.
	start := make([]uint32, len(m.Vertices)+1)
	for f, t := range m.Triangles {
		if c.usable[f] {
			start[min(t[0], t[1], t[2])+1]++
		}
	}
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	keys := make([]key, start[len(start)-1])
	next := slices.Clone(start)
	for f, t := range m.Triangles {
		if c.usable[f] {
			s := t
			slices.Sort(s[:])
			keys[next[s[0]]] = key{s[1], s[2], uint32(f)}
			next[s[0]]++
		}
	}
	for v := range m.Vertices {
		bucket := keys[start[v]:start[v+1]]
		slices.SortFunc(bucket, func(a, b key) int {
			return cmp.Or(cmp.Compare(a.mid, b.mid), cmp.Compare(a.hi, b.hi), cmp.Compare(a.face, b.face))
		})
		for i := 1; i < len(bucket); i++ {
			if bucket[i].mid == bucket[i-1].mid && bucket[i].hi == bucket[i-1].hi {
				later = append(later, bucket[i].face)
			}
		}
	}
	slices.Sort(later)
	return later
}
