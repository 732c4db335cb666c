package engine

import (
	"cmp"
	"slices"

	"orfeas/pipeline/mesh"
)

// lifter makes the mesh of a terrace, in the plane's units times scale.
type lifter struct {
	*terrace
	mesh    *mesh.Mesh
	scale   float64
	colours [][4]uint8 // of every region
	columns [][]level  // over every point of the plane
}

// level is a vertex of the mesh over a point: where a part has it, or the ground.
type level struct {
	part int32
	z    float64
	id   uint32
}

const ground = -1

// lifted makes the solid, with its bottom at z = 0. Every vertex has the colour of its region.
func (t *terrace) lifted(scale float64, colours [][4]uint8) (*mesh.Mesh, error) {
	l := &lifter{terrace: t, mesh: &mesh.Mesh{}, scale: scale, colours: colours, columns: make([][]level, len(t.points))}
	borders := t.borders()
	l.tops(t.heights(borders))
	if err := l.bottom(borders); err != nil {
		return nil, err
	}
	l.walls(borders)
	return l.mesh, nil
}

// vertex adds one; parts that are equally high over a point share theirs.
func (l *lifter) vertex(v, part int32, z float64, region uint8) uint32 {
	for _, c := range l.columns[v] {
		if c.part == part {
			return c.id
		}
		if c.z == z {
			l.columns[v] = append(l.columns[v], level{part, z, c.id})
			return c.id
		}
	}
	p, id := l.points[v], uint32(len(l.mesh.Vertices))
	l.mesh.Vertices = append(l.mesh.Vertices, [3]float32{float32(float64(p[0]) * l.scale), float32(float64(p[1]) * l.scale), float32(z * l.scale)})
	l.mesh.Colors = append(l.mesh.Colors, l.colours[region])
	l.columns[v] = append(l.columns[v], level{part, z, id})
	return id
}

func (l *lifter) tops(z func(v, part int32) float64) {
	for f, tri := range l.tri {
		part := l.part[f]
		if l.region[part] == nothing {
			continue
		}
		var out [3]uint32
		for k, v := range tri {
			out[k] = l.vertex(v, part, z(v, part), l.region[part])
		}
		l.mesh.Triangles = append(l.mesh.Triangles, out)
	}
}

// bottom is triangulated again, without what is only on top.
func (l *lifter) bottom(borders []borderEdge) error {
	flat := newPlane()
	var outer []borderEdge
	var points [][2]int64
	for _, e := range borders {
		if l.region[e.right] == nothing {
			outer = append(outer, e)
			points = append(points, l.points[e.from])
		}
	}
	ids := flat.insertAll(points)
	below := make([]int32, len(l.points)) // the bottom's number of a point
	vertices := make([]uint32, len(flat.points))
	for i, e := range outer {
		below[e.from] = ids[i]
		vertices[ids[i]] = l.vertex(e.from, ground, 0, l.region[e.left])
	}
	for _, e := range outer {
		if !flat.connect(below[e.from], below[e.to], 1+firstColour, 1+nothing) {
			return errTangled
		}
	}
	b := &terrace{plane: flat}
	is, err := b.flood()
	if err != nil {
		return err
	}
	for f, tri := range flat.tri {
		if is[b.part[f]] != nothing {
			l.mesh.Triangles = append(l.mesh.Triangles, [3]uint32{vertices[tri[2]], vertices[tri[1]], vertices[tri[0]]})
		}
	}
	return nil
}

// walls stand on the borders, from the lower side up to the higher. Where three parts meet, the wall between the highest and the
// lowest has the vertex of the middle one too.
func (l *lifter) walls(borders []borderEdge) {
	for _, c := range l.columns {
		slices.SortStableFunc(c, func(a, b level) int { return cmp.Compare(a.z, b.z) })
	}
	for _, e := range borders {
		right := e.right
		if l.region[right] == nothing {
			right = ground
		} else if l.top(right) >= l.top(e.left) {
			continue // the wall belongs to the other side
		}
		wall(l.mesh, between(l.columns[e.from], right, e.left), between(l.columns[e.to], right, e.left))
	}
}

// between lists the vertices of a column from one part's up to another's.
func between(column []level, from, to int32) (out []uint32) {
	for _, c := range column {
		if c.part == from || len(out) > 0 && out[len(out)-1] != c.id {
			out = append(out, c.id)
		}
		if c.part == to {
			break
		}
	}
	return out
}

// wall fills an upright strip between two columns of vertices, seen from outside with a on the left.
func wall(m *mesh.Mesh, a, b []uint32) {
	for i, k := 0, 0; i < len(a)-1 || k < len(b)-1; {
		if k < len(b)-1 && (i == len(a)-1 || m.Vertices[b[k+1]][2] <= m.Vertices[a[i+1]][2]) {
			m.Triangles = append(m.Triangles, [3]uint32{a[i], b[k], b[k+1]})
			k++
		} else {
			m.Triangles = append(m.Triangles, [3]uint32{a[i], b[k], a[i+1]})
			i++
		}
	}
}
