package hunyuan

import (
	"image"

	"orfeas/pipeline/engine/dino"
	"orfeas/pipeline/engine/latent"
)

// Processor is how pictures are framed: the subject on white, Border of the frame's side beside it, of Size pixels.
type Processor struct {
	Size   int     `json:"size"`
	Border float64 `json:"border_ratio"`
}

// What the official code takes for settings that are not there.
const (
	usualSize   = 512
	usualBorder = 0.15
)

// framed brings a picture whose alpha is the cut-out into its frame. It is nil when nothing is covered. As in the official
// code the last row and column that are covered are lost, and fractions are cut off.
func (p Processor) framed(img *image.NRGBA) *image.NRGBA {
	box := latent.Covered(img)
	if box.Dx() < 2 || box.Dy() < 2 {
		return nil
	}
	box.Max.X, box.Max.Y = box.Max.X-1, box.Max.Y-1
	side := max(img.Rect.Dx(), img.Rect.Dy())
	scale := float64(int(float64(side)*(1-p.Border))) / float64(max(box.Dx(), box.Dy()))
	w, h := int(float64(box.Dx())*scale), int(float64(box.Dy())*scale)
	if w < 1 || h < 1 {
		return nil
	}
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	small := area(img.SubImage(box).(*image.NRGBA), w, h)
	x, y := (side-w)/2, (side-h)/2
	for j := range h {
		copy(out.Pix[out.PixOffset(x, y+j):], small.Pix[j*small.Stride:][:4*w])
	}
	for i := 0; i < len(out.Pix); i += 4 {
		a := float32(out.Pix[i+3]) / 255
		for c := range 3 {
			v := float32(float32(out.Pix[i+c])*a) + float32(255*(1-a)) // the conversions keep products from being fused
			out.Pix[i+c] = uint8(min(max(v, 0), 255))
		}
		out.Pix[i+3] = 255
	}
	return out
}

// pixels are what DINOv2 sees of a picture whose alpha is the cut-out, [3, side, side]; nil when nothing is covered.
func (p Processor) pixels(img *image.NRGBA, side int) []float32 {
	if img = p.framed(img); img == nil {
		return nil
	}
	img = cubic(img, p.Size, p.Size)
	x := make([]float32, 0, 3*p.Size*p.Size)
	for i, v := range img.Pix {
		if i%4 < 3 {
			x = append(x, float32(v)/255)
		}
	}
	return normalised(x, p.Size, side)
}

// The means and deviations of ImageNet's colours.
var (
	mean      = [3]float32{0.485, 0.456, 0.406}
	deviation = [3]float32{0.229, 0.224, 0.225}
)

// normalised brings a picture [size, size, 3] from 0 to 1 to the size and range of DINOv2, channels first.
func normalised(x []float32, size, side int) []float32 {
	if size != side {
		x = dino.Bilinear(x, size, size, 3, side, side)
	}
	out := make([]float32, len(x))
	for i, v := range x {
		c := i % 3
		out[c*side*side+i/3] = (v - mean[c]) / deviation[c]
	}
	return out
}
