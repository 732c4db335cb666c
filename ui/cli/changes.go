package cli

import (
	"context"
	"fmt"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
)

// changeFile makes changes to the mesh in a file, and draws and writes it where that is asked for.
func changeFile(ctx context.Context, t Terminal, c pipeline.Changes, source, target, format, preview string) (cert mesh.Certificate, err error) {
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
	m, said, err := c.Do(ctx, m, nil)
	if err != nil {
		return cert, err
	}
	for _, what := range said {
		fmt.Fprintf(t.Err, "  %s\n", what)
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
