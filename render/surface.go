package render

import (
	"image"
	"math"

	"orfeas/pipeline/mesh"
)

// surface is a mesh made ready to be drawn: normals smooth, except across creases, and colours linear.
type surface struct {
	vertices  []vertex
	triangles [][3]uint32 // in the order of the mesh's
	uvs       [][3][2]float32
	texture   *image.NRGBA // nil for none
}

type vertex struct {
	at, normal, color [3]float32
	uv                [2]float32
}

const (
	sharp     = 0.87 // cos 30°: a face that turns this far from its vertex's mean normal makes it a crease
	together  = 0.77 // cos 40°: faces across a crease share a normal up to here
	widestFan = 64   // a vertex with more faces stays smooth: looking at all their pairs would take for ever
)

// newSurface expects a checked mesh.
func newSurface(m *mesh.Mesh) *surface {
	s := &surface{make([]vertex, len(m.Vertices)), append([][3]uint32(nil), m.Triangles...), m.UVs, m.Texture}
	color := vertex{color: [3]float32{float32(clay[0]), float32(clay[1]), float32(clay[2])}}.color
	var table [256]float32
	for i := range table {
		table[i] = float32(linear(float64(i) / 255))
	}
	for i, n := range m.VertexNormals() {
		if m.Colors != nil {
			c := m.Colors[i]
			color = [3]float32{table[c[0]], table[c[1]], table[c[2]]}
		}
		s.vertices[i] = vertex{at: m.Vertices[i], normal: n, color: color}
	}
	s.split(m)
	if m.Texture == nil && m.Filaments != nil && len(m.Filaments) == len(m.Triangles) {
		s.inFilaments(m, &table)
	}
	return s
}

// inFilaments gives every face the colour of its filament, sharp at the borders.
func (s *surface) inFilaments(m *mesh.Mesh, table *[256]float32) {
	s.perCorner(func(f, _ int) [2]float32 { return [2]float32{float32(m.Filaments[f])} }, func(v *vertex, key [2]float32) {
		if i := int(key[0]); i < len(m.Palette) {
			c := m.Palette[i]
			v.color = [3]float32{table[c[0]], table[c[1]], table[c[2]]}
		}
	})
}

// unfold gives the vertices their places on the texture, and one copy for each place.
func (s *surface) unfold() {
	s.perCorner(func(f, k int) [2]float32 { return s.uvs[f][k] }, func(v *vertex, key [2]float32) { v.uv = key })
}

// perCorner gives a vertex what its corners have: one copy of it for each key.
func (s *surface) perCorner(key func(f, k int) [2]float32, set func(*vertex, [2]float32)) {
	keys := make([][2]float32, len(s.vertices))
	next := make([]int32, len(s.vertices)) // the chain of a vertex's copies; -1 before it has a key, 0 at the end
	for i := range next {
		next[i] = -1
	}
	for f := range s.triangles {
		for k, v := range s.triangles[f] {
			want := key(f, k)
			at := v
			for next[at] > 0 && keys[at] != want {
				at = uint32(next[at])
			}
			switch {
			case next[at] < 0:
				keys[at], next[at] = want, 0
				set(&s.vertices[at], want)
			case keys[at] != want:
				id := uint32(len(s.vertices))
				s.vertices = append(s.vertices, s.vertices[v])
				keys, next = append(keys, want), append(next, 0)
				next[at] = int32(id)
				set(&s.vertices[id], want)
				at = id
			}
			s.triangles[f][k] = at
		}
	}
}

// textured reads the texture at a point of a triangle, bilinearly and linear.
func (s *surface) textured(f int32, b [3]float32) (color [3]float32) {
	w, h := s.texture.Rect.Dx(), s.texture.Rect.Dy()
	var at [2]float32
	for i, uv := range s.uvs[f] {
		at[0] += b[i] * uv[0]
		at[1] += b[i] * uv[1]
	}
	x, y := min(max(at[0]*float32(w)-0.5, 0), float32(w-1)), min(max(at[1]*float32(h)-0.5, 0), float32(h-1))
	i, j := int(x), int(y)
	for n := range 4 {
		u, v := i+n%2, j+n/2
		weight := max(0, 1-abs(x-float32(u))) * max(0, 1-abs(y-float32(v)))
		o := s.texture.PixOffset(s.texture.Rect.Min.X+min(u, w-1), s.texture.Rect.Min.Y+min(v, h-1))
		for k := range color {
			color[k] += weight * float32(linear(float64(s.texture.Pix[o+k])/255))
		}
	}
	return color
}

// split gives a vertex on a crease one normal, and so one copy, for each smooth side.
func (s *surface) split(m *mesh.Mesh) {
	faces := make([][3]float32, len(m.Triangles)) // the cross product of two edges: weighted by area
	count := map[uint32]int{}                     // of the faces at a crease's vertices
	for i, t := range m.Triangles {
		faces[i] = faceCross(m, t)
		for _, v := range t {
			if n := faces[i]; dot(n, s.vertices[v].normal) < sharp*length(n) {
				count[v] = 0
			}
		}
	}
	if len(count) == 0 {
		return
	}
	for _, t := range m.Triangles {
		for _, v := range t {
			if n, ok := count[v]; ok {
				count[v] = n + 1
			}
		}
	}
	around := make(map[uint32][]int32, len(count))
	for i, t := range m.Triangles {
		for _, v := range t {
			if n := count[v]; n > 0 && n <= widestFan {
				around[v] = append(around[v], int32(i))
			}
		}
	}
	copies := map[uint32][]uint32{}
	for i, t := range m.Triangles { // in the order of the triangles, so that the copies are numbered alike every time
		for k, v := range t {
			if fan := around[v]; fan != nil {
				n := side(faces, fan, faces[i])
				s.triangles[i][k], copies[v] = s.copyOf(v, n, copies[v])
			}
		}
	}
}

// side is the unit mean of the normals of those faces of a fan that go together with a face.
func side(faces [][3]float32, fan []int32, face [3]float32) [3]float32 {
	var sum [3]float32
	for _, g := range fan {
		n := faces[g]
		if dot(n, face) >= together*length(n)*length(face) {
			sum = along(sum, n, 1)
		}
	}
	if l := length(sum); l > 0 {
		return [3]float32{sum[0] / l, sum[1] / l, sum[2] / l}
	}
	return [3]float32{0, 0, 1}
}

// copyOf finds the copy of a vertex with the given normal, or makes one; the first takes the vertex itself.
func (s *surface) copyOf(v uint32, n [3]float32, copies []uint32) (uint32, []uint32) {
	for _, c := range copies {
		if dot(s.vertices[c].normal, n) > 0.9999 {
			return c, copies
		}
	}
	id := v
	if len(copies) > 0 {
		id = uint32(len(s.vertices))
		s.vertices = append(s.vertices, s.vertices[v])
	}
	s.vertices[id].normal = n
	return id, append(copies, id)
}

func faceCross(m *mesh.Mesh, t [3]uint32) [3]float32 {
	a, b, c := m.Vertices[t[0]], m.Vertices[t[1]], m.Vertices[t[2]]
	u, v := along(b, a, -1), along(c, a, -1)
	return [3]float32{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
}

func length(a [3]float32) float32 { return float32(math.Sqrt(float64(dot(a, a)))) }
