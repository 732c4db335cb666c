package engine

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"orfeas/pipeline/picture"
)

// TestReliefOfGreyIsASlab: where there is nothing to see there is nothing but the base, and the frame has its volume.
func TestReliefOfGreyIsASlab(t *testing.T) {
	grey := greyOf(100, 60, func(x, y int) uint16 { return 30000 })
	volume, size := checked(t, made(t, relief, grey.with(Options{"base": 2.5})), 100, 0)
	if math.Abs(volume-100*60*2.5) > 0.1 || math.Abs(size[2]-2.5) > 1e-5 {
		t.Errorf("%.2f mm³, %v", volume, size)
	}
	volume, size = checked(t, made(t, relief, grey.with(Options{"base": 2.0, "frame": 5.0, "frame-height": 3.0})), 100, 0)
	w, h := 90.0, 54.0
	// The lip of the frame rises in a line over the picture's edge: prisms at the sides, pyramids in the corners.
	opening := w*h + (w+h)*lip + 4.0/3*lip*lip
	if want := 100*64*5 - opening*3; math.Abs(volume-want) > 0.1 || math.Abs(size[1]-64) > 1e-4 || math.Abs(size[2]-5) > 1e-5 {
		t.Errorf("framed %.2f mm³, want %.2f; %v", volume, want, size)
	}
}

// TestSmoothKeepsEdges: noise goes, a step stays as steep as it was.
func TestSmoothKeepsEdges(t *testing.T) {
	const n = 200
	r := rand.New(rand.NewPCG(1, 2))
	s := samples{n, n, make([]float32, n*n)}
	for p := range s.v {
		s.v[p] = float32(0.3 + 0.03*r.NormFloat64())
		if p%n >= n/2 {
			s.v[p] += 0.4
		}
	}
	if err := s.smooth(context.Background(), 0.5); err != nil {
		t.Fatal(err)
	}
	mean, spread := moment(s, 10, n/2-10)
	if math.Abs(mean-0.3) > 0.01 || spread > 0.01 {
		t.Errorf("left of the edge %.3f, still varying by %.4f of 0.03", mean, spread)
	}
	left, _ := moment(s, n/2-1, n/2)
	right, _ := moment(s, n/2, n/2+1)
	if right-left < 0.3 {
		t.Errorf("the step is %.3f of 0.4", right-left)
	}
}

// moment is the mean and the deviation over columns.
func moment(s samples, from, to int) (mean, deviation float64) {
	var n float64
	for p, v := range s.v {
		if x := p % s.w; x >= from && x < to {
			n++
			mean += float64(v)
			deviation += float64(v) * float64(v)
		}
	}
	mean /= n
	return mean, math.Sqrt(max(0, deviation/n-mean*mean))
}

// TestFitGradients: from the steps of a surface comes the surface.
func TestFitGradients(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 40}, {37, 1}, {5, 5}, {150, 97}} {
		s := samples{size[0], size[1], make([]float32, size[0]*size[1])}
		flat := make([]float32, len(s.v))
		var mean float64
		for p := range s.v {
			x, y := float64(p%s.w), float64(p/s.w)
			s.v[p] = float32(math.Sin(x/11)*math.Cos(y/7) + x/50)
			flat[p] = 1
			mean += float64(s.v[p]) / float64(len(s.v))
		}
		u, err := fitGradients(context.Background(), s.divergence(flat), s.w, s.h, poissonSteps)
		if err != nil {
			t.Fatal(err)
		}
		var shift float64
		for _, v := range u {
			shift += v / float64(len(u))
		}
		for p, v := range u {
			if d := v - shift - (float64(s.v[p]) - mean); math.Abs(d) > 0.02 { // of a range of 5
				t.Fatalf("%v: off by %g at %d", size, d, p)
			}
		}
	}
}

// TestFlattenCompresses: a small form beside a great step gets a larger share of the height.
func TestFlattenCompresses(t *testing.T) {
	share := func(amount float64) float64 {
		const n = 160
		s := samples{n, n, make([]float32, n*n)}
		for p := range s.v {
			x, y := p%n, p/n
			if x >= 100 {
				s.v[p] = 0.8
			}
			if r := math.Hypot(float64(x-50), float64(y-80)); r < 30 {
				s.v[p] += float32(0.1 * (1 + math.Cos(math.Pi*r/30)) / 2)
			}
		}
		if err := s.flatten(context.Background(), amount); err != nil {
			t.Fatal(err)
		}
		return float64(s.v[80*n+50] - s.v[80*n+5])
	}
	plain, half := share(0), share(0.5)
	if math.Abs(plain-0.125) > 0.005 || half < 1.5*plain {
		t.Errorf("a bump of an eighth takes %.3f of the height, compressed %.3f", plain, half)
	}
	// The noise of an even picture is not blown up to fill the height.
	s := samples{50, 50, make([]float32, 2500)}
	for p := range s.v {
		s.v[p] = 0.5 + 0.01*float32(p%2)
	}
	if err := s.flatten(context.Background(), 0.5); err != nil {
		t.Fatal(err)
	}
	for _, v := range s.v {
		if v > 0.05 {
			t.Fatalf("noise of a hundredth has become %g", v)
		}
	}
}

// TestReliefFromDepth: the depth map makes the heights when there is one, and is asked for when there is not.
func TestReliefFromDepth(t *testing.T) {
	in := greyOf(80, 80, func(x, y int) uint16 { return uint16(x * 800) })
	if _, err := relief.Build(context.Background(), in.with(Options{"from": "depth"})); !errors.Is(err, ErrNoDepth) {
		t.Errorf("without a depth map: %v", err)
	}
	in.Depth = image.NewGray16(image.Rect(0, 0, 80, 80))
	for y := range 80 {
		for x := range 80 {
			in.Depth.SetGray16(x, y, color.Gray16{uint16(65535 - y*800)})
		}
	}
	for from, want := range map[string][2]float64{"auto": {0, 1}, "depth": {0, 1}, "brightness": {1, 0}} {
		m := made(t, relief, in.with(Options{"from": from}))
		checked(t, m, 100, 0)
		var x, y, z []float64
		for _, v := range m.Vertices[:82*82] {
			x, y, z = append(x, float64(v[0])), append(y, float64(v[1])), append(z, float64(v[2]))
		}
		if cx, cy := correlation(x, z), correlation(y, z); math.Abs(cx-want[0]) > 0.02 || math.Abs(cy-want[1]) > 0.02 {
			t.Errorf("%s: rises to the right by %.2f, upward by %.2f", from, cx, cy)
		}
	}
	in.Depth = image.NewGray16(image.Rect(0, 0, 40, 80))
	if _, err := relief.Build(context.Background(), in); err == nil {
		t.Error("a depth map of another frame was taken")
	}
}

// TestReliefOfASubject: only the subject stands out, swollen from its outline.
func TestReliefOfASubject(t *testing.T) {
	if relief.Whole(Options{"background": "subject"}) || !relief.Whole(Options{"background": "picture"}) {
		t.Error("what is the subject is mixed up")
	}
	for _, swell := range []float64{0, 0.5, 1} {
		in := Input{Subject: painted(200, 200, disc), SizeMM: 100, Faces: 40_000, Step: func(string, float64) {}}
		m := made(t, relief, in.with(Options{"background": "subject", "swell": swell, "height": 5.0, "base": 2.0}))
		_, size := checked(t, m, 100, 0)
		if math.Abs(size[0]-100) > 1e-3 || math.Abs(size[1]-100) > 1e-3 {
			t.Errorf("size %v", size)
		}
		lo, _ := m.Bounds()
		for _, v := range m.Vertices {
			r := math.Hypot(float64(v[0]), float64(v[1]))
			if z := float64(v[2]-lo[2]) * 50; r > 0.85 && z > 2.001 || swell == 1 && r < 0.1 && z > 0 && math.Abs(z-7) > 0.1 {
				t.Fatalf("swell %g: %.2f mm high %.2f from the middle", swell, z, r)
			}
		}
	}
	in := Input{Subject: painted(50, 50, func(x, y float64) bool { return false }), SizeMM: 100, Faces: 4000, Step: func(string, float64) {}}
	if _, err := relief.Build(context.Background(), in.with(Options{"background": "subject"})); !errors.Is(err, picture.ErrNoSubject) {
		t.Errorf("of nothing: %v", err)
	}
}

// TestReliefOfAThread: a subject too thin for the grid its roundness is found on stands out all the same.
func TestReliefOfAThread(t *testing.T) {
	thread := func(x, y float64) bool { return math.Abs(y) < 1.0/800 }
	in := Input{Subject: painted(1600, 1600, thread), SizeMM: 100, Faces: 4000, Step: func(string, float64) {}}
	m := made(t, relief, in.with(Options{"background": "subject", "height": 5.0, "base": 2.0}))
	if _, size := checked(t, m, 100, 0); !(size[2] > 2) {
		t.Errorf("size %v", size)
	}
}
