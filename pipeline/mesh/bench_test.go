package mesh

import (
	"context"
	"fmt"
	"testing"
)

// benchMeshes are isosurfaces: a sphere, even and convex, and a gyroid, all handles.
var benchMeshes = []struct {
	name string
	side int
	f    func(x, y, z float64) float64
}{
	{"sphere_202172", 184, sphereField},
	{"sphere_1009436", 410, sphereField},
	{"gyroid_1014788", 200, gyroidField},
}

func benchOn(b *testing.B, from int, do func(b *testing.B, m *Mesh)) {
	for _, c := range benchMeshes[from:] {
		m := isoMesh(b, c.side, c.f)
		if got := fmt.Sprint(len(m.Triangles)); c.name[len(c.name)-len(got):] != got {
			b.Fatalf("%s has %s triangles", c.name, got)
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			do(b, m)
		})
	}
}

// benchFields are sampled n times a side over [-1,1].
var benchFields = []struct {
	name string
	n    int
	f    func(x, y, z float64) float64
}{
	{"torus_256", 256, torusField},
	{"gyroid_256", 256, gyroidField},
	{"torus_512", 512, torusField},
	{"gyroid_512", 512, gyroidField},
}

// BenchmarkIsosurface has the field in memory: what is measured is the marching alone.
func BenchmarkIsosurface(b *testing.B) {
	for _, c := range benchFields {
		b.Run(c.name, func(b *testing.B) {
			g, layer := field(c.n, c.f)
			values := make([]float32, c.n*c.n*c.n)
			for k := range c.n {
				layer(k, values[k*c.n*c.n:])
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Isosurface(b.Context(), g, fromValues(g.N, values)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkIsosurfaceSparse has the field in memory too.
func BenchmarkIsosurfaceSparse(b *testing.B) {
	for _, c := range benchFields {
		b.Run(c.name, func(b *testing.B) {
			g, layer := field(c.n, c.f)
			values := make([]float32, c.n*c.n*c.n)
			for k := range c.n {
				layer(k, values[k*c.n*c.n:])
			}
			g.Origin, g.Step = [3]float64{}, 1
			count := 0
			f := Field{Sample: func(_ context.Context, points [][3]float32, out []float32) error {
				count += len(points)
				for i, p := range points {
					out[i] = values[(int(p[2])*c.n+int(p[1]))*c.n+int(p[0])]
				}
				return nil
			}}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := IsosurfaceSparse(b.Context(), g, f); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(count)/float64(b.N)/float64(len(values)), "share")
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	benchOn(b, 0, func(b *testing.B, m *Mesh) {
		for b.Loop() {
			m.Check()
		}
	})
}

func BenchmarkCertify(b *testing.B) {
	benchOn(b, 0, func(b *testing.B, m *Mesh) {
		for b.Loop() {
			if _, err := m.Certify(b.Context(), DefaultPrinter); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSelfIntersections(b *testing.B) {
	benchOn(b, 0, func(b *testing.B, m *Mesh) {
		for b.Loop() {
			m.SelfIntersections()
		}
	})
}

// BenchmarkDecimate goes to a tenth: about 1 M triangles to 100 k.
func BenchmarkDecimate(b *testing.B) {
	benchOn(b, 1, func(b *testing.B, m *Mesh) {
		for b.Loop() {
			if _, err := m.Decimate(context.Background(), DecimateOptions{Faces: len(m.Triangles) / 10}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
