package mesh

import (
	"slices"
)

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
	lo, hi := m.Bounds()
	codes := make([]uint64, len(faces))
	for i, f := range faces {
		b := m.faceBox(f)
		var code uint64
		for k := range 3 {
			x := (b.lo[k] + b.hi[k] - 2*lo[k]) / (2 * max(hi[k]-lo[k], 1e-30))
			code |= spreadBits(uint32(min(max(x, 0), 1)*1023)) << k
		}
		codes[i] = code<<32 | uint64(f)
	}
	slices.Sort(codes)
	for i, c := range codes {
		t.faces[i] = uint32(c)
		t.boxes[i] = m.faceBox(t.faces[i])
	}
	for t.leaf*leafFaces < len(faces) {
		t.leaf *= 2
	}
	t.nodes = make([]box, 2*t.leaf)
	for n := 2*t.leaf - 1; n > 0; n-- {
		if n < t.leaf {
			t.nodes[n] = t.nodes[2*n]
			t.nodes[n].add(t.nodes[2*n+1])
			continue
		}
		from, to := t.span(n)
		t.nodes[n] = t.boxes[min(from, len(t.boxes)-1)]
		for i := from; i < to; i++ {
			t.nodes[n].add(t.boxes[i])
		}
	}
	return t
}

func (t *bvh) span(node int) (from, to int) {
	i := node - t.leaf
	return i * len(t.faces) / t.leaf, (i + 1) * len(t.faces) / t.leaf
}

func (m *Mesh) faceBox(f uint32) box {
	t := m.Triangles[f]
	b := box{m.Vertices[t[0]], m.Vertices[t[0]]}
	b.add(box{m.Vertices[t[1]], m.Vertices[t[1]]})
	b.add(box{m.Vertices[t[2]], m.Vertices[t[2]]})
	return b
}

// spreadBits puts two zeros between each of the lowest ten bits.
func spreadBits(x uint32) uint64 {
	v := uint64(x & 0x3ff)
	v = (v | v<<16) & 0x30000ff
	v = (v | v<<8) & 0x300f00f
	v = (v | v<<4) & 0x30c30c3
	return (v | v<<2) & 0x9249249
}

// pairs calls do with every pair of positions in t.faces, a < b, whose boxes meet and whose a lies in a leaf of
// [fromLeaf, toLeaf). From each leaf it climbs to the root and goes down into the siblings on the right only, so that no
// pair is met twice and the wide boxes near the root are hardly ever asked.
func (t *bvh) pairs(fromLeaf, toLeaf int, do func(a, b int)) {
	for l := fromLeaf; l < toLeaf; l++ {
		from, to := t.span(t.leaf + l)
		for a := from; a < to; a++ {
			for b := a + 1; b < to; b++ {
				if t.boxes[a].meets(&t.boxes[b]) {
					do(a, b)
				}
			}
		}
		for n := t.leaf + l; n > 1; n /= 2 {
			if n&1 == 0 {
				t.below(n+1, from, to, &t.nodes[t.leaf+l], do)
			}
		}
	}
}

// below calls do for the faces of [from, to), which lie in the box whole, with those under node n.
func (t *bvh) below(n, from, to int, whole *box, do func(a, b int)) {
	if !t.nodes[n].meets(whole) {
		return
	}
	if n < t.leaf {
		t.below(2*n, from, to, whole, do)
		t.below(2*n+1, from, to, whole, do)
		return
	}
	f, e := t.span(n)
	for b := f; b < e; b++ {
		box := &t.boxes[b]
		if !box.meets(whole) {
			continue
		}
		for a := from; a < to; a++ {
			if t.boxes[a].meets(box) {
				do(a, b)
			}
		}
	}
}
