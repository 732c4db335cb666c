package texture

import (
	"context"
	"math"

	"orfeas/pipeline/mesh"
)

// depth is what a camera sees of a mesh: how near its nearest surface is at the centre of every pixel, -Inf for nothing.
type depth struct {
	camera  Camera
	w, h    int
	nearest []float32
}

// look rasterises the mesh. The only error is that of ctx.
func look(ctx context.Context, m *mesh.Mesh, c Camera, w, h int) (*depth, error) {
	d := &depth{c, w, h, make([]float32, w*h)}
	for i := range d.nearest {
		d.nearest[i] = float32(math.Inf(-1))
	}
	at := make([][3]float32, len(m.Vertices))
	err := each(ctx, len(at), func(from, to int) {
		for i := from; i < to; i++ {
			x, y, n := c.project(m.Vertices[i])
			at[i] = [3]float32{float32(x), float32(y), float32(n)}
		}
	})
	for i, t := range m.Triangles {
		if i%chunk == 0 && err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		cover(at[t[0]], at[t[1]], at[t[2]], w, h, func(p int, a, b, c float32) {
			n := a*at[t[0]][2] + b*at[t[1]][2] + c*at[t[2]][2]
			d.nearest[p] = max(d.nearest[p], n)
		})
	}
	return d, nil
}

// cover calls do for every pixel of a w x h image whose centre a triangle covers, either way round, with its barycentric
// coordinates.
func cover(a, b, c [3]float32, w, h int, do func(p int, u, v, t float32)) {
	area := (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
	if area == 0 || area != area {
		return
	}
	y0, y1 := centres(a[1], b[1], c[1], h)
	x0, x1 := centres(a[0], b[0], c[0], w)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			px, py := float32(x)+0.5, float32(y)+0.5
			v := ((px-a[0])*(c[1]-a[1]) - (py-a[1])*(c[0]-a[0])) / area
			t := ((b[0]-a[0])*(py-a[1]) - (b[1]-a[1])*(px-a[0])) / area
			if v >= 0 && t >= 0 && v+t <= 1 {
				do(y*w+x, 1-v-t, v, t)
			}
		}
	}
}

// centres returns the first and the last pixel whose centre lies between the least and the greatest of three numbers.
func centres(a, b, c float32, n int) (int, int) {
	lo, hi := min(a, b, c), max(a, b, c)
	return int(math.Ceil(float64(min(max(lo-0.5, 0), float32(n))))), int(math.Floor(float64(min(max(hi-0.5, -1), float32(n-1)))))
}

// The cosine between the surface and the eye below which a picture says nothing about it, and above which it says all:
// at 80 degrees six pixels of surface fall on one of the picture.
const grazing, facing = 0.10, 0.40

// facing is the normal to believe at a point: the mean of the faces round it, or that of its own face when that is seen from
// the side.
func (d *depth) facing(v, normal, flat [3]float32) [3]float32 {
	if dot(wide(flat), d.camera.toEye(v)) < grazing {
		return flat
	}
	return normal
}

// seen returns how far the picture can be trusted about a point of the surface with the given unit normal, 0 to 1, and
// its pixel. It falls off toward grazing angles and toward what lies in front: what is a pixel or two beside an edge in
// front may show that edge. loose, in units of the mesh, lets the point lie behind the surface.
func (d *depth) seen(p, normal [3]float32, loose float64) (weight, x, y float64) {
	eye := d.camera.toEye(p)
	cos := dot(wide(normal), eye)
	x, y, n := d.camera.project(p)
	weight = step(cos, grazing, facing)
	if weight == 0 {
		return 0, x, y
	}
	// On a slope the neighbouring pixels are nearer by rights.
	slope := math.Sqrt(max(1-cos*cos, 0)) / max(cos, grazing) / d.camera.Scale
	i, j := int(math.Floor(x)), int(math.Floor(y))
	free, all := 0, 0
	for dy := -2; dy <= 2; dy++ {
		for dx := -2; dx <= 2; dx++ {
			if dx*dx+dy*dy > 5 {
				continue
			}
			all++
			u, v := i+dx, j+dy
			far := math.Sqrt(float64(dx*dx + dy*dy))
			if u < 0 || v < 0 || u >= d.w || v >= d.h || float64(d.nearest[v*d.w+u]) <= n+loose+(far+1.5)*slope+1.5/d.camera.Scale {
				free++
			} else if dx == 0 && dy == 0 {
				return 0, x, y
			}
		}
	}
	return weight * step(float64(free)/float64(all), 0.75, 1), x, y
}
