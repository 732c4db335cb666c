package cli

import (
	"context"
	"fmt"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
)

// targetFormat is that of the file at target; no target has none. Nothing may be written over what is read, but a mesh may
// be changed where it is.
func targetFormat(source, target, format, preview string) (f export.Format, err error) {
	if target != "" {
		if f, err = export.ByPath(target); format != "" {
			f, err = export.ByName(format)
		}
	}
	if err == nil {
		err = apart([]string{source}, []string{preview})
	}
	if err == nil {
		err = apart(nil, append(allOf(target, f), preview))
	}
	return f, err
}

// changeFile makes changes to the mesh in a file, and draws and writes it where that is asked for.
func changeFile(ctx context.Context, t Terminal, c pipeline.Changes, source, target string, f export.Format, preview string) (cert mesh.Certificate, err error) {
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
