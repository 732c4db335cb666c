package picture

// At reads the colour at a point in pixels from the corner, bilinear between their centres; beyond the edge it is the edge's.
func (s *Subject) At(x, y float64) [4]uint8 {
	c := s.Color
	w, h := c.Rect.Dx(), c.Rect.Dy()
	x = min(max(x-0.5, 0), float64(w-1))
	y = min(max(y-0.5, 0), float64(h-1))
	i, j := int(x), int(y)
	fx, fy := x-float64(i), y-float64(j)
	i1, j1 := min(i+1, w-1), min(j+1, h-1)
	out := [4]uint8{3: 255}
	for k := range 3 {
		at := func(u, v int) float64 { return float64(c.Pix[v*c.Stride+4*u+k]) }
		out[k] = uint8((1-fy)*((1-fx)*at(i, j)+fx*at(i1, j)) + fy*((1-fx)*at(i, j1)+fx*at(i1, j1)) + 0.5)
	}
	return out
}
