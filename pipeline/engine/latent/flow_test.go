package latent

import (
	"errors"
	"math"
	"slices"
	"testing"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// TestNoise holds the generator to its definition: the first numbers of SplitMix64 begun at 0 are known, and the noise
// of a seed is normal and no other seed's.
func TestNoise(t *testing.T) {
	a, b := uint64(0xe220a8397b1dcdaf)>>11, uint64(0x6e789e6aa1b965f4)>>11
	r := math.Sqrt(-2 * math.Log(float64(a+1)/(1<<53)))
	angle := 2 * math.Pi * float64(b) / (1 << 53)
	want := []float32{float32(r * math.Cos(angle)), float32(r * math.Sin(angle))}
	if got := Noise(0, 3); len(got) != 3 || math.Abs(float64(got[0]-want[0])) > 1e-6 || math.Abs(float64(got[1]-want[1])) > 1e-6 {
		t.Errorf("%v begins not with %v", got, want)
	}
	const n = 1 << 17
	x := Noise(42, n)
	if !slices.Equal(x[:999], Noise(42, 999)) || slices.Equal(x[:999], Noise(43, 999)) {
		t.Error("noise does not go by its seed")
	}
	var moments [4]float64
	for _, v := range x {
		for k := range moments {
			moments[k] += math.Pow(float64(v), float64(k+1)) / n
		}
	}
	for k, want := range []float64{0, 1, 0, 3} {
		if math.Abs(moments[k]-want) > 0.06 {
			t.Errorf("moment %d is %g, not %g", k+1, moments[k], want)
		}
	}
}

// TestGuided: guidance goes beyond the conditional answer, away from the free one.
func TestGuided(t *testing.T) {
	x := []float32{1, 2}
	if Guided(x, []float32{0, 3}, 7); x[0] != 7 || x[1] != -4 {
		t.Errorf("%v", x)
	}
}

// TestNoNumbers: what is no number any more is the device's fault, which the CPU may do better, or that of the weights.
func TestNoNumbers(t *testing.T) {
	bad := []float32{1, float32(math.NaN())}
	for provider, want := range map[onnx.Provider]error{onnx.CUDA: onnx.ErrProvider, onnx.CPU: weights.ErrCorrupt, "": weights.ErrCorrupt} {
		d := Device{Run: onnx.Options{Provider: provider}, Compute: onnx.F16}
		if err := d.Numbers(bad, &weights.Checkpoint{Path: "file"}); !errors.Is(err, want) {
			t.Errorf("on %q: %v", provider, err)
		}
		if err := d.Numbers(bad[:1], nil); err != nil {
			t.Errorf("on %q: %v", provider, err)
		}
	}
}
