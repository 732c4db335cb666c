package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// corners is a 24 x 16 picture with a colour in each quarter: red, green / blue, white.
func corners() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 24, 16))
	for y := range 16 {
		for x := range 24 {
			m.SetNRGBA(x, y, [4]color.NRGBA{{220, 0, 0, 255}, {0, 220, 0, 255}, {0, 0, 220, 255}, {255, 255, 255, 255}}[y/8*2+x/12])
		}
	}
	return m
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func jpegOf(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 98}) })
}

func decodeBytes(data []byte) (*Picture, error) {
	return Decode(context.Background(), bytes.NewReader(data), DefaultLimits)
}

func TestDecodeFormats(t *testing.T) {
	m := corners()
	files := map[string][]byte{
		"png":  pngOf(t, m),
		"jpeg": jpegOf(t, m),
		"gif":  encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) }),
		"bmp":  encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, m) }),
		"tiff": encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, m, nil) }),
	}
	for name, data := range files {
		p, err := decodeBytes(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Image.Rect != m.Rect || p.Gray16 != nil || p.Alpha {
			t.Errorf("%s: bounds %v, grey %v, alpha %v", name, p.Image.Rect, p.Gray16 != nil, p.Alpha)
		}
		for _, at := range []image.Point{{3, 3}, {20, 3}, {3, 12}, {20, 12}} {
			if got, want := p.Image.NRGBAAt(at.X, at.Y), m.NRGBAAt(at.X, at.Y); !alike(got, want, 60) {
				t.Errorf("%s: %v at %v, want %v", name, got, at, want)
			}
		}
	}
}

func alike(a, b color.NRGBA, by int) bool {
	near := func(x, y uint8) bool { return int(x)-int(y) <= by && int(y)-int(x) <= by }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B) && near(a.A, b.A)
}

func TestDecodeKeepsGreySamples(t *testing.T) {
	deep := image.NewGray16(image.Rect(0, 0, 5, 3))
	shallow := image.NewGray(image.Rect(0, 0, 5, 3))
	for i := range 15 {
		deep.SetGray16(i%5, i/5, color.Gray16{Y: uint16(4000*i + 7)})
		shallow.SetGray(i%5, i/5, color.Gray{Y: uint8(17 * i)})
	}
	for _, m := range []image.Image{deep, shallow} {
		p, err := decodeBytes(pngOf(t, m))
		if err != nil || p.Gray16 == nil {
			t.Fatalf("%T: grey %v, %v", m, p, err)
		}
		for i := range 15 {
			r, _, _, _ := m.At(i%5, i/5).RGBA()
			if got := p.Gray16.Gray16At(i%5, i/5).Y; uint32(got) != r {
				t.Errorf("%T sample %d: %d, want %d", m, i, got, r)
			}
			if got := p.Image.NRGBAAt(i%5, i/5); uint32(got.R) != r>>8 || got.A != 255 {
				t.Errorf("%T pixel %d: %v, want %d", m, i, got, r>>8)
			}
		}
	}
}

func TestConvertKinds(t *testing.T) {
	r := image.Rect(3, 2, 5, 3) // bounds away from the origin, as cut-out images have them
	deep := image.NewNRGBA64(r)
	deep.SetNRGBA64(3, 2, color.NRGBA64{0xC8C8, 0x6464, 0x3232, 0x0202})
	palette := image.NewPaletted(r, color.Palette{color.NRGBA{200, 100, 50, 2}, color.NRGBA{1, 2, 3, 255}})
	cmyk := image.NewCMYK(r)
	cmyk.SetCMYK(3, 2, color.CMYK{255, 0, 0, 0})
	straight := image.NewNRGBA(r)
	straight.SetNRGBA(3, 2, color.NRGBA{200, 100, 50, 2})
	for _, c := range []struct {
		m    image.Image
		want color.NRGBA
	}{
		{deep, color.NRGBA{200, 100, 50, 2}},
		{palette, color.NRGBA{200, 100, 50, 2}},
		{cmyk, color.NRGBA{0, 255, 255, 255}},
		{straight, color.NRGBA{200, 100, 50, 2}},
	} {
		got := toNRGBA(c.m)
		// Package draw goes through premultiplied 16 bits, which is good to a step or two under a thin alpha.
		if got.Rect != image.Rect(0, 0, 2, 1) || !alike(got.NRGBAAt(0, 0), c.want, 1) {
			t.Errorf("%T: %v %v, want %v", c.m, got.Rect, got.NRGBAAt(0, 0), c.want)
		}
	}
}

// chunk is a PNG chunk with its checksum.
func chunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func bomb(w, h uint32) []byte {
	body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(body, 8, 6, 0, 0, 0))...)
}

func TestDecodeRefuses(t *testing.T) {
	whole := pngOf(t, corners())
	for _, c := range []struct {
		name string
		data []byte
		lim  Limits
		want error
	}{
		{"nothing", nil, DefaultLimits, ErrEmpty},
		{"words", []byte("hello, this is not a picture"), DefaultLimits, ErrNotPicture},
		{"a web page", []byte("<!DOCTYPE html><html></html>"), DefaultLimits, ErrNotPicture},
		{"one byte", []byte{0x89}, DefaultLimits, ErrNotPicture},
		{"half a PNG", whole[:len(whole)/2], DefaultLimits, ErrTruncated},
		{"half a JPEG", jpegOf(t, corners())[:300], DefaultLimits, ErrTruncated},
		{"only a signature", whole[:8], DefaultLimits, ErrTruncated},
		{"a bomb", bomb(100_000, 100_000), DefaultLimits, ErrTooLarge},
		{"a wide bomb", bomb(1<<31-1, 1<<31-1), DefaultLimits, ErrTooLarge},
		{"too many bytes", whole, Limits{Bytes: 20, Pixels: 1e6}, ErrTooLarge},
		{"too many pixels", whole, Limits{Bytes: 1e6, Pixels: 24*16 - 1}, ErrTooLarge},
		{"a hollow HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), DefaultLimits, ErrTruncated},
		{"a hollow WebP", []byte("RIFF\x10\x00\x00\x00WEBPVP8 \x00\x00\x00\x00"), DefaultLimits, ErrTruncated},
	} {
		p, err := Decode(context.Background(), bytes.NewReader(c.data), c.lim)
		if !errors.Is(err, c.want) || p != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "émpty file.png")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		dir: ErrNotPicture, empty: ErrEmpty, filepath.Join(dir, "none"): os.ErrNotExist, "https://example.org/a.png": os.ErrNotExist, os.DevNull: ErrNotPicture,
	} {
		if _, err := Load(context.Background(), path); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}

func TestDecodeStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Decode(ctx, bytes.NewReader(pngOf(t, corners())), DefaultLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAlphaKinds(t *testing.T) {
	for _, c := range []struct {
		name  string
		alpha func(x, y int) uint8
		want  bool
	}{
		{"opaque", func(x, y int) uint8 { return 255 }, false},
		{"cut-out", func(x, y int) uint8 { return uint8(255 * (x / 20)) }, true},
		{"clear", func(x, y int) uint8 { return 0 }, false},
		{"glass", func(x, y int) uint8 { return 128 }, false},
		{"one lost pixel", func(x, y int) uint8 { return uint8(255 * min(x+y, 1)) }, false},
	} {
		m := image.NewNRGBA(image.Rect(0, 0, 40, 40))
		for i := range 1600 {
			m.SetNRGBA(i%40, i/40, color.NRGBA{90, 90, 90, c.alpha(i%40, i/40)})
		}
		if p, err := decodeBytes(pngOf(t, m)); err != nil || p.Alpha != c.want {
			t.Errorf("%s: %v, %v", c.name, p.Alpha, err)
		}
	}
}

// FuzzDecode holds that whatever the bytes, Decode returns a picture within its limits or an error.
func FuzzDecode(f *testing.F) {
	m := corners()
	f.Add(pngOf(f, m))
	f.Add(jpegOf(f, m))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return bmp.Encode(b, m) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return tiff.Encode(b, m, nil) }))
	f.Add(withExif(jpegOf(f, m), 6))
	f.Add(bomb(100_000, 100_000))
	lim := Limits{Bytes: 1 << 16, Pixels: 1 << 16}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(context.Background(), bytes.NewReader(data), lim)
		if (p == nil) == (err == nil) {
			t.Fatalf("picture %v, error %v", p != nil, err)
		}
		if p != nil && (p.Image.Rect.Empty() || p.Image.Rect.Dx()*p.Image.Rect.Dy() > lim.Pixels) {
			t.Fatalf("bounds %v", p.Image.Rect)
		}
	})
}
