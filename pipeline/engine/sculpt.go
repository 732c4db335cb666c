package engine

import (
	"context"
	"fmt"
	"math"

	"orfeas/pipeline/engine/sculpt"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

var sculpted = Engine{
	Name:  "sculpt",
	Title: "Sculpt",
	About: "A small network of our own that sees how deep things are, the far side included; nothing to download. Good for things, animals and figures.",
	Settings: []Setting{
		number("depth", "Depth", "how deep the shape is, 1 as the network sees it", "%", 1, 0.2, 3, 0.05),
		number("perspective", "Perspective", "how wide the picture sees the subject, which tells how much larger it shows what is near; 0 for parallel rays", "°", 0, 0, 60, 5),
		choice("islands", "Parts that do not touch", "what becomes of parts that do not touch",
			Choice{separate, "Separate solids"}, Choice{largest, "Only the largest"}),
	},
	Ready: func() error {
		_, err := onnx.Library()
		return err
	},
	build: buildSculpt,
}

const (
	rimRadius = 0.05 // the rim is as round as a circle of this radius, in half the longer side
	thinSheet = 0.35 // half the thickness of the thinnest place, in cells
	thinWall  = 0.8  // and its thickness in mm
)

// buildSculpt makes the solid between the two sheets that the network sees behind the silhouette. Both sheets are graphs over one triangulation of the inside of the outline, and end in it in the same
// vertices, so that the mesh is closed and does not cross itself, whatever the network says.
func buildSculpt(ctx context.Context, in Input) (*mesh.Mesh, error) {
	view := NewSculptView(in.Subject)
	if view == nil {
		return nil, picture.ErrNoSubject
	}
	in.Step("looking at the picture", 0.1)
	sheets, err := seen(ctx, view)
	if err != nil {
		return nil, err
	}
	s := outline(in.Subject.Matte, sideOfSheets(in))
	if in.choice("islands") == largest {
		s.keepLargest(math.Inf(1))
	}
	in.Step(fmt.Sprintf("sewing the sheets, %d x %d cells", s.w, s.h), 0.6)
	mid, half := s.laid(view, sheets, in)
	m, err := s.sewn(ctx, mid, half)
	if err != nil {
		return nil, err
	}
	if len(m.Triangles) == 0 {
		return nil, picture.ErrNoSubject
	}
	converge(m, s, math.Tan(in.number("perspective")*math.Pi/360)/(view.Half()/s.scale))
	in.Step("built", 1)
	return toModel(m), nil
}

// converge puts the vertices on rays that meet at a distance whose inverse is near: what is far away is larger than it looks.
func converge(m *mesh.Mesh, s *silhouette, near float64) {
	var mean float64
	for _, v := range m.Vertices {
		mean += float64(v[2]) / float64(len(m.Vertices))
	}
	x, y := float64(s.w-1)/2, -float64(s.h-1)/2
	for i, v := range m.Vertices {
		f := max(1-near*(float64(v[2])-mean), 0.2)
		m.Vertices[i][0] = float32(x + (float64(v[0])-x)*f)
		m.Vertices[i][1] = float32(y + (float64(v[1])-y)*f)
	}
}

// seen runs the network that is part of the program.
func seen(ctx context.Context, v *SculptView) (*sculpt.Sheets, error) {
	c, err := weights.Sculpt()
	if err != nil {
		return nil, err
	}
	n, err := sculpt.Open(c, SculptSide)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	return n.Look(ctx, v.Planes)
}

// sideOfSheets chooses the grid that gives about the triangles asked for: two for each cell of each sheet.
func sideOfSheets(in Input) int {
	box := picture.Covered(in.Subject.Matte)
	area := 0
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for _, v := range in.Subject.Matte.Pix[in.Subject.Matte.PixOffset(box.Min.X, y):][:box.Dx()] {
			if v >= 128 {
				area++
			}
		}
	}
	side := float64(max(box.Dx(), box.Dy()))
	return int(min(max(side*math.Sqrt(float64(in.Faces)/(4*float64(max(area, 1)))), minSide), maxSide))
}

// laid brings the sheets to the nodes of the silhouette, in cells: depth half way between them, growing away from the
// viewer, and half the thickness. Toward the outline the thickness goes to nothing as the rim is round.
func (s *silhouette) laid(v *SculptView, sheets *sculpt.Sheets, in Input) (mid, half []float64) {
	inside := make([]bool, SculptSide*SculptSide)
	for q, c := range v.Planes[3*SculptSide*SculptSide : 4*SculptSide*SculptSide] {
		inside[q] = c >= 128
	}
	m, h := filledOut(sheets.Mid, inside), filledOut(sheets.Half, inside)
	unit := v.Half() / s.scale
	deep := unit * in.number("depth")
	distance := s.distance()
	least := max(thinSheet, thinWall/2/in.SizeMM*2*unit)
	mid, half = make([]float64, len(s.cover)), make([]float64, len(s.cover))
	for p := range s.cover {
		x, y := s.pixel(p%s.w, p/s.w)
		x, y = (x-v.X)/v.Scale, (y-v.Y)/v.Scale
		mid[p] = deep * spline(m, SculptSide, x, y)
		half[p] = deep * spline(h, SculptSide, x, y)
		half[p] = max(half[p]*rim(distance[p]/(rimRadius*unit)), least*rim(distance[p]/least))
	}
	return mid, half
}

// rim is the height of a quarter of a circle over its distance from where it begins.
func rim(t float64) float64 {
	t = 1 - min(max(t, 0), 1)
	return math.Sqrt(1 - t*t)
}

// filledOut carries the values inside a square grid outward, ring by ring, as the means of the neighbours known.
func filledOut(v []float32, inside []bool) []float64 {
	const rings = 4 // what splines at the outline reach to, and one more
	out, known := make([]float64, len(v)), append([]bool(nil), inside...)
	for p, x := range v {
		if inside[p] {
			out[p] = float64(x)
		}
	}
	for range rings {
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
				out[p], next[p] = sum/n, true
			}
		}
		known = next
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
