package dino

import (
	"image"
	"math"
	"slices"
	"testing"
)

// TestResampled: between two samples each weighs 0.59375 and the ones beyond -0.09375, those over the border as the last.
func TestResampled(t *testing.T) {
	table := []float32{99, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0} // a column
	tests := []struct {
		to    int
		extra float64
		want  []float32
	}{
		{2, 0, []float32{99, 0.59375, -0.09375, 0.59375, -0.09375}},
		{1, 1, []float32{99, 0.59375}}, // as if the two were there
		{4, 0, table},
	}
	for _, tt := range tests {
		got := Resampled(table, 4, tt.to, tt.to, 1, tt.extra)
		if !slices.EqualFunc(got, tt.want, func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-6 }) {
			t.Errorf("%d, %g: %v, not %v", tt.to, tt.extra, got, tt.want)
		}
	}
}

// TestPixels: a picture of one colour is one colour, and what is cut out is the middle.
func TestPixels(t *testing.T) {
	p := Processor{Resample: bicubic, Factor: 1. / 255, Mean: [3]float32{0.5, 0, 0}, Deviation: [3]float32{0.5, 1, 1}}
	p.Size.Shortest, p.Crop.Width, p.Crop.Height = 8, 4, 4
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	img := image.NewNRGBA(image.Rect(0, 0, 16, 32))
	for i := range 16 * 32 {
		copy(img.Pix[4*i:], []uint8{255, 51, 0, 255})
		if y := i / 16; y < 8 || y >= 24 {
			copy(img.Pix[4*i:], []uint8{9, 9, 9, 255})
		}
	}
	want := [3]float32{1, 0.2, 0}
	for i, v := range p.Pixels(img) {
		if math.Abs(float64(v-want[i/16])) > 1e-6 {
			t.Fatalf("%g at %d, not %g", v, i, want[i/16])
		}
	}
}

func TestCheck(t *testing.T) {
	good := Config{Hidden: 48, Layers: 2, Heads: 4, Size: 70, Patch: 14, Ratio: 4, Epsilon: 1e-6}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(c *Config){
		"heads": func(c *Config) { c.Heads = 5 }, "no heads": func(c *Config) { c.Heads = 0 },
		"layers": func(c *Config) { c.Layers = 1 << 30 }, "patches": func(c *Config) { c.Patch = 0 }, "epsilon": func(c *Config) { c.Epsilon = math.NaN() },
	} {
		c := good
		if spoil(&c); c.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
