package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"os"
	"testing"
)

// TestAnimatedWebP reads what ImageMagick wrote: frames without loss, and one with, of which only the box round what is not
// transparent is in the file.
func TestAnimatedWebP(t *testing.T) {
	for name, c := range map[string]struct {
		alpha bool
		at    map[image.Point]color.NRGBA
	}{
		"animated":     {false, map[image.Point]color.NRGBA{{3, 3}: {220, 0, 0, 255}, {20, 3}: {0, 220, 0, 255}, {3, 12}: {0, 0, 220, 255}, {20, 12}: {255, 255, 255, 255}}},
		"animated-cut": {true, map[image.Point]color.NRGBA{{12, 8}: {200, 30, 40, 255}, {9, 6}: {200, 30, 40, 255}, {2, 2}: {}, {21, 8}: {}}},
	} {
		data, err := os.ReadFile("testdata/" + name + ".webp")
		if err != nil {
			t.Fatal(err)
		}
		p, err := decodeBytes(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if kind, w, h, err := Peek(data, DefaultLimits); kind != "WebP" || w != 24 || h != 16 || err != nil {
			t.Errorf("%s: a %s of %d x %d, %v", name, kind, w, h, err)
		}
		if p.Image.Rect != image.Rect(0, 0, 24, 16) || p.Alpha != c.alpha {
			t.Errorf("%s: bounds %v, alpha %v", name, p.Image.Rect, p.Alpha)
		}
		for at, want := range c.at {
			if got := p.Image.NRGBAAt(at.X, at.Y); !alike(got, want, 24) {
				t.Errorf("%s: %v at %v, want %v", name, got, at, want)
			}
		}
		frame := bytes.Index(data, []byte("ANMF"))
		for what, spoil := range map[string]func([]byte){
			"no frame":        func(b []byte) { b[frame] = 'B'; copy(b[bytes.LastIndex(b, []byte("ANMF")):], "BNMF") },
			"a frame beyond":  func(b []byte) { b[frame+8] = 200 },
			"a larger frame":  func(b []byte) { b[frame+16] = 200 },
			"a smaller frame": func(b []byte) { b[frame+14]-- },
		} {
			bad := bytes.Clone(data)
			spoil(bad)
			if _, err := decodeBytes(bad); !errors.Is(err, ErrTruncated) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		for n := range len(data) / 2 {
			if _, err := decodeBytes(data[:n]); err == nil {
				t.Errorf("%s: nothing is wrong with its first %d bytes", name, n)
			}
		}
	}
}
