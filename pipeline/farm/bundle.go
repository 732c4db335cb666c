package farm

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
)

// maxBundle bounds what a result may have: twice the largest mesh and texture that settings allow.
const maxBundle = 2 << 30

// chunk is what a store keeps in one message; it makes one of every read.
const chunk = 128 << 10

// errBundle says that the files of a result are not what they should be.
var errBundle = errors.New("the files of the result are damaged")

// pack writes a job's files as a tar archive.
func pack(w io.Writer, j pipeline.Job) error {
	buffer := bufio.NewWriterSize(w, chunk)
	archive := tar.NewWriter(buffer)
	for i, name := range pipeline.ResultFiles {
		if err := packFile(archive, j, name); err != nil && (i == 0 || !errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("pack %s: %w", name, err)
		}
	}
	return errors.Join(archive.Close(), buffer.Flush())
}

func packFile(archive *tar.Writer, j pipeline.Job, name string) error {
	f, err := os.Open(j.File(name))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: name, Size: info.Size(), Mode: 0o644, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(archive, f)
	return err
}

// unpack writes the files in an archive into a job's folder: each whole or not at all, and only those a result has. What is not
// in it is not left there by an earlier attempt either. The error wraps errBundle when it is the archive's fault.
func unpack(ctx context.Context, r io.Reader, j pipeline.Job) error {
	source := &pipeline.Source{R: io.LimitReader(r, maxBundle)}
	archive := tar.NewReader(source)
	var got []string
	for {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errBundle, err)
		}
		if !slices.Contains(pipeline.ResultFiles, h.Name) || slices.Contains(got, h.Name) || h.Typeflag != tar.TypeReg {
			return fmt.Errorf("%w: %q is in it", errBundle, h.Name)
		}
		got = append(got, h.Name)
		err = export.WriteFile(ctx, j.File(h.Name), func(w io.Writer) error { _, err := io.Copy(w, archive); return err })
		if err != nil && source.Err != nil {
			return fmt.Errorf("%w: %w", errBundle, source.Err)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: %w", errBundle, err)
		}
		if err != nil {
			return err
		}
	}
	if !slices.Contains(got, pipeline.ResultFiles[0]) {
		return fmt.Errorf("%w: %s is missing", errBundle, pipeline.ResultFiles[0])
	}
	_, err := io.Copy(io.Discard, source) // to the end, where the checksum is looked at
	if err != nil {
		return fmt.Errorf("%w: %w", errBundle, err)
	}
	for _, name := range pipeline.ResultFiles {
		if slices.Contains(got, name) {
			continue
		}
		if err := os.Remove(j.File(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
