package mesh

import (
	"image"
	"math"
)

// Mesh is a triangle mesh, every triangle anticlockwise seen from outside.
// It is shared read-only once handed on: an operation that changes a mesh returns a new one.
type Mesh struct {
	Vertices  [][3]float32 // positions, in the model or the print frame
	Triangles [][3]uint32  // three indices into Vertices
	Colors    [][4]uint8   // per vertex, sRGB with straight alpha; nil when the mesh has no colour

	// A texture, and where on it the corners of every triangle lie: (0,0) is the upper left corner of the image, (1,1)
	// the lower right. Both or neither. Operations that make new triangles leave them out, but for cavities, which no one sees.
	UVs     [][3][2]float32
	Texture *image.NRGBA

	// The filaments of a print in several colours, and which of them every triangle has. Both or neither; left out likewise.
	Palette   [][4]uint8
	Filaments []uint8
}

// Clone returns a deep copy.
func (m *Mesh) Clone() *Mesh {
	return &Mesh{
		Vertices:  append([][3]float32(nil), m.Vertices...),
		Triangles: append([][3]uint32(nil), m.Triangles...),
		Colors:    append([][4]uint8(nil), m.Colors...),
		UVs:       append([][3][2]float32(nil), m.UVs...), Texture: m.Texture,
		Palette: m.Palette, Filaments: append([]uint8(nil), m.Filaments...),
	}
}

// moved returns a mesh that shares all but the places of its vertices with m; they are to be filled in.
func (m *Mesh) moved() *Mesh {
	out := *m
	out.Vertices = make([][3]float32, len(m.Vertices))
	return &out
}

// Bounds returns the corners of the axis-aligned bounding box, both zero for a mesh without vertices.
func (m *Mesh) Bounds() (lo, hi [3]float32) {
	if len(m.Vertices) == 0 {
		return lo, hi
	}
	lo, hi = m.Vertices[0], m.Vertices[0]
	for _, v := range m.Vertices[1:] {
		for k := range v {
			lo[k], hi[k] = min(lo[k], v[k]), max(hi[k], v[k])
		}
	}
	return lo, hi
}

// Volume returns the signed volume enclosed by the triangles (the divergence theorem over tetrahedra that share one
// corner): positive for a closed mesh whose faces look outward, meaningless for an open one.
func (m *Mesh) Volume() float64 {
	lo, hi := m.Bounds()
	// A corner in the middle of the box rather than the origin keeps the cancellation small for a mesh far away.
	var o [3]float64
	for k := range o {
		o[k] = (float64(lo[k]) + float64(hi[k])) / 2
	}
	x, y, z := o[0], o[1], o[2]
	return m.sum(func(t [3]uint32) float64 {
		a, b, c := &m.Vertices[t[0]], &m.Vertices[t[1]], &m.Vertices[t[2]]
		ax, ay, az := float64(a[0])-x, float64(a[1])-y, float64(a[2])-z
		bx, by, bz := float64(b[0])-x, float64(b[1])-y, float64(b[2])-z
		cx, cy, cz := float64(c[0])-x, float64(c[1])-y, float64(c[2])-z
		return ax*(by*cz-bz*cy) + ay*(bz*cx-bx*cz) + az*(bx*cy-by*cx)
	}) / 6
}

// Area returns the total surface area.
func (m *Mesh) Area() float64 {
	return m.sum(func(t [3]uint32) float64 { return norm(m.faceCross(t)) }) / 2
}

// sum adds up a value over the faces, on all cores but always in the same order.
func (m *Mesh) sum(of func(t [3]uint32) float64) (total float64) {
	const chunk = 1 << 14
	parts := make([]float64, len(m.Triangles)/chunk+1)
	inChunks(len(m.Triangles), chunk, func(from, to int) {
		s := 0.0
		for _, t := range m.Triangles[from:to] {
			s += of(t)
		}
		parts[from/chunk] = s
	})
	for _, s := range parts {
		total += s
	}
	return total
}

// VertexNormals returns a unit normal per vertex, the mean of its faces' normals weighted by their areas. A vertex
// that no face with an area uses gets +z.
func (m *Mesh) VertexNormals() [][3]float32 {
	sum := make([][3]float64, len(m.Vertices))
	for _, t := range m.Triangles {
		n := m.faceCross(t)
		for _, v := range t {
			for k := range n {
				sum[v][k] += n[k]
			}
		}
	}
	out := make([][3]float32, len(sum))
	for i, s := range sum {
		out[i] = unit(s)
	}
	return out
}

// FaceNormal returns the unit normal of triangle i, +z when it has no area.
func (m *Mesh) FaceNormal(i int) [3]float32 { return unit(m.faceCross(m.Triangles[i])) }

// faceCross is the cross product of two edges: the normal, as long as twice the area. Written out, for arrays cost the
// compiler dear and every pass over a mesh comes by here.
func (m *Mesh) faceCross(t [3]uint32) [3]float64 {
	a, b, c := &m.Vertices[t[0]], &m.Vertices[t[1]], &m.Vertices[t[2]]
	x, y, z := float64(a[0]), float64(a[1]), float64(a[2])
	ux, uy, uz := float64(b[0])-x, float64(b[1])-y, float64(b[2])-z
	vx, vy, vz := float64(c[0])-x, float64(c[1])-y, float64(c[2])-z
	return [3]float64{uy*vz - uz*vy, uz*vx - ux*vz, ux*vy - uy*vx}
}

func (m *Mesh) from(v uint32, o [3]float64) [3]float64 { return sub(wide(m.Vertices[v]), o) }

func wide(a [3]float32) [3]float64   { return [3]float64{float64(a[0]), float64(a[1]), float64(a[2])} }
func narrow(a [3]float64) [3]float32 { return [3]float32{float32(a[0]), float32(a[1]), float32(a[2])} }
func sub(a, b [3]float64) [3]float64 { return [3]float64{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func dot(a, b [3]float64) float64    { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func norm(a [3]float64) float64      { return math.Sqrt(dot(a, a)) }

func cross(a, b [3]float64) [3]float64 {
	return [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func unit(a [3]float64) [3]float32 {
	l := norm(a)
	if l == 0 || math.IsNaN(l) || math.IsInf(l, 0) {
		return [3]float32{0, 0, 1}
	}
	return [3]float32{float32(a[0] / l), float32(a[1] / l), float32(a[2] / l)}
}
