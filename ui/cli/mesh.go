package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
)

const meshHelp = `orfeas mesh FILE [flags]

Checks a mesh, and converts it when -o says where to. Files are STL, OBJ, PLY, GLB or 3MF.

  -o FILE       write the mesh there; the extension sets the format
  --format NAME the format, where the extension does not say it
  --weld        merge vertices that lie at the same point, drop broken and repeated faces
  --keep SHARE  drop parts smaller than this share of the largest, such as 0.02
  --smooth N    smooth N times without shrinking
  --faces N     decimate to about N triangles
  --size-mm N   scale the longest side to N millimetres and stand it on the bed
  --json        print the report as JSON

Exit code: 0 the mesh is a clean closed solid, 1 it is not or cannot be read, 2 wrong
command line, 3 stopped.
`

func meshCommand(ctx context.Context, t Terminal, args []string) int {
	f := newFlags("mesh")
	target, format := f.String("o", "", ""), f.String("format", "", "")
	var c changes
	f.BoolVar(&c.weld, "weld", false, "")
	f.Float64Var(&c.keep, "keep", 0, "")
	f.IntVar(&c.smooth, "smooth", 0, "")
	f.IntVar(&c.faces, "faces", 0, "")
	f.Float64Var(&c.size, "size-mm", 0, "")
	asJSON := f.Bool("json", false, "")
	if code, ok := f.parse(t, meshHelp, args); !ok {
		return code
	}
	if len(f.words) != 1 {
		complain(t, "", errors.New("one mesh file is needed; see 'orfeas mesh --help'"))
		return ExitUsage
	}
	if c.faces < 0 || c.smooth < 0 || c.smooth > 1000 || !(c.keep >= 0 && c.keep <= 1) || !(c.size >= 0 && c.size <= pipeline.MaxSizeMM) {
		complain(t, "", errors.New("--faces, --smooth, --keep or --size-mm is out of its range"))
		return ExitUsage
	}
	m, err := export.Open(f.words[0])
	if err == nil {
		m, err = c.apply(ctx, m)
	}
	if err == nil && *target != "" {
		err = writeMesh(ctx, *target, *format, m, pipeline.Title(f.words[0]))
	}
	if ctx.Err() != nil {
		return ExitCancelled
	}
	if err != nil {
		complain(t, "", err)
		return ExitFailed
	}
	r := m.Check()
	if *asJSON {
		data, _ := json.MarshalIndent(r, "", "  ") // a struct of numbers always marshals
		fmt.Fprintf(t.Out, "%s\n", data)
	} else {
		fmt.Fprintf(t.Out, "%s: %s\n", filepath.Base(f.words[0]), facts(r))
		fmt.Fprintf(t.Out, "  parts %d, genus %d, open edges %d, manifold faults %d, flipped edges %d\n", r.Components, r.Genus, r.OpenEdges, r.ManifoldFaults, r.FlippedEdges)
		fmt.Fprintf(t.Out, "  degenerate %d, duplicate %d, crossing pairs %d\n", r.Degenerate, r.Duplicates, r.SelfIntersections)
	}
	if !r.Clean() {
		return ExitFailed
	}
	return ExitOK
}

// changes are what the flags ask to be done to a mesh, in this order.
type changes struct {
	weld   bool
	keep   float64 // share of the largest part
	smooth int
	faces  int
	size   float64 // millimetres
}

func (c changes) apply(ctx context.Context, m *mesh.Mesh) (*mesh.Mesh, error) {
	var err error
	if c.weld {
		m = m.Weld()
	}
	if c.keep > 0 {
		m, _ = m.KeepLarge(c.keep)
	}
	if c.smooth > 0 {
		if m, err = m.Smooth(ctx, c.smooth); err != nil {
			return nil, err
		}
	}
	if c.faces > 0 && c.faces < len(m.Triangles) {
		if m, err = m.Decimate(ctx, mesh.DecimateOptions{Faces: c.faces}, func(float64) {}); err != nil {
			return nil, err
		}
	}
	if c.size > 0 {
		lo, hi := m.Bounds()
		if long := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2]); long > 0 {
			m = m.Scaled(float32(c.size) / long).OnBed()
		}
	}
	return m, nil
}

func writeMesh(ctx context.Context, path, name string, m *mesh.Mesh, title string) error {
	format, err := export.ByPath(path)
	if name != "" {
		format, err = export.ByName(name)
	}
	if err != nil {
		return err
	}
	return export.Save(ctx, path, format, m, export.Meta{Title: title, Application: pipeline.Application})
}
