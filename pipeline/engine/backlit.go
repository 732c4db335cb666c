package engine

import (
	"context"
	"image"
	"math"

	"orfeas/pipeline/picture"
)

// Lithophane is the name of the engine whose results are lit from behind.
const Lithophane = "lithophane"

// Backlit returns what a lithophane with the input's settings shows with an even white light behind it: the light its
// thickness lets through, by the same law, as a share of what the thinnest lets through, in sRGB. It has a pixel a cell of
// the mesh that [Engine.Build] makes of the same input, border included, laid flat; a foot and holes are left out.
func Backlit(ctx context.Context, in Input) (*image.Gray, error) {
	var err error
	if in.Options, err = lithophane.Complete(in.Options); err != nil {
		return nil, err
	}
	stuff, err := plasticOf(in)
	if err != nil {
		return nil, err
	}
	r, z, err := in.thickness(ctx, stuff)
	if err != nil {
		return nil, err
	}
	p, err := in.lithophane(stuff, r, z)
	if err != nil {
		return nil, err
	}
	b := in.border()
	shown := func(t float64) uint8 {
		return uint8(255*picture.Gamma(min(stuff.through(t)/stuff.through(stuff.thinnest), 1)) + 0.5)
	}
	cell := p.pitch * float64(r.w) / float64(z.w)
	cells := func(mm float64) int { return int(math.Round(mm / cell)) }
	left, top, bottom := cells(max(0, -p.x[0])), cells(p.y[0]), cells(b.wide)
	out := image.NewGray(image.Rect(0, 0, z.w+2*left, z.h+top+bottom))
	for i := range out.Pix {
		out.Pix[i] = shown(b.thick)
	}
	for j := range z.h {
		row := out.Pix[out.PixOffset(left, top+j):]
		for i := range z.w {
			row[i] = shown(float64(z.v[j*z.w+i]))
		}
	}
	return out, nil
}
