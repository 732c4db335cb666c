package triposr

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// noise is a decoder of the released size with random weights, over random planes.
func noise(t testing.TB) *Field {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	d := Released.Decoder
	header, body := map[string]any{}, []byte{}
	add := func(name string, shape ...int) {
		from, n := len(body), 1
		for _, k := range shape {
			n *= k
		}
		for range n {
			body = binary.LittleEndian.AppendUint32(body, math.Float32bits(float32(r.NormFloat64())/8))
		}
		header[name] = map[string]any{"dtype": "F32", "shape": shape, "data_offsets": []int{from, len(body)}}
	}
	for i := range d.Hidden + 1 {
		in, out := d.Neurons, d.Neurons
		if i == 0 {
			in = d.In
		}
		if i == d.Hidden {
			out = 4
		}
		add(fmt.Sprintf("%slayers.%d.weight", decoderPrefix, 2*i), out, in)
		add(fmt.Sprintf("%slayers.%d.bias", decoderPrefix, 2*i), out)
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	path := filepath.Join(t.TempDir(), "noise.safetensors")
	if err := os.WriteFile(path, append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), body...), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := weights.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &Scene{Released.PostProcessor.Out, 2 * Released.Tokenizer.Plane, nil}
	for range planes * s.features * s.side * s.side {
		s.data = append(s.data, float32(r.NormFloat64()))
	}
	f, err := New(c, Released, onnx.Options{}, onnx.F32).Field(s)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestFieldAnywhere: points beyond the world and those that are no numbers are answered like empty space.
func TestFieldAnywhere(t *testing.T) {
	f := noise(t)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	points := [][3]float32{{9, 9, 9}, {nan, nan, nan}, {inf, -inf, inf}, {-1e30, 1e30, 0.9}}
	out := make([][4]float32, len(points))
	if err := f.at(context.Background(), points, out); err != nil {
		t.Fatal(err)
	}
	for i := range out {
		if out[i] != out[0] || out[i][0] != out[i][0] {
			t.Errorf("%v: %v, not %v", points[i], out[i], out[0])
		}
	}
}

func BenchmarkField(b *testing.B) {
	f := noise(b)
	r := rand.New(rand.NewPCG(3, 4))
	points, out := make([][3]float32, batch), make([][4]float32, batch)
	for i := range points {
		for k := range points[i] {
			points[i][k] = float32(f.radius) * (2*r.Float32() - 1)
		}
	}
	x := make([]float32, f.folded.features)
	b.Run("sample one point", func(b *testing.B) {
		for b.Loop() {
			f.folded.sample(points[0], f.radius, x)
		}
	})
	b.Run(fmt.Sprintf("ask for %d points", batch), func(b *testing.B) {
		for b.Loop() {
			if err := f.at(context.Background(), points, out); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestThirds: a layer for the mean of three planes is the same layer on a third of each.
func TestThirds(t *testing.T) {
	got := thirds([]float32{3, 6, 9, 12}, 2) // two neurons of two inputs
	if want := []float32{1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

// TestModel: what is toward the viewer, to the right and up in the world is so in the frame of models, and nothing is
// mirrored.
func TestModel(t *testing.T) {
	m := &mesh.Mesh{Vertices: [][3]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}
	Model(m)
	if want := [][3]float32{{0, 0, 1}, {1, 0, 0}, {0, 1, 0}}; !slices.Equal(m.Vertices, want) {
		t.Errorf("%v, not %v", m.Vertices, want)
	}
}
