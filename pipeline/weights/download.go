package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"
)

// tries is how often in a row a connection may bring less than enough before it is given up.
const (
	tries  = 6
	enough = 1 << 20
)

// download is one file on its way.
type download struct {
	*web
	file    File
	url, at string
	meter   *meter

	part    *os.File
	hash    hash.Hash
	have    int64 // bytes in part and in hash
	from    origin
	resumed bool // some of them were there before
}

// origin is kept beside a .part file: whose beginning it is.
type origin struct {
	URL       string `json:"url"`
	Validator string `json:"validator"`
}

func (d *download) sum() string { return hex.EncodeToString(d.hash.Sum(nil)) }

// run brings the file under its final name, or leaves what there is as .part.
func (d *download) run(ctx context.Context) (err error) {
	if err := os.MkdirAll(filepath.Dir(d.at), 0o755); err != nil {
		return err
	}
	if d.part, err = os.OpenFile(d.at+".part", os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return err
	}
	defer func() {
		d.part.Close()
		if err != nil && d.have == 0 {
			os.Remove(d.at + ".part")
			os.Remove(d.at + ".from")
		}
	}()
	if err := d.resume(ctx); err != nil {
		return err
	}
	for {
		if err := d.fill(ctx); err != nil {
			return err
		}
		d.meter.step = "checking"
		if err = d.part.Sync(); err == nil {
			err = d.file.prove(d.at+".part", d.sum())
		}
		if err == nil {
			break
		}
		wrong := errors.Is(err, ErrCorrupt) || errors.Is(err, ErrOther) || errors.Is(err, ErrUnsupported)
		if !wrong {
			return err
		}
		if e := d.restart(); e != nil || !d.resumed {
			return errors.Join(err, e)
		}
		d.resumed = false // perhaps what was there before was wrong: once more, from the beginning
	}
	if err := d.part.Close(); err != nil {
		return err
	}
	if err := os.Rename(d.at+".part", d.at); err != nil {
		return err
	}
	os.Remove(d.at + ".from")
	return nil
}

// resume takes up what an earlier download left.
func (d *download) resume(ctx context.Context) error {
	d.hash = sha256.New()
	info, err := d.part.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	readJSON(d.at+".from", &d.from)
	sameFile := d.from.URL == d.url && d.from.Validator != ""
	if info.Size() > d.file.most() || d.file.SHA256 == "" && !sameFile {
		return d.restart()
	}
	if !sameFile {
		d.from = origin{} // the checksum will tell
	}
	d.meter.step = "checking what is there"
	d.have, err = copyTo(ctx, d.hash, io.NewSectionReader(d.part, 0, info.Size()), d.meter.seen)
	d.resumed = d.have > 0
	return err
}

// restart forgets what there is.
func (d *download) restart() error {
	d.hash, d.have, d.from = sha256.New(), 0, origin{}
	d.meter.rewind()
	return d.part.Truncate(0)
}

// fill connects as often as it takes.
func (d *download) fill(ctx context.Context) error {
	for failed := 0; ; {
		before := d.have
		err := d.connect(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		var b brief
		if !errors.As(err, &b) {
			return err
		}
		if d.have-before >= enough {
			failed = 0
		}
		if failed++; failed == tries {
			return err
		}
		d.meter.step = "waiting for the server"
		if err := d.wait(ctx, max(b.after, time.Second<<(failed-1))); err != nil {
			return err
		}
	}
}

// connect fetches what is missing over one connection.
func (d *download) connect(ctx context.Context) error {
	if d.file.Size > 0 && d.have == d.file.Size {
		return nil
	}
	d.meter.step = "downloading"
	a, err := d.get(ctx, d.url, d.have, d.from.Validator)
	if errors.Is(err, errRange) { // what there is is not the beginning of the server's file
		if e := d.restart(); e != nil {
			return e
		}
		return brief{err, 0}
	}
	if err != nil {
		return err
	}
	defer a.close()
	most := d.file.most()
	if a.total > most || d.file.Size > 0 && a.total >= 0 && a.total != d.file.Size {
		return fmt.Errorf("%w: it offers %d bytes, expected are %d", ErrServer, a.total, most)
	}
	if a.from == 0 {
		if d.have > 0 {
			if err := d.restart(); err != nil {
				return err
			}
		}
		d.resumed = false
		d.from = origin{d.url, a.validator}
		if err := writeJSON(d.at+".from", d.from); err != nil {
			return err
		}
	}
	to := io.MultiWriter(io.NewOffsetWriter(d.part, d.have), d.hash)
	n, err := copyTo(ctx, to, io.LimitReader(a, most-d.have+1), d.meter.seen)
	d.have += n
	var disk writeError
	switch {
	case errors.As(err, &disk):
		return err
	case d.have > most:
		return errors.Join(fmt.Errorf("%w: it sends more than the %d bytes expected", ErrServer, most), d.restart())
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case err != nil || d.have < max(d.file.Size, a.total):
		return brief{fmt.Errorf("%w: the connection ended after %d of %d bytes", ErrServer, d.have, max(d.file.Size, a.total)), 0}
	}
	return nil
}
