package hunyuan

import (
	"image"
	"math"
)

// Pictures are resampled as OpenCV does it with 8 bits: along the rows first, with weights of 11 binary places, and rounded
// at the end.

// binary places of the weights.
const places = 11

// taps weigh the samples from first on for one of a resized row; those beyond the ends are as the last there.
type taps struct {
	first   int
	weights []float32
}

// area is INTER_AREA: where a picture becomes smaller each pixel is the mean of those it covers, else it is blended from
// two along each side, less softly than bilinearly.
func area(img *image.NRGBA, w, h int) *image.NRGBA {
	fromW, fromH := img.Rect.Dx(), img.Rect.Dy()
	if fromW >= w && fromH >= h {
		return resampled(img, means(fromW, w), means(fromH, h), rounded)
	}
	return resampled(img, blends(fromW, w), blends(fromH, h), cutOff)
}

// cubic is INTER_CUBIC: cubic convolution (Keys 1981) with A = -0.75, not widened where the picture becomes smaller.
func cubic(img *image.NRGBA, w, h int) *image.NRGBA {
	if img.Rect.Dx() == w && img.Rect.Dy() == h {
		return img
	}
	return resampled(img, cubics(img.Rect.Dx(), w), cubics(img.Rect.Dy(), h), rounded)
}

// means are weighed exactly, without rounding to binary places.
func means(n, to int) []taps {
	step, out := float64(n)/float64(to), make([]taps, to)
	for i := range out {
		from, end := float64(i)*step, math.Min(float64(i+1)*step, float64(n))
		out[i].first = int(from)
		for k := out[i].first; float64(k) < end-1e-6; k++ {
			part := math.Min(end, float64(k+1)) - math.Max(from, float64(k))
			out[i].weights = append(out[i].weights, float32(part/(end-from)))
		}
	}
	return out
}

func blends(n, to int) []taps {
	step, out := float64(n)/float64(to), make([]taps, to)
	for i := range out {
		at := int(math.Floor(float64(i) * step))
		f := float64(i+1) - float64(at+1)/step
		if f <= 0 {
			f = 0
		} else {
			f -= math.Floor(f)
		}
		out[i] = taps{at, fixed(1-f, f)}
	}
	return out
}

func cubics(n, to int) []taps {
	const a = -0.75
	step, out := float64(n)/float64(to), make([]taps, to)
	for i := range out {
		x := (float64(i)+0.5)*step - 0.5
		at := math.Floor(x)
		f := x - at
		far := func(d float64) float64 { return ((a*d-5*a)*d+8*a)*d - 4*a }
		near := func(d float64) float64 { return ((a+2)*d-(a+3))*d*d + 1 }
		out[i] = taps{int(at) - 1, fixed(far(f+1), near(f), near(1-f), 0)}
		w := out[i].weights
		w[3] = float32(math.RoundToEven((1-far(f+1)-near(f)-near(1-f))*(1<<places))) / (1 << places)
	}
	return out
}

// fixed rounds weights to their binary places.
func fixed(weights ...float64) []float32 {
	out := make([]float32, len(weights))
	for i, w := range weights {
		out[i] = float32(math.RoundToEven(w*(1<<places))) / (1 << places)
	}
	return out
}

// resampled applies weights along the rows and then, as sum does it, along the columns, on all four channels.
func resampled(img *image.NRGBA, columns, lines []taps, sum func(weights, samples []float32) float64) *image.NRGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	wide := 4 * len(columns)
	narrow := make([]float32, h*wide)
	for y := range h {
		row := img.Pix[y*img.Stride:][:4*w]
		for i, t := range columns {
			to := narrow[y*wide+4*i:][:4]
			for k, f := range t.weights {
				from := row[4*min(max(t.first+k, 0), w-1):][:4]
				for c := range to {
					to[c] += f * float32(from[c])
				}
			}
		}
	}
	out := image.NewNRGBA(image.Rect(0, 0, len(columns), len(lines)))
	for j, t := range lines {
		samples := make([]float32, len(t.weights))
		for i := range wide {
			for k := range samples {
				samples[k] = narrow[min(max(t.first+k, 0), h-1)*wide+i]
			}
			out.Pix[j*out.Stride+i] = uint8(min(max(sum(t.weights, samples), 0), 255))
		}
	}
	return out
}

// rounded is a weighed sum, rounded.
func rounded(weights, samples []float32) float64 {
	total := 0.0
	for k, f := range weights {
		total += float64(f) * float64(samples[k])
	}
	return math.RoundToEven(total)
}

// cutOff is a weighed sum of which each summand loses all but two binary places first, as OpenCV does when it blends two.
func cutOff(weights, samples []float32) float64 {
	total := 0
	for k, f := range weights {
		total += int(f*(1<<places)) * (int(samples[k]*(1<<places)) >> 4) >> 16
	}
	return float64((total + 2) >> 2)
}
