package hunyuan

import (
	"math"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
)

// checkNear compares points with the latents that matter most to their cells, as the official code did for the last of its
// grids, and says how far that is from what all latents say. Asked in smaller pieces the points get the same.
func checkNear(t *testing.T, c golden.Case, v latent.Decoder, z []float32, said VAE) {
	t.Helper()
	if !c.Has("expected:flashvdm_mean_grid") {
		return
	}
	grid := golden.Read(t, c.Expected, "flashvdm_mean_grid")
	side := grid.Shape[len(grid.Shape)-1]
	g := v.Grid(side)
	at := func(i int) float32 { return float32(float64(i)*g.Step - Radius) }
	var points [][3]float32
	var want []float32
	for i, x := range grid.Data {
		if !math.IsNaN(float64(x)) {
			points, want = append(points, [3]float32{at(i / side / side), at(i / side % side), at(i % side)}), append(want, x)
		}
	}
	answers := map[int][]float32{} // by how many latents are kept, of which 0 and all are all
	for _, keep := range []int{0, said.Latents / 3, said.Latents} {
		f, err := v.Field(t.Context(), latent.Device{Compute: onnx.F32}, c.Weights, z, 1/said.Scale, keep)
		golden.SkipWithout(t, err)
		answers[keep] = make([]float32, len(points))
		if err := f.Nearly(t.Context(), points, answers[keep], len(points)); err != nil {
			t.Fatal(err)
		}
		pieces := make([]float32, len(points))
		if err := f.Nearly(t.Context(), points, pieces, 7); err != nil {
			t.Fatal(err)
		}
		golden.Near(t, "in pieces", pieces, answers[keep], golden.Tolerance{Atol: 1e-5, Rtol: 1e-5})
		f.Close()
	}
	golden.Near(t, "with all latents", answers[said.Latents], answers[0], golden.Tolerance{})
	golden.Near(t, "flashvdm_mean_grid", answers[said.Latents/3], want, c.Tolerance(t, "logits"))
	var off, all float64
	for i, x := range answers[0] {
		d := float64(x - answers[said.Latents/3][i])
		off, all = off+d*d, all+float64(x)*float64(x)
	}
	// Random numbers attend to everything alike, so it is far off here.
	t.Logf("%d points of %d: with a third of the latents off by %.2g rms, of logits of %.2g rms", len(points), side*side*side, math.Sqrt(off/float64(len(points))), math.Sqrt(all/float64(len(points))))
	if off == 0 {
		t.Error("with a third of the latents it is what it is with all")
	}
}
