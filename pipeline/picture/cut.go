package picture

import (
	"context"
	"errors"
	"fmt"
	"image"

	"golang.org/x/image/draw"
)

// CutOptions say how the subject is found. The zero value is right for most pictures.
type CutOptions struct {
	Margin         float64     // space round the subject, as a share of its longer side; 0 means 4 %, less means none
	KeepBackground bool        // the whole picture is the subject
	Network        *CutNetwork // takes the place of the segmentation of colours; nil for none
	Scribble       *image.Gray // 255 keep, 0 remove, 128 undecided, of the picture's proportions; nil for none
	MaxSide        int         // the longer side the subject is worked on and returned at most; 0 means 1024
}

const (
	defaultMargin  = 0.04
	defaultMaxSide = 1024
)

// CutNetwork is a network for cutting out, and the file it is in.
type CutNetwork struct {
	Cutter
	Path  string
	Asked bool // by name: also where the background is plain, which colours cut out more exactly
}

// Cut finds the subject, by the picture's own alpha, by a network or by a segmentation of its colours, corrects it by the
// scribble, and frames it. step, which may be nil, hears what is being done and how far it is, 0 to 1. It returns
// [ErrNoSubject] when there is none, and the context's error soon after that is done.
func Cut(ctx context.Context, p *Picture, o CutOptions, step func(text string, fraction float64)) (*Subject, error) {
	if step == nil {
		step = func(string, float64) {}
	}
	c, err := Separate(ctx, p, o, step)
	if o.Scribble != nil && !o.KeepBackground && (err == nil || errors.Is(err, ErrNoSubject) && c != nil) {
		step("following the strokes", 0.7)
		c, err = c.Correct(ctx, o.Scribble)
	}
	if err != nil {
		return nil, err
	}
	step("framing", 0.9)
	s, err := c.Subject(o)
	step("framing", 1)
	return s, err
}

// Cutout says which part of a picture is the subject.
type Cutout struct {
	Image *image.NRGBA // the picture at working size; opaque, unless its own alpha is the cut-out
	Matte *image.Gray  // coverage, of the same bounds; nil where no subject was found
	How   string       // as in [Subject]
	Doubt float64
	scale float64 // pixels of the picture per pixel of Image
}

// Separate tells subject and background apart, whatever the scribble says. With an error that wraps [ErrNoSubject], but not
// [ErrBlank], comes a cut-out without a matte, which [Cutout.Correct] can go on from. step may be nil.
func Separate(ctx context.Context, p *Picture, o CutOptions, step func(text string, fraction float64)) (*Cutout, error) {
	if step == nil {
		step = func(string, float64) {}
	}
	if o.MaxSide <= 0 {
		o.MaxSide = defaultMaxSide
	}
	img, invisible := flatten(p.Image)
	if invisible {
		return nil, fmt.Errorf("%w: all of it is transparent", ErrBlank)
	}
	if p.Alpha && !o.KeepBackground {
		img = p.Image
	}
	c := &Cutout{}
	c.Image, c.scale = shrink(img, o.MaxSide)
	found, err := matteOf(ctx, p, c.Image, o, step)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && Covered(found.matte).Empty() {
		err = fmt.Errorf("%w: %s leaves nothing", ErrNoSubject, found.how)
	}
	if errors.Is(err, ErrNoSubject) && !errors.Is(err, ErrBlank) {
		return c, err
	}
	if err != nil {
		return nil, err
	}
	c.Matte, c.How, c.Doubt = found.matte, found.how, found.doubt
	return c, nil
}

// Subject frames what was cut out.
func (c *Cutout) Subject(o CutOptions) (*Subject, error) {
	if o.Margin == 0 {
		o.Margin = defaultMargin
	}
	if o.MaxSide <= 0 {
		o.MaxSide = defaultMaxSide
	}
	box := Covered(c.Matte)
	if box.Empty() {
		return nil, fmt.Errorf("%w: %s leaves nothing", ErrNoSubject, c.How)
	}
	s := frame(c.Image, c.Matte, box, c.scale, min(max(o.Margin, 0), 1))
	s.How, s.Doubt = c.How, c.Doubt
	s.fit(o.MaxSide)
	return s, nil
}

// matteOf covers the subject on img, which is the picture at working size.
func matteOf(ctx context.Context, p *Picture, img *image.NRGBA, o CutOptions, step func(string, float64)) (cutout, error) {
	switch {
	case o.KeepBackground:
		matte := image.NewGray(img.Rect)
		for i := range matte.Pix {
			matte.Pix[i] = 255
		}
		return cutout{matte, "the whole picture", 0}, nil
	case p.Alpha:
		return cutout{alphaOf(img), "the picture's own alpha", 0}, nil
	default:
		return segment(ctx, img, o.Network, step)
	}
}

func alphaOf(img *image.NRGBA) *image.Gray {
	out := image.NewGray(img.Rect)
	for i := range out.Pix {
		out.Pix[i] = img.Pix[4*i+3]
	}
	return out
}

// scribbleFor brings a scribble to the working size, without mixing its three values.
func scribbleFor(s *image.Gray, r image.Rectangle) *image.Gray {
	if s == nil || s.Rect == r && s.Stride == r.Dx() {
		return s
	}
	out := image.NewGray(r)
	draw.NearestNeighbor.Scale(out, r, s, s.Rect, draw.Src, nil)
	return out
}
