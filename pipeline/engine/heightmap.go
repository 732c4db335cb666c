package engine

import (
	"context"
	"fmt"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

var heightmap = Engine{
	Name:  "heightmap",
	Title: "Height map",
	About: "Takes brightness for height, as it is, 8 or 16 bits. Good for terrain, bump maps and scans.",
	Settings: []Setting{
		number("height", "Height", "from black to white", "mm", 10, 0.1, 500, 0.1),
		number("base", "Base", "thickness below black", "mm", 2, 0.2, 100, 0.1),
		{Name: "invert", Title: "Invert", About: "black is high", Default: false},
		number("smoothing", "Smoothing", "evens out noise and keeps edges; 0 changes nothing", "%", 0, 0, 1, 0.05),
		{Name: "exact", Title: "Every sample", About: "a vertex for every sample of the picture, however many faces that takes", Default: false},
	},
	Presets: []Preset{
		{"terrain", "Terrain, every sample", Options{"exact": true}},
		{"depths", "Depths, dark is high", Options{"invert": true}},
	},
	Lies:  true,
	Whole: func(Options) bool { return true },
	Exact: func(o Options) bool { return o["exact"].(bool) },
	build: buildHeightmap,
}

// maxSamples is how many samples an exact height map may have. It makes twice as many triangles; certifying them takes 2 GB
// of memory.
const maxSamples = 2048 * 2048

// buildHeightmap makes a vertex for every cell, at base + value x height exactly to the rounding of float32. A picture that
// has more pixels than the faces asked for allow is averaged over square cells first: decimating the mesh afterwards would
// move every sample it keeps. With the setting exact every pixel is a cell, and [Engine.Exact] says to leave the mesh alone.
// The error for too many samples wraps [picture.ErrTooLarge].
func buildHeightmap(ctx context.Context, in Input) (*mesh.Mesh, error) {
	r, err := wholeRaster(in, identity, 0)
	if err != nil {
		return nil, err
	}
	w, h := cellsFor(r.w, r.h, in.Faces)
	if in.on("exact") {
		if r.w > maxSamples/r.h {
			return nil, fmt.Errorf("%w: at most %d million samples are taken exactly, not %d x %d",
				picture.ErrTooLarge, maxSamples/1_000_000, r.w, r.h)
		}
		w, h = r.w, r.h
	}
	if w == r.w && h == r.h {
		in.Step(fmt.Sprintf("reading %d x %d samples, exactly", w, h), 0.1)
	} else {
		in.Step(fmt.Sprintf("averaging %d x %d samples to %d x %d", r.w, r.h, w, h), 0.1)
	}
	z, err := r.averaged(ctx, w, h)
	if err != nil {
		return nil, err
	}
	if err := z.smooth(ctx, in.number("smoothing")); err != nil {
		return nil, err
	}
	height, base := in.number("height"), in.number("base")
	for i, v := range z.v {
		t := float64(v)
		if in.on("invert") {
			t = 1 - t
		}
		z.v[i] = float32(base + height*t)
	}
	in.Step(fmt.Sprintf("building the surface, %d x %d cells", w, h), 0.5)
	p := newPlate(r.w, r.h, z, border{}, foot{}, false)
	if err := p.fit(in.SizeMM); err != nil {
		return nil, err
	}
	m, err := p.mesh(ctx, nil)
	in.Step("built", 1)
	return m, err
}
