package mesh

import (
	"math"
	"math/bits"
	"slices"
)

// Weld merges the vertices at the very same position (-0 is 0), as an STL needs, whose faces share nothing; the first
// of them stays, with its colour. Faces that have a repeated corner then, an index out of range, or the corners of an
// earlier face in any order are dropped. Faces without area whose corners differ stay, for without them the mesh would
// have a slit. Vertices keep the order of their first appearance; those no face uses go.
func (m *Mesh) Weld() *Mesh {
	places := newTriples(len(m.Vertices))
	first := make([]uint32, len(m.Vertices))
	for i, p := range m.Vertices {
		var key [3]uint32
		for k, x := range p {
			key[k] = math.Float32bits(x + 0) // -0 + 0 is 0
		}
		id, fresh := places.add(key)
		if fresh {
			places.keep = append(places.keep, uint32(i))
		}
		first[i] = places.keep[id]
	}
	out := &Mesh{Vertices: m.Vertices, Colors: m.Colors, Triangles: make([][3]uint32, 0, len(m.Triangles))}
	faces := newTriples(len(m.Triangles))
	for _, t := range m.Triangles {
		if !m.cornersDiffer(t) {
			continue
		}
		t = [3]uint32{first[t[0]], first[t[1]], first[t[2]]}
		if !m.cornersDiffer(t) {
			continue
		}
		key := t
		slices.Sort(key[:])
		if _, fresh := faces.add(key); fresh {
			out.Triangles = append(out.Triangles, t)
		}
	}
	return out.Compact()
}

// triples numbers distinct triples in the order they come: a hash table with linear probing, never more than half full,
// because a map of a million entries takes several times as long.
type triples struct {
	keys  [][3]uint32
	slots []uint32 // 1 + index into keys, 0 when empty
	keep  []uint32 // what the caller remembers for each key
}

func newTriples(n int) *triples {
	return &triples{slots: make([]uint32, 1<<bits.Len(uint(2*n+1)))}
}

// add returns the number of key and whether it is new. There must be no more keys than newTriples was told.
func (t *triples) add(key [3]uint32) (id uint32, fresh bool) {
	h := uint64(key[0])*0x9e3779b97f4a7c15 ^ uint64(key[1])*0xc2b2ae3d27d4eb4f ^ uint64(key[2])*0x165667b19e3779f9
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	h ^= h >> 32
	for mask := uint64(len(t.slots) - 1); ; h++ {
		switch s := t.slots[h&mask]; {
		case s == 0:
			t.keys = append(t.keys, key)
			t.slots[h&mask] = uint32(len(t.keys))
			return uint32(len(t.keys) - 1), true
		case t.keys[s-1] == key:
			return s - 1, false
		}
	}
}
