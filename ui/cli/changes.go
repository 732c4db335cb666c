package cli

import (
	"context"
	"errors"
	"fmt"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
)

// changes are what the flags ask to be done to a mesh, in this order. Lengths are millimetres; 0 is not asked for.
type changes struct {
	weld   bool
	solid  bool
	grid   int
	keep   float64 // share of the largest part
	smooth int
	size   length
	along  mesh.Side
	orient bool
	cut    length // above the lowest point
	wall   length
	drain  length
	faces  int
	error  length
}

func (c changes) check() error {
	switch {
	case c.faces < 0 || c.smooth < 0 || c.smooth > 1000 || !(c.keep >= 0 && c.keep <= 1) || !(c.size >= 0 && c.size <= pipeline.MaxSizeMM):
		return errors.New("--faces, --smooth, --keep or --size is out of its range")
	case c.grid != 0 && (c.grid < mesh.MinGrid || c.grid > mesh.MaxGrid):
		return fmt.Errorf("--grid is a number from %d to %d", mesh.MinGrid, mesh.MaxGrid)
	case c.cut < 0 || c.wall < 0 || c.drain < 0 || c.error < 0:
		return errors.New("a length is below zero")
	case c.drain > 0 && c.wall == 0:
		return errors.New("--drain goes with --hollow")
	case !c.along.Known():
		return fmt.Errorf("--along is longest, width, depth or height, not %q", c.along)
	}
	return nil
}

// run does the changes to the mesh in a file, and draws and writes it where that is asked for.
func (c changes) run(ctx context.Context, t Terminal, source, target, format, preview string) (cert mesh.Certificate, err error) {
	f := export.Format{}
	if target != "" {
		if f, err = export.ByPath(target); format != "" {
			f, err = export.ByName(format)
		}
		if err != nil {
			return cert, err
		}
	}
	m, err := export.Open(source)
	if err != nil {
		return cert, err
	}
	said := func(what fmt.Stringer) { fmt.Fprintf(t.Err, "  %s\n", what) }
	if m, err = c.apply(ctx, m, said); err != nil {
		return cert, err
	}
	if preview != "" {
		if err := savePreview(ctx, preview, m); err != nil {
			return cert, err
		}
	}
	cert, err = m.Certify(ctx, mesh.DefaultPrinter)
	if err != nil || target == "" {
		return cert, err
	}
	return pipeline.Deliver(ctx, target, f, m, cert, export.Meta{Title: pipeline.Title(source), Application: pipeline.Application})
}

func (c changes) apply(ctx context.Context, m *mesh.Mesh, said func(fmt.Stringer)) (*mesh.Mesh, error) {
	var err error
	if c.weld {
		m = m.Weld()
	}
	if c.solid {
		var did mesh.Repair
		if m, did, err = m.Solid(ctx, mesh.SolidOptions{Grid: c.grid}, nil); err != nil {
			return nil, err
		}
		said(did)
	}
	if c.keep > 0 {
		m, _ = m.KeepLarge(c.keep)
	}
	if c.smooth > 0 {
		if m, err = m.Smooth(ctx, c.smooth); err != nil {
			return nil, err
		}
	}
	if c.size > 0 {
		m = m.Sized(c.along, float64(c.size))
	}
	if c.orient {
		ways, err := m.Orientations(ctx, mesh.DefaultPrinter)
		if err != nil {
			return nil, err
		}
		if len(ways) > 0 {
			m = m.Laid(ways[0].Down)
			said(ways[0])
		}
	}
	if c.cut > 0 {
		lo, _ := m.Bounds()
		if m, err = m.CutBelow(float64(lo[2]) + float64(c.cut)); err != nil {
			return nil, err
		}
		m = m.OnBed()
	}
	if c.wall > 0 {
		var did mesh.Hollowing
		if m, did, err = m.Hollow(ctx, mesh.HollowOptions{Wall: float64(c.wall), Drain: float64(c.drain), Grid: c.grid}, nil); err != nil {
			return nil, err
		}
		said(did)
	}
	if o := (mesh.DecimateOptions{Faces: c.faces, MaxError: float64(c.error)}); c.error > 0 || c.faces > 0 && c.faces < len(m.Triangles) {
		return m.Decimate(ctx, o, nil)
	}
	return m, nil
}
