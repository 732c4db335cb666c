package engine

import (
	"context"
	"fmt"
	"math"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

var revolve = Engine{
	Name:  "revolve",
	Title: "Revolve",
	About: "Turns the outline about its middle, as on a lathe. Good for vases, bottles, chess pieces, lamps and bowls.",
	Settings: []Setting{
		choice("outline", "Outline", "which side of the silhouette is turned; take one where the other has a handle",
			Choice{bothSides, "The mean of both"}, Choice{leftSide, "The left"}, Choice{rightSide, "The right"}),
		choice("axis", "Axis", "where the middle is: straightened finds the one that mirrors the silhouette best, up to 20 degrees aslant",
			Choice{straightened, "Straightened"}, Choice{upright, "Upright"}),
		number("wall", "Wall", "hollows it out from the top and leaves a wall this thick; 0 leaves it full", "mm", 0, 0, 20, 0.1),
		number("floor", "Floor", "thickness of the floor of a hollow one", "mm", 2, 0.2, 50, 0.1),
	},
	Presets: []Preset{
		{"vase", "Vase or cup", Options{"wall": 2.0, "floor": 3.0}},
		{"mug", "Leave out the handle on the right", Options{"outline": leftSide, "axis": upright}},
	},
	Colours: true,
	build:   buildRevolve,
}

// The choices of outline and axis.
const (
	bothSides, leftSide, rightSide = "both", "left", "right"
	straightened, upright          = "straightened", "upright"
)

// latheSide is how many cells the longer side of the silhouette is looked at with.
const latheSide = 512

// buildRevolve turns the mean of the two sides of the silhouette, measured at right angles to its axis, about that axis.
// The result stands upright whatever the axis was.
func buildRevolve(ctx context.Context, in Input) (*mesh.Mesh, error) {
	in.Step("finding the axis", 0.1)
	s := outline(in.Subject.Matte, latheSide)
	if s == nil {
		return nil, picture.ErrNoSubject
	}
	s.keepLargest(0.02)
	a := axisOf(s, in.choice("axis") == straightened)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in.Step(fmt.Sprintf("turning about an axis %.1f degrees aslant, mirror symmetry %.0f %%", a.degrees(), 100*a.symmetry), 0.5)
	p := profileOf(s, a, in.choice("outline"))
	if p == nil {
		return nil, picture.ErrNoSubject
	}
	// Millimetres are cells by the size of what is built.
	cells := p.longest() / in.SizeMM
	line := p.vessel(in.number("wall")*cells, in.number("floor")*cells, in.Faces)
	if line == nil {
		if in.number("wall") > 0 && in.Note != nil {
			in.Note("it stays full: there is no room for the wall", false)
		}
		line = p.solid()
		line = resampled(line, stepFor(line, in.Faces))
	}
	m := lathed(line, in.Faces)
	in.Step("colouring", 0.9)
	p.paint(m, in.Subject, s)
	in.Step("built", 1)
	return toModel(m), ctx.Err()
}

// lathed turns a line of points (radius, height), which begins and ends on the axis, about it. The line runs from the
// bottom round the outside; x is to the right, y up, and the picture's side is z > 0.
func lathed(line [][2]float64, faces int) *mesh.Mesh {
	segments := min(max(faces/(2*len(line))/4*4, 24), 2048)
	m := &mesh.Mesh{}
	at := func(ring, s int) uint32 { return uint32(1 + (ring-1)*segments + s%segments) }
	last := len(line) - 1
	for i, p := range line {
		if i == 0 || i == last {
			m.Vertices = append(m.Vertices, [3]float32{0, float32(p[1]), 0})
			continue
		}
		for k := range segments {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(segments))
			m.Vertices = append(m.Vertices, [3]float32{float32(p[0] * cos), float32(p[1]), float32(p[0] * sin)})
		}
	}
	top := uint32(len(m.Vertices) - 1)
	for k := range segments {
		m.Triangles = append(m.Triangles, [3]uint32{0, at(1, k), at(1, k+1)})
		for r := 1; r < last-1; r++ {
			m.Triangles = append(m.Triangles, [3]uint32{at(r, k), at(r+1, k), at(r+1, k+1)}, [3]uint32{at(r, k), at(r+1, k+1), at(r, k+1)})
		}
		m.Triangles = append(m.Triangles, [3]uint32{at(last-1, k), top, at(last-1, k+1)})
	}
	return m
}

// stepFor is how far apart the points of a turned line go well with the faces asked for.
func stepFor(line [][2]float64, faces int) float64 {
	var length, radius float64
	for i := 1; i < len(line); i++ {
		d := math.Hypot(line[i][0]-line[i-1][0], line[i][1]-line[i-1][1])
		length += d
		radius += d * (line[i][0] + line[i-1][0]) / 2
	}
	radius /= length
	// Squares on the middle radius: as long along the line as round it.
	n := math.Sqrt(float64(faces) / 2 * length / (2 * math.Pi * radius))
	return length / min(max(n, 12), 4000)
}

// resampled places points evenly along a line, about a step apart, and keeps its corners.
func resampled(line [][2]float64, step float64) [][2]float64 {
	out := [][2]float64{line[0]}
	from := 0
	for i := 1; i < len(line); i++ {
		if i == len(line)-1 || corner(line[i-1], line[i], line[i+1]) {
			out = append(out, spaced(line[from:i+1], step)...)
			from = i
		}
	}
	return out
}

// spaced places points evenly along a line, about a step apart; the last is the line's, the first is left out.
func spaced(line [][2]float64, step float64) (out [][2]float64) {
	along := make([]float64, len(line))
	for i := 1; i < len(line); i++ {
		along[i] = along[i-1] + math.Hypot(line[i][0]-line[i-1][0], line[i][1]-line[i-1][1])
	}
	total := along[len(line)-1]
	n := max(1, int(math.Round(total/step)))
	i := 1
	for k := 1; k < n; k++ {
		at := total * float64(k) / float64(n)
		for along[i] < at {
			i++
		}
		t := (at - along[i-1]) / (along[i] - along[i-1])
		a, b := line[i-1], line[i]
		out = append(out, [2]float64{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
	}
	return append(out, line[len(line)-1])
}

// corner reports whether a line turns by more than 30 degrees.
func corner(a, b, c [2]float64) bool {
	u, v := [2]float64{b[0] - a[0], b[1] - a[1]}, [2]float64{c[0] - b[0], c[1] - b[1]}
	return u[0]*v[0]+u[1]*v[1] < math.Cos(math.Pi/6)*math.Hypot(u[0], u[1])*math.Hypot(v[0], v[1])
}
