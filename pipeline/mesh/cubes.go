package mesh

import "slices"

// The corners of a cell are numbered by bits: x is bit 0, y bit 1, z bit 2. Its edges 0-3 run along x, 4-7 along y and
// 8-11 along z; cellEdges names the two corners of each.
var cellEdges = [12][2]int{
	{0, 1}, {2, 3}, {4, 5}, {6, 7},
	{0, 2}, {1, 3}, {4, 6}, {5, 7},
	{0, 4}, {1, 5}, {2, 6}, {3, 7},
}

// cellFaces lists the corners of each face anticlockwise seen from outside the cell.
var cellFaces = [6][4]int{
	{0, 4, 6, 2}, {1, 3, 7, 5}, // -x +x
	{0, 1, 5, 4}, {2, 6, 7, 3}, // -y +y
	{0, 2, 3, 1}, {4, 5, 7, 6}, // -z +z
}

// cubes holds, for each of the 256 ways the corners of a cell can lie inside, its triangles as edge numbers.
var cubes = func() (table [256][][3]uint8) {
	for c := range table {
		for _, loop := range cellLoops(c) {
			table[c] = append(table[c], fill(loop)...)
		}
	}
	return table
}()

// cellLoops returns the closed polygons in which the surface crosses a cell, anticlockwise seen from outside. On each
// face, walking round it anticlockwise, the surface runs from the edge where the walk enters the inside to the edge
// where it next leaves it; so every run of inside corners is cut off by itself, and an ambiguous face keeps its two
// inside corners apart. The cell on the other side walks the same face the other way and finds the same segments.
func cellLoops(c int) [][]uint8 {
	var next [12]int
	for e := range next {
		next[e] = -1
	}
	inside := func(corner int) bool { return c>>corner&1 == 1 }
	for _, f := range cellFaces {
		for i := range f {
			if inside(f[i]) || !inside(f[(i+1)%4]) {
				continue
			}
			enter := edgeBetween(f[i], f[(i+1)%4])
			j := i + 1
			for inside(f[(j+1)%4]) {
				j++
			}
			next[enter] = edgeBetween(f[j%4], f[(j+1)%4])
		}
	}
	var loops [][]uint8
	for e := range next {
		var loop []uint8
		for at := e; next[at] >= 0; {
			loop = append(loop, uint8(at))
			at, next[at] = next[at], -1
		}
		if loop != nil {
			loops = append(loops, loop)
		}
	}
	return loops
}

func edgeBetween(a, b int) int {
	for e, ends := range cellEdges {
		if ends == [2]int{min(a, b), max(a, b)} {
			return e
		}
	}
	panic("mesh: corners are not neighbours") // a slip in cellFaces, found when the table is made
}

// fill triangulates a loop as a fan whose diagonals run through the cell: one that lies in a face could meet the same
// diagonal of the cell beyond and leave an edge with four triangles. Every loop has such a fan, and wherever on their
// edges the corners lie, none of its triangles cross, which is not so for all ways to cut the loops of seven.
func fill(loop []uint8) [][3]uint8 {
	n := len(loop)
	for i := range loop {
		var fan [][3]uint8
		for j := 1; j < n-1; j++ {
			fan = append(fan, [3]uint8{loop[i], loop[(i+j)%n], loop[(i+j+1)%n]})
		}
		if !slices.ContainsFunc(fan[1:], func(t [3]uint8) bool { return sameFace(t[0], t[1]) }) {
			return fan
		}
	}
	panic("mesh: a loop without a fan") // a slip in cellFaces, found when the table is made
}

// sameFace reports whether two edges of a cell lie in one of its faces.
func sameFace(a, b uint8) bool {
	for _, f := range cellFaces {
		if onFace(f, a) && onFace(f, b) {
			return true
		}
	}
	return false
}

func onFace(f [4]int, e uint8) bool {
	var hits int
	for _, corner := range f {
		if corner == cellEdges[e][0] || corner == cellEdges[e][1] {
			hits++
		}
	}
	return hits == 2
}
