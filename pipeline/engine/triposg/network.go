package triposg

import (
	"context"
	"fmt"
	"image"
	"path/filepath"

	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// Network is TripoSG in its published folder. Its three parts are in memory one after the other, never together.
type Network struct {
	config                   Config
	vision, transformer, vae *weights.Checkpoint
	device                   latent.Device
}

// Open reads the settings and what is in the files of the folder, and builds all parts without running any, to know
// that every tensor is there in its shape. The error names all that are not.
func Open(folder string) (*Network, error) {
	config, err := readConfig(folder)
	if err != nil {
		return nil, err
	}
	n := &Network{config: config, device: latent.Device{Compute: onnx.F32}}
	for _, part := range []struct {
		file string
		into **weights.Checkpoint
	}{{visionFile, &n.vision}, {transformerFile, &n.transformer}, {vaeFile, &n.vae}} {
		if *part.into, err = weights.Open(filepath.Join(folder, filepath.FromSlash(part.file))); err != nil {
			return nil, err
		}
	}
	return n, n.check()
}

// On is the network on a device.
func (n *Network) On(d latent.Device) *Network {
	other := *n
	other.device = d
	return &other
}

// check builds all parts, for one latent and one token, for how many there are has no say in the weights.
func (n *Network) check() error {
	c := n.config
	if err := latent.CheckLook(c.Vision, n.vision, c.Processor.Side()); err != nil {
		return err
	}
	transformer, vae := onnx.NewGraph(n.transformer, onnx.F32), onnx.NewGraph(n.vae, onnx.F32)
	transformer.Output("out", c.Transformer.network().Whole(transformer, 1, 1, true))
	vae.Output("out", c.VAE.network().Whole(vae, 1, onnx.Any))
	for _, g := range []*onnx.Graph{transformer, vae} {
		if _, err := g.Model(); err != nil {
			return err
		}
	}
	return nil
}

// Settings are what the flow can be told.
type Settings struct {
	Steps    int
	Guidance float64 // how much the picture's say is exaggerated; it is not, and half the work saved, up to 1
	Seed     uint64  // of the noise that the flow begins with
	Latents  int     // how many there are; the network was trained with 2048
}

// lookShare is the share of the time before the first step.
const lookShare = 0.03

// Imagine makes the latents of a picture whose alpha is the cut-out, [Latents, channels]. step is told the share done.
func (n *Network) Imagine(ctx context.Context, img *image.NRGBA, s Settings, step func(text string, fraction float64)) ([]float32, error) {
	ready := prepared(img)
	if ready == nil {
		return nil, latent.ErrNothing
	}
	tokens, err := n.look(ctx, n.config.Processor.Pixels(ready), func(text string, f float64) { step(text, lookShare*f) })
	if err != nil {
		return nil, err
	}
	x := latent.Noise(s.Seed, s.Latents*n.config.Transformer.Channels)
	err = n.denoise(ctx, tokens, x, s, func(i int) {
		step(fmt.Sprintf("denoising %d/%d", min(i+1, s.Steps), s.Steps), lookShare+(1-lookShare)*float64(i)/float64(s.Steps))
	})
	if err != nil {
		return nil, fmt.Errorf("transformer: %w", err)
	}
	return x, nil
}

// look makes the tokens of pixels [3, side, side].
func (n *Network) look(ctx context.Context, pixels []float32, step func(text string, fraction float64)) (onnx.Tensor, error) {
	all, err := n.device.Look(ctx, n.config.Vision, n.vision, [][]float32{pixels}, n.config.Processor.Side(), step)
	if err != nil {
		return onnx.Tensor{}, err
	}
	return all[0], nil
}

// denoise takes x, which is noise, along the flow to latents. done is told how many steps are.
func (n *Network) denoise(ctx context.Context, tokens onnx.Tensor, x []float32, s Settings, done func(steps int)) error {
	steps := n.config.Scheduler.steps(s.Steps)
	return n.config.Transformer.network().Denoise(ctx, n.device, n.transformer, tokens, x, steps, s.Guidance, done)
}

// Field opens the decoder over latents. It has to be closed.
func (n *Network) Field(ctx context.Context, latents []float32) (*latent.Field, error) {
	return n.config.VAE.network().Field(ctx, n.device, n.vae, latents, 1, 0)
}
