package mesh

import (
	"context"
	"errors"
	"math"
	"testing"
)

// block is a box from (x,y,z) of the size (a,b,c).
func boxed(x, y, z, a, b, c float32) *Mesh {
	return edit(cube(0, 0, 0, 1), func(m *Mesh) {
		for i, v := range m.Vertices {
			m.Vertices[i] = [3]float32{x + a*v[0], y + b*v[1], z + c*v[2]}
		}
	})
}

func TestCertify(t *testing.T) {
	tests := []struct {
		name                       string
		mesh                       *Mesh
		printable                  bool
		thinnest, median, thin     float64
		overhang, contact, volume  float64
		tolerance, areasWithinMost float64
	}{
		{"a plate of 2 mm", boxed(0, 0, 0, 40, 40, 2), true, 2, 2, 0, 0, 1600, 3200, 1e-6, 1e-6},
		{"a foil", boxed(0, 0, 0, 40, 40, 0.1), false, 0.1, 0.1, 0.995, 0, 1600, 160, 0.01, 1e-6},
		{"a cube in the air", moved(boxed(0, 0, 0, 10, 10, 10), 0, 0, 5), true, 10, 10, 0, 0, 100, 1000, 1e-6, 1e-6},
		// The caps of a ball below 45 degrees: 2 pi r^2 (1 - cos 45), less what lies in the first layer.
		{"a ball", ball(20, 256), true, 40, 40, 0, 2*math.Pi*400*(1-math.Sqrt(0.5)) - 2*math.Pi*20*0.2, 2 * math.Pi * 20 * 0.2, 4. / 3 * math.Pi * 8000, 0.01, 0.15},
		{"two cubes", join(cube(0, 0, 0, 10), cube(20, 0, 0, 10)), false, 10, 10, 0, 0, 200, 2000, 1e-6, 1e-6},
		{"a table", join(boxed(0, 0, 0, 4, 4, 10), boxed(-8, -8, 12, 20, 20, 2)), false, 2, 2, 0, 400, 16, 960, 1e-6, 1e-6},
		{"nothing", &Mesh{}, false, 0, 0, 0, 0, 0, 0, 0, 0},
	}
	near := func(got, want, within float64) bool { return math.Abs(got-want) <= within*math.Max(1, math.Abs(want)) }
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := tt.mesh.Certify(t.Context(), DefaultPrinter)
			if err != nil {
				t.Fatal(err)
			}
			if c.Printable != tt.printable || !near(c.Walls.Thinnest, tt.thinnest, tt.tolerance) || !near(c.Walls.Median, tt.median, tt.tolerance) || !near(c.Walls.ThinShare, tt.thin, 0.01) {
				t.Errorf("printable %v, walls %+v", c.Printable, c.Walls)
			}
			if !near(c.Overhang, tt.overhang, tt.areasWithinMost) || !near(c.Contact, tt.contact, tt.areasWithinMost) {
				t.Errorf("overhang %.4g, want %.4g; contact %.4g, want %.4g", c.Overhang, tt.overhang, c.Contact, tt.contact)
			}
			if !near(c.Grams, tt.volume*1.24e-3, 0.01) || !near(c.Metres, tt.volume/2405.28, 0.01) {
				t.Errorf("%.4g g, %.4g m for %.4g mm³", c.Grams, c.Metres, c.Volume)
			}
			sum := 0.0
			for _, b := range c.Walls.Histogram {
				sum += b.Share
			}
			if len(c.Walls.Histogram) > 0 && !near(sum, 1, 1e-9) {
				t.Errorf("the histogram sums to %g", sum)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ball(1, 8).Certify(ctx, DefaultPrinter); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
