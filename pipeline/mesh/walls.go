package mesh

import (
	"context"
	"math"
	"slices"
)

// Walls is how thick a closed mesh is, measured at points spread evenly over its surface, straight inward to the other
// side (the shape diameter of Shapira et al. 2008 with one ray). Lengths are in the mesh's units, shares of the area.
type Walls struct {
	Thinnest  float64   `json:"thinnest"`   // the least that was measured
	Median    float64   `json:"median"`     // half of the area is thinner
	ThinShare float64   `json:"thin_share"` // what is thinner than the nozzle
	Histogram []WallBin `json:"histogram"`  // of the thickness, in bins twice as wide each
}

// WallBin is the share of the area whose thickness is at most UpTo and above the bin before.
type WallBin struct {
	UpTo  float64 `json:"up_to"`
	Share float64 `json:"share"`
}

// wallRays is how many places are measured.
const wallRays = 8192

// walls measures at places that divide the area into equal shares, along the faces in their order. The tree is one of all
// faces with an area.
func (m *Mesh) walls(ctx context.Context, tree *bvh, area, nozzle float64) (Walls, error) {
	faces := make([]uint32, 0, wallRays) // the face of each place
	sum := 0.0
	for f, t := range m.Triangles {
		sum += norm(m.faceCross(t)) / 2
		for len(faces) < wallRays && (float64(len(faces))+0.5)*area < sum*wallRays {
			faces = append(faces, uint32(f))
		}
	}
	thick := make([]float64, len(faces))
	const batch = 128
	err := inParallel(ctx, (len(faces)+batch-1)/batch, func(n int) {
		for i := n * batch; i < min((n+1)*batch, len(faces)); i++ {
			thick[i] = m.thickness(tree, faces[i], i)
		}
	}, func(float64) {})
	if err != nil {
		return Walls{}, err
	}
	return summed(thick, nozzle), nil
}

// thickness shoots a ray from the n-th place, somewhere on a face, inward.
func (m *Mesh) thickness(tree *bvh, face uint32, n int) float64 {
	// The golden ratio's multiples spread the places of one face (Roberts 2018, in two dimensions).
	u, v := math.Mod(0.5+0.7548776662466927*float64(n), 1), math.Mod(0.5+0.5698402909980532*float64(n), 1)
	if u+v > 1 {
		u, v = 1-u, 1-v
	}
	return m.thicknessAt(tree, face, [3]float64{1 - u - v, u, v})
}

// thicknessAt is the way from a place on a face straight inward to the first face that looks away from it, infinite where
// there is none.
func (m *Mesh) thicknessAt(tree *bvh, face uint32, place [3]float64) float64 {
	t := m.Triangles[face]
	normal := m.FaceNormal(int(face))
	inward := [3]float64{-float64(normal[0]), -float64(normal[1]), -float64(normal[2])}
	p := blend(wide(m.Vertices[t[0]]), wide(m.Vertices[t[1]]), wide(m.Vertices[t[2]]), place)
	thick, _ := tree.ray(m, p, inward, math.Inf(1), func(f uint32) bool {
		return f != face && dot(m.faceCross(m.Triangles[f]), inward) > 0
	})
	return thick
}

// Thickness measures the wall under the middle of every face as [Walls] does, in the mesh's units: infinite where nothing
// lies behind a face, and for one without an area. The mesh's indices and coordinates must be sound, which [Mesh.Check]
// says. step is called with the share done and may be nil; the only error is that of ctx.
func (m *Mesh) Thickness(ctx context.Context, step func(fraction float64)) ([]float64, error) {
	faces := m.facesWithArea()
	out := make([]float64, len(m.Triangles))
	for i := range out {
		out[i] = math.Inf(1)
	}
	if step == nil {
		step = func(float64) {}
	}
	tree := newBVH(m, faces)
	const batch = 512
	err := inParallel(ctx, (len(tree.faces)+batch-1)/batch, func(n int) {
		for _, f := range tree.faces[n*batch : min((n+1)*batch, len(tree.faces))] { // neighbours, whose rays meet the same boxes
			out[f] = m.thicknessAt(tree, f, [3]float64{1. / 3, 1. / 3, 1. / 3})
		}
	}, step)
	return out, err
}

func summed(thick []float64, nozzle float64) Walls {
	thick = slices.DeleteFunc(thick, func(x float64) bool { return math.IsInf(x, 1) })
	if len(thick) == 0 {
		return Walls{}
	}
	slices.Sort(thick)
	n := float64(len(thick))
	below := func(x float64) float64 {
		i, _ := slices.BinarySearch(thick, x)
		return float64(i) / n
	}
	w := Walls{Thinnest: thick[0], Median: thick[len(thick)/2], ThinShare: below(nozzle)}
	last := 0.0
	for upTo := nozzle / 2; last < 1; upTo *= 2 {
		share := below(math.Nextafter(upTo, math.Inf(1)))
		w.Histogram = append(w.Histogram, WallBin{upTo, share - last})
		last = share
	}
	return w
}
