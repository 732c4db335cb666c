package texture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"orfeas/pipeline/mesh"
)

// MinAtlas and MaxAtlas bound the width and height of a texture, in pixels.
const MinAtlas, MaxAtlas = 64, 8192

// Atlas says where on a square texture the faces of a mesh lie. All charts have the same scale, none overlap, and
// Padding pixels lie between two of them.
type Atlas struct {
	Size, Padding int
	UVs           [][3][2]float32 // per face and corner, 0 to 1, from the upper left corner
	chart         []int32         // of every face
}

// Unwrap lays the faces of a mesh out on a texture of size x size pixels. It returns
// [ErrRagged] or the error of ctx.
func Unwrap(ctx context.Context, m *mesh.Mesh, size int) (*Atlas, error) {
	size = min(max(size, MinAtlas), MaxAtlas)
	a := &Atlas{Size: size, Padding: max(2, size/512), UVs: make([][3][2]float32, len(m.Triangles)), chart: make([]int32, len(m.Triangles))}
	charts, near, err := chartsOf(ctx, m)
	if err != nil {
		return nil, err
	}
	total := 0.0
	for _, t := range m.Triangles {
		o := wide(m.Vertices[t[0]])
		x := cross(sub(wide(m.Vertices[t[1]]), o), sub(wide(m.Vertices[t[2]]), o))
		total += math.Sqrt(dot(x, x)) / 2
	}
	scale := float64(size) / math.Sqrt(max(total, 1e-30)) // pixels to a unit if the texture were filled
	parts := make([][]island, len(charts))
	if err := eachOf(ctx, len(charts), 1, func(i, _ int) { parts[i] = flatten(m, charts[i], scale) }); err != nil {
		return nil, err
	}
	islands := slices.Concat(parts...)
	slices.SortStableFunc(islands, func(x, y island) int { return cmp.Compare(y.h, x.h) })
	a.outline(islands, near)
	for shrink := 0.86; len(islands) <= maxIslands && shrink > 0.02; shrink *= 0.96 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if a.pack(islands, shrink) {
			return a, nil
		}
	}
	return nil, fmt.Errorf("%w: %d charts on %d x %d pixels", ErrRagged, len(islands), size, size)
}

// ErrRagged is wrapped by [Unwrap] when the surface falls into more charts than the texture has room for.
var ErrRagged = errors.New("the surface is too ragged for the texture")

const maxIslands = 20_000

// island is a chart laid flat, or a part of one that would lie over another part.
type island struct {
	faces []uint32
	at    [][3][2]float64 // of its faces' corners, in pixels, the box beginning at zero
	w, h  float64
	edge  [][2][2]float64 // those of at that belong to one face only
}

// outline finds the edges of the islands.
func (a *Atlas) outline(islands []island, near [][3]int32) {
	for n := range islands {
		for _, f := range islands[n].faces {
			a.chart[f] = int32(n)
		}
	}
	for n := range islands {
		s := &islands[n]
		for i, f := range s.faces {
			for k, g := range near[f] {
				if g < 0 || a.chart[g] != int32(n) {
					s.edge = append(s.edge, [2][2]float64{s.at[i][k], s.at[i][(k+1)%3]})
				}
			}
		}
	}
}

// flatten projects a chart and turns it so that its box is smallest. A chart that comes to lie over itself is divided.
func flatten(m *mesh.Mesh, c chart, scale float64) []island {
	n := c.direction()
	least := 0
	for k := range n {
		if math.Abs(n[k]) < math.Abs(n[least]) {
			least = k
		}
	}
	var axis [3]float64
	axis[least] = 1
	u := cross(axis, n)
	l := math.Sqrt(dot(u, u))
	u = [3]float64{u[0] / l, u[1] / l, u[2] / l}
	v := cross(n, u)
	whole := island{faces: c.faces, at: make([][3][2]float64, len(c.faces))}
	depth := make([][3]float32, len(c.faces))
	for i, f := range c.faces {
		for k, vertex := range m.Triangles[f] {
			p := wide(m.Vertices[vertex])
			whole.at[i][k] = [2]float64{scale * dot(p, u), -scale * dot(p, v)}
			depth[i][k] = float32(scale * dot(p, n))
		}
	}
	whole.turn()
	var out []island
	for left := whole; len(left.faces) > 0; {
		var top island
		top, left, depth = left.apart(depth)
		top.place()
		out = append(out, top)
	}
	return out
}

// turn finds the smallest box over a quarter turn, and lays its longer side upright.
func (s *island) turn() {
	const steps = 18
	best, angle := math.Inf(1), 0.0
	for i := range steps {
		sin, cos := math.Sincos(math.Pi / 2 * float64(i) / steps)
		lo, hi := s.box(sin, cos)
		if area := (hi[0] - lo[0]) * (hi[1] - lo[1]); area < best*(1-1e-6) {
			best, angle = area, math.Pi/2*float64(i)/steps
			if hi[0]-lo[0] > hi[1]-lo[1] {
				angle += math.Pi / 2
			}
		}
	}
	sin, cos := math.Sincos(angle)
	for i := range s.at {
		for k, p := range s.at[i] {
			s.at[i][k] = [2]float64{cos*p[0] - sin*p[1], sin*p[0] + cos*p[1]}
		}
	}
	s.place()
}

func (s *island) box(sin, cos float64) (lo, hi [2]float64) {
	lo, hi = [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i := range s.at {
		for _, p := range s.at[i] {
			q := [2]float64{cos*p[0] - sin*p[1], sin*p[0] + cos*p[1]}
			for k := range q {
				lo[k], hi[k] = min(lo[k], q[k]), max(hi[k], q[k])
			}
		}
	}
	return lo, hi
}

// place moves the box to begin at zero and measures it.
func (s *island) place() {
	lo, hi := s.box(0, 1)
	for i := range s.at {
		for k := range s.at[i] {
			for x := range 2 {
				s.at[i][k][x] -= lo[x]
			}
		}
	}
	s.w, s.h = hi[0]-lo[0], hi[1]-lo[1]
}

// apart divides the faces into those that lie on the plane one beside the other and the rest, which would lie over them:
// above or below at the same place. Neighbours meet at their common edge only, where they are equally high.
func (s *island) apart(depth [][3]float32) (top, rest island, deeper [][3]float32) {
	const same, most = 0.25, 16 << 20
	fine := 2.0 // looked at in half pixels, more coarsely where the box is large: that of a ring may be mostly empty
	for (fine*s.w+2)*(fine*s.h+2) > most {
		fine *= 0.75
	}
	w, h := int(fine*s.w)+2, int(fine*s.h)+2
	at := make([]float32, w*h)
	for i := range at {
		at[i] = float32(math.NaN())
	}
	var pixels []int32 // of one face
	var high []float32
	for i, f := range s.faces {
		var c [3][3]float32
		for k, p := range s.at[i] {
			c[k] = [3]float32{float32(fine * p[0]), float32(fine * p[1])}
		}
		over := false
		pixels, high = pixels[:0], high[:0]
		cover(c[0], c[1], c[2], w, h, func(p int, a, b, t float32) {
			d := a*depth[i][0] + b*depth[i][1] + t*depth[i][2]
			pixels, high = append(pixels, int32(p)), append(high, d)
			if e := at[p] - d; e > same || e < -same {
				over = true
			}
		})
		if over && len(top.faces) > 0 {
			rest.faces, rest.at, deeper = append(rest.faces, f), append(rest.at, s.at[i]), append(deeper, depth[i])
			continue
		}
		for n, p := range pixels {
			at[p] = high[n]
		}
		top.faces, top.at = append(top.faces, f), append(top.at, s.at[i])
	}
	if len(rest.faces) > 0 {
		rest.place()
	}
	return top, rest, deeper
}
