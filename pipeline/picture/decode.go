package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"

	_ "github.com/gen2brain/heic"
	_ "golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// Limits bound what is read and decoded, checked before anything of that size is allocated.
type Limits struct {
	Bytes  int64 // of the file
	Pixels int   // width times height
}

// DefaultLimits lets through what cameras make and keeps out what would exhaust the machine.
var DefaultLimits = Limits{Bytes: 256 << 20, Pixels: 80_000_000}

// Load reads and decodes the picture at path. A directory, a device and an empty or huge file are refused by name.
func Load(ctx context.Context, path string) (*Picture, error) {
	p, err := load(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("read picture %s: %w", path, err)
	}
	return p, nil
}

func load(ctx context.Context, path string) (*Picture, error) {
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
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	return Decode(ctx, f, DefaultLimits)
}

// Decode reads a PNG, JPEG, WebP, GIF (its first frame), BMP, TIFF or HEIC picture, told by its content, and turns it
// upright by its EXIF orientation.
func Decode(ctx context.Context, r io.Reader, lim Limits) (*Picture, error) {
	data, err := io.ReadAll(io.LimitReader(r, lim.Bytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, ErrEmpty
	}
	if int64(len(data)) > lim.Bytes {
		return nil, fmt.Errorf("%w: more than %d MB", ErrTooLarge, lim.Bytes>>20)
	}
	img, kind, err := decode(data, lim)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	turn := 1
	if kind != "heic" { // its decoder has turned the picture already
		turn = orientation(data)
	}
	p := &Picture{Image: upright(toNRGBA(img), turn)}
	if g := toGray16(img); g != nil {
		p.Gray16 = uprightGray(g, turn)
	}
	p.Alpha = hasCutout(p.Image)
	return p, nil
}

// decode decodes within the limits. The decoders are not all of one quality: one that panics on a damaged file is a
// damaged file to us.
func decode(data []byte, lim Limits) (img image.Image, kind string, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("%w (%v)", ErrTruncated, r)
		}
	}()
	c, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) {
		return nil, "", ErrNotPicture
	}
	if err != nil {
		return nil, "", fmt.Errorf("%w (%v)", ErrTruncated, err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return nil, "", fmt.Errorf("%w: it has no pixels", ErrTruncated)
	}
	if c.Width > lim.Pixels/c.Height {
		return nil, "", fmt.Errorf("%w: %d x %d pixels, at most %d million are taken", ErrTooLarge, c.Width, c.Height, lim.Pixels/1_000_000)
	}
	img, _, err = image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", fmt.Errorf("%w (%v)", ErrTruncated, err)
	}
	if b := img.Bounds(); b.Dx() > c.Width || b.Dy() > c.Height || b.Empty() {
		return nil, "", fmt.Errorf("%w: its size is not the one it declares", ErrTruncated)
	}
	return img, kind, nil
}

func toNRGBA(img image.Image) *image.NRGBA {
	b := img.Bounds()
	if n, ok := img.(*image.NRGBA); ok && b.Min == (image.Point{}) {
		return n
	}
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	if src, ok := img.(*image.NRGBA64); ok {
		// Through premultiplied 8 bits, as draw goes, colours under a thin alpha would be lost.
		for y := range b.Dy() {
			for x := range b.Dx() {
				s := src.Pix[src.PixOffset(b.Min.X+x, b.Min.Y+y):]
				copy(out.Pix[out.PixOffset(x, y):], []uint8{s[0], s[2], s[4], s[6]})
			}
		}
		return out
	}
	draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	return out
}

func toGray16(img image.Image) *image.Gray16 {
	switch img.(type) {
	case *image.Gray, *image.Gray16:
		b := img.Bounds()
		out := image.NewGray16(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(out, out.Rect, img, b.Min, draw.Src)
		return out
	}
	return nil
}

// hasCutout reports whether the alpha channel says what is subject: some of the picture is clear, or all of it.
func hasCutout(img *image.NRGBA) bool {
	clear := 0
	for i := 3; i < len(img.Pix); i += 4 {
		if img.Pix[i] < 16 {
			clear++
		}
	}
	return clear*400 > len(img.Pix)/4 // a quarter of a percent
}
