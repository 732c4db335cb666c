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

Certifies a mesh, and mends, changes and converts it when -o says where to. Files are
STL, OBJ, PLY, GLB or 3MF, in millimetres where they do not say.

  -o FILE        write the mesh there; the extension sets the format
  --format NAME  the format, where the extension does not say it
  --preview FILE draw a picture of the mesh, a PNG
  --check        only certify (what happens without -o anyway)
  --json         print the certificate as JSON

What is asked for is done in this order:

  --weld         merge vertices that lie at the same point, drop broken and repeated faces
  --solid        make it one closed solid: repair exactly where that is enough, else
                 rebuild the surface
  --grid N       steps of the longest side where the surface is rebuilt (default 256)
  --keep SHARE   drop parts smaller than this share of the largest, such as 0.02
  --smooth N     smooth N times without shrinking
  --size LENGTH  scale to this size, such as 80, 8cm or 3in, and stand it on the bed;
                 --size-mm is the same
  --along SIDE   which side that is: longest, width, depth or height
  --orient       lay it on the bed the way that needs the least support
  --cut LENGTH   cut off what lies lower than this above its lowest point; a flat base
  --hollow WALL  hollow it out, leaving walls this thick
  --drain WIDTH  with a round hole this wide below every cavity
  --faces N      decimate to about N triangles
  --error LENGTH decimate as long as the surface moves less than this

Exit code: 0 the mesh is a clean closed solid, 1 it is not or cannot be read, 2 wrong
command line, 3 stopped.
`

func meshCommand(ctx context.Context, t Terminal, args []string) int {
	f := newFlags("mesh")
	target, format := f.String("o", "", ""), f.String("format", "", "")
	preview := f.String("preview", "", "")
	var c pipeline.Changes
	check := f.Bool("check", false, "")
	asJSON := f.Bool("json", false, "")
	f.BoolVar(&c.Weld, "weld", false, "")
	f.BoolVar(&c.Solid, "solid", false, "")
	f.IntVar(&c.Grid, "grid", 0, "")
	f.Float64Var(&c.Keep, "keep", 0, "")
	f.IntVar(&c.Smooth, "smooth", 0, "")
	addSize(f, &c.SizeMM)
	f.StringVar((*string)(&c.Along), "along", string(mesh.Longest), "")
	f.BoolVar(&c.Orient, "orient", false, "")
	f.Var((*length)(&c.CutMM), "cut", "")
	f.Var((*length)(&c.WallMM), "hollow", "")
	f.Var((*length)(&c.DrainMM), "drain", "")
	f.IntVar(&c.Faces, "faces", 0, "")
	f.Var((*length)(&c.ErrorMM), "error", "")
	if code, ok := f.parse(t, meshHelp, args); !ok {
		return code
	}
	err := c.Check()
	if len(f.words) != 1 {
		err = errors.New("one mesh file is needed; see 'orfeas mesh --help'")
	}
	if err == nil && *check && *target != "" {
		err = errors.New("with --check nothing is written; leave out --check or -o")
	}
	var into export.Format
	if err == nil {
		into, err = targetFormat(f.words[0], *target, *format, *preview)
	}
	if err != nil {
		complain(t, "", err)
		return ExitUsage
	}
	cert, err := changeFile(ctx, t, c, f.words[0], *target, into, *preview)
	switch {
	case ctx.Err() != nil:
		return ExitCancelled
	case err != nil:
		complain(t, "", err)
		return ExitFailed
	case *asJSON:
		data, _ := json.MarshalIndent(cert, "", "  ") // a struct of numbers always marshals
		fmt.Fprintf(t.Out, "%s\n", data)
	default:
		fmt.Fprintf(t.Out, "%s: %s\n", filepath.Base(f.words[0]), facts(cert.Report))
		fmt.Fprintf(t.Out, "  %s\n", cert)
		fmt.Fprintf(t.Out, "  parts %d, genus %d, open edges %d, manifold faults %d, flipped edges %d\n", cert.Components, cert.Genus, cert.OpenEdges, cert.ManifoldFaults, cert.FlippedEdges)
		fmt.Fprintf(t.Out, "  degenerate %d, duplicate %d, crossing pairs %d\n", cert.Degenerate, cert.Duplicates, cert.SelfIntersections)
	}
	if !cert.Clean() {
		return ExitFailed
	}
	return ExitOK
}
