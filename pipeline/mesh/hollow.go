package mesh

import (
	"context"
	"fmt"
	"math"
)

// HollowOptions steer [Mesh.Hollow]. Lengths are in the mesh's units.
type HollowOptions struct {
	Wall  float64 // thickness that is left
	Drain float64 // diameter of the hole below every cavity, 0 for none
	Grid  int     // steps of the longest side, 0 for 256
}

// Hollowing is what [Mesh.Hollow] did.
type Hollowing struct {
	Cavities int     `json:"cavities"`
	Drains   int     `json:"drains"`
	Saved    float64 `json:"saved"`          // share of the volume taken out
	Step     float64 `json:"step,omitempty"` // of the grid the outside was rebuilt on, for drains; 0 when it was left as it is
}

// String says it in words.
func (h Hollowing) String() string {
	if h.Cavities == 0 {
		return "nowhere thick enough to be hollowed out"
	}
	return fmt.Sprintf("hollowed out: cavities %d, drains %d, %.0f %% of the volume saved", h.Cavities, h.Drains, 100*h.Saved)
}

// Hollow takes out what lies deeper than the wall. Cavities that no one would miss, smaller than a cube of two walls, stay
// full. Without drains the outside stays as it is; with them the whole surface is extracted anew on the grid: its
// edges are brought back, details below a step are lost. A drain is a round hole straight down from the lowest place of a
// cavity.
//
// The mesh must be closed and oriented, without crossings, else the error wraps [ErrOpen]; a mesh nowhere thick enough
// comes back as it is, with no cavities. step is called with the share done and may be nil.
func (m *Mesh) Hollow(ctx context.Context, o HollowOptions, step func(float64)) (*Mesh, Hollowing, error) {
	var did Hollowing
	if step == nil {
		step = func(float64) {}
	}
	before, _ := m.check(ctx)
	if err := ctx.Err(); err != nil {
		return nil, did, err
	}
	if !before.Closed || !before.Manifold || !before.Outward || before.SelfIntersections > 0 {
		return nil, did, fmt.Errorf("hollow out: %w", ErrOpen)
	}
	if o.Grid == 0 {
		o.Grid = defaultGrid
	}
	f := &hollowField{wall: o.Wall}
	f.mesh, f.grid = m, m.gridOf(min(max(o.Grid, MinGrid), MaxGrid), 3)
	f.tree = newBVH(m, m.allFaces())
	f.winding = newWindings(m, f.tree)
	// Half a step less than a wall is no wall on this grid.
	if !(o.Wall > f.grid.Step/2) {
		return nil, did, fmt.Errorf("hollow out: %w: a wall of %.3g needs a finer grid than %.3g", ErrGrid, o.Wall, f.grid.Step)
	}
	cavity, err := f.surface(ctx, f.cavity, func(s float64) { step(0.5 * s) })
	if err != nil {
		return nil, did, err
	}
	cavity = cavity.withoutParts(math.Pow(2*o.Wall, 3))
	if len(cavity.Triangles) == 0 {
		return m, did, nil
	}
	floors := cavity.floors()
	did.Cavities = len(floors)
	out := m.with(cavity.turnedOver())
	if o.Drain > 0 {
		f.radius, f.drains = o.Drain/2, floors
		did.Drains, did.Step = len(f.drains), f.grid.Step
		if out, err = f.surface(ctx, f.drained, func(s float64) { step(0.5 + 0.5*s) }); err != nil {
			return nil, did, err
		}
		out = f.filled(out, math.Pow(2*o.Wall, 3))
		if err := (&solidField{mesh: m, tree: f.tree}).paint(ctx, out); err != nil {
			return nil, did, err
		}
	}
	did.Saved = 1 - out.Volume()/before.Volume
	step(1)
	return out, did, nil
}

// hollowField knows the distance to a closed mesh, inside positive, as far as the walls need it.
type hollowField struct {
	solidField
	wall   float64
	drains [][3]float64 // where they end, in the cavities
	radius float64      // of the drains
}

// cavity is the field of what is taken out, drained that of what is left with the drains open. Both take a distance and
// change by no more than one a unit of length.
func (f *hollowField) cavity(_ [3]float64, distance float64) float64 { return distance - f.wall }

func (f *hollowField) drained(p [3]float64, distance float64) float64 {
	value := math.Min(distance, f.wall-distance)
	for _, d := range f.drains {
		// A round bar that ends a radius above the cavity's floor.
		outside := math.Hypot(p[0]-d[0], p[1]-d[1]) - f.radius
		value = math.Min(value, math.Max(outside, p[2]-d[2]-f.radius))
	}
	return value
}

// surface extracts the zero of a field of the distance.
func (f *hollowField) surface(ctx context.Context, field func(p [3]float64, distance float64) float64, step func(float64)) (*Mesh, error) {
	h := f.grid.Step
	reach := f.wall + 2*h
	distance := func(p [3]float64, reach float64) float64 {
		if near, ok := f.tree.nearest(f.mesh, p, reach*reach); ok {
			return math.Sqrt(near.square)
		}
		return reach
	}
	far := func(p [3]float64, radius float64) (float32, bool) {
		d := distance(p, f.wall+2*radius)
		if f.winding.at(p) < 0.5 {
			d = -d
		}
		value := field(p, d)
		return float32(value), math.Abs(value) > radius
	}
	fill := func(first [3]float64, out *block) {
		var w, d [len(out)]float64
		var p [len(out)][3]float64
		for s := range out {
			x, y, z := inBlock(s)
			p[s] = [3]float64{first[0] + h*float64(x), first[1] + h*float64(y), first[2] + h*float64(z)}
			d[s] = distance(p[s], reach)
			w[s] = f.windingAt(s, &p, &d, &w)
			out[s] = float32(field(p[s], math.Copysign(d[s], w[s])))
		}
	}
	b, err := sampleBlocks(ctx, f.grid, far, fill, func(s float64) { step(0.8 * s) })
	if err != nil {
		return nil, err
	}
	m, err := Isosurface(ctx, f.grid, b.layer)
	if err != nil {
		return nil, err
	}
	// Of what is new, the cavities and the drains, no faces tell where its edges are; but for them the outside has its own.
	if len(f.drains) > 0 && f.wall > 1.1*h {
		if m, err = f.sharpened(ctx, b, m); err != nil {
			return nil, err
		}
	}
	return m.simplified(ctx, h, func(s float64) { step(0.8 + 0.2*s) })
}

// filled drops the cavities below a volume that have no drain: those that were not worth one. What was hollow before, of
// which the mesh has the surface, stays.
func (f *hollowField) filled(m *Mesh, volume float64) *Mesh {
	label, n := m.Components()
	small := make([]bool, n)
	for i, v := range m.partVolumes(label, n) {
		small[i] = v < 0 && -v < volume
	}
	out := &Mesh{Vertices: m.Vertices}
	seen := make([]bool, n)
	for i, t := range m.Triangles {
		l := label[i]
		if l >= 0 && small[l] && !seen[l] {
			seen[l] = true
			_, old := f.tree.nearest(f.mesh, wide(m.Vertices[t[0]]), f.wall*f.wall/4)
			small[l] = !old
		}
		if l < 0 || !small[l] {
			out.Triangles = append(out.Triangles, t)
		}
	}
	return out.Compact()
}

// turnedOver returns the mesh with its faces the other way round.
func (m *Mesh) turnedOver() *Mesh {
	out := &Mesh{Vertices: m.Vertices, Colors: m.Colors, Triangles: make([][3]uint32, len(m.Triangles))}
	for i, t := range m.Triangles {
		out.Triangles[i] = [3]uint32{t[0], t[2], t[1]}
	}
	return out
}

// with puts two meshes into one. What the other has no colours for gets white, and its faces a corner of the texture and the
// first filament.
func (m *Mesh) with(o *Mesh) *Mesh {
	n := uint32(len(m.Vertices))
	out := m.Clone()
	out.Vertices = append(out.Vertices, o.Vertices...)
	for _, t := range o.Triangles {
		out.Triangles = append(out.Triangles, [3]uint32{t[0] + n, t[1] + n, t[2] + n})
	}
	if m.Colors != nil {
		for i := range o.Vertices {
			c := [4]uint8{255, 255, 255, 255}
			if o.Colors != nil {
				c = o.Colors[i]
			}
			out.Colors = append(out.Colors, c)
		}
	}
	if m.UVs != nil {
		out.UVs = append(out.UVs, make([][3][2]float32, len(o.Triangles))...)
	}
	if m.Filaments != nil {
		out.Filaments = append(out.Filaments, make([]uint8, len(o.Triangles))...)
	}
	return out
}

// floors returns the lowest vertex of every outward part.
func (m *Mesh) floors() [][3]float64 {
	label, n := m.Components()
	low := make([][3]float64, n)
	for i := range low {
		low[i][2] = math.Inf(1)
	}
	for f, t := range m.Triangles {
		for _, v := range t {
			if p := wide(m.Vertices[v]); label[f] >= 0 && p[2] < low[label[f]][2] {
				low[label[f]] = p
			}
		}
	}
	var out [][3]float64
	for i, volume := range m.partVolumes(label, n) {
		if volume > 0 {
			out = append(out, low[i])
		}
	}
	return out
}
