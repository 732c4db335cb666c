package picture

import "math"

// superpixels are patches of like colour, the nodes that saliency is reasoned on.
type superpixels struct {
	label  []int32      // of each pixel
	color  [][3]float64 // mean in CIE Lab
	grain  []float64    // standard deviation of the lightness, a plain measure of texture
	at     [][2]float64 // centre, pixels
	pixels []int        // how many
	border []int        // how many of them lie on the picture's border
	next   [][]int32    // neighbours, ascending
}

// slic clusters pixels by colour and place on a jittered grid (Achanta et al., SLIC Superpixels, 2012) into about n
// patches.
func slic(lab [][3]float32, w, h, n int) *superpixels {
	const compactness = 12.0
	pitch := max(2, math.Sqrt(float64(w*h)/float64(n)))
	type seed struct{ l, a, b, x, y float64 }
	var seeds []seed
	for y := pitch / 2; y < float64(h); y += pitch {
		for x := pitch / 2; x < float64(w); x += pitch {
			c := lab[int(y)*w+int(x)]
			seeds = append(seeds, seed{float64(c[0]), float64(c[1]), float64(c[2]), x, y})
		}
	}
	if len(seeds) == 0 {
		seeds = append(seeds, seed{x: float64(w) / 2, y: float64(h) / 2})
	}
	label, best := make([]int32, w*h), make([]float64, w*h)
	space := compactness * compactness / (pitch * pitch)
	for range 6 {
		for p := range best {
			best[p] = math.Inf(1)
		}
		for i, s := range seeds {
			x0, x1 := max(0, int(s.x-pitch)), min(w-1, int(s.x+pitch))
			y0, y1 := max(0, int(s.y-pitch)), min(h-1, int(s.y+pitch))
			for y := y0; y <= y1; y++ {
				for x := x0; x <= x1; x++ {
					c := &lab[y*w+x]
					l, a, b := float64(c[0])-s.l, float64(c[1])-s.a, float64(c[2])-s.b
					u, v := float64(x)-s.x, float64(y)-s.y
					if d := l*l + a*a + b*b + (u*u+v*v)*space; d < best[y*w+x] {
						best[y*w+x], label[y*w+x] = d, int32(i)
					}
				}
			}
		}
		sum, count := make([]seed, len(seeds)), make([]float64, len(seeds))
		for p, i := range label {
			c, s := lab[p], &sum[i]
			s.l, s.a, s.b = s.l+float64(c[0]), s.a+float64(c[1]), s.b+float64(c[2])
			s.x, s.y = s.x+float64(p%w), s.y+float64(p/w)
			count[i]++
		}
		for i, k := range count {
			if k > 0 {
				s := sum[i]
				seeds[i] = seed{s.l / k, s.a / k, s.b / k, s.x / k, s.y / k}
			}
		}
	}
	return describe(lab, label, w, h, len(seeds))
}

// describe measures the patches of a labelling.
func describe(lab [][3]float32, label []int32, w, h, n int) *superpixels {
	s := &superpixels{
		label: label, color: make([][3]float64, n), grain: make([]float64, n), at: make([][2]float64, n),
		pixels: make([]int, n), border: make([]int, n), next: make([][]int32, n),
	}
	join := func(i, j int32) {
		if i == j {
			return
		}
		for _, k := range s.next[i] {
			if k == j {
				return
			}
		}
		s.next[i], s.next[j] = append(s.next[i], j), append(s.next[j], i)
	}
	for p, i := range label {
		x, y := p%w, p/w
		for k := range 3 {
			s.color[i][k] += float64(lab[p][k])
		}
		s.grain[i] += float64(lab[p][0]) * float64(lab[p][0])
		s.at[i][0] += float64(x)
		s.at[i][1] += float64(y)
		s.pixels[i]++
		if x == 0 || y == 0 || x == w-1 || y == h-1 {
			s.border[i]++
		}
		if x+1 < w {
			join(i, label[p+1])
		}
		if y+1 < h {
			join(i, label[p+w])
		}
	}
	for i, k := range s.pixels {
		f := 1 / float64(max(k, 1))
		for c := range 3 {
			s.color[i][c] *= f
		}
		s.grain[i] = math.Sqrt(max(0, s.grain[i]*f-s.color[i][0]*s.color[i][0]))
		s.at[i][0] *= f
		s.at[i][1] *= f
	}
	return s
}

// apart is how different two patches look.
func (s *superpixels) apart(i, j int) float64 {
	var sum float64
	for k := range 3 {
		d := s.color[i][k] - s.color[j][k]
		sum += d * d
	}
	d := s.grain[i] - s.grain[j]
	return math.Sqrt(sum + d*d)
}
