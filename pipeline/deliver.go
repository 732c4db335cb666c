package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
)

// ErrVerify is wrapped by [Deliver] when the file does not hold what was written.
var ErrVerify = errors.New("the file read back is not the mesh that was written")

// Deliver writes a mesh, whose certificate goes along where the format has room, reads the file back from the disk and
// certifies what it found there. The error wraps [ErrVerify] when a good mesh did not survive; the file is left for a look.
func Deliver(ctx context.Context, path string, f export.Format, m *mesh.Mesh, c mesh.Certificate, meta export.Meta) (mesh.Certificate, error) {
	meta, err := Certified(meta, c)
	if err != nil {
		return c, err
	}
	if err := export.Save(ctx, path, f, m, meta); err != nil {
		return c, err
	}
	got, err := export.Open(path)
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrVerify, err)
	}
	found, err := got.Certify(ctx, c.Printer)
	if err != nil {
		return c, err
	}
	if c.Clean() && !found.Clean() || found.Triangles != c.Triangles {
		return found, fmt.Errorf("%w: %s: %s", ErrVerify, filepath.Base(path), found)
	}
	return found, nil
}

// Certified is what a file says about its mesh, with the certificate.
func Certified(meta export.Meta, c mesh.Certificate) (export.Meta, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return meta, fmt.Errorf("write the certificate: %w", err)
	}
	if meta.Description == "" {
		meta.Description = c.String()
	}
	meta.Extra = append(meta.Extra[:len(meta.Extra):len(meta.Extra)], [2]string{"certificate", string(data)})
	return meta, nil
}
