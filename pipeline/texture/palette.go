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

// gathered joins the colours that lie in one cell, two units wide, into their mean.
func gathered(colours [][3]float64, weight []float64) (cells [][3]float64, weights []float64) {
	const width = 2
	number := map[[3]int16]int{}
	for i, c := range colours {
		key := [3]int16{int16(math.Floor(c[0] / width)), int16(math.Floor(c[1] / width)), int16(math.Floor(c[2] / width))}
		n, ok := number[key]
		if !ok {
			n = len(cells)
			number[key] = n
			cells, weights = append(cells, [3]float64{}), append(weights, 0)
		}
		for k := range c {
			cells[n][k] += weight[i] * c[k]
		}
		weights[n] += weight[i]
	}
	for n := range cells {
		for k := range cells[n] {
			cells[n][k] /= max(weights[n], 1e-300)
		}
	}
	return cells, weights
}

func nearestOf(centres [][3]float64, p [3]float64) (label uint8, far float64) {
	far = math.Inf(1)
	for n, c := range centres {
		if d := sub(p, c); dot(d, d) < far {
			label, far = uint8(n), dot(d, d)
		}
	}
	return label, far
}

// clusters finds k centres of weighted points, or fewer when there are not so many different ones. They begin one by one
// where weight and distance from those before are together greatest, and settle in between.
func clusters(ctx context.Context, points [][3]float64, weight []float64, k int) ([][3]float64, error) {
	label, far := make([]uint8, len(points)), make([]float64, len(points))
	centres := [][3]float64{{}}
	for {
		rounds := 4
		if len(centres) == k {
			rounds = 24
		}
		for range rounds {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for i, p := range points {
				label[i], far[i] = nearestOf(centres, p)
			}
			centres = means(points, weight, label, centres)
		}
		next, ok := farthest(points, weight, far)
		if len(centres) == k || !ok {
			return centres, nil
		}
		centres = append(centres, next)
	}
}

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

// means moves the centres to the means of their points; one without points stays.
func means(points [][3]float64, weight []float64, label []uint8, centres [][3]float64) [][3]float64 {
	sum := make([][4]float64, len(centres))
	for i, p := range points {
		s := &sum[label[i]]
		for c := range p {
			s[c] += weight[i] * p[c]
		}
		s[3] += weight[i]
	}
	out := slices.Clone(centres)
	for n, s := range sum {
		if s[3] > 0 {
			out[n] = [3]float64{s[0] / s[3], s[1] / s[3], s[2] / s[3]}
		}
	}
	return out
}

// farthest is the mean of the cell of colours, 12 units wide, whose points are together farthest from their centres. ok is
// false when all points are at their centres.
func farthest(points [][3]float64, weight, far []float64) ([3]float64, bool) {
	const width = 12
	type cell struct {
		sum    [3]float64
		weight float64
		far    float64
	}
	cells, order := map[[3]int]*cell{}, [][3]int(nil)
	for i, p := range points {
		key := [3]int{int(math.Floor(p[0] / width)), int(math.Floor(p[1] / width)), int(math.Floor(p[2] / width))}
		c := cells[key]
		if c == nil {
			c = &cell{}
			cells[key] = c
			order = append(order, key)
		}
		for k := range p {
			c.sum[k] += weight[i] * p[k]
		}
		c.weight += weight[i]
		c.far += weight[i] * far[i]
	}
	best := &cell{}
	for _, key := range order { // the order of the points, not that of the map
		if c := cells[key]; c.far > best.far {
			best = c
		}
	}
	if best.far < 1e-9 {
		return [3]float64{}, false
	}
	return [3]float64{best.sum[0] / best.weight, best.sum[1] / best.weight, best.sum[2] / best.weight}, true
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

// labOf is a colour in CIE Lab under D65, and ofLab the sRGB colour nearest to one.
func labOf(c [4]uint8) [3]float64 {
	var l [3]float64
	for k := range l {
		if l[k] = float64(c[k]) / 255; l[k] <= 0.04045 {
			l[k] /= 12.92
		} else {
			l[k] = math.Pow((l[k]+0.055)/1.055, 2.4)
		}
	}
	bend := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := bend((0.4124564*l[0] + 0.3575761*l[1] + 0.1804375*l[2]) / 0.95047)
	y := bend(0.2126729*l[0] + 0.7151522*l[1] + 0.0721750*l[2])
	z := bend((0.0193339*l[0] + 0.1191920*l[1] + 0.9503041*l[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func ofLab(c [3]float64) [4]uint8 {
	unbend := func(t float64) float64 {
		if t*t*t > 216.0/24389 {
			return t * t * t
		}
		return (116*t - 16) * 27 / 24389
	}
	fy := (c[0] + 16) / 116
	x, y, z := 0.95047*unbend(fy+c[1]/500), unbend(fy), 1.08883*unbend(fy-c[2]/200)
	out := [4]uint8{3: 255}
	for k, l := range [3]float64{
		3.2404542*x - 1.5371385*y - 0.4985314*z, -0.9692660*x + 1.8760108*y + 0.0415560*z, 0.0556434*x - 0.2040259*y + 1.0572252*z,
	} {
		if l = min(max(l, 0), 1); l <= 0.0031308 {
			l *= 12.92
		} else {
			l = 1.055*math.Pow(l, 1/2.4) - 0.055
		}
		out[k] = uint8(255*l + 0.5)
	}
	return out
}
