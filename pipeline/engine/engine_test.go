package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"reflect"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// painted makes a subject from a function that says which points of [-1,1]^2 are covered, antialiased.
func painted(w, h int, in func(x, y float64) bool) *picture.Subject {
	s := &picture.Subject{Color: image.NewNRGBA(image.Rect(0, 0, w, h)), Matte: image.NewGray(image.Rect(0, 0, w, h))}
	long := float64(max(w, h))
	for j := range h {
		for i := range w {
			n := 0
			for k := range 16 {
				x := (float64(i) + (float64(k%4)+0.5)/4 - float64(w)/2) / long * 2
				y := (float64(h)/2 - float64(j) - (float64(k/4)+0.5)/4) / long * 2
				if in(x, y) {
					n++
				}
			}
			s.Matte.SetGray(i, j, color.Gray{uint8(n * 255 / 16)})
			s.Color.SetNRGBA(i, j, color.NRGBA{uint8(40 + i%200), 120, uint8(j % 200), 255})
		}
	}
	return s
}

func disc(x, y float64) bool    { return math.Hypot(x, y) < 0.8 }
func annulus(x, y float64) bool { r := math.Hypot(x, y); return r < 0.9 && r > 0.5 }
func strip(x, y float64) bool   { return math.Abs(x) < 0.9 && math.Abs(y) < 0.1 }
func letterB(x, y float64) bool {
	stem := math.Abs(x+0.4) < 0.12 && math.Abs(y) < 0.8
	bow := func(at float64) bool { r := math.Hypot(x+0.3, y-at); return x > -0.4 && r < 0.43 && r > 0.2 }
	return stem || bow(0.38) || bow(-0.38)
}
func twins(x, y float64) bool { return math.Hypot(math.Abs(x)-0.5, y) < 0.3 }

func build(t testing.TB, s *picture.Subject, faces int, o Options) *mesh.Mesh {
	t.Helper()
	m, err := inflate.Build(context.Background(), Input{Subject: s, Options: o, SizeMM: 80, Faces: faces, Step: func(string, float64) {}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestInflateKnownShapes: a disc becomes a sphere, an annulus a ring, a strip a round bar.
func TestInflateKnownShapes(t *testing.T) {
	tests := []struct {
		name              string
		in                func(x, y float64) bool
		options           Options
		genus, components int
		volume, tolerance float64 // in the model frame; 0 for no look
	}{
		{"disc", disc, nil, 0, 1, 4. / 3 * math.Pi, 0.01},
		{"annulus", annulus, nil, 1, 1, 0, 0},
		{"strip", strip, nil, 0, 1, math.Pi / 81 * 2, 0.06},
		{"slab", slab, nil, 0, 1, 0, 0},
		{"the letter B", letterB, nil, 2, 1, 0, 0},
		{"twins", twins, nil, 0, 2, 0, 0},
		{"the larger twin", twins, Options{"islands": "largest"}, 0, 1, 4. / 3 * math.Pi, 0.02},
		{"joined twins", twins, Options{"islands": "base"}, 0, 1, 0, 0},
		{"half a ball", disc, Options{"back": "flat"}, 0, 1, 2. / 3 * math.Pi, 0.02},
		{"flattened", disc, Options{"thickness": 0.5}, 0, 1, 2. / 3 * math.Pi, 0.015},
		{"relief", disc, Options{"relief": 1.0, "relief-scale": 2.0}, 0, 1, 0, 0},
		{"soft", disc, Options{"profile": "soft"}, 0, 1, 4 * math.Pi / 3.5, 0.02}, // the integral of (1-r^2)^(3/4)
		{"cookie", disc, Options{"profile": "cookie"}, 0, 1, 0, 0},
		{"pillar", pillar, Options{"turned": 0.0}, 0, 1, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := build(t, painted(400, 400, tt.in), 60_000, tt.options)
			r := m.Check()
			if !r.Clean() || r.Genus != tt.genus || r.Components != tt.components {
				t.Errorf("clean %v, genus %d, %d parts: %+v", r.Clean(), r.Genus, r.Components, r)
			}
			if s := r.Size(); math.Abs(float64(max(s[0], s[1], s[2]))-2) > 1e-4 {
				t.Errorf("size %v", s)
			}
			if tt.volume != 0 && math.Abs(r.Volume/tt.volume-1) > tt.tolerance {
				t.Errorf("volume %.4f, want %.4f", r.Volume, tt.volume)
			}
		})
	}
}

func TestInflateMeetsTheFaces(t *testing.T) {
	for _, faces := range []int{20_000, 200_000} {
		for name, in := range map[string]func(x, y float64) bool{"disc": disc, "annulus": annulus, "strip": strip} {
			if n := len(build(t, painted(500, 500, in), faces, nil).Triangles); n < faces*7/10 || n > faces*11/10 {
				t.Errorf("%s: %d triangles, asked for %d", name, n, faces)
			}
		}
	}
}

// usable are the engines that need nothing, or have all they need on this machine. Networks are looked for in an empty
// folder, so that the tests are the same everywhere; TestTripoSR holds small ones to the same rules.
func usable(t *testing.T) []Engine {
	t.Helper()
	t.Setenv("ORFEAS_MODELS", t.TempDir())
	var out []Engine
	for _, e := range All {
		err := e.Missing()
		if errors.Is(err, weights.ErrAbsent) || errors.Is(err, onnx.ErrNoLibrary) {
			t.Logf("left out: %v", err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		out = append(out, e)
	}
	return out
}

// TestEnginesOnHostileSubjects: whatever the picture, an engine gives a clean mesh or says there is no subject.
func TestEnginesOnHostileSubjects(t *testing.T) {
	for _, e := range usable(t) {
		survivesHostileSubjects(t, e)
	}
}

func survivesHostileSubjects(t *testing.T, e Engine) {
	t.Helper()
	tests := map[string]*picture.Subject{
		"nothing":     painted(64, 64, func(x, y float64) bool { return false }),
		"everything":  painted(64, 64, func(x, y float64) bool { return true }),
		"one pixel":   painted(1, 1, func(x, y float64) bool { return true }),
		"a thread":    painted(3, 900, func(x, y float64) bool { return true }),
		"chessboard":  painted(64, 64, func(x, y float64) bool { return (int(x*8+20)+int(y*8+20))%2 == 0 }),
		"thin cross":  painted(200, 200, func(x, y float64) bool { return math.Abs(x) < 0.01 || math.Abs(y) < 0.01 }),
		"dust":        painted(128, 128, func(x, y float64) bool { return math.Mod(math.Abs(x*13.7+y*7.3), 1) < 0.2 }),
		"touches all": painted(90, 90, func(x, y float64) bool { return math.Abs(x) > 0.9 || math.Abs(y) > 0.9 }),
	}
	for name, s := range tests {
		m, err := e.Build(context.Background(), Input{Subject: s, SizeMM: 80, Faces: 20_000, Step: func(string, float64) {}})
		if errors.Is(err, picture.ErrNoSubject) {
			continue
		}
		if err != nil {
			t.Errorf("%s, %s: %v", e.Name, name, err)
			continue
		}
		if r := m.Check(); !r.Clean() {
			t.Errorf("%s, %s: %+v", e.Name, name, r)
		}
		if colours := m.Colors != nil; !e.Lies && e.Name != Auto && colours != e.Colours {
			t.Errorf("%s, %s: colours of its own: %v, not as declared", e.Name, name, colours)
		}
	}
}

func TestEnginesAreDeterministicAndStop(t *testing.T) {
	for _, e := range usable(t) {
		repeatsAndStops(t, e)
	}
}

// repeatsAndStops runs an engine twice, and stops it before it begins and after every step it reports but the last.
func repeatsAndStops(t *testing.T, e Engine) {
	t.Helper()
	in := Input{Subject: painted(300, 300, annulus), SizeMM: 80, Faces: 30_000, Step: func(string, float64) {}}
	a, err := e.Build(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.Build(context.Background(), in)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("%s: two runs differ (%v)", e.Name, err)
	}
	for stop := 0; ; stop++ {
		ctx, cancel := context.WithCancel(context.Background())
		steps, done := 0, 0.0
		halt := func() {
			if steps == stop {
				cancel()
			}
			steps++
		}
		halt()
		in.Step = func(_ string, fraction float64) {
			if fraction < done || fraction > 1 {
				t.Errorf("%s: progress went from %g to %g", e.Name, done, fraction)
			}
			if done = fraction; fraction < 1 {
				halt()
			}
		}
		_, err := e.Build(ctx, in)
		cancel()
		if steps <= stop {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled after step %d: %v", e.Name, stop, err)
		}
	}
}

func TestSettings(t *testing.T) {
	kinds := map[string]bool{}
	for _, e := range All {
		o, err := e.Complete(nil)
		if err != nil || len(o) != len(e.Settings) {
			t.Errorf("%s: defaults %v (%v)", e.Name, o, err)
		}
		for _, s := range e.Settings {
			if again, err := s.Parse(fmt.Sprint(s.Default)); err != nil || again != s.Default {
				t.Errorf("%s: default of %s parses to %v (%v)", e.Name, s.Name, again, err)
			}
			// A flag without a value must be one in every engine.
			if was, ok := kinds[s.Name]; ok && was != s.Switch() {
				t.Errorf("%s: %s is a switch in one engine and not in another", e.Name, s.Name)
			}
			kinds[s.Name] = s.Switch()
			if _, err := e.Complete(Options{s.Name: []int{1}}); !errors.Is(err, ErrOptions) {
				t.Errorf("%s: a list for %s: %v", e.Name, s.Name, err)
			}
		}
	}
	for _, e := range All {
		for _, p := range e.Presets {
			if got, err := e.Preset(p.Name); err != nil || got.Title != p.Title {
				t.Errorf("%s: preset %s: %v", e.Name, p.Name, err)
			}
			if _, err := e.Complete(p.Options); err != nil {
				t.Errorf("%s: preset %s: %v", e.Name, p.Name, err)
			}
		}
		if _, err := e.Preset("none"); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: a preset it does not have: %v", e.Name, err)
		}
	}
	for _, o := range []Options{{"thickness": math.NaN()}, {"thickness": "thick"}, {"relief": 2.0}, {"back": "round"}, {"islands": ""}, {"wings": 2.0}} {
		if _, err := inflate.Complete(o); !errors.Is(err, ErrOptions) {
			t.Errorf("%v: %v", o, err)
		}
	}
	for text, name := range map[string]string{"much": "thickness", "9": "thickness", "round": "back"} {
		s, err := inflate.Setting(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Parse(text); !errors.Is(err, ErrOptions) {
			t.Errorf("%s %q: %v", name, text, err)
		}
	}
	if _, err := ByName("magic"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

// BenchmarkPreviews: what every engine takes for a small mesh to choose by.
func BenchmarkPreviews(b *testing.B) {
	s := painted(512, 512, annulus)
	for _, e := range All {
		b.Run(e.Name+"_512px_8k", func(b *testing.B) {
			for b.Loop() {
				if _, err := e.Build(context.Background(), Input{Subject: s, SizeMM: 80, Faces: 8000, Step: func(string, float64) {}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkInflate(b *testing.B) {
	for _, side := range []int{512, 1024, 4096} {
		s := painted(side, side, annulus)
		b.Run(fmt.Sprintf("%dpx_200k", side), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				build(b, s, 200_000, nil)
			}
		})
	}
}

// TestFramedFillsTheBox: what joins islands is as large as the box of the matte, and the islands keep their size in it.
func TestFramedFillsTheBox(t *testing.T) {
	s := painted(200, 200, func(x, y float64) bool {
		return math.Hypot(x, y-0.2) < 0.2 || x > 0.5 && x < 0.9 && math.Abs(y-0.2) < 0.1
	})
	box := picture.Covered(s.Matte)
	plain, framed := build(t, s, 20_000, Options{"islands": separate}), build(t, s, 20_000, Options{"islands": base})
	r := framed.Check()
	if !r.Clean() || r.Components != 1 {
		t.Errorf("%d parts, %s", r.Components, r.Faults())
	}
	if got, want := float64(r.Size()[0]/r.Size()[1]), float64(box.Dx())/float64(box.Dy()); math.Abs(got/want-1) > 2e-3 {
		t.Errorf("the plate is %.4f times as wide as high, the matte %.4f times", got, want)
	}
	highest := func(m *mesh.Mesh) (at [3]float32) {
		at[2] = -9
		for _, v := range m.Vertices {
			if v[2] > at[2] {
				at = v
			}
		}
		return at
	}
	if a, b := highest(plain), highest(framed); math.Hypot(float64(a[0]-b[0]), float64(a[1]-b[1])) > 0.04 {
		t.Errorf("the top is at %v, and joined at %v", a, b)
	}
}
