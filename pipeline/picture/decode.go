package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
)

// Limits bound what is read and decoded, checked before anything of that size is allocated.
type Limits struct {
	Bytes  int64 // of the file
	Pixels int   // width times height
}

// DefaultLimits let through what cameras make and keep out what would exhaust the machine: 256 MiB and 64 Mi pixels.
var DefaultLimits = Limits{Bytes: 256 << 20, Pixels: 64 << 20}

// Load reads and decodes the picture at path. A directory, a device and an empty or huge file are refused by name.
// Errors match one of the package's sentinels or those of package fs.
func Load(ctx context.Context, path string) (*Picture, error) {
	p, err := load(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("read picture %s: %w", path, err)
	}
	return p, nil
}

func load(ctx context.Context, path string) (*Picture, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Decode(ctx, f, DefaultLimits)
}

// Open opens the file of a picture for reading. What cannot be one, by what it is or by its size, is refused; the
// errors are those of [Load].
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, errors.Unwrap(err) // the path is said by the caller
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%w: it is a folder", ErrNotPicture)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is not a regular file", ErrNotPicture)
	}
	if info.Size() > DefaultLimits.Bytes {
		return nil, tooManyBytes(DefaultLimits)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	return f, nil
}

func tooManyBytes(lim Limits) error {
	return fmt.Errorf("%w: its file has more than %d bytes", ErrTooLarge, lim.Bytes)
}

// Decode reads a PNG, JPEG, WebP, GIF (of these two the first frame), BMP, TIFF or HEIC picture, told by its content, and turns it
// upright by its EXIF orientation. At most lim.Bytes+1 bytes are read, and the size the file declares is held against
// lim.Pixels before pixels are allocated. The errors are ErrEmpty, ErrTooLarge, ErrNotPicture and ErrTruncated, wrapped
// with the reason, those of r, and the context's.
func Decode(ctx context.Context, r io.Reader, lim Limits) (*Picture, error) {
	data, err := io.ReadAll(&stoppable{ctx, io.LimitReader(r, lim.Bytes+1)})
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, ErrEmpty
	}
	if int64(len(data)) > lim.Bytes {
		return nil, tooManyBytes(lim)
	}
	f := sniff(data)
	if f == nil {
		return nil, ErrNotPicture
	}
	img, err := f.within(ctx, data, lim)
	if stopped := ctx.Err(); stopped != nil {
		return nil, stopped
	}
	if err != nil {
		return nil, err
	}
	turn := 1
	if !f.turned {
		turn = orientation(data)
	}
	p := &Picture{Image: upright(toNRGBA(img), turn)}
	if g := toGray16(img); g != nil {
		p.Gray16 = uprightGray(g, turn)
	}
	p.Alpha = hasCutout(p.Image)
	return p, nil
}

// Peek tells a picture's kind and its pixels as it declares them from data, the file's content, without decoding it.
// Errors are those of [Decode]; a file it passes may still turn out to be damaged.
func Peek(data []byte, lim Limits) (kind string, w, h int, err error) {
	if len(data) == 0 {
		return "", 0, 0, ErrEmpty
	}
	f := sniff(data)
	if f == nil {
		return "", 0, 0, ErrNotPicture
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %s decoder: %v", ErrTruncated, f.name, r)
		}
	}()
	c, err := f.size(data, lim)
	return f.name, c.Width, c.Height, err
}

// size reads what the file declares and holds it against the limits.
func (f *format) size(data []byte, lim Limits) (image.Config, error) {
	c, err := f.config(bytes.NewReader(data))
	if err != nil {
		return c, f.explain(err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return c, fmt.Errorf("%w: it has no pixels", ErrTruncated)
	}
	if c.Width > lim.Pixels/c.Height {
		return c, fmt.Errorf("%w: %d x %d pixels, at most %d million are taken", ErrTooLarge, c.Width, c.Height, lim.Pixels/1_000_000)
	}
	return c, nil
}

// within decodes within the limits.
func (f *format) within(ctx context.Context, data []byte, lim Limits) (img image.Image, err error) {
	// The decoders are not all of one quality, and files may be made to break them: one that panics on a file has met a
	// damaged file, and must not take the program with it.
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("%w: %s decoder: %v", ErrTruncated, f.name, r)
		}
	}()
	if _, err := f.size(data, lim); err != nil {
		return nil, err
	}
	img, err = f.decode(&stoppable{ctx, bytes.NewReader(data)})
	if err != nil {
		return nil, f.explain(err)
	}
	if b := img.Bounds(); b.Empty() || b.Dx() > lim.Pixels/b.Dy() {
		return nil, fmt.Errorf("%w: its size is not the one it declares", ErrTruncated)
	}
	return img, nil
}

// stoppable is a reader that ends with the context's error, which stops the decoders that read as they go.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}
