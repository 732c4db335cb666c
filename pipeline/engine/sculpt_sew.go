package engine

import (
	"context"
	"math"

	"orfeas/pipeline/mesh"
)

// sewn makes the solid between mid - half and mid + half over the inside of the silhouette: marching squares, each cell
// triangulated alike in both sheets, which share the vertices where the outline crosses the grid. Lengths are in cells.
func (s *silhouette) sewn(ctx context.Context, mid, half []float64) (*mesh.Mesh, error) {
	t := &tailor{silhouette: s, mid: mid, half: half, node: make([]uint32, len(s.cover)), right: make([]uint32, len(s.cover)), below: make([]uint32, len(s.cover)), m: &mesh.Mesh{}}
	for j := range s.h - 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range s.w - 1 {
			t.cell(j*s.w + i)
		}
	}
	return t.m, nil
}

// tailor remembers the vertices made so far by one more than their number: two for a node, front and back, one for where
// the outline crosses the edge to the right of a node or below it.
type tailor struct {
	*silhouette
	mid, half          []float64
	node, right, below []uint32
	m                  *mesh.Mesh
}

// seam is a corner of a cell's piece in both sheets.
type seam struct{ front, back uint32 }

func (t *tailor) cell(p int) {
	corners := [4]int{p, p + t.w, p + t.w + 1, p + 1} // against the clock, seen from the front
	inside := 0
	for _, q := range corners {
		if t.cover[q] > 0 {
			inside++
		}
	}
	switch {
	case inside == 0:
	case inside == 4:
		// The diagonal along which the sheets bend less.
		k := 0
		if math.Abs(t.mid[corners[0]]-t.mid[corners[2]]) > math.Abs(t.mid[corners[1]]-t.mid[corners[3]]) {
			k = 1
		}
		t.fan([]seam{t.at(corners[k]), t.at(corners[k+1]), t.at(corners[k+2]), t.at(corners[(k+3)%4])})
	case inside == 2 && (t.cover[corners[0]] > 0) == (t.cover[corners[2]] > 0):
		// A saddle: the corners inside stay apart.
		for k, q := range corners {
			if t.cover[q] > 0 {
				t.fan([]seam{t.at(q), t.crossing(q, corners[(k+1)%4]), t.crossing(q, corners[(k+3)%4])})
			}
		}
	default:
		t.piece(corners)
	}
}

// piece is the part of a cell that one line of the outline cuts off. The fan begins at a corner inside, so that no
// edge within runs from outline to outline.
func (t *tailor) piece(corners [4]int) {
	first := 0 // inside, and the corner before it outside
	for t.cover[corners[first]] <= 0 || t.cover[corners[(first+3)%4]] > 0 {
		first++
	}
	var around []seam
	for k := range 4 {
		a, b := corners[(first+k)%4], corners[(first+k+1)%4]
		if t.cover[a] > 0 {
			around = append(around, t.at(a))
		}
		if (t.cover[a] > 0) != (t.cover[b] > 0) {
			around = append(around, t.crossing(a, b))
		}
	}
	t.fan(around)
}

// fan adds a polygon to both sheets.
func (t *tailor) fan(around []seam) {
	for k := 2; k < len(around); k++ {
		a, b, c := around[0], around[k-1], around[k]
		t.m.Triangles = append(t.m.Triangles, [3]uint32{a.front, b.front, c.front}, [3]uint32{a.back, c.back, b.back})
	}
}

func (t *tailor) vertex(x, y, depth float64) uint32 {
	t.m.Vertices = append(t.m.Vertices, [3]float32{float32(x), float32(-y), float32(-depth)})
	return uint32(len(t.m.Vertices) - 1)
}

// at is the node p, which is inside.
func (t *tailor) at(p int) seam {
	if t.node[p] == 0 {
		x, y := float64(p%t.w), float64(p/t.w)
		t.node[p] = t.vertex(x, y, t.mid[p]-t.half[p]) + 1
		t.vertex(x, y, t.mid[p]+t.half[p])
	}
	return seam{t.node[p] - 1, t.node[p]}
}

// crossing is where the outline crosses the edge between neighbours, of which one is inside.
func (t *tailor) crossing(p, q int) seam {
	p, q = min(p, q), max(p, q)
	made := t.right
	if q == p+t.w {
		made = t.below
	}
	if made[p] == 0 {
		f := t.cover[p] / (t.cover[p] - t.cover[q])
		f = min(max(f, minFraction), 1-minFraction)
		x, y := float64(p%t.w), float64(p/t.w)
		if q == p+1 {
			x += f
		} else {
			y += f
		}
		made[p] = t.vertex(x, y, t.mid[p]+f*(t.mid[q]-t.mid[p])) + 1
	}
	return seam{made[p] - 1, made[p] - 1}
}
