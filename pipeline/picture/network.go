package picture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"orfeas/pipeline/onnx"
)

// maxNetwork bounds the file of a helper network, the largest of which has 224 MB.
const maxNetwork = 1 << 30

// The normalisation of ImageNet, which most networks learnt with.
var imageNetMean, imageNetDeviation = [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}

// Cutter is a network that cuts subjects out, as the program rembg has it.
type Cutter struct {
	Name, Title, File string // as in the table of networks, and the file in its folder
	Side              int    // of the square it looks at
	mean, deviation   [3]float64
	logits            bool // its output has yet to go through the logistic function
}

// Cutters are those that are known, the small one first.
var Cutters = []Cutter{
	{"u2netp", "U²-Net small", "u2netp.onnx", 320, imageNetMean, imageNetDeviation, false},
	{"u2net", "U²-Net", "u2net.onnx", 320, imageNetMean, imageNetDeviation, false},
	{"isnet", "IS-Net", "isnet-general-use.onnx", 1024, [3]float64{0.5, 0.5, 0.5}, [3]float64{1, 1, 1}, false},
	{"birefnet-lite", "BiRefNet lite", "BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx", 1024, imageNetMean, imageNetDeviation, true},
}

// sure is what the network must be of at least one pixel. A picture without an object has none; stretching its map to
// the full range, as is done to all, would make one up.
const sure = 0.5

// Matte covers the subject of a picture with the network in a file: 0 to 255, of the picture's size, to be taken as
// straight alpha. The error wraps [ErrNoSubject] where the network sees none, or one of [onnx.Open].
func (c Cutter) Matte(ctx context.Context, path string, img *image.NRGBA) (*image.Gray, error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	small := lanczos(rgbOf(img), w, h, 3, c.Side, c.Side)
	raw, err := runFile(ctx, path, onnx.Tensor{Shape: []int{1, 3, c.Side, c.Side}, Data: c.normalised(small)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	if len(raw.Data) < c.Side*c.Side {
		return nil, fmt.Errorf("%s: its map has the shape %v", c.Name, raw.Shape)
	}
	mask, err := c.stretched(raw.Data[:c.Side*c.Side])
	if err != nil {
		return nil, err
	}
	return &image.Gray{Pix: lanczos(mask, c.Side, c.Side, 1, w, h), Stride: w, Rect: image.Rect(0, 0, w, h)}, nil
}

// normalised divides by the picture's own brightest sample, not by 255.
func (c Cutter) normalised(rgb []uint8) []float32 {
	brightest := 1e-6
	for _, v := range rgb {
		brightest = max(brightest, float64(v))
	}
	return channelsFirst(rgb, func(v uint8, k int) float32 {
		return float32((float64(v)/brightest - c.mean[k]) / c.deviation[k])
	})
}

// stretched brings the first map of the network to 0 to 255. Fractions are cut off.
func (c Cutter) stretched(raw []float32) ([]uint8, error) {
	values := make([]float64, len(raw))
	lo, hi := 1e30, -1e30
	for i, v := range raw {
		if values[i] = float64(v); c.logits {
			values[i] = 1 / (1 + math.Exp(-values[i]))
		}
		lo, hi = min(lo, values[i]), max(hi, values[i])
	}
	if !(hi >= sure) || hi-lo < 1e-6 { // NaN too
		return nil, fmt.Errorf("%w: %s is nowhere surer of one than %.0f %%", ErrNoSubject, c.Name, 100*hi)
	}
	out := make([]uint8, len(values))
	for i, v := range values {
		out[i] = uint8((v - lo) / (hi - lo) * 255)
	}
	return out, nil
}

// runFile runs a network of one input from its ONNX file and returns its first output. Helper networks run on the CPU:
// the largest takes seconds there, no more than a GPU needs to get ready.
func runFile(ctx context.Context, path string, input onnx.Tensor) (onnx.Tensor, error) {
	m, err := onnx.ReadModel(path, maxNetwork)
	if err != nil {
		return onnx.Tensor{}, err
	}
	s, err := onnx.Open(m, onnx.Options{})
	if err != nil {
		return onnx.Tensor{}, err
	}
	defer s.Close()
	out, err := s.Run(ctx, input)
	if err != nil {
		return onnx.Tensor{}, err
	}
	if len(out) == 0 {
		return onnx.Tensor{}, errors.New("the network has no output")
	}
	return out[0], nil
}

// rgbOf drops the alpha.
func rgbOf(img *image.NRGBA) []uint8 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := make([]uint8, 0, 3*w*h)
	for y := range h {
		for x, row := 0, img.Pix[y*img.Stride:]; x < w; x++ {
			out = append(out, row[4*x:4*x+3]...)
		}
	}
	return out
}

// channelsFirst turns RGB, channels last, into three planes.
func channelsFirst(rgb []uint8, value func(v uint8, channel int) float32) []float32 {
	n := len(rgb) / 3
	out := make([]float32, len(rgb))
	for i, v := range rgb {
		out[i%3*n+i/3] = value(v, i%3)
	}
	return out
}
