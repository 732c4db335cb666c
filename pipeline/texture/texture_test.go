package texture

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

var quiet = func(string, float64) {}

// cuboid has the corners lo and hi, its faces two triangles each: front (z = hi), back, right, left, top, bottom.
func cuboid(lo, hi [3]float32) *mesh.Mesh {
	m := &mesh.Mesh{}
	for i := range 8 {
		v := lo
		for k := range v {
			if i>>k&1 == 1 {
				v[k] = hi[k]
			}
		}
		m.Vertices = append(m.Vertices, v)
	}
	for _, q := range [6][4]uint32{{4, 5, 7, 6}, {1, 0, 2, 3}, {5, 1, 3, 7}, {0, 4, 6, 2}, {6, 7, 3, 2}, {0, 1, 5, 4}} {
		m.Triangles = append(m.Triangles, [3]uint32{q[0], q[1], q[2]}, [3]uint32{q[0], q[2], q[3]})
	}
	return m
}

func joined(parts ...*mesh.Mesh) *mesh.Mesh {
	out := &mesh.Mesh{}
	for _, m := range parts {
		base := uint32(len(out.Vertices))
		out.Vertices = append(out.Vertices, m.Vertices...)
		for _, t := range m.Triangles {
			out.Triangles = append(out.Triangles, [3]uint32{base + t[0], base + t[1], base + t[2]})
		}
	}
	return out
}

func everywhere(int, int) bool { return true }

// halved is red on the left and blue on the right.
func halved(size int) *picture.Subject {
	return subject(size, func(x, _ int) [3]uint8 {
		if x < size/2 {
			return [3]uint8{200, 0, 0}
		}
		return [3]uint8{0, 0, 200}
	}, everywhere)
}

func painted(t *testing.T, m *mesh.Mesh, s *picture.Subject, how Unseen) *Painting {
	t.Helper()
	c, ok := Straight(m, picture.Covered(s.Matte))
	if !ok {
		t.Fatal("no camera")
	}
	p, err := New(context.Background(), m, s, c)
	if err == nil {
		err = p.Fill(context.Background(), how, quiet)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// nearPoint is the colour of the fine vertex nearest to a point.
func nearPoint(p *Painting, at [3]float32) [4]uint8 {
	best, least := 0, math.Inf(1)
	for i, v := range p.fine.mesh.Vertices {
		if d := sub(wide(v), wide(at)); dot(d, d) < least {
			best, least = i, dot(d, d)
		}
	}
	return mix(p.fill[best], p.shown[best], p.trust[best])
}

func TestCube(t *testing.T) {
	red, blue := [4]uint8{200, 0, 0, 255}, [4]uint8{0, 0, 200, 255}
	tests := []struct {
		name string
		at   [3]float32
		how  Unseen
		want [4]uint8
	}{
		{"front, left", [3]float32{-0.5, 0.2, 1}, Spread, red},
		{"front, right", [3]float32{0.5, 0.2, 1}, Spread, blue},
		{"left side near the front", [3]float32{-1, 0, 0.8}, Spread, red},
		{"right side near the front", [3]float32{1, 0, 0.8}, Spread, blue},
		{"left side in the middle", [3]float32{-1, 0, 0}, Mirror, red},
		{"back, seen through, left", [3]float32{-0.5, 0.2, -1}, Mirror, red},
		{"back, seen through, right", [3]float32{0.5, 0.2, -1}, Mirror, blue},
	}
	cube := cuboid([3]float32{-1, -1, -1}, [3]float32{1, 1, 1})
	paintings := map[Unseen]*Painting{Spread: painted(t, cube, halved(64), Spread), Mirror: painted(t, cube, halved(64), Mirror)}
	for _, tt := range tests {
		got := nearPoint(paintings[tt.how], tt.at)
		if apart3(got, tt.want) > 30 {
			t.Errorf("%s, %s: %v, not %v", tt.name, tt.how, got, tt.want)
		}
	}
}

func apart3(a, b [4]uint8) float64 {
	d := 0.0
	for k := range 3 {
		d = max(d, math.Abs(float64(a[k])-float64(b[k])))
	}
	return d
}

// A spread filling goes evenly from one colour to the other: half way round the back it is half of both.
func TestSpreadIsSmooth(t *testing.T) {
	p := painted(t, cuboid([3]float32{-1, -1, -1}, [3]float32{1, 1, 1}), halved(64), Spread)
	last := math.Inf(1)
	for x := float32(-0.9); x < 1; x += 0.3 {
		c := nearPoint(p, [3]float32{x, 0, -1})
		if r := float64(c[0]); r > last+2 {
			t.Errorf("red grows to %g at %g", r, x)
		} else {
			last = r
		}
		if s := int(c[0]) + int(c[2]); s < 180 || s > 215 || c[1] > 3 {
			t.Errorf("%v at %g is not between red and blue", c, x)
		}
	}
	if c := nearPoint(p, [3]float32{0, 0, -1}); math.Abs(float64(c[0])-100) > 12 {
		t.Errorf("%v in the middle", c)
	}
}

func TestSphereOfCheckers(t *testing.T) {
	s := checkers(256)
	p := painted(t, ball(40, [3]float64{1, 1, 1}), s, Auto)
	sure := 0
	for i, w := range p.trust {
		v := p.fine.mesh.Vertices[i]
		if v[2] > 0.45 && w < 1 || v[2] < -0.05 && w > 0 {
			t.Fatalf("trust %g at %v", w, v)
		}
		got := mix(p.fill[i], p.shown[i], w)
		if w == 1 {
			sure++
			x, y, _ := p.view.camera.project(v)
			if want := s.At(x, y); got != want {
				t.Fatalf("%v at %v, not %v", got, v, want)
			}
		}
		if got[0] < 190 { // both colours have more red
			t.Fatalf("%v at %v is of neither colour", got, v)
		}
	}
	if share := float64(sure) / float64(len(p.trust)); share < 0.25 || share > 0.35 { // 0.3 of the area turns to within cos 0.4
		t.Errorf("%g is sure", share)
	}
}

// What lies behind something does not get its colour: a blue bar before a red wall leaves no blue on the wall.
func TestOcclusion(t *testing.T) {
	wall, bar := cuboid([3]float32{-1, -1, -0.2}, [3]float32{1, 1, 0}), cuboid([3]float32{-0.2, -0.7, 0.4}, [3]float32{0.2, 0.7, 0.6})
	m := joined(wall, bar)
	s := subject(128, func(x, y int) [3]uint8 {
		if x >= 51 && x < 77 && y >= 19 && y < 109 {
			return [3]uint8{0, 0, 200}
		}
		return [3]uint8{200, 0, 0}
	}, everywhere)
	p := painted(t, m, s, Spread)
	for i, v := range p.fine.mesh.Vertices {
		if v[2] == 0 && abs32(v[0]) < 0.9 && abs32(v[1]) < 0.9 {
			if c := mix(p.fill[i], p.shown[i], p.trust[i]); c[2] > 45 { // a pixel at the very edge has some of both
				t.Fatalf("%v on the wall at %v", c, v)
			}
		}
	}
	if c := nearPoint(p, [3]float32{0, 0, 0.6}); apart3(c, [4]uint8{0, 0, 200, 255}) > 2 {
		t.Errorf("%v on the bar", c)
	}
}

func abs32(x float32) float32 { return max(x, -x) }

// figure is not symmetric from any side but left and right.
func figure() *mesh.Mesh {
	return joined(cuboid([3]float32{-0.4, -1, -0.3}, [3]float32{0.4, 0.3, 0.5}), cuboid([3]float32{-0.3, 0.3, 0}, [3]float32{0.3, 0.9, 0.8}),
		cuboid([3]float32{-0.9, -0.2, 0}, [3]float32{-0.4, 0, 0.2}), cuboid([3]float32{0.4, -0.2, 0}, [3]float32{0.9, 0, 0.2}),
		cuboid([3]float32{-0.1, -0.8, -0.9}, [3]float32{0.1, -0.6, -0.3}))
}

// seenFrom draws a mesh from a pose into a subject, every point in the colour of its place.
func seenFrom(t *testing.T, m *mesh.Mesh, yaw, pitch, near float64, colour func(v [3]float64) [3]uint8) (*picture.Subject, Camera) {
	t.Helper()
	const size = 200
	all := subject(size, func(int, int) [3]uint8 { return [3]uint8{} }, func(x, y int) bool { return x > 9 && y > 9 && x < size-10 && y < size-10 })
	c := newRegistration(m, all).camera(pose{yaw, pitch, near})
	c.Scale *= 0.8
	c.X, c.Y = size/2, size/2
	d, err := look(context.Background(), m, c, size, size)
	if err != nil {
		t.Fatal(err)
	}
	return subject(size, func(x, y int) [3]uint8 {
		q := float64(d.nearest[y*size+x])
		if math.IsInf(q, -1) {
			return [3]uint8{}
		}
		z := q / (1 + q*c.Near)
		f := 1 / (1 - z*c.Near)
		a, b := (float64(x)+0.5-c.X)/c.Scale/f, (c.Y-float64(y)-0.5)/c.Scale/f
		var v [3]float64
		for k := range v {
			v[k] = c.Target[k] + a*c.Right[k] + b*c.Up[k] + z*c.Back[k]
		}
		return colour(v)
	}, func(x, y int) bool { return !math.IsInf(float64(d.nearest[y*size+x]), -1) }), c
}

func TestRegister(t *testing.T) {
	grey := func([3]float64) [3]uint8 { return [3]uint8{99, 99, 99} }
	for _, tt := range []struct{ yaw, pitch, near float64 }{{0, 0, 0}, {35, 20, 0}, {-40, 15, 0.3}, {12, -8, 0.3}} {
		m := figure()
		s, _ := seenFrom(t, m, tt.yaw*math.Pi/180, tt.pitch*math.Pi/180, tt.near, grey)
		c, overlap, ok, err := Register(context.Background(), m, s)
		if err != nil || !ok || overlap < 0.95 {
			t.Errorf("%v: overlap %g, %v", tt, overlap, err)
			continue
		}
		yaw, pitch := math.Atan2(c.Back[0], c.Back[2])*180/math.Pi, math.Asin(c.Back[1])*180/math.Pi
		if math.Abs(yaw-tt.yaw) > 4 || math.Abs(pitch-tt.pitch) > 4 {
			t.Errorf("%v: found %.1f, %.1f at %g", tt, yaw, pitch, c.Near)
		}
	}
}

// What is hidden on one side of a symmetric shape is taken from the other side.
func TestSymmetry(t *testing.T) {
	colour := func(v [3]float64) [3]uint8 {
		return [3]uint8{uint8(128 + 100*math.Sin(9*v[1])), uint8(128 + 100*math.Sin(9*v[2])), 60}
	}
	m := figure()
	s, c := seenFrom(t, m, 50*math.Pi/180, 15*math.Pi/180, 0, colour)
	p, err := New(context.Background(), m, s, c)
	if err == nil {
		err = p.Fill(context.Background(), Auto, quiet)
	}
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(p.Notes, "; "); !strings.Contains(notes, "symmetric") {
		t.Error(notes)
	}
	sum, n := 0.0, 0
	for i, v := range p.fine.mesh.Vertices {
		if v[0] < -0.39 && v[0] > -0.41 && abs32(v[1]+0.6) < 0.3 && abs32(v[2]-0.1) < 0.3 { // the hidden flank
			w := colour(wide(v))
			sum += apart3(mix(p.fill[i], p.shown[i], p.trust[i]), [4]uint8{w[0], w[1], w[2]})
			n++
		}
	}
	if n < 100 || sum/float64(n) > 12 {
		t.Errorf("%d places of the hidden side are off by %.1f", n, sum/float64(n))
	}
}

// A stripy thing goes on stripy, in its own colours and as strong.
func TestContinue(t *testing.T) {
	stripes := subject(200, func(x, _ int) [3]uint8 {
		if x/8%2 == 0 {
			return [3]uint8{230, 230, 230}
		}
		return [3]uint8{20, 100, 110}
	}, func(x, y int) bool { return math.Hypot(float64(x)-99.5, float64(y)-99.5) < 90 })
	p := painted(t, ball(60, [3]float64{1, 1, 1}), stripes, Continue)
	var sum, square, n float64
	for i, v := range p.fine.mesh.Vertices {
		if v[2] < -0.7 {
			r := float64(mix(p.fill[i], p.shown[i], p.trust[i])[0])
			sum, square, n = sum+r, square+r*r, n+1
		}
	}
	mean := sum / n
	if spread := math.Sqrt(square/n - mean*mean); mean < 80 || mean > 170 || spread < 50 {
		t.Errorf("red is %.0f ± %.0f on the back, and 125 ± 105 on the front", mean, spread)
	}
}

func TestChoice(t *testing.T) {
	face := func(x, y int) [3]uint8 {
		if math.Hypot(math.Abs(float64(x)-99.5)-30, float64(y)-70) < 10 {
			return [3]uint8{}
		}
		return [3]uint8{220, 170, 140}
	}
	eye := func(x, y int) [3]uint8 {
		if math.Hypot(float64(x)-140, float64(y)-70) < 10 {
			return [3]uint8{}
		}
		return [3]uint8{220, 170, 140}
	}
	spots := func(at ...float64) func(x, y int) [3]uint8 {
		return func(x, y int) [3]uint8 {
			for _, a := range at {
				if math.Hypot(float64(x)-a, float64(y)-85) < 6 {
					return [3]uint8{}
				}
			}
			return [3]uint8{220, 170, 140}
		}
	}
	round := func(x, y int) bool { return math.Hypot(float64(x)-99.5, float64(y)-99.5) < 90 }
	fish := func(x, y int) bool {
		return math.Hypot(float64(x)-120, 1.6*(float64(y)-99)) < 60 || x > 10 && x <= 70 && math.Abs(float64(y)-99) < float64(75-x)
	}
	for _, tt := range []struct {
		name    string
		subject *picture.Subject
		mirror  bool
	}{
		{"a face", subject(200, face, round), false},
		{"a fish from the side", subject(200, eye, fish), true},
		{"a fish looking here", subject(200, spots(120, 155), fish), false},
		{"a ship with windows", subject(200, spots(80, 105, 130, 155), fish), true},
		{"a line across", subject(200, func(x, y int) [3]uint8 {
			if y > 82 && y < 88 {
				return [3]uint8{}
			}
			return [3]uint8{220, 170, 140}
		}, fish), true},
	} {
		p := painted(t, ball(40, [3]float64{1, 1, 0.5}), tt.subject, Auto)
		if notes := strings.Join(p.Notes, "; "); strings.Contains(notes, "mirrored") != tt.mirror {
			t.Errorf("%s: %s", tt.name, notes)
		}
	}
}

// The solver agrees with the straight line between two ends that are held.
func TestSolveLine(t *testing.T) {
	const n = 3000
	var triangles [][3]uint32
	for i := range uint32(n - 2) {
		triangles = append(triangles, [3]uint32{i, i + 1, i + 2})
	}
	p := &problem{edges(n, triangles), make([]uint8, n), make([]float32, n), make([]rgb, n)}
	for i := range p.pull {
		p.pull[i] = 1e-9
	}
	p.pull[0], p.pull[n-1] = 1000, 1000
	p.toward[n-1] = rgb{200 * 1000, 0, 100 * 1000}
	u, err := p.solve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < n; i += 100 {
		if want := 200 * float64(i) / n; math.Abs(float64(u[i][0])-want) > 6 || u[i][1] != 0 {
			t.Errorf("%v at %d, not %.1f", u[i], i, want)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m, s := ball(20, [3]float64{1, 1, 1}), checkers(64)
	p := painted(t, m, s, Auto)
	a, err := Unwrap(ctx, m, 128)
	if err != nil {
		t.Fatal(err)
	}
	coloured := *m
	coloured.Colors = p.Colors()
	cancel()
	_, _, _, e1 := Register(ctx, m, s)
	_, e2 := New(ctx, m, s, p.view.camera)
	_, e3 := Unwrap(ctx, m, 128)
	_, e4 := p.Bake(ctx, a)
	_, e5 := Reduce(ctx, &coloured, 4, 0)
	for i, err := range []error{e1, e2, p.Fill(ctx, Auto, quiet), p.Fill(ctx, Continue, quiet), p.Fill(ctx, Mirror, quiet), e3, e4, e5} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// The number of cores does not reach the result.
func TestSameOnAnyCores(t *testing.T) {
	make := func() (*mesh.Mesh, *mesh.Mesh) {
		m := ball(40, [3]float64{1, 1, 0.7})
		p := painted(t, m, checkers(128), Continue)
		a, err := Unwrap(context.Background(), m, 256)
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.Bake(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		out.Colors = p.Colors()
		few, err := Reduce(context.Background(), out, 3, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		return out, few
	}
	before := runtime.GOMAXPROCS(1)
	a, b := make()
	runtime.GOMAXPROCS(4)
	c, d := make()
	runtime.GOMAXPROCS(before)
	if !reflect.DeepEqual(a, c) || !reflect.DeepEqual(b, d) {
		t.Error("one core and four differ")
	}
}
