package dino

import (
	"errors"
	"fmt"
	"image"
	"math"
)

// Processor is how pictures are brought to the size and range of the network, named as in preprocessor_config.json: the
// shorter side is made Size.Shortest, and the middle is cut out.
type Processor struct {
	Size struct {
		Shortest int `json:"shortest_edge"`
	} `json:"size"`
	Crop struct {
		Height int `json:"height"`
		Width  int `json:"width"`
	} `json:"crop_size"`
	Resample  int        `json:"resample"`
	Factor    float64    `json:"rescale_factor"`
	Mean      [3]float32 `json:"image_mean"`
	Deviation [3]float32 `json:"image_std"`
}

// bicubic is the number that Pillow gives this way of resampling.
const bicubic = 3

// Check refuses what this package does not do.
func (p Processor) Check() error {
	switch {
	case p.Resample != bicubic:
		return errors.New("it resamples otherwise than bicubically")
	case p.Crop.Height != p.Crop.Width || p.Crop.Width < 1 || p.Crop.Width > p.Size.Shortest || p.Size.Shortest > 4096:
		return fmt.Errorf("a crop of %d x %d of %d", p.Crop.Width, p.Crop.Height, p.Size.Shortest)
	case p.Deviation[0] <= 0 || p.Deviation[1] <= 0 || p.Deviation[2] <= 0:
		return fmt.Errorf("deviations %v", p.Deviation)
	}
	return nil
}

// Side is how many pixels the network is given along each side.
func (p Processor) Side() int { return p.Crop.Width }

// Pixels is the network's input of a picture, whose alpha is ignored, [3, Side, Side].
func (p Processor) Pixels(img *image.NRGBA) []float32 {
	img = p.resized(img)
	side := p.Side()
	x0, y0 := (img.Rect.Dx()-side)/2, (img.Rect.Dy()-side)/2
	out := make([]float32, 3*side*side)
	for i := range out {
		c, y, x := i/(side*side), i/side%side, i%side
		v := float32(float64(img.Pix[img.PixOffset(x0+x, y0+y)+c]) * p.Factor)
		out[i] = (v - p.Mean[c]) / p.Deviation[c]
	}
	return out
}

// resized makes the shorter side what it has to be.
func (p Processor) resized(img *image.NRGBA) *image.NRGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	long := p.Size.Shortest * max(w, h) / min(w, h)
	if w < h {
		return resampled(img, p.Size.Shortest, long)
	}
	return resampled(img, long, p.Size.Shortest)
}

// resampled scales a picture bicubically to w x h as Pillow does it, to the last bit: along the rows first, with weights
// in fixed point and whole numbers in between.
func resampled(img *image.NRGBA, w, h int) *image.NRGBA {
	if w != img.Rect.Dx() {
		out := image.NewNRGBA(image.Rect(0, 0, w, img.Rect.Dy()))
		for y := range img.Rect.Dy() {
			scaled(out.Pix[y*out.Stride:], 4, w, img.Pix[y*img.Stride:], 4, img.Rect.Dx())
		}
		img = out
	}
	if h == img.Rect.Dy() {
		return img
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		scaled(out.Pix[4*x:], out.Stride, h, img.Pix[4*x:], img.Stride, img.Rect.Dy())
	}
	return out
}

// fixed is the number of binary places of Pillow's weights.
const fixed = 22

// scaled resamples a row of n pixels, step bytes apart, into one of to pixels.
func scaled(out []uint8, outStep, to int, in []uint8, step, n int) {
	scale := float64(n) / float64(to)
	wide := max(scale, 1)
	for i := range to {
		centre := (float64(i) + 0.5) * scale
		first, last := max(int(centre-2*wide+0.5), 0), min(int(centre+2*wide+0.5), n)
		raw, sum := make([]float64, last-first), 0.0
		for k := range raw {
			raw[k] = keys(math.Abs(float64(first+k)-centre+0.5)/wide, -0.5)
			sum += raw[k]
		}
		total := [4]int{1 << (fixed - 1), 1 << (fixed - 1), 1 << (fixed - 1), 1 << (fixed - 1)}
		for k, f := range raw {
			weight := int(math.Round(f / sum * (1 << fixed)))
			for c := range total {
				total[c] += weight * int(in[(first+k)*step+c])
			}
		}
		for c, t := range total {
			out[i*outStep+c] = uint8(min(max(t>>fixed, 0), 255))
		}
	}
}
