package engine

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// extrusion is a board whose regions have heights, in millimetres, and colours.
type extrusion struct {
	*board
	*layout
	cross   func(p, q int) float64
	heights []float64
	colours [][4]uint8
}

func (x *extrusion) partition() *partition {
	return &partition{w: x.w, h: x.h, label: x.label, cross: x.cross}
}

// laidOut puts the subject's colours, the base, its border and the tab on a board. Errors are [picture.ErrNoSubject] or that of
// ctx.
func laidOut(ctx context.Context, in Input) (*extrusion, error) {
	matte, box, err := dusted(in.Subject.Matte)
	if err != nil {
		return nil, err
	}
	l := layOut(in, outlinePixels(matte, box), [2]float64{float64(box.Dx()), float64(box.Dy())})
	lo, hi := l.bounds()
	for k := range 2 { // a fillet bulges by a quarter of its width at most
		lo[k], hi[k] = lo[k]-l.wall/4, hi[k]+l.wall/4
	}
	x := &extrusion{board: newBoard(matte, box, lo, hi), layout: l}
	var edge []float32
	if l.plate || l.hole > 0 {
		if edge, err = x.distances(ctx, x.matte); err != nil {
			return nil, err
		}
		if l.plate && l.shape == outlineBase {
			if edge, err = x.grown(ctx, edge, l.grow/x.scale); err != nil {
				return nil, err
			}
		}
	}
	shades, nodes, err := x.shades(ctx, in)
	if err != nil {
		return nil, err
	}
	cross := l.regions(x.board, edge)
	px := max(1/x.scale, 1)
	x.clear(regionPixels*px*px, 0)
	x.cross = func(p, q int) float64 {
		if a, c := x.label[p], x.label[q]; min(a, c) >= firstColour && x.matte[p] > 0 && x.matte[q] > 0 {
			from, to := shades[a-firstColour].rgb, shades[c-firstColour].rgb
			return halfway(nodes[p], nodes[q], from, to)
		}
		return cross(p, q)
	}
	x.rise(in, shades)
	return x, nil
}

// shades finds the subject's colours, ordered from low to high, and labels the board with them where there are several.
func (x *extrusion) shades(ctx context.Context, in Input) ([]shade, [][3]uint8, error) {
	n := int(math.Round(in.number("colours")))
	nodes := x.board.colours(in.Subject)
	px := max(1/x.scale, 1)
	pure := x.pure(nodes, int(math.Round(px)))
	const asOne = 4 // a plate gets the commonest of a few colours, not the mean of all
	shades := palette(nodes, pure, max(n, asOne))
	if shades == nil { // noise
		for p, c := range x.matte {
			pure[p] = c > 0
		}
		shades = palette(nodes, pure, max(n, asOne))
	}
	if n == 1 {
		return shades[:1], nodes, ctx.Err()
	}
	if len(shades) > n {
		shades = palette(nodes, pure, n)
	}
	slices.SortStableFunc(shades, func(a, b shade) int {
		switch in.choice("order") {
		case darkHigh:
			return cmp.Compare(b.lab[0], a.lab[0])
		case smallHigh:
			return cmp.Compare(b.count, a.count)
		}
		return cmp.Compare(a.lab[0], b.lab[0])
	})
	if err := x.paint(ctx, nodes, pure, shades, firstColour); err != nil {
		return nil, nil, err
	}
	x.clear(colourPixels*px*px, 0)
	return shades, nodes, nil
}

// halfway is where between two nodes the colour is halfway from one to another.
func halfway(p, q [3]uint8, from, to [3]float64) float64 {
	var a, b, square float64
	for k := range 3 {
		u := to[k] - from[k]
		a += u * (float64(p[k]) - from[k])
		b += u * (float64(q[k]) - from[k])
		square += u * u
	}
	if square == 0 {
		return 0.5
	}
	return zeroAt(float32(0.5-a/square), float32(0.5-b/square))
}

// rise gives the regions their heights and colours. All together are no higher than the size asked for.
func (x *extrusion) rise(in Input, shades []shade) {
	main := shades[0]
	for _, s := range shades {
		if s.count > main.count {
			main = s
		}
	}
	opaque := func(c [3]float64) [4]uint8 {
		return [4]uint8{uint8(c[0] + 0.5), uint8(c[1] + 0.5), uint8(c[2] + 0.5), 255}
	}
	plain := [4]uint8{48, 50, 54, 255}
	if main.lab[0] < 55 {
		plain = [4]uint8{236, 236, 232, 255}
	}
	under := in.number("base")
	x.heights = []float64{nothing: 0, basePlate: under}
	x.colours = [][4]uint8{nothing: plain, basePlate: plain}
	for i, s := range shades {
		x.heights = append(x.heights, under+in.number("thickness")+float64(i)*in.number("step"))
		x.colours = append(x.colours, opaque(s.rgb))
	}
	if top := slices.Max(x.heights); top > in.SizeMM {
		for i := range x.heights {
			x.heights[i] *= in.SizeMM / top
		}
	}
}
