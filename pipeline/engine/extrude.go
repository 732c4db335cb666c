package engine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

var extrude = Engine{
	Name:  "extrude",
	Title: "Extrude",
	About: "Cuts the silhouette out of a plate, with straight edges straight and arcs round. Good for logos, letters, icons, badges and keyrings.",
	Settings: []Setting{
		number("thickness", "Thickness", "of the plate, or of what stands on the base", "mm", 3, 0.4, 50, 0.1),
		number("colours", "Colours", "how many of the picture's colours become heights of their own; 1 is a plate", "", 1, 1, 8, 1),
		number("step", "Step", "from the height of one colour to the next", "mm", 0.8, 0.1, 10, 0.1),
		choice("order", "Order", "which colours are higher",
			Choice{darkHigh, "Dark ones"}, Choice{lightHigh, "Light ones"}, Choice{smallHigh, "Those with less area"}),
		choice("edge", "Edge", "of the top, wherever it falls; parts that are too narrow for it get a smaller one",
			Choice{sharpEdge, "Sharp"}, Choice{chamferEdge, "Chamfer"}, Choice{roundEdge, "Round"}),
		number("edge-size", "Edge size", "of the chamfer or the rounding", "mm", 0.6, 0.1, 10, 0.1),
		number("base", "Base plate", "thickness of a plate under all of it; 0 for none", "mm", 0, 0, 20, 0.1),
		choice("base-shape", "Shape of the base", "follows the outline, or is a rectangle or a disc",
			Choice{outlineBase, "Outline"}, Choice{boxBase, "Rectangle"}, Choice{discBase, "Disc"}),
		number("margin", "Margin", "by which the base is larger than the subject", "mm", 3, 0, 30, 0.5),
		number("border", "Border", "width of a raised border round the base, as high as the lowest colour; 0 for none", "mm", 0, 0, 20, 0.5),
		number("keyring", "Keyring hole", "diameter of a hole in a tab at the top; 0 for none", "mm", 0, 0, 20, 0.5),
		number("smoothing", "Smoothing", "how far the outline may leave the edge of the pixels", "px", 0.5, 0.1, 4, 0.1),
	},
	Presets: []Preset{
		{"keyring", "Keyring", Options{"edge": chamferEdge, "edge-size": 0.5, "keyring": 4.0}},
		{"badge", "Badge in colours", Options{"colours": 4.0, "base": 1.6, "border": 2.0, "thickness": 0.8, "order": smallHigh}},
		{"sign", "Sign on a plate", Options{"base": 2.0, "base-shape": boxBase, "margin": 5.0, "border": 2.0, "thickness": 2.0, "edge": chamferEdge, "edge-size": 0.4}},
		{"soft", "Plate with round edges", Options{"thickness": 5.0, "edge": roundEdge, "edge-size": 2.0}},
	},
	Lies:  true,
	build: buildExtrude,
}

// The choices of order, edge and base-shape.
const (
	darkHigh, lightHigh, smallHigh    = "dark", "light", "small"
	sharpEdge, chamferEdge, roundEdge = "sharp", "chamfer", "round"
	outlineBase, boxBase, discBase    = "outline", "rectangle", "disc"
)

const (
	unitsPerCell = 1024   // of the whole numbers that points are rounded to
	chordShare   = 16_000 // a chord leaves its circle by the size over this
	coarsest     = 400    // or by this where fewer faces are asked for
	stairs       = 0.3    // pixels by which hard stairs may be farther from a line
	regionPixels = 4      // area under which a region goes to its neighbour, in pixels of the picture
	colourPixels = 12     // and one of another colour
)

// buildExtrude divides the plane into the regions of the subject's colours, base and border, whose borders are traced below
// the pixel and described by lines and circular arcs. Each border is described once for both its sides; the regions are
// triangulated together, lifted to their heights and joined by upright walls.
func buildExtrude(ctx context.Context, in Input) (*mesh.Mesh, error) {
	in.Step("tracing the outlines", 0.1)
	x, err := laidOut(ctx, in)
	if err != nil {
		return nil, err
	}
	n := x.partition().trace()
	if len(n.arcs) == 0 {
		return nil, picture.ErrNoSubject
	}
	in.Step(fmt.Sprintf("fitting lines and arcs to %d outlines", len(n.arcs)), 0.4)
	px := max(1/x.scale, 1)
	o, err := n.fitted(ctx, px, (in.number("smoothing")+stairs*x.hardness())*px)
	if err != nil {
		return nil, err
	}
	lines, err := o.affordable(ctx, in)
	if err != nil {
		return nil, err
	}
	in.Step("lifting the regions", 0.7)
	m, err := x.lift(ctx, in, o, lines)
	if err != nil {
		return nil, err
	}
	in.Step("built", 1)
	return toModel(m), nil
}

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

func laidOut(ctx context.Context, in Input) (*extrusion, error) {
	matte, box, err := dusted(in.Subject.Matte)
	if err != nil {
		return nil, err
	}
	l := layOut(in, outlinePixels(matte, box), [2]float64{float64(box.Dx()), float64(box.Dy())})
	lo, hi := l.bounds()
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

// affordable chooses chords fine enough to look round, and coarser ones where there would be more faces than asked for.
func (o *outlines) affordable(ctx context.Context, in Input) ([][][2]float64, error) {
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, a := range o.arcs {
		for _, p := range a.points {
			for k := range 2 {
				lo[k], hi[k] = min(lo[k], p[k]), max(hi[k], p[k])
			}
		}
	}
	side := max(hi[0]-lo[0], hi[1]-lo[1])
	perPoint := map[string]int{sharpEdge: 4, chamferEdge: 6, roundEdge: 16}[in.choice("edge")]
	chord := side / chordShare
	for ; chord < side/coarsest; chord *= 1.5 {
		points := 0
		for _, l := range o.lines(chord) {
			points += len(l)
		}
		if points*perPoint <= in.Faces {
			break
		}
	}
	return o.untangled(ctx, chord)
}

// lift triangulates the regions and raises them.
func (x *extrusion) lift(ctx context.Context, in Input, o *outlines, lines [][][2]float64) (*mesh.Mesh, error) {
	t := &terrace{plane: newPlane()}
	var points [][2]int64
	for _, l := range lines {
		for _, p := range l {
			points = append(points, [2]int64{int64(math.Round(p[0] * unitsPerCell)), int64(math.Round(p[1] * unitsPerCell))})
		}
	}
	ids := t.insertAll(points)
	for i, l := range lines {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a := o.arcs[i]
		for k := range l {
			next := k + 1
			if next == len(l) {
				if a.from >= 0 {
					break
				}
				next = 0
			}
			if !t.connect(ids[k], ids[next], 1+int32(a.left), 1+int32(a.right)) {
				return nil, errTangled
			}
		}
		ids = ids[len(l):]
	}
	if err := t.settle(); err != nil {
		return nil, err
	}
	units := unitsPerCell * x.perMM / x.scale // in a millimetre
	for _, h := range x.heights {
		t.height = append(t.height, h*units)
	}
	size := in.number("edge-size") * units
	if in.choice("edge") == sharpEdge {
		size = 0
	}
	t.treat(size, in.choice("edge") == roundEdge)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := t.again(); err != nil {
		return nil, err
	}
	return t.lifted(1./unitsPerCell, x.colours)
}
