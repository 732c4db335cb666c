package hunyuan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// Kind tells decoders apart: the standard one, and the turbo one, in which points go through a smaller block.
type Kind string

// The kinds.
const (
	Standard Kind = "standard"
	Turbo    Kind = "turbo"
)

// Network is one of the family in its published folder. Its three parts are in memory one after the other, never together.
type Network struct {
	config                  Config
	flow                    flow
	decoder                 latent.Decoder
	scale                   float64 // of latents for the decoder
	vision, model, decoding *weights.Checkpoint
	device                  latent.Device
}

// Open reads the settings and what is in the files of a folder, as they are published: hunyuan3d-dit-NAME with the network
// and mostly a decoder, hunyuan3d-vae-NAME with a decoder of its own. It builds all parts without running any, to know that
// every tensor is there in its shape. The error names all that are not.
func Open(folder string, kind Kind) (*Network, error) {
	path, err := only(folder, "hunyuan3d-dit-*")
	if err != nil {
		return nil, err
	}
	config, err := readConfig(filepath.Join(path, "config.yaml"))
	if err != nil {
		return nil, err
	}
	file, err := checkpoint(path)
	if err != nil {
		return nil, err
	}
	n, err := of(config, file)
	if err != nil {
		return nil, err
	}
	vae, said, err := decoding(folder, kind, file, config.VAE.Params)
	if err != nil {
		return nil, err
	}
	if err := n.decode(vae, said); err != nil {
		return nil, err
	}
	return n, n.check()
}

// of is the network of a file, but for its decoder.
func of(config Config, file *weights.Checkpoint) (*Network, error) {
	n := &Network{
		config: config, device: latent.Device{Compute: onnx.F32},
		vision: file.Under("conditioner.main_image_encoder.model."), model: file.Under("model."),
	}
	var err error
	if n.flow, err = flowOf(n.model, config.Model.Params); err != nil {
		return nil, weights.OfAnother(file, err)
	}
	return n, nil
}

// decode takes a decoder.
func (n *Network) decode(file *weights.Checkpoint, said VAE) (err error) {
	n.decoding, n.scale = file, 1/said.Scale
	n.decoder, err = decoderOf(file, said)
	return err
}

// only is the one folder of that pattern.
func only(folder, pattern string) (string, error) {
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%w: there are %d folders %s in %s, not one", weights.ErrAbsent, len(found), pattern, folder)
	}
	return found[0], nil
}

// checkpoint opens the weights in a folder, in the first form of those they are published in.
func checkpoint(folder string) (*weights.Checkpoint, error) {
	names := []string{"model.fp16.safetensors", "model.safetensors", "model.fp16.ckpt", "model.ckpt"}
	for _, name := range names {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return weights.Open(path)
		}
	}
	return nil, fmt.Errorf("%w: there is no %s in %s", weights.ErrAbsent, names[0], folder)
}

// Transformer are the tensors of the largest part of the network in a folder.
func Transformer(folder string) (*weights.Checkpoint, error) {
	path, err := only(folder, "hunyuan3d-dit-*")
	if err != nil {
		return nil, err
	}
	file, err := checkpoint(path)
	if err != nil {
		return nil, err
	}
	return file.Under("model."), nil
}

// decoding finds a decoder of the kind: the one in the network's own file, or that of a folder beside it.
func decoding(folder string, kind Kind, file *weights.Checkpoint, said VAE) (*weights.Checkpoint, VAE, error) {
	if own := file.Under("vae."); len(own.Tensors) > 0 && kindOf(own) == kind {
		return own, said, nil
	}
	found, err := filepath.Glob(filepath.Join(folder, "hunyuan3d-vae-*"))
	if err != nil {
		return nil, said, err
	}
	for _, path := range found {
		c, err := checkpoint(path)
		if err != nil {
			return nil, said, err
		}
		if kindOf(c) != kind {
			continue
		}
		var config VAEConfig
		if err := readYAML(filepath.Join(path, "config.yaml"), &config); err != nil {
			return nil, said, err
		}
		v := config.Params
		if v.Latents == 0 {
			v.Latents = said.Latents
		}
		if err := v.check(); err != nil {
			return nil, said, fmt.Errorf("%w: %s: %w", weights.ErrOther, filepath.Join(path, "config.yaml"), err)
		}
		return c, v, nil
	}
	return nil, said, fmt.Errorf("%w: there is no %s decoder, neither as vae.* in %s nor in a folder hunyuan3d-vae-* in %s", weights.ErrAbsent, kind, file.Path, folder)
}

func kindOf(c *weights.Checkpoint) Kind {
	if tensors(c.Tensors).has("geo_decoder.ln_post.weight") {
		return Standard
	}
	return Turbo
}

// On is the network on a device.
func (n *Network) On(d latent.Device) *Network {
	other := *n
	other.device = d
	return &other
}

// check builds all parts, for one latent and one token, for how many there are has no say in the weights, and sees that
// they fit together.
func (n *Network) check() error {
	if err := latent.CheckLook(n.config.vision(), n.vision, n.config.side()); err != nil {
		return err
	}
	model, decoder := onnx.NewGraph(n.model, onnx.F32), onnx.NewGraph(n.decoding, onnx.F32)
	model.Output("out", n.flow.Whole(model, 1, 1, true))
	decoder.Output("out", n.decoder.Whole(decoder, 1, onnx.Any))
	for _, g := range []*onnx.Graph{model, decoder} {
		if _, err := g.Model(); err != nil {
			return err
		}
	}
	channels, tokens := ends(n.flow)
	switch {
	case tokens != n.config.vision().Hidden:
		return fmt.Errorf("%w: the transformer takes tokens of %d channels, DINOv2 gives %d", weights.ErrOther, tokens, n.config.vision().Hidden)
	case channels != n.decoder.Channels:
		return fmt.Errorf("%w: the transformer makes latents of %d channels, the decoder in %s takes %d", weights.ErrOther, channels, n.decoding.Path, n.decoder.Channels)
	}
	return nil
}

// ends are the channels of latents and of tokens.
func ends(f flow) (channels, tokens int) {
	switch f := f.(type) {
	case Stream:
		return f.Channels, f.Context
	case latent.Transformer:
		return f.Channels, f.Context
	}
	return 0, 0
}

// Settings are what the flow can be told.
type Settings struct {
	Steps    int
	Guidance float64 // how much the picture's say is exaggerated; it is not, and half the work saved, up to 1
	Seed     uint64  // of the noise that the flow begins with
}

// Imagine makes the latents of pictures of an object, [latents, channels]. step is told the share done.
func (n *Network) Imagine(ctx context.Context, pictures Pictures, s Settings, step func(text string, fraction float64)) ([]float32, error) {
	views, err := n.seen(pictures)
	if err != nil {
		return nil, err
	}
	share := n.lookShare(s, len(views))
	tokens, err := n.look(ctx, views, func(text string, f float64) { step(text, share*f) })
	if err != nil {
		return nil, err
	}
	steps := n.config.Scheduler.steps(s.Steps)
	channels, _ := ends(n.flow)
	x := latent.Noise(s.Seed, n.config.VAE.Params.Latents*channels)
	err = n.flow.Denoise(ctx, n.device, n.model, tokens, x, steps, s.Guidance, func(i int) {
		step(fmt.Sprintf("denoising %d/%d", min(i+1, len(steps)), len(steps)), share+(1-share)*float64(i)/float64(len(steps)))
	})
	if err != nil {
		return nil, fmt.Errorf("transformer: %w", err)
	}
	return x, nil
}

// Field opens the decoder over latents. It has to be closed. With near its surface is that of points compared only with
// the latents that matter most where they are, as many as the official code takes.
func (n *Network) Field(ctx context.Context, latents []float32, near bool) (*latent.Field, error) {
	keep := 0
	if near {
		keep = nearest(n.config.VAE.Params.Latents)
	}
	return n.decoder.Field(ctx, n.device, n.decoding, latents, n.scale, keep)
}

// nearest is how many of the latents are kept: a third, of 512 half.
func nearest(latents int) int {
	if latents == 512 {
		return 256
	}
	return latents / 3
}

// lookShare is the share of the time before the first step.
func (n *Network) lookShare(s Settings, views int) float64 {
	look, step := n.products(s, views)
	return look / (look + step*float64(len(n.config.Scheduler.steps(s.Steps))))
}

// products is how many multiplications it takes, about, to look at so many views and for one step.
func (n *Network) products(s Settings, views int) (look, step float64) {
	v, patches := n.config.vision(), n.config.side()/n.config.vision().Patch
	tokens, latents := float64(1+patches*patches), float64(n.config.VAE.Params.Latents)
	look = float64(views) * blocks(v.Layers, tokens, v.Hidden)
	tokens *= float64(views)
	switch f := n.flow.(type) {
	case Stream:
		step = blocks(f.Double+f.Single, tokens+latents, f.Width)
		if !f.Distilled && s.Guidance > 1 {
			step += blocks(f.Double+f.Single, latents, f.Width)
		}
	case latent.Transformer:
		step = blocks(f.Layers, latents, f.Width)
		if s.Guidance > 1 {
			step *= 2
		}
	}
	return look, step
}

// blocks is that of so many blocks of attention and a feed-forward network four times as wide.
func blocks(layers int, tokens float64, width int) float64 {
	w := float64(width)
	return float64(layers) * tokens * (12*w*w + 2*tokens*w)
}
