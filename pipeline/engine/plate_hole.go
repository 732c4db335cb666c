package engine

import "math"

// hole is a round hole through a plate, in a block of cells of one row that is flat in front and behind.
type hole struct {
	row, from, to int // the cells: below the row of vertices, between two columns
	x             place
	radius        float64
}

// holeSides is how many sides a hole has.
const holeSides = 32

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
	add := func(i, j int) {
		at = append(at, [2]float64{b.x[i] - x, b.y[h.row+j] - y})
		rim[0] = append(rim[0], b.frontAt(i, h.row+j))
		rim[1] = append(rim[1], b.bent[k+j]+uint32(i))
	}
	for i := h.to; i >= h.from; i-- {
		add(i, 0)
	}
	for i := h.from; i <= h.to; i++ {
		add(i, 1)
	}
	front := float64(b.front[rim[0][0]])
	for m := range holeSides {
		sin, cos := math.Sincos(math.Atan2(at[0][1], at[0][0]) + 2*math.Pi*float64(m)/holeSides)
		circle[0] = append(circle[0], b.vertex(x+h.radius*cos, y+h.radius*sin, front))
		circle[1] = append(circle[1], b.vertex(x+h.radius*cos, y+h.radius*sin, b.backAt(h.row)))
	}
	for _, t := range ringFaces(at, holeSides) {
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

// ringFaces divides what lies between a convex polygon round the origin and a circle of n points in it, both anticlockwise and
// begun at the same angle, into triangles, anticlockwise too. Every edge of the polygon is joined to the circle where it
// comes nearest to the middle: from its two ends all points up to there can be seen. Indices from len(outer) on are of the
// circle.
func ringFaces(outer [][2]float64, n int) (faces [][3]int) {
	last := len(outer)
	j := 0
	for i, p := range outer {
		q := outer[(i+1)%last]
		near := turnTo(outer[0], nearest(p, q))
		if i == last-1 {
			near = max(near, math.Pi) // not the beginning again
		}
		for ; j < n && 2*math.Pi*(float64(j)+0.5)/float64(n) < near; j++ {
			faces = append(faces, [3]int{last + (j+1)%n, last + j, i})
		}
		faces = append(faces, [3]int{i, (i + 1) % last, last + j%n})
	}
	for ; j < n; j++ {
		faces = append(faces, [3]int{last + (j+1)%n, last + j, 0})
	}
	return faces
}

// nearest is the point of an edge that is nearest to the origin.
func nearest(p, q [2]float64) [2]float64 {
	d := [2]float64{q[0] - p[0], q[1] - p[1]}
	t := min(max(-(p[0]*d[0]+p[1]*d[1])/(d[0]*d[0]+d[1]*d[1]), 0), 1)
	return [2]float64{p[0] + t*d[0], p[1] + t*d[1]}
}

// turnTo is the angle from one direction anticlockwise to another, from 0 to 2 pi.
func turnTo(p, q [2]float64) float64 {
	a := math.Atan2(p[0]*q[1]-p[1]*q[0], p[0]*q[0]+p[1]*q[1])
	if a < -1e-9 {
		a += 2 * math.Pi
	}
	return max(a, 0)
}
