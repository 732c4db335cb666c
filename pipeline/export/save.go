package export

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"orfeas/pipeline/mesh"
)

// Save writes a mesh to path so that the file is there whole or not at all: into a temporary file beside it, synced, and
// renamed over an older one. Those that go with it are renamed just before, once all are written, so that an older mesh
// never has the materials of a newer one for want of room. Nothing is left behind on an error or when ctx is done.
func Save(ctx context.Context, path string, f Format, m *mesh.Mesh, meta Meta) (err error) {
	if err := checkMesh(m); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	if f.Companions != nil {
		meta.Extra = append(meta.Extra[:len(meta.Extra):len(meta.Extra)], [2]string{companionName, filepath.Base(stem)})
	}
	var leave []string // what is of no use by itself: temporary files, and companions that were not there before
	defer func() {
		if err != nil {
			for _, name := range leave {
				os.Remove(name)
			}
		}
	}()
	var files [][2]string // as they are and as they will be called
	write := func(path string, fill func(io.Writer, *mesh.Mesh, Meta) error) error {
		part, err := writePart(ctx, path, func(w io.Writer) error { return fill(w, m, meta) })
		if err == nil {
			files, leave = append(files, [2]string{part, path}), append(leave, part)
		}
		return err
	}
	for _, c := range f.Companions {
		if c.Needed != nil && !c.Needed(m) {
			continue
		}
		if err := write(stem+c.Suffix, c.Write); err != nil {
			return err
		}
	}
	if err := write(path, f.Write); err != nil {
		return err
	}
	for _, file := range files {
		_, missing := os.Lstat(file[1])
		if err := place(file[0], file[1]); err != nil {
			return err
		}
		if errors.Is(missing, fs.ErrNotExist) {
			leave = append(leave, file[1])
		}
	}
	return nil
}

// companionName is the Extra entry by which a format learns what the names of its companions begin with.
const companionName = "orfeas:companion"

func (m Meta) companion() (name string, ok bool) {
	for _, e := range m.Extra {
		if e[0] == companionName {
			name, ok = e[1], true
		}
	}
	return name, ok
}

// WriteFile lets write fill a file beside path that ends in .part, syncs it and renames it to path.
func WriteFile(ctx context.Context, path string, write func(io.Writer) error) error {
	part, err := writePart(ctx, path, write)
	if err != nil {
		return err
	}
	if err := place(part, path); err != nil {
		os.Remove(part)
		return err
	}
	return nil
}

// writePart lets write fill a temporary file beside path and syncs it.
func writePart(ctx context.Context, path string, write func(io.Writer) error) (name string, err error) {
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNoFolder
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, bare(err))
	}
	defer func() {
		if err != nil {
			part.Close()
			os.Remove(part.Name())
			err = fmt.Errorf("write %s: %w", path, bare(err))
		}
	}()
	b := bufio.NewWriterSize(&stoppable{ctx, part}, 1<<20)
	if err := write(b); err != nil {
		return "", err
	}
	if err := b.Flush(); err != nil {
		return "", err
	}
	if err := part.Chmod(0o644); err != nil {
		return "", err
	}
	if err := part.Sync(); err != nil {
		return "", err
	}
	if err := part.Close(); err != nil {
		return "", err
	}
	return part.Name(), ctx.Err()
}

// place renames a temporary file.
func place(part, path string) error {
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("write %s: %w", path, bare(err))
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// bare takes the name of the temporary file out of an error, which the user has never heard of.
func bare(err error) error {
	var p *os.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// syncFolder makes a rename survive a power cut, where the system can; the file itself is safe already.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// stoppable is a writer that ends when its context does.
type stoppable struct {
	ctx context.Context
	w   io.Writer
}

func (s *stoppable) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.w.Write(p)
}
