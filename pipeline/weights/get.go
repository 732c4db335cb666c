package weights

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// Get downloads the files of a network that are not there or not right, continuing where an earlier download stopped.
// Each is checked while it streams and renamed when it is right. Errors: ErrLicence before it was accepted, ErrBusy when
// another download of the network runs, ErrServer, ErrOther when what came is wrong, syscall.ENOSPC.
func (l *Library) Get(ctx context.Context, n Network, see func(Progress)) error {
	if err := l.get(ctx, n, see); err != nil {
		return fmt.Errorf("get %s: %w", n.Name, err)
	}
	return nil
}

func (l *Library) get(ctx context.Context, n Network, see func(Progress)) error {
	if !l.Accepted(n) {
		return fmt.Errorf("%w: %s", ErrLicence, n.Licence.Name)
	}
	unlock, err := l.lock(n)
	if err != nil {
		return err
	}
	defer unlock()
	if err := l.room(n); err != nil {
		return err
	}
	m := newMeter(n, see)
	w := l.web
	if w == nil {
		w = theWeb()
	}
	for _, f := range n.Files {
		m.file(f, "checking")
		if ok, err := l.already(ctx, n, f, m); err != nil {
			return err
		} else if !ok {
			d := &download{web: w, file: f, at: l.at(n, f), meter: m}
			if d.url, err = l.url(f); err == nil {
				err = d.run(ctx)
			}
			if err == nil {
				err = l.proved(n, f, d.sum())
			}
			if err != nil {
				return fmt.Errorf("%s: %w", f.Path, err)
			}
		}
		m.done(f)
	}
	return nil
}

// room checks that the disk takes what is still to come.
func (l *Library) room(n Network) error {
	var want int64
	for _, f := range l.Status(n).Files {
		if f.State == Absent || f.State == Partial {
			want += max(f.Bytes()-f.Have, 0)
		}
	}
	if free, err := freeSpace(l.Dir); err == nil && free < want {
		return fmt.Errorf("%w: %s are needed in %s, %s are free", syscall.ENOSPC, Size(want), l.Dir, Size(free))
	}
	return nil
}

// already checks a file that is there under its final name; a wrong one is fetched again.
func (l *Library) already(ctx context.Context, n Network, f File, m *meter) (bool, error) {
	info, err := os.Stat(l.at(n, f))
	if err != nil || !info.Mode().IsRegular() {
		return false, nil
	}
	if l.proofs(n).holds(f, info) {
		return true, nil
	}
	err = l.verify(ctx, n, f, m.seen)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return err == nil, nil
}

// url is where a file is fetched from.
func (l *Library) url(f File) (string, error) {
	if l.Mirror == "" {
		return f.URL, nil
	}
	u, err := url.Parse(f.URL)
	if err != nil {
		return "", err
	}
	m, err := url.Parse(l.Mirror)
	if err != nil || m.Host == "" || m.Scheme != "http" && m.Scheme != "https" {
		return "", fmt.Errorf("%w: the mirror %q is no web address", ErrServer, l.Mirror)
	}
	return strings.TrimSuffix(l.Mirror, "/") + u.EscapedPath(), nil
}
