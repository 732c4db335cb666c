package texture

import (
	"context"
	"image"
	"math"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// ball is a sphere of radius 1 of 2n rings and 4n segments, stretched along the axes.
func ball(n int, stretch [3]float64) *mesh.Mesh {
	rings, around := 2*n, 4*n
	m := &mesh.Mesh{}
	add := func(j, i int) {
		s, c := math.Sincos(math.Pi * float64(j) / float64(rings))
		si, ci := math.Sincos(2 * math.Pi * float64(i) / float64(around))
		m.Vertices = append(m.Vertices, [3]float32{float32(stretch[0] * s * si), float32(stretch[1] * c), float32(stretch[2] * s * ci)})
	}
	add(0, 0)
	for j := 1; j < rings; j++ {
		for i := range around {
			add(j, i)
		}
	}
	add(rings, 0)
	last := uint32(len(m.Vertices) - 1)
	at := func(j, i int) uint32 { return uint32(1 + (j-1)*around + i%around) }
	for i := range around {
		m.Triangles = append(m.Triangles, [3]uint32{0, at(1, i), at(1, i+1)}, [3]uint32{last, at(rings-1, i+1), at(rings-1, i)})
		for j := 1; j < rings-1; j++ {
			m.Triangles = append(m.Triangles, [3]uint32{at(j, i), at(j+1, i), at(j+1, i+1)}, [3]uint32{at(j, i), at(j+1, i+1), at(j, i+1)})
		}
	}
	return m
}

// subject is a picture of size x size pixels, colour where inside says that the subject is.
func subject(size int, colour func(x, y int) [3]uint8, inside func(x, y int) bool) *picture.Subject {
	s := &picture.Subject{Color: image.NewNRGBA(image.Rect(0, 0, size, size)), Matte: image.NewGray(image.Rect(0, 0, size, size))}
	for i := range size * size {
		c := colour(i%size, i/size)
		copy(s.Color.Pix[4*i:], []uint8{c[0], c[1], c[2], 255})
		if inside(i%size, i/size) {
			s.Matte.Pix[i] = 255
		}
	}
	return s
}

// checkers is a disc of radius 0.45 of the side with a pattern of squares.
func checkers(size int) *picture.Subject {
	half, square := float64(size)/2, max(size/16, 1)
	return subject(size, func(x, y int) [3]uint8 {
		if (x/square+y/square)%2 == 0 {
			return [3]uint8{200, 40, 40}
		}
		return [3]uint8{240, 230, 200}
	}, func(x, y int) bool { return math.Hypot(float64(x)+0.5-half, float64(y)+0.5-half) < 0.45*float64(size) })
}

// fresh is the painting before anything was filled.
func (p *Painting) fresh() *Painting {
	out := *p
	out.fills, out.Notes = nil, nil
	out.from, out.hint = make([]uint8, len(p.from)), make([]rgb, len(p.hint))
	return &out
}

// BenchmarkSteps goes from a mesh of 200 000 triangles and a picture of 1024 x 1024 pixels to a texture of 2048 x 2048.
func BenchmarkSteps(b *testing.B) {
	ctx := context.Background()
	m, s := ball(159, [3]float64{1, 1, 0.8}), checkers(1024)
	camera, _ := Straight(m, picture.Covered(s.Matte))
	quiet := func(string, float64) {}
	p, err := New(ctx, m, s, camera)
	if err == nil {
		err = p.Fill(ctx, Mirror, quiet)
	}
	if err != nil {
		b.Fatal(err)
	}
	a, err := Unwrap(ctx, m, 2048)
	if err != nil {
		b.Fatal(err)
	}
	painted := *m
	painted.Colors = p.Colors()
	steps := []struct {
		name string
		do   func() error
	}{
		{"register", func() error { _, _, _, err := Register(ctx, m, s); return err }},
		{"project", func() error { _, err := New(ctx, m, s, camera); return err }},
		{"mirror", func() error { return p.fresh().Fill(ctx, Mirror, quiet) }},
		{"continue", func() error { return p.fresh().Fill(ctx, Continue, quiet) }},
		{"unwrap", func() error { _, err := Unwrap(ctx, m, 2048); return err }},
		{"bake", func() error { _, err := p.Bake(ctx, a); return err }},
		{"palette", func() error { _, err := Reduce(ctx, &painted, 8, 1e-4); return err }},
	}
	for _, step := range steps {
		b.Run(step.name, func(b *testing.B) {
			for b.Loop() {
				if err := step.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
