package picture

import (
	"bytes"
	"context"
	"image/color"
	"testing"
)

func benchmarkCut(b *testing.B, p *Picture) {
	for b.Loop() {
		if _, err := Cut(context.Background(), p, CutOptions{}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func ringPicture() *Picture {
	return painted(1024, 1024, func(x, y float64) color.NRGBA {
		if ring(x/8, y/8) {
			return teal
		}
		return white
	})
}

func BenchmarkCutPlain(b *testing.B) { benchmarkCut(b, ringPicture()) }

func BenchmarkCutScene(b *testing.B) { benchmarkCut(b, clutter(1024, 1024)) }

func BenchmarkCutAlpha(b *testing.B) {
	p := ringPicture()
	for i := 0; i < len(p.Image.Pix); i += 4 {
		p.Image.Pix[i+3] = 255 - p.Image.Pix[i]
	}
	p.Alpha = true
	benchmarkCut(b, p)
}

func BenchmarkDecodePNG(b *testing.B) {
	data := pngOf(b, clutter(1024, 1024).Image)
	for b.Loop() {
		if _, err := Decode(context.Background(), bytes.NewReader(data), DefaultLimits); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCorrect follows a stroke on what was cut out.
func BenchmarkCorrect(b *testing.B) {
	p := clutter(1024, 1024)
	c, err := Separate(context.Background(), p, CutOptions{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	scribble := Edit{Strokes: []Stroke{{Radius: 200, Line: Polyline{{4500, 5000}, {5500, 5200}}}}}.Scribble(p.Image.Rect)
	for b.Loop() {
		if _, err := c.Correct(context.Background(), scribble); err != nil {
			b.Fatal(err)
		}
	}
}
