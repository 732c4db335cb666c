package engine

import "math"

// hole is a round hole through a plate, in a block of cells of one row that is flat in front and behind.
type hole struct {
	row, from, to int // the cells: below the row of vertices, between two columns
	x             place
	radius        float64
}

// holeSides is how many sides a hole has.
const holeSides = 48

// bored reports whether a cell is in the block of a hole.
func (b *plateBuilder) bored(i, j int) bool {
	for _, h := range b.holes {
		if j == h.row && i >= h.from && i < h.to {
			return true
		}
	}
	return false
}

// bore joins the rim of a block to the circle, in front and behind alike, and lines the hole.
func (b *plateBuilder) bore(h hole) {
	x, y := h.x.at(b.pitch), (b.y[h.row]+b.y[h.row+1])/2
	var k int
	for b.bends[k] != h.row {
		k++
	}
	var at [][2]float64 // the rim of the block from the lower right, anticlockwise
	var rim, circle [2][]uint32
	corner := func(i, j int) {
		at = append(at, [2]float64{b.x[i] - x, b.y[h.row+j] - y})
		rim[0] = append(rim[0], b.frontAt(i, h.row+j))
		rim[1] = append(rim[1], b.bent[k+j]+uint32(i))
	}
	for i := h.to; i >= h.from; i-- {
		corner(i, 0)
	}
	for i := h.from; i <= h.to; i++ {
		corner(i, 1)
	}
	front := float64(b.front[rim[0][0]])
	round := make([][2]float64, holeSides)
	for m := range round {
		sin, cos := math.Sincos(math.Atan2(at[0][1], at[0][0]) + 2*math.Pi*float64(m)/holeSides)
		round[m] = [2]float64{h.radius * cos, h.radius * sin}
		circle[0] = append(circle[0], b.vertex(x+round[m][0], y+round[m][1], front))
		circle[1] = append(circle[1], b.vertex(x+round[m][0], y+round[m][1], b.backAt(h.row)))
	}
	for _, t := range ringFaces(at, round) {
		for side := range 2 {
			var v [3]uint32
			for c, i := range t {
				if i < len(at) {
					v[c] = rim[side][i]
				} else {
					v[c] = circle[side][i-len(at)]
				}
			}
			b.face(side == 1, v[0], v[1], v[2])
		}
	}
	for m := range holeSides {
		n := (m + 1) % holeSides
		b.face(false, circle[0][m], circle[0][n], circle[1][n])
		b.face(false, circle[0][m], circle[1][n], circle[1][m])
	}
}

// ringFaces divides what lies between two polygons, one round the other, both anticlockwise and begun at the same angle, into
// triangles, anticlockwise too. It goes round both at once and takes the shorter of the two edges that lead on. Indices
// from len(outer) on are of the inner one.
func ringFaces(outer, inner [][2]float64) (faces [][3]int) {
	n, m := len(outer), len(inner)
	distance := func(i, j int) float64 {
		p, q := outer[i%n], inner[j%m]
		return math.Hypot(p[0]-q[0], p[1]-q[1])
	}
	for i, j := 0, 0; i < n || j < m; {
		if j == m || i < n && distance(i+1, j) <= distance(i, j+1) {
			faces = append(faces, [3]int{i % n, (i + 1) % n, n + j%m})
			i++
		} else {
			faces = append(faces, [3]int{n + (j+1)%m, n + j%m, i % n})
			j++
		}
	}
	return faces
}
