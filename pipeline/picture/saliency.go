package picture

import (
	"container/heap"
	"context"
	"math"
	"slices"
)

// saliency estimates how likely each patch is subject, 0 to 1, by robust background detection (Zhu, Liang, Wei and Sun,
// Saliency Optimization from Robust Background Detection, 2014): background is what reaches the picture's border along a
// large part of its own rim, subject is what differs from the background and lies near the middle.
func saliency(ctx context.Context, s *superpixels, w, h int) ([]float64, error) {
	n := len(s.color)
	background, err := boundaryConnectivity(ctx, s)
	if err != nil {
		return nil, err
	}
	for i, b := range background {
		background[i] = 1 - math.Exp(-b*b/2)
	}
	subject := make([]float64, n)
	for i := range n {
		for j := range n {
			u, v := (s.at[i][0]-s.at[j][0])/float64(max(w, h)), (s.at[i][1]-s.at[j][1])/float64(max(w, h))
			near := math.Exp(-(u*u + v*v) / (2 * 0.4 * 0.4))
			subject[i] += s.apart(i, j) * near * background[j] * float64(s.pixels[j])
		}
		subject[i] *= middle(s.at[i][0], s.at[i][1], w, h)
	}
	stretch(subject)
	return settle(s, background, subject), nil
}

// middle is a bell over the picture's centre, one there and about a fifth in the middle of a side.
func middle(x, y float64, w, h int) float64 {
	u, v := 2*(x+0.5)/float64(w)-1, 2*(y+0.5)/float64(h)-1
	return math.Exp(-1.5 * (u*u + v*v))
}

func stretch(v []float64) {
	lo, hi := slices.Min(v), slices.Max(v)
	for i := range v {
		v[i] = (v[i] - lo) / max(hi-lo, 1e-9)
	}
}

// boundaryConnectivity is the length of each patch's region on the picture's border over the root of the region's area,
// both counted softly by geodesic colour distance (equations 3 to 7).
func boundaryConnectivity(ctx context.Context, s *superpixels) ([]float64, error) {
	const sigma = 10.0 // Lab units within which patches count as one region
	n := len(s.color)
	weight, clip := s.edges()
	out := make([]float64, n)
	dist := make([]float64, n)
	for i := range n {
		if i&31 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		geodesic(s, weight, clip, i, dist)
		var area, length float64
		for j, d := range dist {
			f := math.Exp(-d * d / (2 * sigma * sigma))
			area += f * float64(s.pixels[j])
			length += f * float64(s.border[j])
		}
		out[i] = length / math.Sqrt(max(area, 1))
	}
	return out, nil
}

// edges returns the difference across every link, and what of it is mere grain: the typical difference of a patch to its
// likest neighbour.
func (s *superpixels) edges() (weight [][]float64, clip float64) {
	weight = make([][]float64, len(s.next))
	for i, next := range s.next {
		least := math.Inf(1)
		for _, j := range next {
			d := s.apart(i, int(j))
			weight[i] = append(weight[i], d)
			least = min(least, d)
		}
		if len(next) > 0 {
			clip += least / float64(len(s.next))
		}
	}
	return weight, clip
}

type frontier struct {
	at   []int32
	dist []float64
}

func (f *frontier) Len() int           { return len(f.at) }
func (f *frontier) Less(i, j int) bool { return f.dist[i] < f.dist[j] }
func (f *frontier) Swap(i, j int) {
	f.at[i], f.at[j] = f.at[j], f.at[i]
	f.dist[i], f.dist[j] = f.dist[j], f.dist[i]
}
func (f *frontier) Push(v any) {
	e := v.(reach)
	f.at, f.dist = append(f.at, e.at), append(f.dist, e.dist)
}
func (f *frontier) Pop() any {
	k := len(f.at) - 1
	e := reach{f.at[k], f.dist[k]}
	f.at, f.dist = f.at[:k], f.dist[:k]
	return e
}

type reach struct {
	at   int32
	dist float64
}

// geodesic fills dist with the least sum of differences on the way from patch i (Dijkstra).
func geodesic(s *superpixels, weight [][]float64, clip float64, i int, dist []float64) {
	for j := range dist {
		dist[j] = math.Inf(1)
	}
	dist[i] = 0
	f := &frontier{at: []int32{int32(i)}, dist: []float64{0}}
	for f.Len() > 0 {
		e := heap.Pop(f).(reach)
		if e.dist > dist[e.at] || e.dist > 40 {
			continue
		}
		for k, j := range s.next[e.at] {
			if d := e.dist + max(0, weight[e.at][k]-clip); d < dist[j] {
				dist[j] = d
				heap.Push(f, reach{j, d})
			}
		}
	}
}

// settle finds the smooth labelling that agrees best with both cues (equation 9), by Gauss-Seidel sweeps.
func settle(s *superpixels, background, subject []float64) []float64 {
	const sigma, floor = 10.0, 0.1
	weight, clip := s.edges()
	for i := range weight {
		for k, d := range weight[i] {
			d = max(0, d-clip)
			weight[i][k] = math.Exp(-d*d/(2*sigma*sigma)) + floor
		}
	}
	out := slices.Clone(subject)
	for range 60 {
		for i := range out {
			sum, total := subject[i], subject[i]+background[i]+1e-6
			for k, j := range s.next[i] {
				sum += weight[i][k] * out[j]
				total += weight[i][k]
			}
			out[i] = sum / total
		}
	}
	stretch(out)
	return out
}
