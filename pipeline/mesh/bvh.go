package mesh

import "math/bits"

// box is an axis-aligned box.
type box struct{ lo, hi [3]float32 }

func (b *box) add(o box) {
	for k := range 3 {
		b.lo[k], b.hi[k] = min(b.lo[k], o.lo[k]), max(b.hi[k], o.hi[k])
	}
}

func (b *box) meets(o *box) bool {
	return b.lo[0] <= o.hi[0] && o.lo[0] <= b.hi[0] &&
		b.lo[1] <= o.hi[1] && o.lo[1] <= b.hi[1] &&
		b.lo[2] <= o.hi[2] && o.lo[2] <= b.hi[2]
}

// bvh is a bounding-volume hierarchy over faces: a complete binary tree over the faces in the order of a space-filling
// curve (Lauterbach et al. 2009), which is quick to build and needs no links.
type bvh struct {
	faces []uint32 // in the order of the curve
	boxes []box    // of the faces, in that order
	nodes []box    // node 1 is the root, 2i and 2i+1 the children of i
	leaf  int      // number of leaves, a power of two; leaf i holds faces[i*n/leaf : (i+1)*n/leaf]
}

const leafFaces = 4

func newBVH(m *Mesh, faces []uint32) *bvh {
	t := &bvh{faces: faces, boxes: make([]box, len(faces)), leaf: 1}
	for t.leaf*leafFaces < len(faces) {
		t.leaf *= 2
	}
	t.nodes = make([]box, 2*t.leaf)
	if len(faces) == 0 {
		return t
	}
	for i, key := range m.alongCurve(faces) {
		t.faces[i] = uint32(key)
	}
	inChunks(len(faces), 8192, func(from, to int) {
		for i := from; i < to; i++ {
			t.boxes[i] = m.faceBox(t.faces[i])
		}
	})
	inChunks(t.leaf, 4096, func(first, end int) {
		for n := t.leaf + first; n < t.leaf+end; n++ {
			from, to := t.span(n)
			t.nodes[n] = t.boxes[min(from, len(t.boxes)-1)]
			for i := from; i < to; i++ {
				t.nodes[n].add(t.boxes[i])
			}
		}
	})
	for n := t.leaf - 1; n > 0; n-- {
		t.nodes[n] = t.nodes[2*n]
		t.nodes[n].add(t.nodes[2*n+1])
	}
	return t
}

// alongCurve returns the faces in the lower halves of its keys, sorted by the place of their middles on a Morton curve.
func (m *Mesh) alongCurve(faces []uint32) []uint64 {
	lo, hi := m.Bounds()
	var scale [3]float32
	for k := range scale {
		scale[k] = 1 / (2 * max(hi[k]-lo[k], 1e-30))
	}
	keys := make([]uint64, len(faces))
	inChunks(len(faces), 8192, func(from, to int) {
		for i := from; i < to; i++ {
			b := m.faceBox(faces[i])
			var code uint64
			for k := range 3 {
				x := (b.lo[k] + b.hi[k] - 2*lo[k]) * scale[k]
				code |= spreadBits(uint32(min(max(x, 0), 1)*1023)) << k
			}
			keys[i] = code<<32 | uint64(faces[i])
		}
	})
	// A radix sort by the upper halves, ten bits a pass; equal ones stay in the order of the faces.
	other := make([]uint64, len(keys))
	for shift := 32; shift < 62; shift += 10 {
		var start [1024]int
		for _, k := range keys {
			start[k>>shift&1023]++
		}
		sum := 0
		for i, n := range start {
			start[i], sum = sum, sum+n
		}
		for _, k := range keys {
			at := &start[k>>shift&1023]
			other[*at] = k
			*at++
		}
		keys, other = other, keys
	}
	return keys
}

func (t *bvh) span(node int) (from, to int) {
	i := node - t.leaf
	return i * len(t.faces) / t.leaf, (i + 1) * len(t.faces) / t.leaf
}

func (m *Mesh) faceBox(f uint32) (out box) {
	t := m.Triangles[f]
	a, b, c := &m.Vertices[t[0]], &m.Vertices[t[1]], &m.Vertices[t[2]]
	for k := range 3 {
		x, y, z := a[k], b[k], c[k]
		if x > y {
			x, y = y, x
		}
		// Comparisons instead of min and max, which take their time over NaN and -0.
		if z < x {
			x = z
		} else if z > y {
			y = z
		}
		out.lo[k], out.hi[k] = x, y
	}
	return out
}

// spreadBits puts two zeros between each of the lowest ten bits.
func spreadBits(x uint32) uint64 {
	v := uint64(x & 0x3ff)
	v = (v | v<<16) & 0x30000ff
	v = (v | v<<8) & 0x300f00f
	v = (v | v<<4) & 0x30c30c3
	return (v | v<<2) & 0x9249249
}

// within calls do with every pair of positions in t.faces below a node whose boxes meet, the smaller first. Like the others
// here it stops when do returns false, and returns that.
func (t *bvh) within(n int, do func(a, b int) bool) bool {
	if n < t.leaf {
		return t.within(2*n, do) && t.within(2*n+1, do) && t.between(2*n, 2*n+1, do)
	}
	from, to := t.span(n)
	for a := from; a < to; a++ {
		for b := a + 1; b < to; b++ {
			if t.boxes[a].meets(&t.boxes[b]) && !do(a, b) {
				return false
			}
		}
	}
	return true
}

// rightOf calls do with every pair of a position below node n and one below the nodes to its right, whose boxes meet.
func (t *bvh) rightOf(n int, do func(a, b int) bool) bool {
	for up := n; up > 1; up /= 2 {
		if up&1 == 0 && !t.between(n, up+1, do) {
			return false
		}
	}
	return true
}

// between calls do with the pairs of a position below l and one below r whose boxes meet. It goes down on both sides at
// once, on the larger one first.
func (t *bvh) between(l, r int, do func(a, b int) bool) bool {
	if !t.nodes[l].meets(&t.nodes[r]) {
		return true
	}
	switch dl, dr := bits.Len(uint(l)), bits.Len(uint(r)); {
	case dr < dl:
		return t.between(l, 2*r, do) && t.between(l, 2*r+1, do)
	case l < t.leaf:
		return t.between(2*l, 2*r, do) && t.between(2*l, 2*r+1, do) &&
			t.between(2*l+1, 2*r, do) && t.between(2*l+1, 2*r+1, do)
	}
	return t.leaves(l, r, do)
}

func (t *bvh) leaves(l, r int, do func(a, b int) bool) bool {
	from, to := t.span(l)
	first, end := t.span(r)
	for b := first; b < end; b++ {
		box := &t.boxes[b]
		if !box.meets(&t.nodes[l]) {
			continue
		}
		for a := from; a < to; a++ {
			if t.boxes[a].meets(box) && !do(a, b) {
				return false
			}
		}
	}
	return true
}
