package hunyuan

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// endConfig are the settings of a case, flatter than those of a config.yaml.
func endConfig(t *testing.T, c golden.Case) (out Config, steps int, guidance float64) {
	var flat struct {
		Model       Model
		VAE         VAE
		Conditioner Conditioner
		Processor   Processor `json:"image_processor"`
		Scheduler   string
		Steps       int     `json:"num_inference_steps"`
		Guidance    float64 `json:"guidance_scale"`
	}
	c.Config(t, &flat)
	out.Model.Params, out.VAE.Params, out.Conditioner.Params, out.Processor.Params = flat.Model, flat.VAE, flat.Conditioner, flat.Processor
	out.Scheduler.Target = flat.Scheduler
	out.Scheduler.Params.Phases = 100
	if err := out.complete(); err != nil {
		t.Fatal(err)
	}
	return out, flat.Steps, flat.Guidance
}

// goldenEndToEnd goes all the way, from every file that holds the weights.
func goldenEndToEnd(t *testing.T, c golden.Case) {
	files, err := filepath.Glob(filepath.Join(c.Folder, "*.ckpt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, c.Weights.Path) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			from, err := weights.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			endToEnd(t, c, from)
		})
	}
}

func endToEnd(t *testing.T, c golden.Case, from *weights.Checkpoint) {
	config, steps, guidance := endConfig(t, c)
	n, err := of(config, from)
	if err == nil {
		err = n.decode(from.Under("vae."), config.VAE.Params)
	}
	if err == nil {
		err = n.check()
	}
	if err != nil {
		t.Fatal(err)
	}
	pixels := config.Processor.Params.pixels(golden.Picture(golden.Read(t, c.Inputs, "image_rgba")), config.side())
	if size := config.Processor.Params.Size; size == config.side() {
		want := golden.Read(t, c.Expected, "image").Data
		for i, v := range want { // from -1 to 1
			channel := i / (size * size)
			want[i] = ((v+1)/2 - mean[channel]) / deviation[channel]
		}
		golden.Near(t, "pixels", pixels, want, golden.Tolerance{Atol: 1e-5})
	}
	tokens, err := n.look(t.Context(), []view{{Front, pixels}}, func(string, float64) {})
	golden.SkipWithout(t, err)
	golden.Near(t, "tokens", tokens.Data, golden.One(golden.Read(t, c.Expected, "cond"), 0).Data, golden.Tolerance{Atol: 1e-4, Rtol: 1e-4})
	allowed := c.Tolerance(t, "latents")
	x := golden.Read(t, c.Inputs, "noise").Data
	all := n.config.Scheduler.steps(steps)
	err = n.flow.Denoise(t.Context(), n.device, n.model, tokens, x, all, guidance, func(done int) {
		if done > 0 {
			c.CheckAs(t, fmt.Sprintf("step%d.latents", done-1), x, allowed)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Check(t, "latents", x)
	half := golden.Read(t, c.Inputs, "noise").Data
	if err := n.flow.Denoise(t.Context(), latent.Device{Compute: onnx.F16}, n.model, tokens, half, all, guidance, func(int) {}); err != nil {
		t.Fatal(err)
	}
	golden.Near(t, "latents in half precision", half, x, golden.Tolerance{Atol: inHalf * golden.Largest(x)})

	f, err := n.Field(t.Context(), x, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	checkGrid(t, c, n.decoder, f)
}

// inHalf is how far latents may be off, in parts of their largest number, when they are computed in F16.
const inHalf = 0.01

// checkGrid asks at every sample of the reference's grids that was asked there, and looks for the surface.
func checkGrid(t *testing.T, c golden.Case, v latent.Decoder, f *latent.Field) {
	t.Helper()
	allowed := c.Tolerance(t, "logits")
	want := golden.Read(t, c.Expected, "grid_logits_17")
	side := want.Shape[1]
	g := v.Grid(side)
	var points [][3]float32
	for i := range want.Data {
		at := func(i int) float32 { return float32(float64(i)*g.Step - Radius) }
		points = append(points, [3]float32{at(i / side / side), at(i / side % side), at(i % side)})
	}
	got := make([]float32, len(points))
	if err := f.At(t.Context(), points, got); err != nil {
		t.Fatal(err)
	}
	golden.Near(t, "grid_logits_17", got, want.Data, allowed)
	m, err := f.Surface(t.Context(), side, latent.Chunk, func(float64) {})
	if err != nil {
		t.Fatal(err)
	}
	if r := m.Check(); !r.Clean() || m.Volume() <= 0 {
		t.Errorf("the surface, of volume %g, is not clean: %+v", m.Volume(), r)
	}
	sameCrossings(t, m.Vertices, golden.Triples(golden.Read(t, c.Expected, "mc_vertices").Data), side)
}

// sameCrossings checks that every vertex of the official surface is one of ours. Theirs come from the same crossings of the
// grid's edges, but lie in the world as if there were one more sample.
func sameCrossings(t *testing.T, ours, theirs [][3]float32, samples int) {
	t.Helper()
	worst := 0.0
	for _, v := range theirs {
		best := math.Inf(1)
		for _, o := range ours {
			d := 0.0
			for a := range v {
				d = max(d, math.Abs(index(v[a], samples)-index(o[a], samples-1)))
			}
			best = min(best, d)
		}
		worst = max(worst, best)
	}
	t.Logf("%d vertices, theirs %d, each within %.2g of a step", len(ours), len(theirs), worst)
	if worst > keptOff {
		t.Errorf("a vertex of theirs is %.2g steps from ours", worst)
	}
}

// keptOff is how far from samples our isosurface keeps its vertices, in steps of the grid, and a little for rounding.
const keptOff = 0.05

// index is which sample a place lies at, of so many steps.
func index(x float32, steps int) float64 {
	return (float64(x) + Radius) / (2 * Radius) * float64(steps)
}
