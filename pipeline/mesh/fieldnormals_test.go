package mesh

import (
	"context"
	"errors"
	"math"
	"testing"
)

func TestFieldNormals(t *testing.T) {
	const n = 40
	tests := []struct {
		name   string
		f      func(x, y, z float64) float64
		normal func(p [3]float64) [3]float64 // at a place near the surface
	}{
		{"sphere", sphereField, func(p [3]float64) [3]float64 { return p }},
		{"torus", torusField, func(p [3]float64) [3]float64 {
			k := 1 - 0.6/math.Hypot(p[0], p[1])
			return [3]float64{k * p[0], k * p[1], p[2]}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := isoMesh(t, n, tt.f)
			count := 0
			f := sparseField(tt.f, &count)
			f.Batch = 1000
			got, err := FieldNormals(t.Context(), m, 1./n, f)
			if err != nil {
				t.Fatal(err)
			}
			worst, plain := 0.0, 0.0
			faces := m.VertexNormals()
			for i, v := range m.Vertices {
				want := tt.normal(wide(v))
				angle := func(n [3]float32) float64 {
					return math.Acos(min(dot(wide(n), want)/norm(want), 1)) * 180 / math.Pi
				}
				worst, plain = max(worst, angle(got[i])), max(plain, angle(faces[i]))
			}
			if t.Logf("off by %.3f degrees at most, from the faces %.3f", worst, plain); worst > 0.5 || worst > plain/4 || count != 6*len(m.Vertices) {
				t.Errorf("off by %g degrees, from the faces %g, %d samples for %d vertices", worst, plain, count, len(m.Vertices))
			}
		})
	}
}

func TestFieldNormalsWithout(t *testing.T) {
	m := ball(1, 16)
	f := Field{Batch: 5, Sample: func(_ context.Context, p [][3]float32, out []float32) error {
		for i := range out {
			if len(p) > 5 {
				t.Errorf("%d points at once", len(p))
			}
			out[i] = []float32{1, float32(math.NaN())}[i%2]
		}
		return nil
	}}
	got, err := FieldNormals(t.Context(), m, 0.1, f)
	if want := m.VertexNormals(); err != nil || len(got) != len(want) || got[7] != want[7] {
		t.Errorf("%v, %v", got[7], err)
	}
	broken := errors.New("broken")
	f.Sample = func(context.Context, [][3]float32, []float32) error { return broken }
	if _, err := FieldNormals(t.Context(), m, 0.1, f); !errors.Is(err, broken) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := FieldNormals(ctx, m, 0.1, f); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
