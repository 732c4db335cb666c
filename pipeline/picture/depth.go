package picture

import (
	"context"
	"fmt"
	"image"
	"math"

	"orfeas/pipeline/onnx"
)

// Estimator is a network that estimates how near every part of a picture is.
type Estimator struct {
	Name, File      string // as in the table of networks, and the file in its folder
	width, height   int    // of what it looks at, where that is fixed
	short, multiple int    // else: the shorter side at least, both sides multiples of this
	mean, deviation [3]float64
}

// DepthAnything is Depth Anything V2 Small (Yang et al. 2024).
var DepthAnything = Estimator{Name: "depth-anything-v2-small", File: "model.onnx", short: 518, multiple: 14, mean: imageNetMean, deviation: imageNetDeviation}

// longestLook bounds the sides of a very long picture, whose longer side would else be out of all proportion.
const longestLook = 2072

// Nearness estimates a picture with the network in a file: the nearest is 65535, the farthest 0, of the picture's size.
// It is a disparity, the inverse of a distance, of unknown scale. The error wraps one of [onnx.Open].
func (e Estimator) Nearness(ctx context.Context, path string, img *image.NRGBA) (*image.Gray16, error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	toW, toH := e.look(w, h)
	raw, err := runFile(ctx, path, onnx.Tensor{Shape: []int{1, 3, toH, toW}, Data: e.input(rgbOf(img), w, h, toW, toH)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	if len(raw.Data) != toW*toH {
		return nil, fmt.Errorf("%s: its map has the shape %v", e.Name, raw.Shape)
	}
	return spreadOut(raw.Data, toW, toH, w, h), nil
}

// look is the size of what the network is shown of a picture.
func (e Estimator) look(w, h int) (toW, toH int) {
	if e.width > 0 {
		return e.width, e.height
	}
	scale := float64(e.short) / float64(min(w, h))
	side := func(n int) int {
		m := float64(e.multiple)
		s := math.RoundToEven(float64(n)*scale/m) * m
		if s < float64(e.short) {
			s = math.Ceil(float64(n)*scale/m) * m
		}
		return int(min(s, longestLook))
	}
	return side(w), side(h)
}

// input scales and normalises. Where the deviation is 0 the network does the latter itself.
func (e Estimator) input(rgb []uint8, w, h, toW, toH int) []float32 {
	x := make([]float32, len(rgb))
	for i, v := range rgb {
		if x[i] = float32(v); e.deviation[0] != 0 {
			x[i] = float32((float64(v)/255 - e.mean[i%3]) / e.deviation[i%3])
		}
	}
	x = bicubic(x, w, h, 3, toW, toH)
	out, n := make([]float32, len(x)), toW*toH
	for i, v := range x {
		out[i%3*n+i/3] = v
	}
	return out
}

// spreadOut scales a map bilinearly with its corners on those of the picture, and to the whole range.
func spreadOut(raw []float32, w, h, toW, toH int) *image.Gray16 {
	lo, hi := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range raw {
		lo, hi = min(lo, v), max(hi, v)
	}
	out := image.NewGray16(image.Rect(0, 0, toW, toH))
	if !(hi > lo) {
		return out
	}
	at := func(i, n, to int) (int, int, float32) {
		x := float32(i) * float32(n-1) / float32(max(to-1, 1))
		k := min(int(x), n-1)
		return k, min(k+1, n-1), x - float32(k)
	}
	rows(toH, func(y int) {
		j, j1, fy := at(y, h, toH)
		for x := range toW {
			i, i1, fx := at(x, w, toW)
			v := (1-fy)*((1-fx)*raw[j*w+i]+fx*raw[j*w+i1]) + fy*((1-fx)*raw[j1*w+i]+fx*raw[j1*w+i1])
			s := uint16(min(max((v-lo)/(hi-lo), 0), 1)*65535 + 0.5)
			out.Pix[y*out.Stride+2*x], out.Pix[y*out.Stride+2*x+1] = uint8(s>>8), uint8(s)
		}
	})
	return out
}
