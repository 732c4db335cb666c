package mesh

// ToPrint turns a mesh from the model frame into the print frame: uniformly scaled so that its longest side is size
// millimetres, centred over the origin and standing on the bed.
func (m *Mesh) ToPrint(size float64) *Mesh {
	turned := m.moved()
	lo, hi := m.Bounds()
	scale := float32(1)
	if long := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2]); long > 0 {
		scale = float32(size) / long
	}
	for i, v := range m.Vertices {
		turned.Vertices[i] = [3]float32{v[0] * scale, -v[2] * scale, v[1] * scale}
	}
	return turned.onBed()
}

// LaidBack returns a mesh of the print frame turned to lie on its back, the front up and the top away from the viewer,
// standing on the bed.
func (m *Mesh) LaidBack() *Mesh {
	out := m.moved()
	for i, v := range m.Vertices {
		out.Vertices[i] = [3]float32{v[0], v[2], -v[1]}
	}
	return out.onBed()
}

// Turned returns the mesh turned about an axis, 0, 1 or 2 for x, y, z, by a number of quarter turns, anticlockwise seen from
// the axis' end, standing on the bed.
func (m *Mesh) Turned(axis, quarters int) *Mesh {
	out := m.moved()
	i, j := (axis+1)%3, (axis+2)%3
	for n, v := range m.Vertices {
		for range (quarters%4 + 4) % 4 {
			v[i], v[j] = -v[j], v[i]
		}
		out.Vertices[n] = v
	}
	return out.onBed()
}

// OnBed returns the mesh moved so that its box is centred over the origin and its lowest point has z = 0.
func (m *Mesh) OnBed() *Mesh {
	out := m.moved()
	copy(out.Vertices, m.Vertices)
	return out.onBed()
}

func (m *Mesh) onBed() *Mesh {
	lo, hi := m.Bounds()
	shift := [3]float32{(lo[0] + hi[0]) / 2, (lo[1] + hi[1]) / 2, lo[2]}
	for i, v := range m.Vertices {
		for k := range v {
			m.Vertices[i][k] = v[k] - shift[k]
		}
	}
	return m
}

// Side is a side of the bounding box in the print frame.
type Side string

// The sides. The empty one is the longest too.
const (
	Longest Side = "longest"
	Width   Side = "width"  // along x
	Depth   Side = "depth"  // along y
	Height  Side = "height" // along z
)

// Known reports whether it is one of them.
func (s Side) Known() bool {
	return s == "" || s == Longest || s == Width || s == Depth || s == Height
}

// Extent returns the length of a side.
func (m *Mesh) Extent(s Side) float64 {
	lo, hi := m.Bounds()
	switch s {
	case Width:
		return float64(hi[0] - lo[0])
	case Depth:
		return float64(hi[1] - lo[1])
	case Height:
		return float64(hi[2] - lo[2])
	}
	return float64(max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2]))
}

// Sized returns the mesh scaled so that a side has a length, standing on the bed.
func (m *Mesh) Sized(s Side, length float64) *Mesh {
	if x := m.Extent(s); x > 0 {
		return m.Scaled(float32(length / x)).onBed()
	}
	return m.OnBed()
}

// Scaled returns the mesh scaled about the origin.
func (m *Mesh) Scaled(f float32) *Mesh {
	out := m.moved()
	for i, v := range m.Vertices {
		out.Vertices[i] = [3]float32{v[0] * f, v[1] * f, v[2] * f}
	}
	return out
}
