package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"testing"
)

// exif is a TIFF block that says nothing but the orientation.
func exif(order binary.AppendByteOrder, turn uint16) []byte {
	head := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = "MM\x00*"
	}
	out := order.AppendUint32([]byte(head), 8)
	out = order.AppendUint16(out, 1)
	out = order.AppendUint16(order.AppendUint16(out, 0x0112), 3)
	out = order.AppendUint16(order.AppendUint32(out, 1), turn)
	return append(out, 0, 0, 0, 0, 0, 0)
}

func withExif(jpeg []byte, turn uint16) []byte {
	body := append([]byte("Exif\x00\x00"), exif(binary.BigEndian, turn)...)
	out := append([]byte{0xFF, 0xD8, 0xFF, 0xE1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(out, body...), jpeg[2:]...)
}

// TestOrientations holds that a picture stored in each of the eight ways comes out upright: red, green / blue, white.
func TestOrientations(t *testing.T) {
	up := corners()
	for turn := 1; turn <= 8; turn++ {
		// What is stored is the upright picture turned back, and the way back of 6 is 8.
		back := [9]int{0, 1, 2, 3, 4, 5, 8, 7, 6}[turn]
		stored := upright(up, back)
		png := pngOf(t, stored)
		webp := append([]byte("RIFF\x00\x00\x00\x00WEBPEXIF\x1a\x00\x00\x00"), exif(binary.LittleEndian, uint16(turn))...)
		if got := orientation(webp); got != turn {
			t.Errorf("WebP: orientation %d, want %d", got, turn)
		}
		for name, data := range map[string][]byte{
			"jpeg": withExif(jpegOf(t, stored), uint16(turn)),
			"png":  append(append(bytes.Clone(png[:33]), chunk("eXIf", exif(binary.LittleEndian, uint16(turn)))...), png[33:]...),
		} {
			p, err := decodeBytes(data)
			if err != nil {
				t.Fatalf("%s %d: %v", name, turn, err)
			}
			if p.Image.Rect != up.Rect {
				t.Errorf("%s %d: bounds %v", name, turn, p.Image.Rect)
				continue
			}
			for _, at := range []image.Point{{3, 3}, {20, 3}, {3, 12}, {20, 12}} {
				if got, want := p.Image.NRGBAAt(at.X, at.Y), up.NRGBAAt(at.X, at.Y); !alike(got, want, 40) {
					t.Errorf("%s %d: %v at %v, want %v", name, turn, got, at, want)
				}
			}
		}
	}
}

func TestGreyIsTurnedToo(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 3, 2))
	m.SetGray(0, 0, color.Gray{Y: 200})
	data := pngOf(t, m)
	data = append(append(bytes.Clone(data[:33]), chunk("eXIf", exif(binary.BigEndian, 6))...), data[33:]...)
	p, err := decodeBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	// Orientation 6: what is stored top left is shown top right.
	if p.Gray16.Rect != image.Rect(0, 0, 2, 3) || p.Gray16.Gray16At(1, 0).Y != 200*257 {
		t.Errorf("bounds %v, top right %d", p.Gray16.Rect, p.Gray16.Gray16At(1, 0).Y)
	}
}

func TestOrientationOfDamage(t *testing.T) {
	whole := withExif(jpegOf(t, corners()), 6)
	for n := range 38 { // cut anywhere, no orientation is made up
		if got := orientation(whole[:n]); got != 1 {
			t.Errorf("%d bytes: orientation %d", n, got)
		}
	}
	if got := tiffOrientation(exif(binary.LittleEndian, 9)); got != 1 {
		t.Errorf("orientation 9 read as %d", got)
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(withExif([]byte{0xFF, 0xD8, 0xFF, 0xD9}, 6))
	f.Add(exif(binary.LittleEndian, 3))
	f.Add(append([]byte("\x89PNG\r\n\x1a\n"), chunk("eXIf", exif(binary.BigEndian, 5))...))
	f.Add(append([]byte("RIFF\x00\x00\x00\x00WEBPEXIF\x1a\x00\x00\x00"), exif(binary.LittleEndian, 8)...))
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if v := orientation(data); v < 1 || v > 8 {
			t.Fatalf("orientation %d", v)
		}
	})
}
