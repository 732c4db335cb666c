package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/gen2brain/heic"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// format is a kind of picture file.
type format struct {
	name   string
	match  func(data []byte) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	turned bool // its decoder puts pictures upright itself
}

// formats are tried in this order; BMP's two letters are the weakest sign and come last.
var formats = []*format{
	{"PNG", starts("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode, false},
	{"JPEG", starts("\xff\xd8\xff"), jpeg.DecodeConfig, jpeg.Decode, false},
	{"WebP", isWebP, webp.DecodeConfig, decodeWebP, false},
	{"GIF", starts("GIF87a", "GIF89a"), gif.DecodeConfig, gif.Decode, false},
	{"TIFF", starts("II*\x00", "MM\x00*"), tiff.DecodeConfig, tiff.Decode, false},
	{"HEIC", isHEIC, heic.DecodeConfig, heic.Decode, true},
	{"BMP", starts("BM"), bmp.DecodeConfig, bmp.Decode, false},
}

// sniff tells the format by its first bytes, nil when it is none we know.
func sniff(data []byte) *format {
	for _, f := range formats {
		if f.match(data) {
			return f
		}
	}
	return nil
}

func starts(with ...string) func([]byte) bool {
	return func(data []byte) bool {
		for _, s := range with {
			if bytes.HasPrefix(data, []byte(s)) {
				return true
			}
		}
		return false
	}
}

// isHEIC looks for a file type box whose brand is one of HEVC in HEIF (ISO/IEC 23008-12, annex B).
func isHEIC(data []byte) bool {
	if len(data) < 12 || string(data[4:8]) != "ftyp" {
		return false
	}
	switch string(data[8:12]) {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
		return true
	}
	return false
}

// explain tells what a decoder cannot do, which is no fault of the file, from damage.
func (f *format) explain(err error) error {
	var (
		asPNG  png.UnsupportedError
		asJPEG jpeg.UnsupportedError
		asTIFF tiff.UnsupportedError
	)
	if errors.As(err, &asPNG) && asPNG == "dimension overflow" {
		return fmt.Errorf("%w: its width times height is beyond counting", ErrTooLarge)
	}
	if errors.As(err, &asPNG) || errors.As(err, &asJPEG) || errors.As(err, &asTIFF) || errors.Is(err, bmp.ErrUnsupported) {
		return fmt.Errorf("%w: a %s of a rare kind (%v)", ErrNotPicture, f.name, err)
	}
	return fmt.Errorf("%w (%v)", ErrTruncated, err)
}
