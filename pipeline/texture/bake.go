package texture

import (
	"context"
	"image"
	"math"

	"orfeas/pipeline/mesh"
)

// Bake paints the atlas: the mesh of the painting with UVs and a texture. The only error is that of ctx.
func (p *Painting) Bake(ctx context.Context, a *Atlas) (*mesh.Mesh, error) {
	p.flat = make([][3]float32, len(p.fine.mesh.Triangles))
	for f := range p.flat {
		p.flat[f] = p.fine.mesh.FaceNormal(f)
	}
	img, err := a.bake(ctx, p.fine, p.colour)
	if err != nil {
		return nil, err
	}
	out := *p.mesh
	out.UVs, out.Texture = a.UVs, img
	return &out, nil
}

// BakeColors makes a texture of the colours of a mesh's vertices. The only error is that of ctx.
func BakeColors(ctx context.Context, m *mesh.Mesh, a *Atlas) (*mesh.Mesh, error) {
	img, err := a.bake(ctx, refine(m, math.Inf(1)), func(f int, b [3]float32) [4]uint8 {
		var c rgb
		for i, w := range b {
			for k := range c {
				c[k] += w * float32(m.Colors[m.Triangles[f][i]][k])
			}
		}
		return mix(c, c, 0)
	})
	if err != nil {
		return nil, err
	}
	out := *m
	out.UVs, out.Texture = a.UVs, img
	return &out, nil
}

// bake asks for the colour of every pixel whose centre a fine triangle covers, and carries the colours over the edges of
// the charts, so that nothing else shows where a texture is read between pixels.
func (a *Atlas) bake(ctx context.Context, r *refined, colour func(f int, b [3]float32) [4]uint8) (*image.NRGBA, error) {
	owner, err := a.owners(ctx, r)
	if err != nil {
		return nil, err
	}
	img := image.NewNRGBA(image.Rect(0, 0, a.Size, a.Size))
	err = each(ctx, len(owner), func(from, to int) {
		for i := from; i < to; i++ {
			if owner[i] < 0 {
				continue
			}
			f := int(owner[i])
			c := a.corners(r, f)
			b := barycentric(c, float32(i%a.Size)+0.5, float32(i/a.Size)+0.5)
			*(*[4]uint8)(img.Pix[4*i:]) = colour(f, b)
		}
	})
	if err != nil {
		return nil, err
	}
	return img, a.dilate(ctx, img)
}

// owners returns the fine triangle that covers each pixel, -1 for none; the first where two share an edge.
func (a *Atlas) owners(ctx context.Context, r *refined) ([]int32, error) {
	owner := make([]int32, a.Size*a.Size)
	for i := range owner {
		owner[i] = -1
	}
	for f := range r.mesh.Triangles {
		if f%chunk == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		c := a.corners(r, f)
		cover(c[0], c[1], c[2], a.Size, a.Size, func(p int, _, _, _ float32) {
			if owner[p] < 0 {
				owner[p] = int32(f)
			}
		})
	}
	return owner, nil
}

// corners returns where a fine triangle lies, in pixels.
func (a *Atlas) corners(r *refined, f int) (c [3][3]float32) {
	uv := a.UVs[r.face[f]]
	for k, b := range r.corner[f] {
		for x := range 2 {
			c[k][x] = float32(a.Size) * (b[0]*uv[0][x] + b[1]*uv[1][x] + b[2]*uv[2][x])
		}
	}
	return c
}

func barycentric(c [3][3]float32, x, y float32) [3]float32 {
	area := (c[1][0]-c[0][0])*(c[2][1]-c[0][1]) - (c[1][1]-c[0][1])*(c[2][0]-c[0][0])
	v := ((x-c[0][0])*(c[2][1]-c[0][1]) - (y-c[0][1])*(c[2][0]-c[0][0])) / area
	w := ((c[1][0]-c[0][0])*(y-c[0][1]) - (c[1][1]-c[0][1])*(x-c[0][0])) / area
	v, w = min(max(v, 0), 1), min(max(w, 0), 1)
	return [3]float32{max(1-v-w, 0), v, w}
}

// dilate gives the pixels round the charts the mean of their neighbours, ring by ring, and all others the mean colour,
// which is what smaller versions of the texture mix with.
func (a *Atlas) dilate(ctx context.Context, img *image.NRGBA) error {
	n := a.Size
	var ring, sum [4]int
	border := make([]int32, 0, 1<<16)
	neighbours := func(i int32, do func(j int32)) {
		x, y := int(i)%n, int(i)/n
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				if u, v := x+dx, y+dy; (dx != 0 || dy != 0) && u >= 0 && v >= 0 && u < n && v < n {
					do(int32(v*n + u))
				}
			}
		}
	}
	for i := range int32(n * n) {
		if img.Pix[4*i+3] == 0 {
			continue
		}
		for k := range 3 {
			sum[k] += int(img.Pix[4*i+int32(k)])
		}
		sum[3]++
		border = append(border, i)
	}
	queued := make([]bool, n*n)
	for range 2 * a.Padding {
		if err := ctx.Err(); err != nil {
			return err
		}
		var next []int32
		for _, i := range border {
			neighbours(i, func(j int32) {
				if img.Pix[4*j+3] == 0 && !queued[j] {
					queued[j] = true
					next = append(next, j)
				}
			})
		}
		colours := make([][4]uint8, len(next))
		for at, j := range next {
			ring = [4]int{}
			neighbours(j, func(i int32) {
				if img.Pix[4*i+3] != 0 {
					for k := range 3 {
						ring[k] += int(img.Pix[4*i+int32(k)])
					}
					ring[3]++
				}
			})
			for k := range 3 {
				colours[at][k] = uint8(ring[k] / max(ring[3], 1))
			}
			colours[at][3] = 255
		}
		for at, j := range next {
			*(*[4]uint8)(img.Pix[4*j:]) = colours[at]
		}
		border = next
	}
	rest := [4]uint8{3: 255}
	for k := range 3 {
		rest[k] = uint8(sum[k] / max(sum[3], 1))
	}
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i+3] == 0 {
			*(*[4]uint8)(img.Pix[i:]) = rest
		}
	}
	return nil
}
