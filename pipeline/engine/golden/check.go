package golden

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"

	"orfeas/pipeline/onnx"
)

// Tolerance is what a number may be off by: Atol, and Rtol in parts of it.
type Tolerance struct{ Atol, Rtol float64 }

// loose is what a case allows that does not say.
var loose = Tolerance{Atol: 3e-4}

// Tolerance is what the case allows a tensor: by its name, or else all that are not named.
func (c Case) Tolerance(t testing.TB, name string) Tolerance {
	t.Helper()
	var all map[string]json.RawMessage
	c.Says(t, "tolerance", &all)
	out := loose
	if own, ok := all[name]; ok {
		out = Tolerance{}
		if err := json.Unmarshal(own, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for entry, into := range map[string]*float64{"atol": &out.Atol, "rtol": &out.Rtol} {
		if all[entry] != nil {
			if err := json.Unmarshal(all[entry], into); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

// Off says by how much numbers are off at most, and how many by more than is allowed.
func (a Tolerance) Off(got, want []float32) (worst float64, many int) {
	for i, w := range want {
		d := math.Abs(float64(got[i] - w))
		worst = max(worst, d)
		if !(d <= a.Atol+a.Rtol*math.Abs(float64(w))) {
			many++
		}
	}
	return worst, many
}

// Check compares with what the case expects under that name, if it does, within its tolerance.
func (c Case) Check(t testing.TB, name string, got []float32) {
	t.Helper()
	c.CheckAs(t, name, got, c.Tolerance(t, name))
}

// CheckAs does with another tolerance.
func (c Case) CheckAs(t testing.TB, name string, got []float32, allowed Tolerance) {
	t.Helper()
	if _, ok := c.Expected.Tensors[name]; ok {
		Near(t, name, got, Read(t, c.Expected, name).Data, allowed)
	}
}

// Near compares numbers.
func Near(t testing.TB, name string, got, want []float32, allowed Tolerance) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, not %d", name, len(got), len(want))
		return
	}
	worst, many := allowed.Off(got, want)
	if many > 0 {
		t.Errorf("%s: %d of %d numbers are off, by up to %g (allowed %g + %g x)", name, many, len(want), worst, allowed.Atol, allowed.Rtol)
		return
	}
	t.Logf("%-28s off by %.2g at most, %.2g allowed", name, worst, allowed.Atol)
}

// Run runs a network on the CPU, once for each of a batch of inputs, and checks what every output makes of all of them
// against the expected tensor of its name. Without a runtime the test is skipped.
func (c Case) Run(t *testing.T, g *onnx.Graph, batch ...[]onnx.Tensor) {
	t.Helper()
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	s, err := onnx.Open(m, onnx.Options{})
	SkipWithout(t, err)
	defer s.Close()
	all := make([][]float32, len(s.Outputs()))
	for _, inputs := range batch {
		out, err := s.Run(context.Background(), inputs...)
		if err != nil {
			t.Fatal(err)
		}
		for k, o := range out {
			all[k] = append(all[k], o.Data...)
		}
	}
	for i, v := range s.Outputs() {
		c.Check(t, v.Name(), all[i])
	}
}

// SkipWithout skips a test that needs a runtime which is not there, and ends it with any other error.
func SkipWithout(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, onnx.ErrNoLibrary) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
