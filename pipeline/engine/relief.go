package engine

import (
	"context"
	"errors"
	"fmt"
	"image"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// ErrNoDepth is what relief returns when it is to follow a depth map and there is none.
var ErrNoDepth = errors.New("there is no depth map")

var relief = Engine{
	Name:  "relief",
	Title: "Bas-relief",
	About: "A plaque with the picture raised on it. Good for portraits, pets, crests and buildings.",
	Settings: []Setting{
		choice("from", "From", "what makes the heights: auto is a depth map where there is one, else the brightness",
			Choice{fromAuto, "Automatic"}, Choice{fromBrightness, "Brightness"}, Choice{fromDepth, "Depth map"}),
		choice("background", "Background", "the whole picture, or only the subject on a level ground",
			Choice{wholePicture, "The whole picture"}, Choice{subjectOnly, "Only the subject"}),
		number("swell", "Swell", "rounds a subject on level ground up from its outline", "%", 0.5, 0, 1, 0.05),
		number("height", "Height", "of the relief above its base", "mm", 4, 0.2, 100, 0.1),
		number("base", "Base", "thickness below the relief", "mm", 2, 0.4, 50, 0.1),
		number("compression", "Compression", "flattens great steps, so that small forms get more of the height", "%", 0.5, 0, 1, 0.05),
		number("smoothing", "Smoothing", "evens out noise and texture and keeps edges", "%", 0.5, 0, 1, 0.05),
		{Name: "invert", Title: "Invert", About: "what is dark or far is high", Default: false},
		number("frame", "Frame", "width of a frame; 0 for none", "mm", 0, 0, 50, 0.5),
		number("frame-height", "Frame height", "of the frame above the base", "mm", 4, 0, 100, 0.5),
	},
	Presets: []Preset{
		{"plaque", "Framed plaque", Options{"frame": 4.0}},
		{"medal", "Only the subject, low", Options{"background": subjectOnly, "height": 2.5, "compression": 0.7}},
		{"carving", "Deep, with little detail", Options{"height": 8.0, "smoothing": 0.9}},
	},
	Lies:  true,
	Depth: func(o Options) bool { return o["from"] != fromBrightness },
	Whole: func(o Options) bool { return o["background"] == wholePicture },
	build: buildRelief,
}

// The choices of from and background.
const (
	fromAuto, fromBrightness, fromDepth = "auto", "brightness", "depth"
	wholePicture, subjectOnly           = "picture", "subject"
)

// buildRelief smooths the brightness or the depth, compresses its gradients and raises it from a base.
func buildRelief(ctx context.Context, in Input) (*mesh.Mesh, error) {
	in.Step("reading the picture", 0.05)
	src, err := in.reliefSource()
	if err != nil {
		return nil, err
	}
	w, h := cellsFor(src.w, src.h, in.Faces)
	z, err := src.averaged(ctx, w, h)
	if err != nil {
		return nil, err
	}
	in.Step("smoothing", 0.2)
	if err := z.smooth(ctx, in.number("smoothing")); err != nil {
		return nil, err
	}
	if in.on("invert") {
		for i, v := range z.v {
			z.v[i] = 1 - v
		}
	}
	in.Step("compressing", 0.35)
	if err := z.flatten(ctx, in.number("compression")); err != nil {
		return nil, err
	}
	if in.choice("background") == subjectOnly {
		if err := z.raise(ctx, in.Subject, in.number("swell")); err != nil {
			return nil, err
		}
	}
	height, base := in.number("height"), in.number("base")
	for i, v := range z.v {
		z.v[i] = float32(base + height*float64(v))
	}
	in.Step(fmt.Sprintf("building the surface, %d x %d cells", w, h), 0.8)
	p := newPlate(src.w, src.h, z, border{wide: in.number("frame"), thick: base + in.number("frame-height")}, foot{}, false)
	if err := p.fit(in.SizeMM); err != nil {
		return nil, err
	}
	m, err := p.mesh(ctx, src.colours(in, p.pitch))
	in.Step("built", 1)
	return m, err
}

// reliefSource is what a relief is made of, and the part of the subject's frame it shows.
type reliefSource struct {
	raster
	box image.Rectangle
}

func (in Input) reliefSource() (s reliefSource, err error) {
	covered := picture.Covered(in.Subject.Matte)
	if covered.Empty() {
		return s, picture.ErrNoSubject
	}
	s.box = covered
	if in.choice("background") == subjectOnly {
		s.box = in.Subject.Color.Rect
	}
	switch from := in.choice("from"); {
	case from == fromDepth && in.Depth == nil:
		return s, ErrNoDepth
	case from != fromBrightness && in.Depth != nil:
		if in.Depth.Rect != in.Subject.Color.Rect {
			return s, fmt.Errorf("the depth map has a frame of %v, the subject one of %v", in.Depth.Rect, in.Subject.Color.Rect)
		}
		s.raster = grayRaster(in.Depth, s.box, identity)
	case in.choice("background") == subjectOnly:
		s.raster = colourRaster(in.Subject.Color, s.box, identity, 1)
	default:
		s.raster, err = wholeRaster(in, identity, 1)
	}
	return s, err
}

// stone is the colour of what the picture does not show: the frame, and the ground round a subject.
var stone = [4]uint8{214, 208, 198, 255}

// colours are those of the picture at the points of a flat plate of so many millimetres a pixel.
func (s reliefSource) colours(in Input, pitch float64) func(x, y float64) [4]uint8 {
	sx, sy := float64(s.box.Dx())/(pitch*float64(s.w)), float64(s.box.Dy())/(pitch*float64(s.h))
	wide, high := pitch*float64(s.w), pitch*float64(s.h)
	ground := in.choice("background") == subjectOnly
	return func(x, y float64) [4]uint8 {
		const slack = 1e-6
		if x < -slack || x > wide+slack || -y < -slack || -y > high+slack {
			return stone
		}
		u, v := float64(s.box.Min.X)+x*sx, float64(s.box.Min.Y)-y*sy
		if ground && in.Subject.Matte.GrayAt(int(u), int(v)).Y < 128 {
			return stone
		}
		return in.Subject.At(u, v)
	}
}
