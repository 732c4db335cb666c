package engine

import (
	"context"
	"fmt"
	"math"

	"orfeas/pipeline/mesh"
)

// plate is a solid between a front, heights over a grid of columns and rows, and a back that is the same along every row.
// Flat, it lies in x and y with its front toward z; bent, it goes round an upright axis behind it, and its picture is still
// read from the front. Lengths are in millimetres.
//
// The front is a graph over the plane, or about the axis, and everywhere before the back, so that the surface cannot cross
// itself; all faces that meet share their vertices, so that it is closed.
type plate struct {
	columns, rows []place   // from the left, at least 3; from the top, at least 2
	front         []float32 // z, row by row
	back          []float64 // z by rows; nil where it is the plane z = 0
	bends         []int     // the rows the back has all its vertices in: the first, where it changes its slope, the last
	holes         []hole
	arc           float64 // radians it is bent through; 0 for flat
	tube          bool    // the last column joins the first
	length        place   // of a tube, round its middle
	middle        float64 // z of what keeps its length when it is bent

	pitch float64 // mm a pixel, by fit
	x, y  []float64
	tops  []float64 // the greatest z of every column
}

// place is a position that is so many pixels of the picture and so many millimetres from the picture's upper left corner, to
// the right or down.
type place struct{ px, mm float64 }

func (p place) at(pitch float64) float64 { return p.px*pitch + p.mm }

// fit finds the pitch at which the longest side of the box is size. The error, where what is measured in millimetres takes
// all the room, wraps [ErrOptions].
func (p *plate) fit(size float64) error {
	w := len(p.columns)
	p.tops = make([]float64, w)
	for i, z := range p.front {
		p.tops[i%w] = max(p.tops[i%w], float64(z))
	}
	p.x, p.y = make([]float64, w), make([]float64, len(p.rows))
	p.pitch = size / max(p.columns[w-1].px-p.columns[0].px, p.rows[len(p.rows)-1].px-p.rows[0].px)
	// The part of the longest side that does not grow with the pitch is less than all of it, so this contracts.
	for range 200 {
		for i, c := range p.columns {
			p.x[i] = c.at(p.pitch)
		}
		for j, r := range p.rows {
			p.y[j] = -r.at(p.pitch)
		}
		lo, hi := p.bounds()
		long := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2])
		if math.Abs(long/size-1) < 1e-7 {
			if err := p.checkBend(); err != nil {
				return err
			}
			return p.placeHoles()
		}
		p.pitch *= size / long
	}
	return fmt.Errorf("%w: borders and thickness leave no room for the picture in a size of %g mm", ErrOptions, size)
}

func (p *plate) checkBend() error {
	if p.arc == 0 {
		return nil
	}
	if room := p.radius() + p.backAt(len(p.rows)-1); !(room >= 1) {
		return fmt.Errorf("%w: the plate is too small to be bent that far", ErrOptions)
	}
	return nil
}

// radius is that of the plane z = 0 when bent.
func (p *plate) radius() float64 {
	length := p.x[len(p.x)-1] - p.x[0]
	if p.tube {
		length = p.length.at(p.pitch)
	}
	return length/p.arc - p.middle
}

func (p *plate) backAt(row int) float64 {
	if p.back == nil {
		return 0
	}
	return p.back[row]
}

// point bends a point of the flat plate.
func (p *plate) point(x, y, z float64) [3]float64 {
	if p.arc == 0 {
		return [3]float64{x, y, z}
	}
	r := p.radius()
	sin, cos := math.Sincos((x - (p.x[0]+p.x[len(p.x)-1])/2) / (r + p.middle))
	return [3]float64{(r + z) * sin, y, (r+z)*cos - r}
}

// bounds is the box of the bent plate.
func (p *plate) bounds() (lo, hi [3]float64) {
	low := 0.0
	for _, z := range p.back {
		low = min(low, z)
	}
	lo = [3]float64{math.Inf(1), p.y[len(p.y)-1], math.Inf(1)}
	hi = [3]float64{math.Inf(-1), p.y[0], math.Inf(-1)}
	for i, top := range p.tops {
		for _, z := range [2]float64{low, top} {
			q := p.point(p.x[i], 0, z)
			for _, k := range [2]int{0, 2} {
				lo[k], hi[k] = min(lo[k], q[k]), max(hi[k], q[k])
			}
		}
	}
	return lo, hi
}

// mesh builds the plate in the model frame, after fit. colour gives the colour at a point of the flat plate, in
// millimetres right of and above the picture's upper left corner; it may be nil.
func (p *plate) mesh(ctx context.Context, colour func(x, y float64) [4]uint8) (*mesh.Mesh, error) {
	lo, hi := p.bounds()
	b := &plateBuilder{plate: p, w: len(p.columns), h: len(p.rows), m: &mesh.Mesh{}, colour: colour}
	b.scale = 2 / max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2])
	for k := range lo {
		b.centre[k] = (lo[k] + hi[k]) / 2
	}
	b.cells = b.w - 1
	if p.tube {
		b.cells = b.w
	}
	b.m.Vertices = make([][3]float32, 0, b.w*b.h+len(p.bends)*b.w+2*b.h)
	b.m.Triangles = make([][3]uint32, 0, 2*b.cells*(b.h-1)+2*(len(p.bends)+1)*b.cells+6*b.h)
	if err := b.frontFaces(ctx); err != nil {
		return nil, err
	}
	b.backVertices()
	b.backFaces()
	b.walls()
	for _, h := range p.holes {
		b.bore(h)
	}
	return b.m, ctx.Err()
}
