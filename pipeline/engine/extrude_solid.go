package engine

import (
	"errors"
	"slices"

	"orfeas/pipeline/mesh"
)

// terrace is a triangulated plane whose parts are lifted to different heights over a flat bottom. Heights are in the units of
// the plane's points.
type terrace struct {
	*plane
	height []float64         // of every region, all different; 0 for what is not there
	part   []int32           // of every triangle, a connected piece of a region; 0 outside
	region []uint8           // of every part
	edges  []*edging         // of every part; nil for a sharp edge
	depth  map[int32]float64 // of points on the inner lines of an edge's treatment: how far from the edge
}

// errTangled says that borders do not divide the plane, which those that do not cross always do.
var errTangled = errors.New("the outlines do not close")

// borderEdge is a directed side of the triangulation between two parts.
type borderEdge struct {
	from, to    int32
	left, right int32 // parts
}

// flood numbers the connected parts between borders and returns what the borders say that each is.
func (t *terrace) flood() (is []int32, err error) {
	t.part = make([]int32, len(t.tri))
	for i := range t.part {
		t.part[i] = -1
	}
	var stack []int32
	for start := range t.tri {
		if t.part[start] >= 0 {
			continue
		}
		id, mark := int32(len(is)), int32(0)
		stack = append(stack[:0], int32(start))
		t.part[start] = id
		for len(stack) > 0 {
			f := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for k, n := range t.next[f] {
				switch m := t.border[f][k]; {
				case m > 0 && mark > 0 && m != mark:
					return nil, errTangled
				case m > 0:
					mark = m
				case n >= 0 && t.part[n] < 0:
					t.part[n] = id
					stack = append(stack, n)
				}
			}
		}
		is = append(is, max(mark-1, 0))
	}
	return is, nil
}

// settle finds the parts; their borders then name them, so that they can be found again.
func (t *terrace) settle() error {
	is, err := t.flood()
	if err != nil {
		return err
	}
	t.region = make([]uint8, len(is))
	for i, r := range is {
		t.region[i] = uint8(r)
	}
	for f := range t.tri {
		for k := range 3 {
			if t.border[f][k] > 0 {
				t.border[f][k] = 1 + t.part[f]
			}
		}
	}
	return nil
}

// again finds the parts after points and creases have been added.
func (t *terrace) again() error {
	is, err := t.flood()
	for f, p := range t.part {
		if err == nil {
			t.part[f] = is[p]
		}
	}
	return err
}

// borders lists the sides of parts that are there, with the part on the left.
func (t *terrace) borders() (out []borderEdge) {
	for f, tri := range t.tri {
		if t.region[t.part[f]] == nothing {
			continue
		}
		for k := range 3 {
			if t.border[f][k] > 0 {
				out = append(out, borderEdge{tri[(k+1)%3], tri[(k+2)%3], t.part[f], t.part[t.next[f][k]]})
			}
		}
	}
	return out
}

func (t *terrace) top(part int32) float64 { return t.height[t.region[part]] }

// level is a vertex of the mesh over a point of the plane.
type level struct {
	part int32
	z    float64
	id   uint32
}

// lifted makes the solid, with its bottom at z = 0, in the plane's units times scale. Every vertex has the colour of its
// region.
func (t *terrace) lifted(scale float64, colours [][4]uint8) (*mesh.Mesh, error) {
	m := &mesh.Mesh{}
	columns := make([][]level, len(t.points))
	vertex := func(v int32, z float64, region uint8) uint32 {
		for _, l := range columns[v] {
			if l.z == z && z > 0 {
				return l.id
			}
		}
		p := t.points[v]
		m.Vertices = append(m.Vertices, [3]float32{float32(float64(p[0]) * scale), float32(float64(p[1]) * scale), float32(z * scale)})
		m.Colors = append(m.Colors, colours[region])
		return uint32(len(m.Vertices) - 1)
	}
	id := func(v, part int32) (level, bool) {
		for _, l := range columns[v] {
			if l.part == part {
				return l, true
			}
		}
		return level{}, false
	}
	borders := t.borders()
	z := t.heights(borders)
	for f, tri := range t.tri {
		part := t.part[f]
		if t.region[part] == nothing {
			continue
		}
		var out [3]uint32
		for k, v := range tri {
			l, ok := id(v, part)
			if !ok {
				l = level{part: part, z: z(v, part)}
				l.id = vertex(v, l.z, t.region[part])
				columns[v] = append(columns[v], l)
			}
			out[k] = l.id
		}
		m.Triangles = append(m.Triangles, out)
	}
	// The bottom is triangulated again, without what is only on top.
	const ground = -1
	bottom := newPlane()
	var outer []borderEdge
	var points [][2]int64
	for _, e := range borders {
		if t.region[e.right] == nothing {
			outer = append(outer, e)
			points = append(points, t.points[e.from])
		}
	}
	ids := bottom.insertAll(points)
	over := make([]int32, len(bottom.points))
	local := map[int32]int32{}
	for i, e := range outer {
		over[ids[i]], local[e.from] = e.from, ids[i]
		columns[e.from] = append(columns[e.from], level{ground, 0, vertex(e.from, 0, t.region[e.left])})
	}
	for _, e := range outer {
		if !bottom.connect(local[e.from], local[e.to], 2, 1) {
			return nil, errTangled
		}
	}
	if len(bottom.points) != len(over) {
		return nil, errTangled
	}
	below := &terrace{plane: bottom}
	solid, err := below.flood()
	if err != nil {
		return nil, err
	}
	for f, tri := range bottom.tri {
		if solid[below.part[f]] == nothing {
			continue
		}
		var out [3]uint32
		for k, v := range tri {
			l, _ := id(over[v], ground)
			out[2-k] = l.id
		}
		m.Triangles = append(m.Triangles, out)
	}
	for _, c := range columns {
		slices.SortStableFunc(c, func(a, b level) int {
			if a.z < b.z {
				return -1
			} else if a.z > b.z {
				return 1
			}
			return 0
		})
	}
	for _, e := range borders {
		right := e.right
		if t.region[right] == nothing {
			right = ground
		} else if t.top(right) >= t.top(e.left) {
			continue // the wall, if there is one, belongs to the other side
		}
		wall(m, between(columns[e.from], right, e.left), between(columns[e.to], right, e.left))
	}
	return m, nil
}

// between lists the vertices of a column from one part's up to another's.
func between(column []level, from, to int32) (out []uint32) {
	var lo, hi float64
	for _, l := range column {
		if l.part == from {
			lo = l.z
		}
		if l.part == to {
			hi = l.z
		}
	}
	for _, l := range column {
		if l.z >= lo && l.z <= hi && (len(out) == 0 || out[len(out)-1] != l.id) {
			out = append(out, l.id)
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

// heights returns how high a part lies over a point: its region's height, less what the treatment of its edges takes there.
func (t *terrace) heights(borders []borderEdge) func(v, part int32) float64 {
	type key struct{ v, part int32 }
	onEdge := map[key]bool{}
	for _, e := range borders {
		if t.edges[e.left] != nil && t.top(e.right) < t.top(e.left) {
			onEdge[key{e.from, e.left}], onEdge[key{e.to, e.left}] = true, true
		}
	}
	return func(v, part int32) float64 {
		e := t.edges[part]
		if e == nil {
			return t.top(part)
		}
		if onEdge[key{v, part}] {
			return t.top(part) - e.drop(0)
		}
		if d, ok := t.depth[v]; ok {
			return t.top(part) - e.drop(d)
		}
		p := t.points[v]
		return t.top(part) - e.drop(e.distance([2]float64{float64(p[0]), float64(p[1])}))
	}
}
