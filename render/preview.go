package render

import (
	"fmt"
	"image"
	"math"

	"orfeas/pipeline/mesh"
)

// maxDrawn bounds the pixels of a picture: each takes 64 bytes while it is drawn.
const maxDrawn = 16 << 20

// Preview draws a mesh from the three-quarter view on a transparent ground, in software: the same bytes everywhere. It
// rasterises at twice the size with a depth buffer and means four pixels into one.
func Preview(m *mesh.Mesh, w, h int) (*image.NRGBA, error) {
	lo, hi := m.Bounds()
	return Draw(m, ThreeQuarter.Fit(lo, hi, float32(w)/float32(max(h, 1))), w, h)
}

// Draw draws a mesh from a camera on a transparent ground, in software.
func Draw(m *mesh.Mesh, c Camera, w, h int) (*image.NRGBA, error) {
	if w > 0 && h > maxDrawn/w {
		return nil, fmt.Errorf("draw: a picture of %d x %d is larger than %d pixels", w, h, maxDrawn)
	}
	if err := check(m); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	out, err := frame(w, h)
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	r := &raster{w: 2 * w, h: 2 * h, depth: make([]float32, 4*w*h), face: make([]int32, 4*w*h), bary: make([][2]float32, 4*w*h)}
	for i := range r.face {
		r.face[i] = -1
		r.depth[i] = math.MaxFloat32
	}
	s := newSurface(m)
	at := make([][3]float32, len(s.vertices))
	for i, v := range s.vertices {
		at[i][0], at[i][1], at[i][2] = c.Project(v.at, float32(r.w), float32(r.h))
	}
	for f, t := range s.triangles {
		r.triangle(int32(f), at[t[0]], at[t[1]], at[t[2]])
	}
	r.resolve(out, s, c)
	return out, nil
}

type raster struct {
	w, h  int
	depth []float32
	face  []int32
	bary  [][2]float32
}

// triangle fills the pixels whose centre it covers and where it is nearest. Depth is interpolated on the screen, which
// is near enough for faces of a few pixels.
func (r *raster) triangle(f int32, a, b, c [3]float32) {
	area := (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
	if area == 0 || a[2] <= 0 || b[2] <= 0 || c[2] <= 0 {
		return
	}
	x0, x1 := span(a[0], b[0], c[0], r.w)
	y0, y1 := span(a[1], b[1], c[1], r.h)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			px, py := float32(x)+0.5, float32(y)+0.5
			v := ((px-a[0])*(c[1]-a[1]) - (py-a[1])*(c[0]-a[0])) / area
			w := ((b[0]-a[0])*(py-a[1]) - (b[1]-a[1])*(px-a[0])) / area
			if v < 0 || w < 0 || v+w > 1 {
				continue
			}
			z := a[2] + v*(b[2]-a[2]) + w*(c[2]-a[2])
			if p := y*r.w + x; z < r.depth[p] {
				r.depth[p], r.face[p], r.bary[p] = z, f, [2]float32{v, w}
			}
		}
	}
}

func span(a, b, c float32, n int) (int, int) {
	lo, hi := min(a, b, c), max(a, b, c)
	return int(min(max(lo, 0), float32(n))), int(min(max(hi, -1), float32(n-1)))
}

// resolve lights what is seen and means two by two pixels, weighting colours by coverage.
func (r *raster) resolve(out *image.NRGBA, s *surface, c Camera) {
	right, up, back := c.axes()
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [3]int
			n := 0
			for i := range 4 {
				p := (2*y+i/2)*r.w + 2*x + i%2
				if r.face[p] < 0 {
					continue
				}
				n++
				color := r.color(s, p, right, up, back)
				for k := range sum {
					sum[k] += int(color[k])
				}
			}
			if n > 0 {
				o := out.PixOffset(x, y)
				for k := range sum {
					out.Pix[o+k] = uint8(sum[k] / n)
				}
				out.Pix[o+3] = uint8(255 * n / 4)
			}
		}
	}
}

func (r *raster) color(s *surface, p int, right, up, back [3]float32) [3]uint8 {
	t := s.triangles[r.face[p]]
	v, w := r.bary[p][0], r.bary[p][1]
	var n, color [3]float32
	for i, weight := range [3]float32{1 - v - w, v, w} {
		n = along(n, s.vertices[t[i]].normal, weight)
		color = along(color, s.vertices[t[i]].color, weight)
	}
	if s.texture != nil {
		color = s.textured(r.face[p], [3]float32{1 - v - w, v, w})
	}
	seen := [3]float64{float64(dot(n, right)), float64(dot(n, up)), float64(dot(n, back))}
	if seen == [3]float64{} {
		seen[2] = 1
	}
	return lit([3]float64{float64(color[0]), float64(color[1]), float64(color[2])}, unit(seen))
}
