package render

import (
	"math"

	"orfeas/pipeline/mesh"
)

// shadow is how much a mesh darkens the bed under it: a square of pixels on z = 0, its first row at the lowest y. Near
// contacts are dark; what hangs higher than about a third of the mesh's size leaves no trace.
type shadow struct {
	pixels    []uint8
	x, y      float32 // lower left corner in mm
	side      float32 // in mm; 0 for none
	reach     float64 // height at which the darkness has fallen to 1/e
	perPixel  float32
	nearestMM []float32
}

const shadowPixels = 128

func newShadow(m *mesh.Mesh) *shadow {
	lo, hi := m.Bounds()
	wide := max(hi[0]-lo[0], hi[1]-lo[1])
	size := max(wide, hi[2]-lo[2])
	s := &shadow{pixels: make([]uint8, shadowPixels*shadowPixels)}
	if size <= 0 || len(m.Triangles) == 0 {
		return s
	}
	s.side = wide + 0.5*size
	s.x, s.y = (lo[0]+hi[0]-s.side)/2, (lo[1]+hi[1]-s.side)/2
	s.reach, s.perPixel = 0.10*float64(size), s.side/shadowPixels
	s.nearestMM = make([]float32, len(s.pixels))
	for i := range s.nearestMM {
		s.nearestMM[i] = math.MaxFloat32
	}
	for _, t := range m.Triangles {
		s.cover(m.Vertices[t[0]], m.Vertices[t[1]], m.Vertices[t[2]])
	}
	dark := make([]float64, len(s.pixels))
	for i, z := range s.nearestMM {
		dark[i] = math.Exp(-max(float64(z), 0) / s.reach)
	}
	s.nearestMM = nil
	for range 3 { // three boxes come near a Gaussian
		blurRows(dark, shadowPixels/24)
		transpose(dark)
		blurRows(dark, shadowPixels/24)
		transpose(dark)
	}
	for i, d := range dark {
		s.pixels[i] = uint8(255*min(d, 1) + 0.5)
	}
	return s
}

// cover notes the lowest height over the pixels whose middle a triangle covers, and over those of its corners.
func (s *shadow) cover(a, b, c [3]float32) {
	to := func(p [3]float32) (float32, float32) { return (p[0] - s.x) / s.perPixel, (p[1] - s.y) / s.perPixel }
	ax, ay := to(a)
	bx, by := to(b)
	cx, cy := to(c)
	s.note(int(ax), int(ay), a[2])
	s.note(int(bx), int(by), b[2])
	s.note(int(cx), int(cy), c[2])
	area := (bx-ax)*(cy-ay) - (by-ay)*(cx-ax)
	if area == 0 {
		return
	}
	x0, x1 := span(ax, bx, cx, shadowPixels)
	y0, y1 := span(ay, by, cy, shadowPixels)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			px, py := float32(x)+0.5-ax, float32(y)+0.5-ay
			v, w := (px*(cy-ay)-py*(cx-ax))/area, ((bx-ax)*py-(by-ay)*px)/area
			if v >= 0 && w >= 0 && v+w <= 1 {
				s.note(x, y, a[2]+v*(b[2]-a[2])+w*(c[2]-a[2]))
			}
		}
	}
}

func (s *shadow) note(x, y int, z float32) {
	if x >= 0 && y >= 0 && x < shadowPixels && y < shadowPixels {
		i := y*shadowPixels + x
		s.nearestMM[i] = min(s.nearestMM[i], z)
	}
}

// blurRows means each pixel with its neighbours up to r away in the row; outside lies nothing.
func blurRows(a []float64, r int) {
	row := make([]float64, shadowPixels)
	for y := range shadowPixels {
		at := a[y*shadowPixels:][:shadowPixels]
		copy(row, at)
		sum := 0.0
		for x := -r; x < shadowPixels; x++ {
			if x+r < shadowPixels {
				sum += row[x+r]
			}
			if x-r-1 >= 0 {
				sum -= row[x-r-1]
			}
			if x >= 0 {
				at[x] = sum / float64(2*r+1)
			}
		}
	}
}

func transpose(a []float64) {
	for y := range shadowPixels {
		for x := range y {
			i, j := y*shadowPixels+x, x*shadowPixels+y
			a[i], a[j] = a[j], a[i]
		}
	}
}
