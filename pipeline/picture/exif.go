package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation returns the EXIF orientation, 1 to 8, of a JPEG, PNG, WebP or TIFF file, 1 when it says none.
func orientation(data []byte) int {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xD8}):
		return tiffOrientation(jpegExif(data))
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return tiffOrientation(pngChunk(data, "eXIf"))
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return tiffOrientation(bytes.TrimPrefix(riffChunk(data, "EXIF"), []byte("Exif\x00\x00")))
	default:
		return tiffOrientation(data)
	}
}

// jpegExif finds the TIFF block in the APP1 segments before the scan.
func jpegExif(data []byte) []byte {
	for i := 2; i+4 <= len(data) && data[i] == 0xFF; {
		marker, n := data[i+1], int(binary.BigEndian.Uint16(data[i+2:]))
		if marker == 0xDA || n < 2 || i+2+n > len(data) {
			return nil
		}
		if body, ok := bytes.CutPrefix(data[i+4:i+2+n], []byte("Exif\x00\x00")); ok && marker == 0xE1 {
			return body
		}
		i += 2 + n
	}
	return nil
}

func pngChunk(data []byte, name string) []byte {
	for i := 8; i+8 <= len(data); {
		n := int64(binary.BigEndian.Uint32(data[i:]))
		if int64(i)+12+n > int64(len(data)) {
			return nil
		}
		if string(data[i+4:i+8]) == name {
			return data[i+8 : i+8+int(n)]
		}
		i += 12 + int(n)
	}
	return nil
}

func riffChunk(data []byte, name string) []byte {
	for i := 12; i+8 <= len(data); {
		n := int64(binary.LittleEndian.Uint32(data[i+4:]))
		if int64(i)+8+n > int64(len(data)) {
			return nil
		}
		if string(data[i:i+4]) == name {
			return data[i+8 : i+8+int(n)]
		}
		i += 8 + int(n+n&1)
	}
	return nil
}

// tiffOrientation reads tag 0x0112 of the first directory (TIFF 6.0, section 2).
func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(t[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(t[4:]))
	if at+2 > int64(len(t)) {
		return 1
	}
	entries := t[at+2:]
	for range order.Uint16(t[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if v := order.Uint16(entries[8:]); v >= 1 && v <= 8 {
				return int(v)
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// source tells which stored pixel is at (x,y) of the upright picture, for a stored picture of w x h.
func source(turn, x, y, w, h int) (int, int) {
	switch turn {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

func uprightSize(turn int, r image.Rectangle) image.Rectangle {
	if turn >= 5 {
		return image.Rect(0, 0, r.Dy(), r.Dx())
	}
	return image.Rect(0, 0, r.Dx(), r.Dy())
}

func upright(img *image.NRGBA, turn int) *image.NRGBA {
	if turn == 1 {
		return img
	}
	out := image.NewNRGBA(uprightSize(turn, img.Rect))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			u, v := source(turn, x, y, img.Rect.Dx(), img.Rect.Dy())
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[img.PixOffset(u, v):])
		}
	}
	return out
}

func uprightGray(img *image.Gray16, turn int) *image.Gray16 {
	if turn == 1 {
		return img
	}
	out := image.NewGray16(uprightSize(turn, img.Rect))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			u, v := source(turn, x, y, img.Rect.Dx(), img.Rect.Dy())
			copy(out.Pix[out.PixOffset(x, y):][:2], img.Pix[img.PixOffset(u, v):])
		}
	}
	return out
}
