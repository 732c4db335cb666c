package texture

import (
	"context"
	"image"
	"math"

	"orfeas/pipeline/picture"
)

// exemplar is what patches are taken from.
type exemplar struct {
	image  raster
	blur   []rgb
	places []int32   // pixels whose patch is of the subject
	rare   []float32 // cost of a patch that has no like, per pixel
	usable []bool
}

func newExemplar(s *picture.Subject, w, h int, scale float64) *exemplar {
	e := &exemplar{image: raster{w, h, make([]rgb, w*h)}, rare: make([]float32, w*h), usable: make([]bool, w*h)}
	covered := make([]bool, w*h)
	for y := range h {
		for x := range w {
			e.image.pix[y*w+x], covered[y*w+x] = pooled(s, x, y, scale)
		}
	}
	const rim = patchReach + 1
	for y := rim; y < h-rim; y++ {
		for x := rim; x < w-rim; x++ {
			inside := true
			for dy := -rim; dy <= rim && inside; dy++ {
				for dx := -rim; dx <= rim && inside; dx++ {
					inside = covered[(y+dy)*w+x+dx]
				}
			}
			if inside {
				e.usable[y*w+x] = true
				e.places = append(e.places, int32(y*w+x))
			}
		}
	}
	e.blurred(max(w, h) / 14)
	e.rarity()
	return e
}

// pooled is the mean of the subject's pixels under one of the exemplar, and whether all of them are covered.
func pooled(s *picture.Subject, x, y int, scale float64) (mean rgb, covered bool) {
	size := s.Matte.Rect.Size()
	r := image.Rect(int(float64(x)/scale), int(float64(y)/scale), int(float64(x+1)/scale), int(float64(y+1)/scale))
	r.Max = image.Pt(max(r.Max.X, r.Min.X+1), max(r.Max.Y, r.Min.Y+1))
	r = r.Intersect(image.Rectangle{Max: size})
	covered = !r.Empty()
	n := float32(max(r.Dx()*r.Dy(), 1))
	for v := r.Min.Y; v < r.Max.Y; v++ {
		for u := r.Min.X; u < r.Max.X; u++ {
			covered = covered && s.Matte.Pix[v*s.Matte.Stride+u] >= 240
			for k := range mean {
				mean[k] += float32(s.Color.Pix[v*s.Color.Stride+4*u+k]) / n
			}
		}
	}
	return mean, covered
}

// blurred means over squares, of the subject's pixels only.
func (e *exemplar) blurred(reach int) {
	w, h := e.image.w, e.image.h
	// Summed areas of the colours and of the coverage.
	sum := make([][4]float64, (w+1)*(h+1))
	for y := range h {
		var row [4]float64
		for x := range w {
			if e.usable[y*w+x] {
				for k, c := range e.image.pix[y*w+x] {
					row[k] += float64(c)
				}
				row[3]++
			}
			for k := range row {
				sum[(y+1)*(w+1)+x+1][k] = sum[y*(w+1)+x+1][k] + row[k]
			}
		}
	}
	e.blur = make([]rgb, w*h)
	for _, i := range e.places {
		x, y := int(i)%w, int(i)/w
		x0, x1, y0, y1 := max(x-reach, 0), min(x+reach+1, w), max(y-reach, 0), min(y+reach+1, h)
		var s [4]float64
		for k := range s {
			s[k] = sum[y1*(w+1)+x1][k] - sum[y0*(w+1)+x1][k] - sum[y1*(w+1)+x0][k] + sum[y0*(w+1)+x0][k]
		}
		for k := range 3 {
			e.blur[i][k] = float32(s[k] / max(s[3], 1))
		}
	}
}

// rarity compares every patch with a fixed sample of the others: it is the distance to the one at the 4th percentile.
func (e *exemplar) rarity() {
	const sample, share = 256, 25
	var some []int32
	for i := range min(sample, len(e.places)) {
		some = append(some, e.places[i*len(e.places)/min(sample, len(e.places))])
	}
	nearest := len(some)/share + 1                                     // so many are kept, in order
	_ = each(context.Background(), len(e.places), func(from, to int) { // bounded: a grid of at most synthesisSide² times sample
		far := make([]float32, nearest)
		for n := from; n < to; n++ {
			for i := range far {
				far[i] = math.MaxFloat32
			}
			last := &far[nearest-1]
			for _, q := range some {
				d := apart(&e.image, e.places[n], &e.image, q, *last)
				if d >= *last {
					continue
				}
				i := nearest - 1
				for ; i > 0 && far[i-1] > d; i-- {
					far[i] = far[i-1]
				}
				far[i] = d
			}
			e.rare[e.places[n]] = *last
		}
	})
}
