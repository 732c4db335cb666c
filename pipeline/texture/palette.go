package texture

import (
	"cmp"
	"context"
	"math"
	"slices"

	"orfeas/pipeline/mesh"
)

// MinFilaments and MaxFilaments bound a palette: a printer that changes filaments has two to sixteen.
const MinFilaments, MaxFilaments = 2, 16

// Reduce brings the colours of a mesh's vertices down to so many filaments, one for every face: the means of k clusters of
// the faces' colours in CIE Lab (Lloyd 1982, from the start of k-means++ without chance: the farthest first), weighted by
// area. Regions smaller than smallest, in square units of the mesh, go to the neighbour they share most of their border
// with, so that every one can be printed; nothing is dithered. The vertices get the colours of their faces. Filaments
// that nothing has are left out, the rest come in the order of their area. The only error is that of ctx.
func Reduce(ctx context.Context, m *mesh.Mesh, filaments int, smallest float64) (*mesh.Mesh, error) {
	lab := make([][3]float64, len(m.Vertices))
	for i := range lab {
		lab[i] = labOf(m.Colors[i])
		lab[i][0] *= shade
	}
	area, colours := make([]float64, len(m.Triangles)), make([][3]float64, len(m.Triangles))
	for f, t := range m.Triangles {
		o := wide(m.Vertices[t[0]])
		x := cross(sub(wide(m.Vertices[t[1]]), o), sub(wide(m.Vertices[t[2]]), o))
		area[f] = math.Sqrt(dot(x, x)) / 2
		var c [3]float64
		for _, v := range t {
			for k, l := range lab[v] {
				c[k] += l / 3
			}
		}
		colours[f] = c
	}
	cells, weights := gathered(colours, area)
	centres, err := clusters(ctx, cells, weights, min(max(filaments, MinFilaments), MaxFilaments))
	if err != nil {
		return nil, err
	}
	label := make([]uint8, len(m.Triangles))
	if err := each(ctx, len(label), func(from, to int) {
		for f := from; f < to; f++ {
			label[f], _ = nearestOf(centres, colours[f])
		}
	}); err != nil {
		return nil, err
	}
	for n := range centres {
		centres[n][0] /= shade
	}
	near := beyond(m)
	evened(near, label)
	for range 4 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !absorb(m, near, area, label, smallest) {
			break
		}
	}
	return inFilaments(m, label, area, centres), nil
}

// shade is what a difference in lightness counts for against one in hue: light and shadow in a picture are not paint.
const shade = 0.45

// evened smooths the borders between regions: a face with two neighbours of one other filament takes it too.
func evened(near [][3]int32, label []uint8) {
	for range 6 {
		next := slices.Clone(label)
		for f, around := range near {
			for k, g := range around {
				h := around[(k+1)%3]
				if g >= 0 && h >= 0 && label[g] == label[h] {
					next[f] = label[g]
				}
			}
		}
		copy(label, next)
	}
}

// absorb gives the regions that are too small to their neighbours, the smallest first, and reports whether there were any.
func absorb(m *mesh.Mesh, near [][3]int32, area []float64, label []uint8, smallest float64) bool {
	region := make([]int32, len(label))
	for f := range region {
		region[f] = -1
	}
	var faces [][]uint32
	var size []float64
	for f := range label {
		if region[f] >= 0 {
			continue
		}
		id := int32(len(faces))
		list := []uint32{uint32(f)}
		region[f] = id
		sum := 0.0
		for n := 0; n < len(list); n++ {
			g := list[n]
			sum += area[g]
			for _, h := range near[g] {
				if h >= 0 && region[h] < 0 && label[h] == label[f] {
					region[h] = id
					list = append(list, uint32(h))
				}
			}
		}
		faces, size = append(faces, list), append(size, sum)
	}
	var small []int32
	for id, s := range size {
		if s < smallest {
			small = append(small, int32(id))
		}
	}
	slices.SortStableFunc(small, func(a, b int32) int { return cmp.Compare(size[a], size[b]) })
	changed := false
	for _, id := range small {
		var border [MaxFilaments + 1]float64
		for _, f := range faces[id] {
			for k, g := range near[f] {
				if g >= 0 && region[g] != id {
					d := sub(wide(m.Vertices[m.Triangles[f][k]]), wide(m.Vertices[m.Triangles[f][(k+1)%3]]))
					border[label[g]] += math.Sqrt(dot(d, d))
				}
			}
		}
		best := 0
		for n := range border {
			if border[n] > border[best] {
				best = n
			}
		}
		if border[best] > 0 && uint8(best) != label[faces[id][0]] {
			changed = true
			for _, f := range faces[id] {
				label[f] = uint8(best)
			}
		}
	}
	return changed
}

// inFilaments numbers the filaments by their area and gives the mesh their colours.
func inFilaments(m *mesh.Mesh, label []uint8, area []float64, centres [][3]float64) *mesh.Mesh {
	total := make([]float64, len(centres))
	for f, l := range label {
		total[l] += area[f]
	}
	var order []uint8
	for n := range centres {
		if total[n] > 0 {
			order = append(order, uint8(n))
		}
	}
	slices.SortStableFunc(order, func(a, b uint8) int { return cmp.Compare(total[b], total[a]) })
	number := make([]uint8, len(centres))
	out := *m
	out.Palette, out.Filaments = nil, make([]uint8, len(label))
	for n, old := range order {
		number[old] = uint8(n)
		out.Palette = append(out.Palette, ofLab(centres[old]))
	}
	if len(out.Palette) == 0 { // all faces are without an area
		out.Palette = [][4]uint8{ofLab(centres[0])}
	}
	out.Colors = make([][4]uint8, len(m.Vertices))
	most := make([]float64, len(m.Vertices)) // the area of the largest face of a vertex, whose colour it gets
	for f, l := range label {
		out.Filaments[f] = number[l]
		for _, v := range m.Triangles[f] {
			if area[f] >= most[v] {
				most[v], out.Colors[v] = area[f], out.Palette[number[l]]
			}
		}
	}
	return &out
}
