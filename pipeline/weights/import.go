package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Import takes the files of a network from a file or folder the user has: that of another program, a cache of the
// Hugging Face libraries, a stick. Each is checked first, then linked where the disk can do that, else copied; what was
// there stays. It needs no licence, for nothing is fetched. The error is ErrMissing when nothing fits; found says which
// files were taken.
func (l *Library) Import(ctx context.Context, n Network, from string, see func(Progress)) (found []string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("import %s from %s: %w", n.Name, from, err)
		}
	}()
	info, err := os.Stat(from)
	if err != nil {
		return nil, err
	}
	unlock, err := l.lock(n)
	if err != nil {
		return nil, err
	}
	defer unlock()
	m := newMeter(n, see)
	var wrong []error
	for _, f := range n.Files {
		if f.SHA256 == "" && len(f.Has) == 0 && (len(found) == 0 || len(wrong) > 0) {
			continue // a configuration is believed only beside the weights it belongs to
		}
		places := []string{from}
		if info.IsDir() {
			places = inFolder(from, n, f)
		} else if path.Ext(f.Path) != strings.ToLower(filepath.Ext(from)) {
			places = nil
		}
		var why []error
		for _, place := range places {
			err := l.take(ctx, n, f, place, m)
			if err == nil {
				found, why = append(found, f.Path), nil
				break
			}
			if ctx.Err() != nil {
				return found, ctx.Err()
			}
			why = append(why, fmt.Errorf("%s as %s: %w", place, f.Path, err))
		}
		wrong = append(wrong, why...)
		m.done(f)
	}
	switch {
	case !info.IsDir() && len(found) > 0:
		return found, nil // it was one of them
	case len(wrong) > 0:
		return found, errors.Join(wrong...)
	case len(found) == 0:
		return nil, fmt.Errorf("%w: none of its files is there: %s", ErrNotThere, strings.Join(paths(n), ", "))
	}
	return found, nil
}

// ErrNotThere: a folder does not hold what was looked for.
var ErrNotThere = errors.New("nothing was found")

func paths(n Network) (out []string) {
	for _, f := range n.Files {
		out = append(out, f.Path)
	}
	return out
}

// inFolder lists where in a folder a file of a network may be: in the authors' layout, under its bare name, or in the
// Hugging Face cache, models--ORG--NAME/snapshots/REVISION/PATH, given at any level.
func inFolder(dir string, n Network, f File) []string {
	org, repo, revision, inner := hub(f.URL)
	globs := []string{filepath.FromSlash(f.Path)}
	if inner != "" && inner != f.Path {
		globs = append(globs, filepath.FromSlash(inner))
	}
	if org != "" {
		inner = filepath.FromSlash(inner)
		cache := "models--" + org + "--" + repo
		for _, up := range []string{"", cache, filepath.Join("hub", cache), filepath.Join("huggingface", "hub", cache)} {
			globs = append(globs, filepath.Join(up, "snapshots", revision, inner), filepath.Join(up, "snapshots", "*", inner))
		}
	}
	base := path.Base(f.Path)
	alone := !slices.ContainsFunc(n.Files, func(o File) bool { return o.Path != f.Path && path.Base(o.Path) == base })
	if alone {
		globs = append(globs, base)
	}
	var out []string
	for _, g := range globs {
		matches, _ := filepath.Glob(filepath.Join(escape(dir), g)) // the pattern is ours
		for _, at := range matches {
			if info, err := os.Stat(at); err == nil && info.Mode().IsRegular() && !slices.Contains(out, at) {
				out = append(out, at)
			}
		}
	}
	return out
}

// escape keeps a folder's name from being a pattern.
func escape(dir string) string {
	if filepath.Separator == '\\' {
		return dir // there is no way to; brackets in names are rare
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// hub takes the address of a file on a model hub apart: HOST/ORG/REPO/resolve/REVISION/PATH.
func hub(url string) (org, repo, revision, inner string) {
	words := strings.SplitN(url, "/", 8)
	if len(words) == 8 && words[5] == "resolve" {
		return words[3], words[4], words[6], words[7]
	}
	return "", "", "", ""
}

// take checks one file and brings it in.
func (l *Library) take(ctx context.Context, n Network, f File, from string, m *meter) error {
	m.file(f, "checking")
	from, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	before, err := os.Stat(from)
	if err != nil {
		return err
	}
	if here, err := os.Stat(l.at(n, f)); err == nil && os.SameFile(here, before) {
		return l.verify(ctx, n, f, m.seen)
	}
	if f.Size > 0 && before.Size() != f.Size {
		return f.prove(from, "") // says what it is instead, without reading it
	}
	sum, err := checksum(ctx, from, m.seen)
	if err != nil {
		return err
	}
	if err := f.prove(from, sum); err != nil {
		return err
	}
	at := l.at(n, f)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	part := at + ".part"
	os.Remove(part)
	os.Remove(at + ".from")
	if os.Link(from, part) != nil {
		m.step = "copying"
		m.rewind()
		if err := copyFile(ctx, part, from, before.Size(), sum, m.seen); err != nil {
			os.Remove(part)
			return err
		}
	} else if after, err := os.Stat(part); err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		os.Remove(part)
		return fmt.Errorf("%w: it changed while it was read", ErrCorrupt)
	}
	if err := os.Rename(part, at); err != nil {
		return err
	}
	return l.proved(n, f, sum)
}

// copyFile copies a file of which size and checksum are known.
func copyFile(ctx context.Context, to, from string, size int64, sum string, seen func(int64)) (err error) {
	if free, err := freeSpace(filepath.Dir(to)); err == nil && free < size {
		return fmt.Errorf("%w: %s are needed in %s, %s are free", syscall.ENOSPC, Size(size), filepath.Dir(to), Size(free))
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = copyTo(ctx, io.MultiWriter(out, h), in, seen)
	if err == nil {
		err = out.Sync()
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil && hex.EncodeToString(h.Sum(nil)) != sum {
		err = fmt.Errorf("%w: it changed while it was copied", ErrCorrupt)
	}
	return err
}
