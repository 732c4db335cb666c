package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"unicode/utf8"
)

// ErrOther: the file is damaged or another one, which cannot be told apart.
var ErrOther = errors.New("it is not the file its authors published")

// Verify reads every file of the network that is there and remembers which are right. The error names all that are not;
// ErrAbsent when none is there.
func (l *Library) Verify(ctx context.Context, n Network, see func(Progress)) error {
	unlock, err := l.lock(n)
	if err != nil {
		return fmt.Errorf("verify %s: %w", n.Name, err)
	}
	defer unlock()
	m := newMeter(n, see)
	var errs []error
	for _, f := range n.Files {
		m.file(f, "checking")
		err := l.verify(ctx, n, f, m.seen)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, os.ErrNotExist) {
			if f.Optional {
				continue
			}
			err = ErrAbsent
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.Path, err))
		}
		m.done(f)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("verify %s: %w", n.Name, err)
	}
	return nil
}

// verify checks the file under its final name and remembers the outcome.
func (l *Library) verify(ctx context.Context, n Network, f File, seen func(int64)) error {
	at := l.at(n, f)
	sum, err := checksum(ctx, at, seen)
	if err != nil {
		return err
	}
	if err := f.prove(at, sum); err != nil {
		return errors.Join(err, l.proved(n, f, ""))
	}
	return l.proved(n, f, sum)
}

// prove checks that what lies at a path is file f, given the checksum of its bytes: by that where it is known, else by
// its size and structure.
func (f File) prove(at, sum string) error {
	info, err := os.Stat(at)
	if err != nil {
		return err
	}
	if f.Size > 0 && info.Size() != f.Size {
		return fmt.Errorf("%w: %d bytes, not %d%s", ErrOther, info.Size(), f.Size, f.whatElse(at))
	}
	if f.SHA256 != "" {
		if sum != f.SHA256 {
			return fmt.Errorf("%w: its SHA-256 is %s, not %s%s", ErrOther, sum, f.SHA256, f.whatElse(at))
		}
		return nil
	}
	return f.structure(at, info.Size())
}

// structure checks a file without a known checksum.
func (f File) structure(at string, size int64) error {
	if size > f.most() {
		return fmt.Errorf("%w: %d bytes, more than %d", ErrOther, size, f.most())
	}
	if len(f.Has) > 0 {
		c, err := Open(at)
		if err != nil {
			return err
		}
		if !f.fits(c) {
			return fmt.Errorf("%w: it lacks tensors%s", ErrOther, f.whatElse(at))
		}
		return nil
	}
	data, err := os.ReadFile(at)
	if err != nil {
		return err
	}
	switch ext := path.Ext(f.Path); {
	case ext == ".json" && !json.Valid(data):
		return fmt.Errorf("%w: it is no JSON", ErrOther)
	case len(data) == 0 || !utf8.Valid(data) || strings.HasPrefix(strings.TrimSpace(string(data)), "<"):
		return fmt.Errorf("%w: it is no configuration", ErrOther)
	}
	return nil
}

// whatElse recognises what lies there instead of f.
func (f File) whatElse(at string) string {
	c, err := Open(at)
	if err != nil {
		return ""
	}
	if len(f.Has) > 0 && f.fits(c) {
		return "; it looks like another release of the same network"
	}
	if names := Recognise(c); len(names) > 0 {
		return "; it looks like " + strings.Join(names, " or ")
	}
	return ""
}

// checksum is the SHA-256 of a file in hexadecimal.
func checksum(ctx context.Context, at string, seen func(n int64)) (string, error) {
	f, err := os.Open(at)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := copyTo(ctx, h, f, seen); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// copyTo is io.Copy that stops with its context.
func copyTo(ctx context.Context, to io.Writer, from io.Reader, seen func(n int64)) (int64, error) {
	piece := make([]byte, 1<<18)
	total := int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := from.Read(piece)
		if n > 0 {
			if _, err := to.Write(piece[:n]); err != nil {
				return total, writeError{err}
			}
			total += int64(n)
			seen(int64(n))
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// writeError tells what went wrong with our disk from what went wrong with the server.
type writeError struct{ error }

func (e writeError) Unwrap() error { return e.error }
