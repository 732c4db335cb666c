package engine

import (
	"fmt"
	"slices"
)

// line is a column or a row of vertices: where it is, and the cell of the picture it shows, or inBorder or inFoot.
type line struct {
	place
	cell int
}

const (
	inBorder = -1
	inFoot   = -2
)

// border goes round the picture. The zero value is none.
type border struct {
	wide, thick float64 // mm; thick from the back
	holes       bool    // two holes in the top, which is holeStrip wide at least
}

// foot is a bar below the plate that reaches out in front and behind. The zero value is none.
type foot struct{ high, out, thick float64 } // mm; thick is that of the plate above it

const (
	// lip is how many millimetres a step from one thickness to the next takes at most: nearly upright, yet never a face
	// without area.
	lip        = 0.2
	holeRadius = 1.5              // mm
	holeBlock  = 1.6 * holeRadius // half the side of the block a hole is cut from
	holeStrip  = 7                // mm
)

// newPlate lays out a plate over a picture of w x h pixels with the heights z, in millimetres. There is a vertex in the
// middle of every cell of z, at its height exactly; from the outermost the surface goes level to the edge of the picture,
// so that the plate is as large as the picture. A tube has no edges and no borders at its sides.
func newPlate(w, h int, z samples, b border, f foot, tube bool) *plate {
	columns, rows := cellLines(w, z.w), cellLines(h, z.h)
	if tube {
		columns = columns[1 : len(columns)-1]
	} else {
		columns = slices.Concat(before(b.wide), columns, after(w, b.wide))
	}
	top := b.wide
	if b.holes {
		top = max(top, holeStrip)
	}
	above := before(top)
	if b.holes {
		above = []line{above[0], {place{mm: -top/2 - holeBlock}, inBorder}, {place{mm: -top/2 + holeBlock}, inBorder}, above[1]}
	}
	rows = slices.Concat(above, rows, after(h, b.wide))
	if f.high > 0 {
		end := place{float64(h), b.wide}
		rows = append(rows, line{place{end.px, end.mm + min(lip, f.high/2)}, inFoot}, line{place{end.px, end.mm + f.high}, inFoot})
	}
	p := &plate{tube: tube, length: place{px: float64(w)}, bends: []int{0, len(rows) - 1}}
	p.front = make([]float32, 0, len(columns)*len(rows))
	for _, r := range rows {
		p.rows = append(p.rows, r.place)
		for _, c := range columns {
			switch {
			case r.cell == inFoot:
				p.front = append(p.front, float32(f.thick+f.out))
			case r.cell == inBorder || c.cell == inBorder:
				p.front = append(p.front, float32(b.thick))
			default:
				p.front = append(p.front, z.v[r.cell*z.w+c.cell])
			}
		}
	}
	for _, c := range columns {
		p.columns = append(p.columns, c.place)
	}
	if b.holes {
		p.bends = []int{0, 1, 2, len(rows) - 1}
		p.holes = []hole{{row: 1, x: place{px: float64(w) / 4}, radius: holeRadius}, {row: 1, x: place{px: 3 * float64(w) / 4}, radius: holeRadius}}
	}
	if f.high > 0 {
		n := len(rows)
		p.back = make([]float64, n)
		p.back[n-2], p.back[n-1] = -f.out, -f.out
		p.bends = append(p.bends[:len(p.bends)-1], n-3, n-2, n-1)
	}
	return p
}

// cellLines runs through the middles of n cells over so many pixels, and along the two edges.
func cellLines(pixels, n int) []line {
	out := []line{{place{}, 0}}
	for i := range n {
		out = append(out, line{place{px: (float64(i) + 0.5) * float64(pixels) / float64(n)}, i})
	}
	return append(out, line{place{px: float64(pixels)}, n - 1})
}

// before and after are the lines of a border, from the outside in and from the inside out.
func before(wide float64) []line {
	if wide == 0 {
		return nil
	}
	return []line{{place{mm: -wide}, inBorder}, {place{mm: -min(lip, wide/2)}, inBorder}}
}

func after(pixels int, wide float64) []line {
	if wide == 0 {
		return nil
	}
	px := float64(pixels)
	return []line{{place{px, min(lip, wide/2)}, inBorder}, {place{px, wide}, inBorder}}
}

// placeHoles finds the columns round every hole. The error, when there is no room, wraps [ErrOptions].
func (p *plate) placeHoles() error {
	end := 0
	for k := range p.holes {
		h := &p.holes[k]
		x := h.x.at(p.pitch)
		h.from, h.to = -1, -1
		for i, c := range p.x {
			if c <= x-holeBlock {
				h.from = i
			}
			if c >= x+holeBlock && h.to < 0 {
				h.to = i
			}
		}
		if h.from < end || h.to < 0 {
			return fmt.Errorf("%w: the plate is too narrow for two holes", ErrOptions)
		}
		end = h.to
	}
	return nil
}
