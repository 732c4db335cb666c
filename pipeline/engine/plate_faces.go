package engine

import (
	"context"
	"math"

	"orfeas/pipeline/mesh"
)

// plateBuilder makes the faces of a plate. Front vertices come first, row by row; then those of the back.
type plateBuilder struct {
	*plate
	w, h, cells int // columns, rows, cells in a row
	m           *mesh.Mesh
	scale       float64
	centre      [3]float64
	colour      func(x, y float64) [4]uint8
	bent        []uint32    // the first back vertex of every row of bends, in their order; those of a row follow each other
	sides       [2][]uint32 // the back vertices of the first and the last column, by rows
}

func (b *plateBuilder) vertex(x, y, z float64) uint32 {
	q := b.point(x, y, z)
	var v [3]float32
	for k := range q {
		v[k] = float32((q[k] - b.centre[k]) * b.scale)
	}
	b.m.Vertices = append(b.m.Vertices, v)
	if b.colour != nil {
		b.m.Colors = append(b.m.Colors, b.colour(x, y))
	}
	return uint32(len(b.m.Vertices) - 1)
}

// face adds a triangle, anticlockwise seen from the front; or from behind when it belongs to the back.
func (b *plateBuilder) face(back bool, u, v, w uint32) {
	if back {
		v, w = w, v
	}
	b.m.Triangles = append(b.m.Triangles, [3]uint32{u, v, w})
}

func (b *plateBuilder) frontAt(i, j int) uint32 { return uint32(j*b.w + i%b.w) }

// frontFaces divides every cell along the diagonal with the smaller step, which follows ridges and edges.
func (b *plateBuilder) frontFaces(ctx context.Context) error {
	for j := range b.h {
		if j%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for i := range b.w {
			b.vertex(b.x[i], b.y[j], float64(b.front[j*b.w+i]))
		}
	}
	for j := range b.h - 1 {
		if j%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for i := range b.cells {
			if b.bored(i, j) {
				continue
			}
			nw, ne, sw, se := b.frontAt(i, j), b.frontAt(i+1, j), b.frontAt(i, j+1), b.frontAt(i+1, j+1)
			if step(b.front[nw], b.front[se]) <= step(b.front[ne], b.front[sw]) {
				b.face(false, nw, sw, se)
				b.face(false, nw, se, ne)
			} else {
				b.face(false, nw, sw, ne)
				b.face(false, ne, sw, se)
			}
		}
	}
	return nil
}

func step(a, b float32) float64 { return math.Abs(float64(a) - float64(b)) }

// backVertices makes a vertex for every column in the rows where the back bends, and in the others for the two sides.
func (b *plateBuilder) backVertices() {
	for _, j := range b.bends {
		b.bent = append(b.bent, uint32(len(b.m.Vertices)))
		for i := range b.w {
			b.vertex(b.x[i], b.y[j], b.backAt(j))
		}
	}
	if b.tube {
		return
	}
	k := 0
	for j := range b.h {
		if j == b.bends[k] {
			b.sides[0] = append(b.sides[0], b.bent[k])
			b.sides[1] = append(b.sides[1], b.bent[k]+uint32(b.w-1))
			k++
			continue
		}
		b.sides[0] = append(b.sides[0], b.vertex(b.x[0], b.y[j], b.backAt(j)))
		b.sides[1] = append(b.sides[1], b.vertex(b.x[b.w-1], b.y[j], b.backAt(j)))
	}
}

// backFaces spans the back with strips as long as it is straight. The outermost two share the vertices of the sides.
func (b *plateBuilder) backFaces() {
	for k := range len(b.bends) - 1 {
		from, to := b.bends[k], b.bends[k+1]
		for i := range b.cells {
			if to == from+1 && b.bored(i, from) {
				continue
			}
			next := uint32((i + 1) % b.w)
			nw, ne := b.bent[k]+uint32(i), b.bent[k]+next
			sw, se := b.bent[k+1]+uint32(i), b.bent[k+1]+next
			if b.tube || i > 0 && i < b.cells-1 || to == from+1 {
				b.face(true, nw, sw, se)
				b.face(true, nw, se, ne)
				continue
			}
			rim := []uint32{nw, sw}
			if i == 0 {
				rim = append([]uint32(nil), b.sides[0][from:to+1]...)
			}
			if i == b.cells-1 {
				for j := to; j >= from; j-- {
					rim = append(rim, b.sides[1][j])
				}
			} else {
				rim = append(rim, se, ne)
			}
			b.fan(rim, nw, sw, se, ne)
		}
	}
}

// fan divides a level quadrilateral of the back, given by its rim, anticlockwise seen from the front, and its corners, about
// a vertex in its middle. A corner as the hub would save two faces, but there hundreds would meet on an edge of the solid.
func (b *plateBuilder) fan(rim []uint32, corners ...uint32) {
	var middle [3]float64
	for _, c := range corners {
		for k, x := range b.m.Vertices[c] {
			middle[k] += float64(x) / 4
		}
	}
	hub := uint32(len(b.m.Vertices))
	b.m.Vertices = append(b.m.Vertices, [3]float32{float32(middle[0]), float32(middle[1]), float32(middle[2])})
	if b.colour != nil {
		b.m.Colors = append(b.m.Colors, b.m.Colors[corners[0]])
	}
	for i, v := range rim {
		b.face(true, hub, v, rim[(i+1)%len(rim)])
	}
}

// walls joins the rims of front and back.
func (b *plateBuilder) walls() {
	wall := func(f, g, c, d uint32) { // from f to g with the solid on the left, seen from the front; c and d behind them
		b.m.Triangles = append(b.m.Triangles, [3]uint32{f, c, d}, [3]uint32{f, d, g})
	}
	last := len(b.bends) - 1
	for i := range b.cells {
		next := uint32((i + 1) % b.w)
		wall(b.frontAt(i+1, 0), b.frontAt(i, 0), b.bent[0]+next, b.bent[0]+uint32(i))
		wall(b.frontAt(i, b.h-1), b.frontAt(i+1, b.h-1), b.bent[last]+uint32(i), b.bent[last]+next)
	}
	if b.tube {
		return
	}
	for j := range b.h - 1 {
		wall(b.frontAt(0, j), b.frontAt(0, j+1), b.sides[0][j], b.sides[0][j+1])
		wall(b.frontAt(b.w-1, j+1), b.frontAt(b.w-1, j), b.sides[1][j+1], b.sides[1][j])
	}
}
