package triposg

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
)

func goldenScheduler(t *testing.T, c golden.Case) {
	var config struct {
		Scheduler
		Tables [][2]float64 `json:"shift_and_steps"`
	}
	c.Config(t, &config)
	for _, table := range config.Tables {
		s, steps := Scheduler{Trained: config.Trained, Shift: table[0]}, int(table[1])
		var sigmas, times []float32
		for _, sigma := range s.sigmas(steps) {
			sigmas, times = append(sigmas, float32(sigma)), append(times, float32(s.time(sigma)))
		}
		name := fmt.Sprintf("shift%d.n%d.", int(s.Shift), steps)
		c.Check(t, name+"sigmas", sigmas)
		c.Check(t, name+"timesteps", times[:steps])
	}
	for _, width := range []int{64, 2048} {
		var all []float32
		for _, at := range golden.Read(t, c.Inputs, "time_embed_t").Data {
			all = append(all, latent.Sinusoid(float64(at), width, 10000)...)
		}
		golden.Near(t, fmt.Sprintf("time_embed_%d", width), all, golden.Read(t, c.Expected, fmt.Sprintf("time_embed_%d", width)).Data, golden.Tolerance{Atol: 3e-4})
	}
	x, v := golden.Read(t, c.Inputs, "x").Data, golden.Read(t, c.Inputs, "model_output")
	steps := Scheduler{Trained: 1000, Shift: 1}.steps(v.Shape[0])
	var trajectory []float32
	latent.Follow(x, steps, func(i int) ([]float32, error) { return golden.One(v, i).Data, nil }, func(int) error {
		trajectory = append(trajectory, x...)
		return nil
	})
	c.Check(t, "steps5.trajectory", trajectory)
}

func goldenLoop(t *testing.T, c golden.Case) {
	var config struct {
		Transformer Transformer
		Runs        []struct {
			Name     string
			Steps    int
			Guidance float64 `json:"guidance_scale"`
			Shift    float64
		}
	}
	c.Config(t, &config)
	x, tokens := golden.Read(t, c.Inputs, "latents"), golden.Read(t, c.Inputs, "image_embeds")
	for _, run := range config.Runs {
		n := &Network{
			config:      Config{Transformer: config.Transformer, Scheduler: Scheduler{Trained: 1000, Shift: run.Shift}},
			transformer: c.Weights, device: latent.Device{Compute: onnx.F32},
		}
		latents := slices.Clone(x.Data)
		denoised(t, c, n, run.Name+".", golden.One(tokens, 0), latents, Settings{Steps: run.Steps, Guidance: run.Guidance, Latents: x.Shape[1]})
	}
}

// denoised goes all the steps and checks where each leads.
func denoised(t *testing.T, c golden.Case, n *Network, name string, tokens onnx.Tensor, x []float32, s Settings) {
	t.Helper()
	err := n.denoise(context.Background(), tokens, x, s, func(steps int) {
		if steps > 0 {
			c.Check(t, fmt.Sprintf("%sstep%d.latents", name, steps-1), x)
		}
	})
	golden.SkipWithout(t, err)
}

// goldenEndToEnd goes all the way from the published layout.
func goldenEndToEnd(t *testing.T, c golden.Case) {
	var config struct {
		Steps    int     `json:"num_inference_steps"`
		Guidance float64 `json:"guidance_scale"`
		Tokens   int     `json:"num_tokens"`
		Samples  int     `json:"grid_per_axis"`
	}
	c.Config(t, &config)
	n, err := Open(filepath.Join(c.Folder, "model"))
	if err != nil {
		t.Fatal(err)
	}
	ready := prepared(golden.Picture(golden.Read(t, c.Inputs, "image_rgba")))
	golden.Near(t, "prepared_rgb", golden.Colours(ready), golden.Read(t, c.Expected, "prepared_rgb").Data, golden.Tolerance{Atol: 0})
	x := n.config.Processor.Pixels(ready)
	golden.Near(t, "pixel_values", x, golden.Read(t, c.Expected, "pixel_values").Data, golden.Tolerance{Atol: 1e-6})
	tokens, err := n.look(context.Background(), x, func(string, float64) {})
	golden.SkipWithout(t, err)
	c.Check(t, "image_embeds", tokens.Data)

	s := Settings{Steps: config.Steps, Guidance: config.Guidance, Latents: config.Tokens}
	halfLatents(t, c, n, tokens, s)
	latents := golden.Read(t, c.Inputs, "noise").Data
	denoised(t, c, n, "", tokens, latents, s)
	c.Check(t, "latents", latents)

	f, err := n.Field(context.Background(), latents)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var points [][3]float32
	side := config.Samples
	for i := range side * side * side {
		step := n.config.VAE.network().Grid(side).Step
		points = append(points, [3]float32{at(step, i/side/side), at(step, i/side%side), at(step, i%side)})
	}
	values := make([]float32, len(points))
	if err := f.At(context.Background(), points, values); err != nil {
		t.Fatal(err)
	}
	c.Check(t, "grid_logits_17", values)

	m, err := f.Surface(context.Background(), 65, latent.Chunk, func(float64) {})
	if errors.Is(err, latent.ErrNothing) && slices.Max(values) <= 0 {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if r := m.Check(); !r.Clean() || m.Volume() <= 0 {
		t.Errorf("the surface, of volume %g, is not clean: %+v", m.Volume(), r)
	}
}

// inHalf is how far the latents may be off, in parts of their largest number, when they are computed in F16.
const inHalf = 0.02

// halfLatents goes the same way in F16, as GPUs do.
func halfLatents(t *testing.T, c golden.Case, n *Network, tokens onnx.Tensor, s Settings) {
	t.Helper()
	x, want := golden.Read(t, c.Inputs, "noise").Data, golden.Read(t, c.Expected, "latents").Data
	if err := n.On(latent.Device{Compute: onnx.F16}).denoise(context.Background(), tokens, x, s, func(int) {}); err != nil {
		t.Fatal(err)
	}
	golden.Near(t, "latents in half precision", x, want, golden.Tolerance{Atol: inHalf * golden.Largest(want)})
}
