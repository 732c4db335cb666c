package engine

import (
	"context"
	"fmt"
	"math"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

var inflate = Engine{
	Name:  "inflate",
	Title: "Inflate",
	About: "Blows the silhouette up into a rounded solid. Good for figures, animals, fruit and toys.",
	Settings: []Setting{
		number("thickness", "Thickness", "depth, 1 is round", "%", 1, 0.1, 3, 0.05),
		choice("profile", "Profile", "how the surface rises from the outline; cookie is a plate with round edges",
			Choice{round, "Round"}, Choice{soft, "Soft"}, Choice{cookie, "Cookie"}),
		number("turned", "Turned", "depth of mirror-symmetric upright shapes as if turned on a lathe: flat feet, round bellies", "%", 1, 0, 1, 0.05),
		number("lean", "Lean", "brings nearer the side that lies lower, as in pictures from above; try 1 for an animal or a car seen from above and the side; not with a flat back", "%", 0, 0, 2, 0.05),
		number("relief", "Relief", "surface detail from the picture's shading", "%", 0, 0, 1, 0.05),
		number("relief-scale", "Relief scale", "size of the detail: small for skin and bark, large for folds and muscles", "%", 1, 0.25, 4, 0.25),
		number("parts", "Parts", "raises the parts that clear inner contours set apart, so that lines of a drawing become grooves", "%", 0, 0, 1, 0.05),
		choice("back", "Back", "what the unseen side looks like",
			Choice{symmetric, "Mirrored"}, Choice{flat, "Flat"}),
		choice("islands", "Parts that do not touch", "what becomes of parts that do not touch; base joins them with a plate and makes the back flat",
			Choice{separate, "Separate solids"}, Choice{largest, "Only the largest"}, Choice{base, "Joined by a plate"}),
	},
	Presets: []Preset{
		{"plush", "Plush toy", Options{"profile": soft, "thickness": 1.2}},
		{"cookie", "Cookie or magnet", Options{"profile": cookie, "back": flat}},
		{"figure", "Figure with surface detail", Options{"relief": 0.4}},
		{"cartoon", "Cartoon with grooves", Options{"parts": 0.7}},
	},
	Framed: func(o Options) bool { return o["islands"] == base },
	build:  buildInflate,
}

// The choices of profile, back and islands.
const (
	round, soft, cookie     = "round", "soft", "cookie"
	symmetric, flat         = "symmetric", "flat"
	separate, largest, base = "separate", "largest", "base"
)

const (
	poissonSteps = 60 // conjugate gradient steps on the finest grid, doubled on each coarser one
	minSide      = 48
	maxSide      = 900
	baseDrop     = 49   // puts the plane of a flat back a fiftieth of a cell behind the middle
	rimCells     = 0.02 // puts the sides of the joining plate just outside of nodes, so that no triangle there is without area
	baseDepth    = 0.04 // thickness of the joining plate, as a share of the longer side
)

// buildInflate makes the solid between z = h(x,y) and z = -h(x,y) over the silhouette. The square of h is the solution
// of Poisson's equation, which is smooth, scaled by the smoothed ratio to the union of the largest balls that fit, which
// has the right thickness; so a disc becomes a sphere and a strip a round bar, without the ridges of the medial axis.
// The surface is the zero of h^2 - z^2, a field that is smooth up to the outline, so that front and back meet in a rim
// as round as the rest, and share its vertices. Upright mirror-symmetric silhouettes are blended toward turned solids,
// see [turned], and the whole is sheared in depth by [lean], which leaves the view from the front as it is.
func buildInflate(ctx context.Context, in Input) (*mesh.Mesh, error) {
	m, _, err := inflatedSolid(ctx, in)
	if err != nil {
		return nil, err
	}
	in.Step("built", 1)
	return toModel(m), nil
}

// inflatedSolid is what buildInflate makes, in cells of the silhouette that comes with it: x as there, y up from its last
// row, z toward the viewer from the plane of the outline.
func inflatedSolid(ctx context.Context, in Input) (*mesh.Mesh, *silhouette, error) {
	side, err := sideFor(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	in.Step("solving the thickness", 0.1)
	s, square, err := inflated(ctx, in, side)
	if err == nil {
		err = layered(ctx, s, square, in)
	}
	if err != nil {
		return nil, nil, err
	}
	in.Step(fmt.Sprintf("building the surface, %d x %d cells", s.w, s.h), 0.5)
	body := newBody(s, square, in)
	m, err := mesh.Isosurface(ctx, body.grid(), body.layer)
	if err != nil {
		return nil, nil, err
	}
	if body.flat && in.number("lean") > 0 && in.Note != nil {
		in.Note("it does not lean, for its back is flat", false)
	}
	if slope := lean(s) * in.number("lean"); slope != 0 && !body.flat {
		for i, v := range m.Vertices {
			m.Vertices[i][2] = v[2] + float32(slope*float64(v[0]))
		}
	}
	return m, s, nil
}

// sideFor chooses the grid that gives about the triangles asked for, from the area of a coarse surface.
func sideFor(ctx context.Context, in Input) (int, error) {
	const trial = 64
	s, square, err := inflated(ctx, in, trial)
	if err != nil {
		return 0, err
	}
	var area float64
	for p, q := range square {
		if s.cover[p] > 0 {
			dx := math.Sqrt(square[p+1]) - math.Sqrt(q)
			dy := math.Sqrt(square[p+s.w]) - math.Sqrt(q)
			area += math.Sqrt(1 + dx*dx + dy*dy)
		}
	}
	// Marching cubes makes a little over three triangles a unit of surface; both sides count.
	per := 2 * 3.3 * area / (trial * trial)
	return int(min(max(math.Sqrt(float64(in.Faces)/max(per, 1e-3)), minSide), maxSide)), nil
}

// inflated returns the silhouette on a grid and the squared height over it, in cells, zero outside.
func inflated(ctx context.Context, in Input, side int) (*silhouette, []float64, error) {
	s := outline(in.Subject.Matte, side)
	if s == nil {
		return nil, nil, picture.ErrNoSubject
	}
	if in.choice("islands") == largest {
		s.keepLargest(math.Inf(1))
	}
	u, err := poisson(ctx, s, poissonSteps)
	if err != nil {
		return nil, nil, err
	}
	ball := roundness(s)
	ratio := make([]float64, len(u))
	for p := range u {
		if u[p] > 0 {
			ratio[p] = min(ball[p]/u[p], 2)
		}
	}
	smooth := spread(ratio, u, s, max(2, side/40))
	square := make([]float64, len(u))
	for p := range u {
		square[p] = u[p] * smooth[p]
	}
	turned(s, square, u, in.number("turned"))
	profiled(square, side, in.choice("profile"))
	t := in.number("thickness") * in.number("thickness")
	for p := range square {
		square[p] *= t
	}
	return s, square, nil
}

const (
	softPower   = 1.5  // of the heights, relative to the tallest
	cookieDepth = 0.08 // half the depth of the plate, as a share of the longer side
)

// profiled turns the squared heights of a round profile into those of another: soft rises slowly from the outline to
// the same top, cookie levels off as h / sqrt(1 + (h/c)^2).
func profiled(square []float64, side int, name string) {
	var top float64
	for _, q := range square {
		top = max(top, q)
	}
	c := cookieDepth * float64(side)
	for p, q := range square {
		switch {
		case q <= 0:
		case name == soft:
			square[p] = q * math.Pow(q/top, softPower-1)
		case name == cookie:
			square[p] = q / (1 + q/(c*c))
		}
	}
}

// body is the field whose zero is the surface of an inflated silhouette.
type body struct {
	*silhouette
	front, back []float64 // squared heights in cells; outside the silhouette below zero
	depth       int       // cells from the middle plane to the frontmost layer
	behind      int       // cells from the middle plane to the hindmost layer
	flat        bool
	plate       float64 // depth of the joining plate in cells, 0 for none
}

func newBody(s *silhouette, square []float64, in Input) *body {
	b := &body{silhouette: s, front: square, back: square}
	if in.number("relief") > 0 {
		b.front = relieved(s, square, in)
	}
	var tallest float64
	for p := range b.front {
		tallest = max(tallest, b.front[p], b.back[p])
	}
	b.depth = int(math.Sqrt(tallest)) + 2
	b.flat = in.choice("back") == flat || in.choice("islands") == base
	b.behind = b.depth
	if b.flat {
		b.behind = 1
	}
	if in.choice("islands") == base {
		b.plate = max(2, baseDepth*float64(max(s.w, s.h)))
		b.behind = int(b.plate) + 2
	}
	b.front, b.back = extend(s, b.front), extend(s, b.back)
	return b
}

// extend carries the field over the outline: a node just outside gets what a straight line from its inside neighbours
// would give, so that the zero lies where the coverage says.
func extend(s *silhouette, square []float64) []float64 {
	out := make([]float64, len(square))
	for p, c := range s.cover {
		out[p] = square[p]
		if c > 0 {
			continue
		}
		out[p] = -1
		i, j := p%s.w, p/s.w
		if i == 0 || j == 0 || i == s.w-1 || j == s.h-1 {
			continue
		}
		var sum float64
		var n int
		for _, q := range [4]int{p - 1, p + 1, p - s.w, p + s.w} {
			if ci := s.cover[q]; ci > 0 {
				t := max(minFraction, ci/(ci-c))
				sum += square[q] * (1 - t) / t
				n++
			}
		}
		if n > 0 {
			out[p] = -max(sum/float64(n), 1e-3)
		}
	}
	return out
}

func (b *body) grid() mesh.Grid {
	return mesh.Grid{N: [3]int{b.w, b.h, b.behind + b.depth + 1}, Origin: [3]float64{0, 0, -float64(b.behind)}, Step: 1}
}

// layer samples the field; rows run upward, as y does.
func (b *body) layer(k int, out []float32) {
	z := float64(k - b.behind)
	field := b.front
	if z < 0 {
		field = b.back
	}
	for j := range b.h {
		row := field[(b.h-1-j)*b.w:]
		for i := range b.w {
			f := row[i] - z*z
			switch {
			case z < 0 && b.plate > 0:
				f = b.inPlate(i, j, z)
			case z < 0 && b.flat:
				// In proportion to the layer above, so that every column ends at the same depth: a plane.
				f = -baseDrop * max(row[i], 1e-3)
			case z == 0 && b.plate > 0:
				// The plate's own upper face, and at its sides nothing else, so that they are upright.
				const full = 0.5
				if on := full * b.inPlate(i, j, z); on > f || row[i] <= 0 || on > 0 && on < full {
					f = on
				}
			}
			out[j*b.w+i] = float32(f)
		}
	}
}

// inPlate is positive in the plate that joins islands: the whole box of the silhouette, down to its depth.
func (b *body) inPlate(i, j int, z float64) float64 {
	x, y := float64(i)-frameCells, float64(b.h-1-j)-frameCells
	edge := min(x, y, float64(b.box.Dx())/b.scale-x, float64(b.box.Dy())/b.scale-y)
	return min(edge+rimCells, z+b.plate, 1)
}

// toModel centres a mesh and scales its longest side to 2.
func toModel(m *mesh.Mesh) *mesh.Mesh {
	lo, hi := m.Bounds()
	scale := 2 / max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2], 1e-6)
	for i, v := range m.Vertices {
		for k := range v {
			m.Vertices[i][k] = (v[k] - (lo[k]+hi[k])/2) * scale
		}
	}
	return m
}
