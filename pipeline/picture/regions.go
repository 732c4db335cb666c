package picture

import "math"

// regions labels the 4-connected regions where keep holds: label is 0 elsewhere, and sizes[label] counts pixels.
func regions(w, h int, keep func(p int) bool) (label []int32, sizes []int) {
	label, sizes = make([]int32, w*h), []int{0}
	var stack []int32
	visit := func(p int) {
		if label[p] == 0 && keep(p) {
			id := len(sizes) - 1
			label[p] = int32(id)
			sizes[id]++
			stack = append(stack, int32(p))
		}
	}
	for p := range label {
		if label[p] == 0 && keep(p) {
			sizes = append(sizes, 0)
			visit(p)
			spread(&stack, w, h, visit)
		}
	}
	return label, sizes
}

const (
	island     = 10  // a region of at least one such part of the largest is subject too,
	islet      = 50  // or of one such part when it lies close by, as feet below a body do
	closeBy    = 50  // that is within one such part of the picture's longer side
	pinhole    = 400 // an enclosed region under one such part of the picture is no hole
	holeColors = 4.0 // nor is one that differs by so much Lab from all of the background near it
)

// tidy keeps the islands that matter and fills what is not a real hole. Scribbled pixels stay as they are.
func (s *scene) tidy(inside []float32) {
	s.dropIslands(inside)
	s.fillHoles(inside)
	if s.marks == nil {
		return
	}
	for p, v := range s.marks.Pix {
		switch {
		case v >= scribbledKeep:
			inside[p] = 1
		case v < scribbledRemove:
			inside[p] = 0
		}
	}
}

func (s *scene) dropIslands(inside []float32) {
	label, sizes := regions(s.w, s.h, func(p int) bool { return inside[p] == 1 })
	main := 0
	for i, n := range sizes {
		if n > sizes[main] {
			main = i
		}
	}
	reach := max(s.w, s.h)/closeBy + 1
	body := make([]float32, len(inside))
	for p, l := range label {
		if int(l) == main {
			body[p] = 1
		}
	}
	body = maxWithin(body, s.w, s.h, reach)
	near := make([]bool, len(sizes))
	for p, l := range label {
		near[l] = near[l] || body[p] == 1
	}
	for p, l := range label {
		if n := sizes[l]; l > 0 && n*island < sizes[main] && (!near[l] || n*islet < sizes[main]) {
			inside[p] = 0
		}
	}
}

// fillHoles fills enclosed regions that are small, or that look like nothing in the background around: eyes, not the
// hole of a handle.
func (s *scene) fillHoles(inside []float32) {
	label, sizes := regions(s.w, s.h, func(p int) bool { return inside[p] == 0 })
	open := make([]bool, len(sizes))
	sum := make([][5]float64, len(sizes)) // Lab, x, y
	for p, l := range label {
		x, y := p%s.w, p/s.w
		if x == 0 || y == 0 || x == s.w-1 || y == s.h-1 {
			open[l] = true
		}
		for k := range 3 {
			sum[l][k] += float64(s.lab[p][k])
		}
		sum[l][3], sum[l][4] = sum[l][3]+float64(x), sum[l][4]+float64(y)
	}
	fill := make([]bool, len(sizes))
	for l := 1; l < len(sizes); l++ {
		if open[l] {
			continue
		}
		for k := range sum[l] {
			sum[l][k] /= float64(sizes[l])
		}
		fill[l] = sizes[l]*pinhole < s.w*s.h || !s.seenAround(sum[l], label, open)
	}
	for p, l := range label {
		if fill[l] {
			inside[p] = 1
		}
	}
}

// seenAround reports whether blocks of open background within a third of the picture of a place have its colour.
func (s *scene) seenAround(at [5]float64, label []int32, open []bool) bool {
	const block = 8
	reach := float64(max(s.w, s.h)) / 3
	for y := 0; y+block <= s.h; y += block {
		for x := 0; x+block <= s.w; x += block {
			if math.Hypot(float64(x)+block/2-at[3], float64(y)+block/2-at[4]) > reach {
				continue
			}
			var mean [3]float64
			n := 0
			for v := y; v < y+block; v++ {
				for p := v*s.w + x; p < v*s.w+x+block; p++ {
					if label[p] > 0 && open[label[p]] {
						n++
						for k := range 3 {
							mean[k] += float64(s.lab[p][k])
						}
					}
				}
			}
			if n < block*block/2 {
				continue
			}
			var d float64
			for k := range 3 {
				d += math.Pow(mean[k]/float64(n)-at[k], 2)
			}
			if d < holeColors*holeColors {
				return true
			}
		}
	}
	return false
}
