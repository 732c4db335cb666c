package engine

import (
	"context"
	"image"

	"orfeas/pipeline/picture"
)

// raster is a greyscale picture that is read row by row, so that a large one is not held a second time.
type raster struct {
	w, h int
	row  func(y int, out []float32) // the values of a row, 0 to 1
}

// wholeRaster reads the whole picture, in full resolution and depth where it is at hand. Every sample goes through curve;
// what is clear shows the paper. The error is [picture.ErrNoSubject].
func wholeRaster(in Input, curve func(float64) float64, paper float32) (raster, error) {
	if in.Picture != nil {
		if g := in.Picture.Gray16; g != nil {
			return grayRaster(g, g.Rect, curve), nil
		}
		return colourRaster(in.Picture.Image, in.Picture.Image.Rect, curve, paper), nil
	}
	box := picture.Covered(in.Subject.Matte)
	if box.Empty() {
		return raster{}, picture.ErrNoSubject
	}
	return colourRaster(in.Subject.Color, box, curve, paper), nil
}

func grayRaster(g *image.Gray16, box image.Rectangle, curve func(float64) float64) raster {
	table := make([]float32, 1<<16)
	for i := range table {
		table[i] = float32(curve(float64(i) / 65535))
	}
	return raster{box.Dx(), box.Dy(), func(y int, out []float32) {
		from := g.Pix[g.PixOffset(box.Min.X, box.Min.Y+y):]
		for x := range out {
			out[x] = table[int(from[2*x])<<8|int(from[2*x+1])]
		}
	}}
}

// colourRaster weighs the channels as Rec. 709 does: with the identity for a curve it reads the luma, with [light] the
// luminance.
func colourRaster(c *image.NRGBA, box image.Rectangle, curve func(float64) float64, paper float32) raster {
	var table [256]float32
	for i := range table {
		table[i] = float32(curve(float64(i) / 255))
	}
	return raster{box.Dx(), box.Dy(), func(y int, out []float32) {
		from := c.Pix[c.PixOffset(box.Min.X, box.Min.Y+y):]
		for x := range out {
			p := from[4*x : 4*x+4 : 4*x+4]
			v := 0.2126*table[p[0]] + 0.7152*table[p[1]] + 0.0722*table[p[2]]
			if p[3] < 255 {
				a := float32(p[3]) / 255
				v = a*v + (1-a)*paper
			}
			out[x] = v
		}
	}}
}

func identity(v float64) float64 { return v }

// samples are the cells of a grid over a picture, row by row.
type samples struct {
	w, h int
	v    []float32
}

// cellsFor returns the finest grid of square cells over w x h pixels, at most one a pixel, that makes a plate of no more
// triangles than faces.
func cellsFor(w, h, faces int) (int, int) {
	// Three columns or rows more for every border, and the walls and the back beside the front.
	fits := func(a, b int) bool { return 2*(a+6)*(b+8)+6*(a+b+14) <= faces }
	for size := 1.0; ; size *= 1.01 {
		a, b := max(1, int(float64(w)/size+0.5)), max(1, int(float64(h)/size+0.5))
		if fits(a, b) || a == 1 && b == 1 {
			return a, b
		}
	}
}

// averaged returns the mean of the picture over each of a x b cells, at most one a pixel; pixels that cells share count in
// each by their parts.
func (r raster) averaged(ctx context.Context, a, b int) (samples, error) {
	out := samples{a, b, make([]float32, a*b)}
	line, sums := make([]float32, r.w), make([]float64, r.w)
	high, wide := float64(r.h)/float64(b), float64(r.w)/float64(a)
	read := -1
	for j := range b {
		clear(sums)
		overlaps(float64(j)*high, float64(j+1)*high, r.h, func(y int, part float64) {
			if y != read {
				r.row(y, line)
				read = y
			}
			for x, v := range line {
				sums[x] += part * float64(v)
			}
		})
		for i := range a {
			var sum float64
			overlaps(float64(i)*wide, float64(i+1)*wide, r.w, func(x int, part float64) { sum += part * sums[x] })
			out.v[j*a+i] = float32(sum / (high * wide))
		}
		if j%16 == 0 && ctx.Err() != nil {
			return out, ctx.Err()
		}
	}
	return out, nil
}

// overlaps calls do for the unit steps, of n from 0 on, that a range reaches over, with the length of the overlap.
func overlaps(from, to float64, n int, do func(i int, part float64)) {
	for i := int(from); i < n && float64(i) < to; i++ {
		do(i, min(to, float64(i+1))-max(from, float64(i)))
	}
}

// smooth evens out noise and fine texture and keeps edges, by an amount from 0, which changes nothing, to 1.
func (s samples) smooth(ctx context.Context, amount float64) error {
	if amount == 0 {
		return nil
	}
	// A guided filter, twice over a small window rather than once over a large one, which would leave noise beside edges.
	radius := max(1, int(amount*float64(max(s.w, s.h))/100+0.5))
	for range 2 {
		if err := ctx.Err(); err != nil {
			return err
		}
		copy(s.v, picture.Guided(s.v, s.v, s.w, s.h, radius, float32(0.01*amount*amount)))
	}
	return ctx.Err()
}
