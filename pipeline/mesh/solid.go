package mesh

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrNothing is wrapped by [Mesh.Solid] for a mesh without a face that has an area.
var ErrNothing = errors.New("there is no surface")

// The limits of [SolidOptions.Grid].
const (
	MinGrid, MaxGrid = 32, 1024
	defaultGrid      = 256
)

// SolidOptions steer [Mesh.Solid].
type SolidOptions struct {
	Grid    int  // steps of the longest side where the surface has to be rebuilt, 0 for 256
	Rebuild bool // rebuild even what could be repaired exactly
}

// Repair is what [Mesh.Solid] did.
type Repair struct {
	Dropped int     `json:"dropped"`           // faces that were broken, without area or repeated
	Flipped int     `json:"flipped"`           // faces that looked the wrong way
	Holes   int     `json:"holes"`             // holes closed with faces
	Inner   int     `json:"inner"`             // parts inside others, and cavities, taken out
	Step    float64 `json:"step,omitempty"`    // of the grid, in the mesh's units, when the surface was rebuilt; else 0
	Why     string  `json:"why,omitempty"`     // why it was rebuilt
	Sheets  float64 `json:"sheets,omitempty"`  // share of the area that enclosed nothing and was given a thickness of two steps
	Crosses int     `json:"crosses,omitempty"` // pairs of faces that crossed before
}

// String says it in words.
func (r Repair) String() string {
	var did []string
	say := func(n int, one, many string) {
		if n == 1 {
			did = append(did, "1 "+one)
		} else if n > 1 {
			did = append(did, fmt.Sprintf("%d %s", n, many))
		}
	}
	say(r.Dropped, "useless face dropped", "useless faces dropped")
	say(r.Flipped, "face turned", "faces turned")
	say(r.Holes, "hole closed", "holes closed")
	say(r.Inner, "inner part taken out", "inner parts taken out")
	if r.Step > 0 {
		did = append(did, fmt.Sprintf("surface rebuilt on a grid of %.3g, for %s", r.Step, r.Why))
	}
	if r.Sheets > 0 {
		did = append(did, fmt.Sprintf("%.0f %% of it had no thickness and was given some", 100*r.Sheets))
	}
	if did == nil {
		return "nothing had to be repaired"
	}
	return strings.Join(did, ", ")
}

// Solid makes a closed, outward 2-manifold of any triangle soup. Exact repairs come first: faces that are broken or
// repeated are dropped, vertices at one place welded, faces turned one way round, holes of up to 200 edges closed, and
// parts inside others taken out, cavities too. Where that is not enough, because faces cross, overlap or leave too much
// open, the surface is rebuilt on a grid: the sign comes from the generalised winding number (Jacobson et al. 2013), the
// distance from the nearest face, so real surface stays where it was to a fraction of a step, holes are spanned smoothly,
// and sheets that enclose nothing get a thickness of two steps. Edges and corners are brought back, but for a few places
// where they run close together; details below a step are lost.
//
// Colours come along. The result is the same on every run. step is called with what is done and the share, and may be
// nil. Errors wrap [ErrNothing] or are that of ctx.
func (m *Mesh) Solid(ctx context.Context, o SolidOptions, step func(text string, fraction float64)) (*Mesh, Repair, error) {
	if step == nil {
		step = func(string, float64) {}
	}
	step("repairing", 0)
	fixed, r, why := m.repaired(ctx, o.Rebuild)
	if err := ctx.Err(); err != nil {
		return nil, r, err
	}
	if why == "" {
		step("repaired", 1)
		return fixed, r, nil
	}
	if len(fixed.Triangles) == 0 {
		return nil, r, fmt.Errorf("make solid: %w", ErrNothing)
	}
	r.Why = why
	out, err := fixed.rebuilt(ctx, o, &r, step)
	if err != nil {
		return nil, r, err
	}
	step("rebuilt", 1)
	return out, r, nil
}

// repaired does what can be done exactly; why says what is still wrong then, empty when nothing is. Neither means anything once
// ctx is done.
func (m *Mesh) repaired(ctx context.Context, rebuild bool) (out *Mesh, r Repair, why string) {
	out = m.onlySound().Weld()
	if open(out) {
		out = out.snapped()
	}
	r.Dropped = len(m.Triangles) - len(out.Triangles)
	var whole bool
	out, r.Flipped, whole = out.unified()
	out, r.Holes = out.filled()
	if turned := out.outward(); turned > 0 {
		r.Flipped = max(0, min(r.Flipped+turned, len(m.Triangles)))
	}
	c, _ := out.check(ctx)
	r.Crosses = c.SelfIntersections
	switch {
	case rebuild:
		return out, r, "you asked for it"
	case !c.Closed:
		return out, r, fmt.Sprintf("%d open edges", c.OpenEdges)
	case !whole || !c.Oriented:
		return out, r, "faces without an outside"
	case !c.Manifold:
		return out, r, fmt.Sprintf("%d places that are not 2-manifold", c.ManifoldFaults)
	case c.SelfIntersections > 0:
		return out, r, fmt.Sprintf("%d pairs of crossing faces", c.SelfIntersections)
	case c.Degenerate > 0:
		return out, r, fmt.Sprintf("%d faces without area", c.Degenerate)
	case !(c.Volume > 0) || out.flatPart():
		return out, r, "a surface that encloses nothing"
	}
	inner, dropped, overlap := out.nested()
	if overlap {
		return out, r, "parts that overlap"
	}
	r.Inner = dropped
	return inner, r, ""
}

// flatPart reports whether a part of a closed mesh encloses next to nothing, like a sheet with two sides.
func (m *Mesh) flatPart() bool {
	label, n := m.Components()
	area := make([]float64, n)
	for f, t := range m.Triangles {
		if l := label[f]; l >= 0 {
			area[l] += norm(m.faceCross(t)) / 2
		}
	}
	for i, volume := range m.partSizes(label, n) {
		if volume < 1e-6*math.Pow(area[i], 1.5) {
			return true
		}
	}
	return false
}

func (m *Mesh) onlySound() *Mesh {
	out := &Mesh{Vertices: m.Vertices, Triangles: make([][3]uint32, 0, len(m.Triangles))}
	if len(m.Colors) == len(m.Vertices) {
		out.Colors = m.Colors
	}
	for _, t := range m.Triangles {
		if m.sound(t) {
			out.Triangles = append(out.Triangles, t)
		}
	}
	return out.Compact()
}

func open(m *Mesh) bool {
	found := false
	runs(m.halfEdges(func(int) bool { return true }), func(e []halfEdge) { found = found || len(e) == 1 })
	return found
}

// snapped welds the vertices of open edges that are closer than a millionth of the size: those that went apart by
// rounding. Two lattices, half a step apart, see to it that neighbours on both sides of a lattice line meet.
func (m *Mesh) snapped() *Mesh {
	loose := make([]bool, len(m.Vertices))
	runs(m.halfEdges(func(int) bool { return true }), func(e []halfEdge) {
		if len(e) == 1 {
			loose[e[0].key>>32], loose[uint32(e[0].key)] = true, true
		}
	})
	lo, hi := m.Bounds()
	cell := 2e-6 * max(float64(hi[0]-lo[0]), float64(hi[1]-lo[1]), float64(hi[2]-lo[2]))
	if cell == 0 {
		return m
	}
	out := &Mesh{Vertices: append([][3]float32(nil), m.Vertices...), Triangles: m.Triangles, Colors: m.Colors}
	for _, shift := range [2]float64{0.25, 0.75} {
		places := newTriples(len(out.Vertices))
		for i, p := range out.Vertices {
			if !loose[i] {
				continue
			}
			var key [3]uint32
			for k, x := range p {
				key[k] = uint32(int64(math.Floor((float64(x)-float64(lo[k]))/cell + shift)))
			}
			id, fresh := places.add(key)
			if fresh {
				places.keep = append(places.keep, uint32(i))
			}
			out.Vertices[i] = out.Vertices[places.keep[id]]
		}
	}
	return out.Weld()
}
