package hunyuan

import (
	"image"
	"slices"
	"testing"
)

// row is a picture one pixel high of such reds, all covered.
func row(reds ...uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, len(reds), 1))
	for i, v := range reds {
		copy(img.Pix[4*i:], []uint8{v, 0, 0, 255})
	}
	return img
}

func reds(img *image.NRGBA) (out []uint8) {
	for i := 0; i < len(img.Pix); i += 4 {
		out = append(out, img.Pix[i])
	}
	return out
}

// TestResampled: smaller is the mean of what is covered, larger keeps to the samples that OpenCV keeps to, and what is
// halved cubically weighs two samples by 0.59375 and the ones beyond by -0.09375.
func TestResampled(t *testing.T) {
	for name, tt := range map[string]struct{ got, want []uint8 }{
		"halved":           {reds(area(row(10, 20, 30, 50), 2, 1)), []uint8{15, 40}},
		"to two thirds":    {reds(area(row(0, 90, 30), 2, 1)), []uint8{30, 50}},
		"doubled":          {reds(area(row(100, 200), 4, 1)), []uint8{100, 100, 200, 200}},
		"the same":         {reds(area(row(7, 8, 9), 3, 1)), []uint8{7, 8, 9}},
		"cubic, halved":    {reds(cubic(row(0, 160, 0, 0, 0, 0), 3, 1)), []uint8{95, 0, 0}},
		"cubic, one color": {reds(cubic(row(77, 77, 77), 7, 1)), []uint8{77, 77, 77, 77, 77, 77, 77}},
	} {
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("%s: %v, not %v", name, tt.got, tt.want)
		}
	}
}

// TestFramed: the subject is in the middle of a white square with a border of 0.15 of its side; nothing gives nothing.
func TestFramed(t *testing.T) {
	p := Processor{Size: 100, Border: 0.15}
	img := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	if p.framed(img) != nil || p.pixels(img, 14) != nil {
		t.Error("nothing is framed")
	}
	copy(img.Pix, []uint8{9, 9, 9, 255})
	if p.framed(img) != nil {
		t.Error("a pixel is framed, though its last row is lost")
	}
	for y := 30; y <= 70; y++ {
		for x := 100; x <= 180; x++ {
			copy(img.Pix[img.PixOffset(x, y):], []uint8{200, 100, 50, 255})
		}
	}
	clear(img.Pix[:4])
	out := p.framed(img)
	if out == nil || out.Rect.Dx() != 200 || out.Rect.Dy() != 200 {
		t.Fatalf("%v", out)
	}
	box := image.Rectangle{Min: out.Rect.Max}
	for y := range 200 {
		for x := range 200 {
			if c := out.NRGBAAt(x, y); c.R != 255 || c.G != 255 || c.B != 255 {
				box.Min.X, box.Min.Y = min(box.Min.X, x), min(box.Min.Y, y)
				box.Max.X, box.Max.Y = max(box.Max.X, x+1), max(box.Max.Y, y+1)
				if c.R != 200 || c.G != 100 || c.B != 50 || c.A != 255 {
					t.Fatalf("%v at %d %d", c, x, y)
				}
			}
		}
	}
	if want := image.Rect(15, 57, 185, 142); box != want {
		t.Errorf("the subject is in %v, not %v", box, want)
	}
}
