//go:build sculpt

package engine

import (
	"context"
	"fmt"
	"math"
	"os"

	"orfeas/pipeline/engine/sculpt"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

var sculpted = Engine{
	Name:  "sculpt",
	Title: "Sculpt",
	About: "A small network of our own that sees how deep things are, the far side included. On trial.",
	Settings: []Setting{
		number("depth", "Depth", "how deep the shape is, 1 as the network sees it", "%", 1, 0.2, 3, 0.05),
		number("perspective", "Perspective", "how wide the picture sees the subject, which tells how much larger it shows what is near; 0 for parallel rays", "°", 30, 0, 60, 5),
		choice("islands", "Parts that do not touch", "what becomes of parts that do not touch",
			Choice{separate, "Separate solids"}, Choice{largest, "Only the largest"}),
	},
	Ready: runnable(sculptWeights),
	build: buildSculpt,
}

// The engine is on trial: it does not yet beat inflate, see docs/sculpt.md. It is in builds with the tag sculpt only, which look for
// its weights in the file that ORFEAS_SCULPT names.
func init() { All = append(All, sculpted) }

func sculptWeights() (string, error) {
	if path := os.Getenv("ORFEAS_SCULPT"); path != "" {
		return path, nil
	}
	return "", fmt.Errorf("%w: ORFEAS_SCULPT names no weights of sculpt", weights.ErrAbsent)
}

// buildSculpt bends inflate's solid to the two sheets that the network sees behind the silhouette: along every line of
// sight the depth is stretched and shifted, both smoothly. So the solid stays closed and does not cross itself, whatever
// the network says, keeps inflate's rim and detail, and is inflate's where the network adds nothing.
func buildSculpt(ctx context.Context, in Input) (*mesh.Mesh, error) {
	view := NewSculptView(in.Subject)
	if view == nil {
		return nil, picture.ErrNoSubject
	}
	in.Step("looking at the picture", 0.05)
	sheets, err := seen(ctx, view)
	if err != nil {
		return nil, err
	}
	plain := in
	if plain.Options, err = inflate.Complete(Options{"islands": in.choice("islands")}); err != nil {
		return nil, err
	}
	m, s, err := inflatedSolid(ctx, plain)
	if err != nil {
		return nil, err
	}
	in.Step("bending it to what was seen", 0.9)
	bend(m, s, view, sheets, in.number("depth"))
	converge(m, s, math.Tan(in.number("perspective")*math.Pi/360)/(view.Half()/s.scale))
	in.Step("built", 1)
	return toModel(m), ctx.Err()
}

// bend brings the vertices of inflate's solid from depths around the plane of the outline to those between the sheets: times
// the thickness over that which the network was shown, plus the middle, as far as that is to be trusted.
func bend(m *mesh.Mesh, s *silhouette, v *SculptView, sheets *sculpt.Sheets, depth float64) {
	const nodes = SculptSide * SculptSide
	inside := make([]bool, nodes)
	ratio := make([]float32, nodes)
	for q := range nodes {
		inside[q] = v.Planes[3*nodes+q] >= 128
		shown := float64(v.Planes[4*nodes+q]) / 255
		much := (float64(sheets.Half[q]) + thin) / (shown + thin)
		ratio[q] = float32(min(max(much, 1.0/mostStretched), mostStretched))
	}
	mid, stretch := filledOut(trusted(sheets.Mid, inside), inside, 0), filledOut(ratio, inside, 1)
	for _, v := range [][]float64{mid, stretch} { // a step from node to node would fold the triangles of inflate's solid
		boxBlur(v, SculptSide, SculptSide, 1)
	}
	unit := v.Half() / s.scale
	for i, p := range m.Vertices {
		x, y := s.pixel(0, 0)
		x, y = x+float64(p[0])*s.scale, y+(float64(s.h-1)-float64(p[1]))*s.scale
		x, y = (x-v.X)/v.Scale, (y-v.Y)/v.Scale
		z := float64(p[2])*spline(stretch, SculptSide, x, y) - unit*spline(mid, SculptSide, x, y)
		m.Vertices[i][2] = float32(depth * z)
	}
}

// trusted keeps of the middle what the network is good at, judged on the objects held out: all of the plane that fits it best,
// which is how the thing lies, and a part of the rest.
func trusted(mid []float32, inside []bool) []float32 {
	var n, x, y, m, xx, xy, yy, xm, ym float64
	for q, v := range mid {
		if inside[q] {
			i, j, d := float64(q%SculptSide), float64(q/SculptSide), float64(v)
			n, x, y, m = n+1, x+i, y+j, m+d
			xx, xy, yy, xm, ym = xx+i*i, xy+i*j, yy+j*j, xm+i*d, ym+j*d
		}
	}
	if n == 0 {
		return mid
	}
	x, y, m = x/n, y/n, m/n
	xx, xy, yy, xm, ym = xx-n*x*x, xy-n*x*y, yy-n*y*y, xm-n*x*m, ym-n*y*m
	var across, down float64
	if det := xx*yy - xy*xy; det > 1e-6*xx*yy {
		across, down = (xm*yy-ym*xy)/det, (ym*xx-xm*xy)/det
	}
	out := make([]float32, len(mid))
	for q, v := range mid {
		plane := m + across*(float64(q%SculptSide)-x) + down*(float64(q/SculptSide)-y)
		out[q] = float32(plane + trustMiddle*(float64(v)-plane))
	}
	return out
}

// converge puts the vertices on rays that meet at a distance whose inverse is near: what is far away is larger than it looks.
func converge(m *mesh.Mesh, s *silhouette, near float64) {
	if near == 0 {
		return
	}
	var mean float64
	for _, v := range m.Vertices {
		mean += float64(v[2]) / float64(len(m.Vertices))
	}
	x, y := float64(s.w-1)/2, float64(s.h-1)/2
	for i, v := range m.Vertices {
		f := max(1-near*(float64(v[2])-mean), 0.2)
		m.Vertices[i][0] = float32(x + (float64(v[0])-x)*f)
		m.Vertices[i][1] = float32(y + (float64(v[1])-y)*f)
	}
}

// How far to follow the middle was chosen on the objects held out of its training, see docs/sculpt.md.
const (
	sculptSeen    = 64   // side of the grid on which the network has learnt: it knows things at one size only
	thin          = 0.02 // what is thinner is stretched less: the heights shown are whole 255ths, and nought at the outline
	mostStretched = 3    // that the network's thickness is over the inflated one's, or under
	trustMiddle   = 0.9  // part of the middle's bends that is followed; its tilt is followed whole
)

// seen runs the network.
func seen(ctx context.Context, v *SculptView) (*sculpt.Sheets, error) {
	path, err := sculptWeights()
	if err != nil {
		return nil, err
	}
	c, err := weights.Open(path)
	if err != nil {
		return nil, err
	}
	n, err := sculpt.Open(c, sculptSeen)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	const fine, coarse = SculptSide * SculptSide, sculptSeen * sculptSeen
	in := make([]float32, 0, SculptPlanes*coarse)
	for k := range SculptPlanes {
		plane := make([]float32, fine)
		for i, b := range v.Planes[k*fine : (k+1)*fine] {
			plane[i] = float32(b) / 255
		}
		in = append(in, resized(plane, SculptSide, sculptSeen)...)
	}
	s, err := n.Look(ctx, in)
	if err != nil {
		return nil, err
	}
	cover := in[3*coarse : 4*coarse]
	return &sculpt.Sheets{Side: SculptSide, Mid: grown(s.Mid, cover), Half: grown(s.Half, cover)}, nil
}

// resized brings a square plane from one side to another, linearly between the centres of its cells, as torch's interpolate does,
// with which the network was trained.
func resized(v []float32, from, to int) []float32 {
	at := func(i int) (int, int, float32) {
		f := max((float64(i)+0.5)*float64(from)/float64(to)-0.5, 0)
		return int(f), min(int(f)+1, from-1), float32(f - math.Floor(f))
	}
	out := make([]float32, 0, to*to)
	for j := range to {
		y, below, v1 := at(j)
		for i := range to {
			x, right, u1 := at(i)
			over := v[y*from+x]*(1-u1) + v[y*from+right]*u1
			under := v[below*from+x]*(1-u1) + v[below*from+right]*u1
			out = append(out, over*(1-v1)+under*v1)
		}
	}
	return out
}

// grown brings what the network sees behind the covered nodes of its grid to that of a [SculptView].
func grown(v, cover []float32) []float32 {
	weight, weighed := make([]float32, len(v)), make([]float32, len(v))
	for p := range v {
		weight[p] = 1e-3 // of what it says where nothing is, for want of better
		if cover[p] >= 0.5 {
			weight[p] = 1
		}
		weighed[p] = v[p] * weight[p]
	}
	out, sum := resized(weighed, sculptSeen, SculptSide), resized(weight, sculptSeen, SculptSide)
	for p := range out {
		out[p] /= sum[p]
	}
	return out
}

// filledOut carries the values inside a square grid outward, ring by ring, as the means of the neighbours known. Where nothing is
// inside, as of a thread, all are otherwise.
func filledOut(v []float32, inside []bool, otherwise float64) []float64 {
	out, known := make([]float64, len(v)), append([]bool(nil), inside...)
	for p, x := range v {
		if inside[p] {
			out[p] = float64(x)
		}
	}
	for more := true; more; {
		more = false
		next := append([]bool(nil), known...)
		for p := range out {
			if known[p] {
				continue
			}
			var sum, n float64
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					x, y := p%SculptSide+dx, p/SculptSide+dy
					if x >= 0 && y >= 0 && x < SculptSide && y < SculptSide && known[y*SculptSide+x] {
						sum, n = sum+out[y*SculptSide+x], n+1
					}
				}
			}
			if n > 0 {
				out[p], next[p], more = sum/n, true, true
			}
		}
		known = next
	}
	for p := range out {
		if !known[p] {
			out[p] = otherwise
		}
	}
	return out
}

// spline is the uniform cubic B-spline with the values of a square grid for coefficients: smooth in its second derivatives,
// and evens out what is finer than the grid.
func spline(v []float64, side int, x, y float64) (sum float64) {
	wx, i := weightsOfSpline(x)
	wy, j := weightsOfSpline(y)
	for b, w := range wy {
		row := v[min(max(j+b, 0), side-1)*side:][:side]
		for a, u := range wx {
			sum += w * u * row[min(max(i+a, 0), side-1)]
		}
	}
	return sum
}

func weightsOfSpline(x float64) ([4]float64, int) {
	f := math.Floor(x)
	t := x - f
	return [4]float64{(1 - t) * (1 - t) * (1 - t) / 6, (3*t*t*t - 6*t*t + 4) / 6, (-3*t*t*t + 3*t*t + 3*t + 1) / 6, t * t * t / 6}, int(f) - 1
}
