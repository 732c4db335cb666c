package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"orfeas/pipeline/picture"
)

// photograph puts a painted view before a background, blurs it, adds grain and saves it as JPEG, each now and then, and cuts it
// out again, not always well.
func photograph(view *image.NRGBA, rng *rand.Rand) (*picture.Subject, error) {
	n := view.Rect.Dx()
	sub := &picture.Subject{Color: image.NewNRGBA(view.Rect), Matte: image.NewGray(view.Rect)}
	ground := [3]float64{rng.Float64() * 255, rng.Float64() * 255, rng.Float64() * 255}
	for i := range n * n {
		sub.Matte.Pix[i] = view.Pix[4*i+3]
		for k := range 3 {
			sub.Color.Pix[4*i+k] = uint8(ground[k])
			if view.Pix[4*i+3] > 0 {
				sub.Color.Pix[4*i+k] = view.Pix[4*i+k]
			}
		}
		sub.Color.Pix[4*i+3] = 255
	}
	if rng.Float64() < 0.4 {
		blur(sub.Color.Pix, 4, n, 1+rng.IntN(2))
	}
	if rng.Float64() < 0.4 {
		grain := 12 * rng.Float64()
		for i, v := range sub.Color.Pix {
			if i%4 < 3 {
				sub.Color.Pix[i] = uint8(min(max(float64(v)+grain*rng.NormFloat64(), 0), 255))
			}
		}
	}
	if rng.Float64() < 0.25 {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, sub.Color, &jpeg.Options{Quality: 25 + rng.IntN(70)}); err != nil {
			return nil, err
		}
		img, err := jpeg.Decode(&b)
		if err != nil {
			return nil, err
		}
		for i := range n * n {
			r, g, b, _ := img.At(i%n, i/n).RGBA()
			copy(sub.Color.Pix[4*i:], []uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)})
		}
	}
	if rng.Float64() < 0.3 {
		misjudge(sub.Matte, rng)
	}
	return sub, nil
}

// misjudge moves the outline in and out by a pixel or two, by a slow wave.
func misjudge(matte *image.Gray, rng *rand.Rand) {
	n := matte.Rect.Dx()
	soft := append([]uint8(nil), matte.Pix...)
	blur(soft, 1, n, 1+rng.IntN(3))
	level, wave := 0.5+0.2*rng.NormFloat64(), 0.25*rng.Float64()
	a, b, c := rng.NormFloat64()*12/float64(n), rng.NormFloat64()*12/float64(n), rng.Float64()*6
	for i, v := range soft {
		t := min(max(level+wave*math.Sin(a*float64(i%n)+b*float64(i/n)+c), 0.15), 0.85)
		matte.Pix[i] = uint8(min(max((float64(v)/255-t)*4+0.5, 0), 1) * 255)
	}
}

// blur means over (2r+1)² pixels of n columns, every channel for itself.
func blur(pix []uint8, channels, n, r int) {
	line := make([]int, n)
	pass := func(start, step int) {
		for i := range n {
			line[i] = int(pix[start+i*step])
		}
		for i := range n {
			sum, count := 0, 0
			for j := max(i-r, 0); j <= min(i+r, n-1); j++ {
				sum, count = sum+line[j], count+1
			}
			pix[start+i*step] = uint8((sum + count/2) / count)
		}
	}
	for c := range channels {
		for i := range n {
			pass(i*n*channels+c, channels)
		}
		for i := range n {
			pass(i*channels+c, n*channels)
		}
	}
}
