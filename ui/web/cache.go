package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// cache keeps files that take work to make, on the disk, up to so many bytes; what was not asked for longest goes first.
type cache struct {
	dir  string
	most int64
	turn chan struct{} // one file is made at a time: a mesh in memory is large

	mu    sync.Mutex
	files []cached // the one asked for last is last
	bytes int64
}

type cached struct {
	name, tag string
	bytes     int64
}

func newCache(dir string, most int64) *cache {
	return &cache{dir: dir, most: most, turn: make(chan struct{}, 1)}
}

// open returns a file and its entity tag, the SHA-256 of its bytes, and makes it first where it is not there. An open
// file stays readable though it leaves the cache.
func (c *cache) open(ctx context.Context, name string, build func(ctx context.Context, path string) error) (*os.File, string, error) {
	if f, tag, ok := c.find(name); ok {
		return f, tag, nil
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
	if f, tag, ok := c.find(name); ok { // made while we waited
		return f, tag, nil
	}
	path := filepath.Join(c.dir, name)
	if err := build(ctx, path); err != nil {
		return nil, "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, "", errors.Join(err, f.Close(), os.Remove(path))
	}
	tag := `"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`
	c.keep(cached{name, tag, n})
	return f, tag, nil
}

func (c *cache) find(name string) (*os.File, string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.files, func(e cached) bool { return e.name == name })
	if i < 0 {
		return nil, "", false
	}
	e := c.files[i]
	c.files = slices.Delete(c.files, i, i+1)
	f, err := os.Open(filepath.Join(c.dir, name))
	if err != nil { // somebody tidied the folder for temporary files
		c.bytes -= e.bytes
		return nil, "", false
	}
	c.files = append(c.files, e)
	return f, e.tag, true
}

func (c *cache) keep(e cached) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files = append(c.files, e)
	c.bytes += e.bytes
	for c.bytes > c.most && len(c.files) > 1 {
		old := c.files[0]
		if err := os.Remove(filepath.Join(c.dir, old.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // an open file cannot be removed everywhere; it goes with a later one
		}
		c.files = c.files[1:]
		c.bytes -= old.bytes
	}
}
