package pipeline

import (
	"context"
	"errors"
	"math"
	"testing"

	"orfeas/pipeline/mesh"
)

// block is a box 40 wide, 20 deep and 10 high, off the bed.
func block() *mesh.Mesh {
	m := &mesh.Mesh{Triangles: [][3]uint32{
		{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4}, {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}}}
	for i := range 8 {
		m.Vertices = append(m.Vertices, [3]float32{float32(i&1) * 40, float32(i>>1&1) * 20, 5 + float32(i>>2)*10})
	}
	return m
}

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		name   string
		change Changes
		size   [3]float32
		volume float64
		low    float32
		said   int
	}{
		{"nothing", Changes{}, [3]float32{40, 20, 10}, 8000, 5, 0},
		{"placed", Changes{Place: true}, [3]float32{40, 20, 10}, 8000, 0, 0},
		{"sized", Changes{SizeMM: 20, Along: mesh.Height}, [3]float32{80, 40, 20}, 64000, 0, 0},
		{"turned about x", Changes{Turns: [3]int{1, 0, 0}}, [3]float32{40, 10, 20}, 8000, 0, 0},
		{"turned about y, then z", Changes{Turns: [3]int{0, -1, 2}}, [3]float32{10, 20, 40}, 8000, 0, 0},
		{"laid", Changes{Turns: [3]int{0, 1, 0}, Orient: true}, [3]float32{40, 20, 10}, 8000, 0, 1},
		{"cut", Changes{CutMM: 4}, [3]float32{40, 20, 6}, 4800, 0, 0},
		{"hollow", Changes{WallMM: 2, Grid: 128}, [3]float32{40, 20, 10}, 8000 - 36*16*6, 5, 1},
		{"mended", Changes{Solid: true}, [3]float32{40, 20, 10}, 8000, 5, 1},
	} {
		m := block()
		got, said, err := c.change.Do(t.Context(), m, nil)
		if err != nil || len(said) != c.said {
			t.Errorf("%s: %v, %v", c.name, said, err)
			continue
		}
		r := got.Check()
		size := r.Size()
		for k := range size {
			if math.Abs(float64(size[k]-c.size[k])) > 1e-3 {
				t.Errorf("%s: %v, want %v", c.name, size, c.size)
			}
		}
		if !r.Clean() || math.Abs(r.Volume-c.volume) > 0.02*c.volume || math.Abs(float64(r.Min[2]-c.low)) > 1e-4 {
			t.Errorf("%s: %s, volume %g of %g, from %g", c.name, r.Faults(), r.Volume, c.volume, r.Min[2])
		}
		if r := m.Check(); r.Volume != 8000 || r.Min[2] != 5 {
			t.Errorf("%s: the mesh it was given is not what it was", c.name)
		}
	}
}

func TestChangesRefuse(t *testing.T) {
	for _, c := range []Changes{
		{Faces: -1}, {Smooth: 1001}, {Keep: 2}, {Keep: math.NaN()}, {SizeMM: -3}, {SizeMM: 1e9}, {Grid: 7}, {CutMM: -1}, {WallMM: math.NaN()}, {DrainMM: 2}, {Along: "inside"}} {
		if _, _, err := c.Do(t.Context(), block(), nil); !errors.Is(err, ErrSettings) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := (Changes{Orient: true}).Do(ctx, block(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if _, _, err := (Changes{CutMM: 10}).Do(t.Context(), block(), nil); !errors.Is(err, mesh.ErrCut) {
		t.Errorf("all cut off: %v", err)
	}
}
