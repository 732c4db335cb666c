package engine

import (
	"context"
	"errors"
	"math"
	"testing"

	"orfeas/pipeline/picture"
)

// TestLithophaneObeysBeerAndLambert: at known greys the light through the plate is in proportion to the picture's, between
// what its thickest and its thinnest let through.
func TestLithophaneObeysBeerAndLambert(t *testing.T) {
	for _, linear := range []float64{0, 0.02, 0.18, 0.5, 0.8, 1} {
		value := uint16(math.Round(65535 * picture.Gamma(linear)))
		m := made(t, lithophane, greyOf(40, 40, func(x, y int) uint16 { return value }).with(Options{"attenuation": 0.9, "thinnest": 0.6, "thickest": 3.0}))
		_, size := checked(t, m, 100, 0)
		dark, bright := math.Exp(-3/0.9), math.Exp(-0.6/0.9)
		want := dark + linear*(bright-dark)
		if got := math.Exp(-size[2] / 0.9); math.Abs(got/want-1) > 0.01 {
			t.Errorf("light of %g: %.3f mm let through %.4f, want %.4f", linear, size[2], got, want)
		}
	}
}

func TestLithophaneShapes(t *testing.T) {
	wave := func(x, y int) uint16 { return uint16(32767 * (1 + math.Sin(float64(x)/9)*math.Cos(float64(y)/11))) }
	const size = 100.0
	tests := []struct {
		name    string
		options Options
		genus   int
	}{
		{"flat", Options{}, 0},
		{"border", Options{"border": 3.0}, 0},
		{"curved", Options{"shape": "curved", "border": 2.0}, 0},
		{"nearly closed", Options{"shape": "curved", "arc": 300.0}, 0},
		{"cylinder", Options{"shape": "cylinder"}, 1},
		{"lamp", Options{"shape": "cylinder", "border": 3.0}, 1},
		{"holes", Options{"mount": "holes"}, 2},
		{"holes in a border", Options{"mount": "holes", "border": 9.0}, 2},
		{"curved with holes", Options{"mount": "holes", "shape": "curved", "border": 3.0}, 2},
		{"hanging lamp", Options{"mount": "holes", "shape": "cylinder"}, 3},
		{"foot", Options{"mount": "foot", "border": 2.0}, 0},
		{"foot without a border", Options{"mount": "foot"}, 0},
		{"curved with a foot", Options{"mount": "foot", "shape": "curved"}, 0},
		{"layers", Options{"layer": 0.12}, 0},
		{"negative", Options{"invert": true}, 0},
	}
	for _, tt := range tests {
		for _, faces := range []int{3000, 60_000} {
			in := greyOf(160, 100, wave).with(tt.options)
			in.Faces = faces
			m := made(t, lithophane, in)
			volume, s := checked(t, m, size, tt.genus)
			if long := max(s[0], s[1], s[2]); math.Abs(long-size) > 1e-3 {
				t.Errorf("%s: longest side %g", tt.name, long)
			}
			if volume <= 0 || len(m.Triangles) > faces+300 {
				t.Errorf("%s: %g mm³, %d triangles for %d", tt.name, volume, len(m.Triangles), faces)
			}
		}
	}
}

// TestLithophaneMeasures: borders, holes and layers are millimetres of the result.
func TestLithophaneMeasures(t *testing.T) {
	black := greyOf(200, 100, func(x, y int) uint16 { return 0 })
	build := func(o Options) (float64, [3]float64) {
		genus := 0
		if o["mount"] == "holes" {
			genus = 2
		}
		return checked(t, made(t, lithophane, black.with(o)), 100, genus)
	}
	volume, size := build(Options{"border": 4.0, "border-thickness": 5.0})
	if w, h := 92.0, 46.0; math.Abs(size[1]-h-8) > 1e-3 || math.Abs(size[2]-5) > 1e-4 ||
		math.Abs(volume-(100*54*5-2*(w+lip)*(h+lip))) > 1 {
		t.Errorf("border of 4 mm: %v, %.1f mm³", size, volume)
	}
	full, _ := build(Options{"mount": "holes"})
	_, bare := build(Options{})
	polygon := holeSides / 2.0 * math.Sin(2*math.Pi/holeSides) * holeRadius * holeRadius
	if want := (100*(50+holeStrip) - 2*polygon) * 3; math.Abs(full-want) > 0.1 || math.Abs(bare[1]-50) > 1e-3 {
		t.Errorf("with holes %.2f mm³, want %.2f; without %v", full, want, bare)
	}
	stuff := plastic{thinnest: 0.8, thickest: 3, attenuation: 1, layer: 0.12}
	for l := range 11 {
		n := stuff.thickness(float64(l)/10) / stuff.layer
		if math.Abs(n-math.Round(n)) > 1e-9 || n*stuff.layer < 0.8-1e-9 || n*stuff.layer > 3+1e-9 {
			t.Errorf("light of %d tenths: %g layers", l, n)
		}
	}
}

// TestLithophaneReadsTheRightWay: a tube and a bent plate show the left of the picture on the left, its middle in front.
func TestLithophaneReadsTheRightWay(t *testing.T) {
	for _, shape := range []string{"flat", "curved", "cylinder"} {
		// A dark, thick bar a third from the left, in the upper half.
		m := made(t, lithophane, greyOf(90, 90, func(x, y int) uint16 {
			if x >= 28 && x < 32 && y < 40 {
				return 0
			}
			return 65535
		}).with(Options{"shape": shape, "thickest": 12.0}))
		var at [3]float64
		most := 0.0
		lo, hi := m.Bounds()
		axis := float64(lo[2]+hi[2]) / 2
		for _, v := range m.Vertices {
			r := float64(v[2])
			if shape == "cylinder" {
				r = math.Hypot(float64(v[0]), float64(v[2])-axis)
			}
			if r > most {
				most, at = r, [3]float64{float64(v[0]), float64(v[1]), float64(v[2])}
			}
		}
		if at[0] > -0.1 || at[1] < 0 || at[2] < 0 {
			t.Errorf("%s: the bar is at %v", shape, at)
		}
	}
}

func TestLithophaneRefuses(t *testing.T) {
	wide := greyOf(100, 50, func(x, y int) uint16 { return uint16(x * 600) })
	for name, o := range map[string]Options{
		"thin is thick":       {"thinnest": 3.0, "thickest": 2.0},
		"one layer":           {"layer": 0.5, "thinnest": 0.2, "thickest": 0.5},
		"nothing but border":  {"border": 30.0},
		"no room for holes":   {"mount": "holes"},
		"a tube of one pixel": {"shape": "cylinder"},
	} {
		in := wide.with(o)
		switch name {
		case "nothing but border":
			in.SizeMM = 50
		case "no room for holes":
			in.SizeMM = 9
		case "a tube of one pixel":
			in = greyOf(1, 1, func(x, y int) uint16 { return 0 }).with(o)
		}
		if _, err := lithophane.Build(context.Background(), in); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBacklit: with light behind it a lithophane shows the picture.
func TestBacklit(t *testing.T) {
	in := greyOf(120, 80, func(x, y int) uint16 {
		return uint16(32767 * (1 + math.Sin(float64(x*y)/400)*math.Cos(float64(y)/7)))
	})
	got, err := Backlit(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got.Rect.Dx() != 120 || got.Rect.Dy() != 80 {
		t.Fatalf("%v", got.Rect)
	}
	var a, b []float64
	for y := range 80 {
		for x := range 120 {
			a = append(a, picture.Linear(float64(got.GrayAt(x, y).Y)/255))
			b = append(b, picture.Linear(float64(in.Picture.Gray16.Gray16At(x, y).Y)/65535))
		}
	}
	if c := correlation(a, b); c < 0.999 {
		t.Errorf("the light correlates with the picture's by %.4f", c)
	}
	framed, err := Backlit(context.Background(), in.with(Options{"border": 10.0, "border-thickness": 3.0, "mount": "holes"}))
	if err != nil {
		t.Fatal(err)
	}
	// 80 mm of picture on 120 cells: 10 mm of border are 15 cells.
	if framed.Rect.Dx() != 150 || framed.Rect.Dy() != 110 {
		t.Errorf("with a border %v", framed.Rect)
	}
	if want := uint8(255*picture.Gamma(math.Exp(-2.2)) + 0.5); framed.GrayAt(3, 3).Y != want {
		t.Errorf("the border is %d, want %d", framed.GrayAt(3, 3).Y, want)
	}
	in.Picture, in.Subject = nil, painted(8, 8, func(x, y float64) bool { return false })
	if _, err := Backlit(context.Background(), in); !errors.Is(err, picture.ErrNoSubject) {
		t.Errorf("of nothing: %v", err)
	}
}

func correlation(a, b []float64) float64 {
	var ma, mb, ab, aa, bb float64
	for i := range a {
		ma += a[i] / float64(len(a))
		mb += b[i] / float64(len(b))
	}
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

// TestRingFaces: the triangles round a hole fill what is between it and the block, once, wherever the hole lies.
func TestRingFaces(t *testing.T) {
	for _, right := range []float64{2.4, 3, 7, 40} {
		var outer [][2]float64
		for k := range 5 {
			outer = append(outer, [2]float64{right - (right+2.4)*float64(k)/4, 2.4})
		}
		for k := range 5 {
			outer = append(outer, [2]float64{-2.4 + (right+2.4)*float64(k)/4, -2.4})
		}
		points := append([][2]float64(nil), outer...)
		for k := range holeSides {
			sin, cos := math.Sincos(math.Atan2(2.4, right) + 2*math.Pi*float64(k)/holeSides)
			points = append(points, [2]float64{holeRadius * cos, holeRadius * sin})
		}
		area := 0.0
		for _, f := range ringFaces(outer, holeSides) {
			a, b, c := points[f[0]], points[f[1]], points[f[2]]
			twice := (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
			if twice <= 0 {
				t.Errorf("block to %g: face %v is turned over", right, f)
			}
			area += twice / 2
		}
		polygon := holeSides / 2.0 * math.Sin(2*math.Pi/holeSides) * holeRadius * holeRadius
		if want := (right+2.4)*4.8 - polygon; math.Abs(area-want) > 1e-9 {
			t.Errorf("block to %g: area %g, want %g", right, area, want)
		}
	}
}
