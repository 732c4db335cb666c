package picture

import "image"

// refine brings a small mask to the size of the picture with an edge that follows the picture's: a guided filter (He,
// Sun and Tang 2013) with the brightness as the guide, sharpened so that only the edge stays soft.
func refine(img *image.NRGBA, mask []float32, w, h int) *image.Gray {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	value := resample(mask, w, h, width, height)
	guide, big := make([]float32, len(value)), image.NewGray(img.Rect)
	for p := range guide {
		guide[p] = (float32(img.Pix[4*p]) + float32(img.Pix[4*p+1]) + float32(img.Pix[4*p+2])) / 765
	}
	radius := max(2, max(width, height)/160)
	out := Guided(guide, value, width, height, radius, 1e-4)
	for p, v := range out {
		big.Pix[p] = uint8(255*min(max((v-0.5)*2+0.5, 0), 1) + 0.5)
	}
	return big
}

// Guided filters value so that its edges follow those of the guide: in every window of (2r+1)^2 pixels the result is a
// linear function of the guide (He, Sun and Tang, Guided Image Filtering, 2013, equations 5 to 8). With itself as the guide
// a field is smoothed where its variance is below epsilon and kept where it is above. The fields have w x h values, row by row.
func Guided(guide, value []float32, w, h, r int, epsilon float32) []float32 {
	product := func(a, b []float32) []float32 {
		out := make([]float32, len(a))
		for i := range a {
			out[i] = a[i] * b[i]
		}
		return BoxMean(out, w, h, r)
	}
	mg, mv := BoxMean(guide, w, h, r), BoxMean(value, w, h, r)
	gg, gv := product(guide, guide), product(guide, value)
	for i := range gg {
		a := (gv[i] - mg[i]*mv[i]) / (gg[i] - mg[i]*mg[i] + epsilon)
		gg[i], gv[i] = a, mv[i]-a*mg[i]
	}
	a, b := BoxMean(gg, w, h, r), BoxMean(gv, w, h, r)
	for i := range a {
		a[i] = a[i]*guide[i] + b[i]
	}
	return a
}

// BoxMean is the mean over the part of each (2r+1)^2 window that lies in the picture.
func BoxMean(v []float32, w, h, r int) []float32 {
	rows, out := make([]float32, len(v)), make([]float32, len(v))
	for y := range h {
		var sum float64
		line := v[y*w : (y+1)*w]
		for x := range min(r, w) {
			sum += float64(line[x])
		}
		for x := range w {
			if x+r < w {
				sum += float64(line[x+r])
			}
			if x-r-1 >= 0 {
				sum -= float64(line[x-r-1])
			}
			rows[y*w+x] = float32(sum / float64(min(x+r, w-1)-max(x-r, 0)+1))
		}
	}
	sums := make([]float64, w)
	add := func(y int, sign float64) {
		for x, f := range rows[y*w : (y+1)*w] {
			sums[x] += sign * float64(f)
		}
	}
	for y := range min(r, h) {
		add(y, 1)
	}
	for y := range h {
		if y+r < h {
			add(y+r, 1)
		}
		if y-r-1 >= 0 {
			add(y-r-1, -1)
		}
		n := float64(min(y+r, h-1) - max(y-r, 0) + 1)
		for x, s := range sums {
			out[y*w+x] = float32(s / n)
		}
	}
	return out
}

// resample scales a field bilinearly.
func resample(v []float32, w, h, toW, toH int) []float32 {
	out := make([]float32, toW*toH)
	for y := range toH {
		fy := min(max((float32(y)+0.5)*float32(h)/float32(toH)-0.5, 0), float32(h-1))
		y0 := int(fy)
		y1, ty := min(y0+1, h-1), fy-float32(y0)
		for x := range toW {
			fx := min(max((float32(x)+0.5)*float32(w)/float32(toW)-0.5, 0), float32(w-1))
			x0 := int(fx)
			x1, tx := min(x0+1, w-1), fx-float32(x0)
			top := v[y0*w+x0]*(1-tx) + v[y0*w+x1]*tx
			out[y*toW+x] = top*(1-ty) + (v[y1*w+x0]*(1-tx)+v[y1*w+x1]*tx)*ty
		}
	}
	return out
}
