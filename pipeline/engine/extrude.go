package engine

import (
	"context"
	"errors"
	"fmt"
	"math"

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
		number("keyring", "Keyring hole", "diameter of a hole in a tab at the top, on whatever part lies under it; 0 for none", "mm", 0, 0, 20, 0.5),
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
	if errors.Is(err, errTangled) {
		// Arcs have changed places about a junction, which takes very narrow regions. They stay as the pixels have them.
		for i, a := range o.arcs {
			if a.from >= 0 {
				o.reset(i)
			}
		}
		if lines, err = o.affordable(ctx, in); err != nil {
			return nil, err
		}
		m, err = x.lift(ctx, in, o, lines)
	}
	if err != nil {
		return nil, err
	}
	in.Step("built", 1)
	return toModel(m), nil
}

// lift triangulates the regions and raises them. The error may be [errTangled].
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
	if err := t.treat(ctx, size, in.choice("edge") == roundEdge); err != nil {
		return nil, err
	}
	if err := t.again(); err != nil {
		return nil, err
	}
	return t.lifted(1./unitsPerCell, x.colours)
}
