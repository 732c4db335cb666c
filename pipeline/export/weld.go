package export

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"orfeas/pipeline/mesh"
)

// welder rebuilds the shared vertices of a format that repeats every corner: equal coordinates are one vertex, numbered
// in order of first use. It is a table of vertex numbers with linear probing, because a Go map of coordinates takes
// most of the time and the memory of reading an STL.
type welder struct {
	vertices  [][3]float32
	triangles [][3]uint32
	slots     []uint32  // vertex number + 1, 0 for an empty slot; a power of two of them
	seed      [2]uint64 // random, so that nobody can make a file of coordinates that collide; no result depends on it
}

// newWelder returns a welder with room for the vertices of a closed mesh of so many faces. It grows when there are more.
func newWelder(faces int) *welder {
	return &welder{
		vertices:  make([][3]float32, 0, faces/2+3),
		triangles: make([][3]uint32, 0, faces),
		slots:     make([]uint32, 1<<bits.Len(uint(faces)+8)),
		seed:      [2]uint64{rand.Uint64(), rand.Uint64()},
	}
}

// vertex returns the number of the vertex whose coordinates have these bits.
func (w *welder) vertex(b [3]uint32) uint32 {
	v := [3]float32{math.Float32frombits(b[0]), math.Float32frombits(b[1]), math.Float32frombits(b[2])}
	for k := range v {
		v[k] += 0 // makes -0 and 0 one coordinate
	}
	i := w.slot(v)
	if id := w.slots[i]; id != 0 {
		return id - 1
	}
	w.vertices = append(w.vertices, v)
	id := uint32(len(w.vertices))
	w.slots[i] = id
	if 3*len(w.vertices) > 2*len(w.slots) {
		w.grow()
	}
	return id - 1
}

// slot finds where the vertex v is, or the empty slot it belongs in.
func (w *welder) slot(v [3]float32) uint64 {
	x, y, z := math.Float32bits(v[0]), math.Float32bits(v[1]), math.Float32bits(v[2])
	hi, lo := bits.Mul64(w.seed[0]^(uint64(x)<<32|uint64(y)), w.seed[1]^uint64(z)*0x9e3779b97f4a7c15)
	mask := uint64(len(w.slots) - 1)
	for i := (hi ^ lo) & mask; ; i = (i + 1) & mask {
		id := w.slots[i]
		if id == 0 {
			return i
		}
		// Bits, not values: a NaN that never equals itself would fill the table.
		if u := &w.vertices[id-1]; math.Float32bits(u[0]) == x && math.Float32bits(u[1]) == y && math.Float32bits(u[2]) == z {
			return i
		}
	}
}

func (w *welder) grow() {
	w.slots = make([]uint32, 2*len(w.slots))
	for i, v := range w.vertices {
		w.slots[w.slot(v)] = uint32(i) + 1
	}
}

func (w *welder) mesh() *mesh.Mesh { return &mesh.Mesh{Vertices: w.vertices, Triangles: w.triangles} }
