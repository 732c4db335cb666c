package engine

import (
	"context"
	"fmt"
	"math"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

var lithophane = Engine{
	Name:  Lithophane,
	Title: "Lithophane",
	About: "A thin plate that shows the picture when light shines through. Print it standing, in white.",
	Settings: []Setting{
		choice("shape", "Shape", "flat for a window, curved to stand by itself, a cylinder for a lamp",
			Choice{flatPlate, "Flat"}, Choice{curved, "Curved"}, Choice{cylinder, "Cylinder"}),
		number("arc", "Arc", "how far a curved one goes round, in degrees", "°", 120, 20, 300, 5),
		number("thinnest", "Thinnest", "thickness where the picture is white", "mm", 0.8, 0.2, 5, 0.05),
		number("thickest", "Thickest", "thickness where it is black", "mm", 3, 0.5, 12, 0.1),
		number("attenuation", "Attenuation", "thickness of your plastic that lets 37 % of the light through; print a wedge to find out", "mm", 1, 0.1, 10, 0.05),
		{Name: "invert", Title: "Negative", About: "dark is thin", Default: false},
		number("layer", "Layer height", "steps the thickness in whole layers, when it is printed lying flat; 0 for printed standing", "mm", 0, 0, 0.5, 0.01),
		number("border", "Border", "width of the border; 0 for none", "mm", 0, 0, 30, 0.5),
		number("border-thickness", "Border thickness", "from the back", "mm", 3, 0.5, 20, 0.1),
		choice("mount", "Mount", "a foot to stand on, or two holes of 3 mm in the top to hang it from",
			Choice{unmounted, "None"}, Choice{onFoot, "Foot"}, Choice{hanging, "Holes"}),
	},
	Presets: []Preset{
		{"window", "To hang in a window", Options{"mount": hanging, "border": 3.0}},
		{"standing", "To stand on a shelf", Options{"mount": onFoot, "border": 3.0}},
		{"lamp", "A lampshade", Options{"shape": cylinder, "border": 3.0}},
	},
	Whole:   func(Options) bool { return true },
	Colours: true,
	build:   buildLithophane,
}

// The choices of shape and mount.
const (
	flatPlate, curved, cylinder = "flat", "curved", "cylinder"
	unmounted, onFoot, hanging  = "none", "foot", "holes"
)

const footHigh = 4 // mm

// buildLithophane makes a plate as thick at every cell as [plastic.thickness] says.
func buildLithophane(ctx context.Context, in Input) (*mesh.Mesh, error) {
	stuff, err := plasticOf(in)
	if err != nil {
		return nil, err
	}
	in.Step("reading the light", 0.1)
	r, z, err := in.thickness(ctx, stuff)
	if err != nil {
		return nil, err
	}
	in.Step(fmt.Sprintf("building the plate, %d x %d cells", z.w, z.h), 0.5)
	p, err := in.lithophane(stuff, r, z)
	if err != nil {
		return nil, err
	}
	m, err := p.mesh(ctx, func(x, y float64) [4]uint8 { return white })
	in.Step("built", 1)
	return m, err
}

// lithophane lays the plate out, in its size.
func (in Input) lithophane(stuff plastic, r raster, z samples) (*plate, error) {
	var f foot
	b, shape := in.border(), in.choice("shape")
	if in.choice("mount") == onFoot {
		f = foot{high: footHigh, out: max(5, in.SizeMM/10), thick: stuff.thickest}
		if b.wide > 0 {
			f.thick = max(f.thick, b.thick)
		}
	}
	if shape == cylinder && z.w < 3 {
		return nil, fmt.Errorf("%w: the picture is too narrow for a cylinder", ErrOptions)
	}
	p := newPlate(r.w, r.h, z, b, f, shape == cylinder)
	p.middle = (stuff.thinnest + stuff.thickest) / 2
	switch shape {
	case curved:
		p.arc = in.number("arc") * math.Pi / 180
	case cylinder:
		p.arc = 2 * math.Pi
	}
	return p, p.fit(in.SizeMM)
}

// white is the plastic lithophanes are printed in.
var white = [4]uint8{245, 245, 242, 255}

func (in Input) border() border {
	return border{wide: in.number("border"), thick: in.number("border-thickness"), holes: in.choice("mount") == hanging}
}

// plastic is how a plate lets light through.
type plastic struct {
	thinnest, thickest float64 // mm, for white and black
	attenuation        float64 // mm in which light fades to 1/e
	layer              float64 // mm; 0 for any thickness
}

func plasticOf(in Input) (plastic, error) {
	p := plastic{in.number("thinnest"), in.number("thickest"), in.number("attenuation"), in.number("layer")}
	if p.thickest <= p.thinnest {
		return p, fmt.Errorf("%w: thickest, %g mm, must be more than thinnest, %g mm", ErrOptions, p.thickest, p.thinnest)
	}
	if least, most := p.layers(); p.layer > 0 && most <= least {
		return p, fmt.Errorf("%w: between thinnest, %g mm, and thickest, %g mm, there is one thickness only in layers of %g mm", ErrOptions, p.thinnest, p.thickest, p.layer)
	}
	return p, nil
}

// layers is of how many a plate consists at least and at most.
func (p plastic) layers() (least, most float64) {
	return math.Ceil(p.thinnest/p.layer - 1e-9), math.Floor(p.thickest/p.layer + 1e-9)
}

// through is the share of the light that a thickness lets through, by the law of Beer and Lambert.
func (p plastic) through(t float64) float64 { return math.Exp(-t / p.attenuation) }

// thickness is that which lets through light in proportion to the luminance, 0 to 1, between what the thickest and the
// thinnest let through; in whole layers where it is made of them.
func (p plastic) thickness(luminance float64) float64 {
	dark, bright := p.through(p.thickest), p.through(p.thinnest)
	t := -p.attenuation * math.Log(dark+luminance*(bright-dark))
	if p.layer > 0 {
		least, most := p.layers()
		return p.layer * min(max(math.Round(t/p.layer), least), most)
	}
	return min(max(t, p.thinnest), p.thickest)
}

// thickness reads the picture in linear light and returns it as thicknesses in millimetres, and the raster they are of.
func (in Input) thickness(ctx context.Context, stuff plastic) (raster, samples, error) {
	r, err := wholeRaster(in, picture.Linear, 1)
	if err != nil {
		return r, samples{}, err
	}
	w, h := cellsFor(r.w, r.h, in.Faces)
	z, err := r.averaged(ctx, w, h)
	if err != nil {
		return r, z, err
	}
	for i, v := range z.v {
		l := float64(v)
		if in.on("invert") {
			l = 1 - l
		}
		z.v[i] = float32(stuff.thickness(l))
	}
	return r, z, nil
}
