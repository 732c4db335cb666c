// Package triposg is the network TripoSG (Li et al., "TripoSG: High-Fidelity 3D Shape Synthesis using Large-Scale
// Rectified Flow Models", arXiv 2502.06608; weights MIT): DINOv2 looks at the picture, a transformer steered by its
// tokens turns noise into a set of latents, step by step along a rectified flow, and the decoder of an autoencoder, asked
// with the latents at a point, says whether it is inside.
//
// Its world is x right, y up and z toward the viewer, within ±[Radius].
package triposg

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"orfeas/pipeline/engine/dino"
	"orfeas/pipeline/weights"
)

// Radius is how far the world reaches along each axis.
const Radius = 1.005

// Config are the sizes of the network's parts, named as in their config.json.
type Config struct {
	Vision      dino.Config
	Processor   dino.Processor
	Transformer Transformer
	Scheduler   Scheduler
	VAE         VAE
}

// Transformer are the sizes of the network that is asked which way the latents flow.
type Transformer struct {
	Heads    int  `json:"num_attention_heads"`
	Width    int  `json:"width"`
	Channels int  `json:"in_channels"`
	Layers   int  `json:"num_layers"`
	Context  int  `json:"cross_attention_dim"`
	Second   bool `json:"use_cross_attention_2"` // of TripoSG-scribble
}

// Scheduler says how the steps are spread: a shift over 1 makes them shorter at the beginning.
type Scheduler struct {
	Trained int     `json:"num_train_timesteps"`
	Shift   float64 `json:"shift"`
	Dynamic bool    `json:"use_dynamic_shifting"`
}

// VAE are the sizes of the decoder. Points are told to it by sines of Frequencies octaves, of π times the coordinate with Pi.
type VAE struct {
	Channels    int    `json:"latent_channels"`
	Heads       int    `json:"num_attention_heads"`
	Width       int    `json:"width_decoder"`
	Layers      int    `json:"num_layers_decoder"`
	Embedding   string `json:"embedding_type"`
	Frequencies int    `json:"embed_frequency"`
	Pi          bool   `json:"embed_include_pi"`
}

// The files of the network, as they are published.
const (
	transformerFile = "transformer/diffusion_pytorch_model.safetensors"
	vaeFile         = "vae/diffusion_pytorch_model.safetensors"
	visionFile      = "image_encoder_dinov2/model.safetensors"
)

// maxConfig bounds a file of settings, maxPatches the patches along each side of a picture.
const (
	maxConfig  = 1 << 20
	maxPatches = 64
)

// readConfig reads the settings in the published folder.
func readConfig(folder string) (Config, error) {
	var c Config
	for _, part := range []struct {
		file string
		into any
	}{
		{"image_encoder_dinov2/config.json", &c.Vision},
		{"feature_extractor_dinov2/preprocessor_config.json", &c.Processor},
		{"transformer/config.json", &c.Transformer},
		{"scheduler/scheduler_config.json", &c.Scheduler},
		{"vae/config.json", &c.VAE},
	} {
		path := filepath.Join(folder, filepath.FromSlash(part.file))
		info, err := os.Stat(path)
		if err != nil {
			return c, err
		}
		if info.Size() > maxConfig {
			return c, fmt.Errorf("%w: %s has %d bytes", weights.ErrOther, path, info.Size())
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return c, err
		}
		if err := json.Unmarshal(data, part.into); err != nil {
			return c, fmt.Errorf("%w: %s: %w", weights.ErrCorrupt, path, err)
		}
		if err := part.into.(interface{ Check() error }).Check(); err != nil {
			return c, fmt.Errorf("%w: %s: %w", weights.ErrOther, path, err)
		}
	}
	return c, c.agree()
}

// agree checks that the parts fit together.
func (c Config) agree() error {
	switch {
	case c.Processor.Side()%c.Vision.Patch != 0, c.Processor.Side()/c.Vision.Patch > maxPatches:
		return fmt.Errorf("%w: pictures of %d pixels in patches of %d", weights.ErrOther, c.Processor.Side(), c.Vision.Patch)
	case c.Transformer.Context != c.Vision.Hidden:
		return fmt.Errorf("%w: the transformer takes tokens of %d channels, DINOv2 gives %d", weights.ErrOther, c.Transformer.Context, c.Vision.Hidden)
	case c.Transformer.Channels != c.VAE.Channels:
		return fmt.Errorf("%w: the transformer makes latents of %d channels, the decoder takes %d", weights.ErrOther, c.Transformer.Channels, c.VAE.Channels)
	}
	return nil
}

// Check refuses sizes no network has, and what this package does not do.
func (c Transformer) Check() error {
	switch {
	case c.Second:
		return errors.New("a second cross-attention, as that of TripoSG-scribble, is not supported")
	case c.Layers < 1 || c.Layers > 256 || c.Channels < 1 || c.Channels > 4096 || c.Context < 1 || c.Context > 16384:
		return fmt.Errorf("%d layers, %d channels, a context of %d", c.Layers, c.Channels, c.Context)
	}
	return inHeads(c.Width, c.Heads)
}

// Check refuses other ways to spread the steps.
func (s Scheduler) Check() error {
	if s.Dynamic || s.Trained < 1 || !(s.Shift > 0 && s.Shift <= 100) {
		return fmt.Errorf("%d time steps with a shift of %g, dynamic %v", s.Trained, s.Shift, s.Dynamic)
	}
	return nil
}

// Check refuses sizes no network has, and what this package does not do.
func (v VAE) Check() error {
	switch {
	case v.Embedding != "frequency":
		return fmt.Errorf("points embedded by %q", v.Embedding)
	case v.Layers < 1 || v.Layers > 256 || v.Channels < 1 || v.Channels > 4096 || v.Frequencies < 1 || v.Frequencies > 32:
		return fmt.Errorf("%d layers, %d channels, %d frequencies", v.Layers, v.Channels, v.Frequencies)
	}
	return inHeads(v.Width, v.Heads)
}

func inHeads(width, heads int) error {
	if heads < 1 || width < 2 || width > 16384 || width%heads != 0 || width%2 != 0 {
		return fmt.Errorf("%d channels in %d heads", width, heads)
	}
	return nil
}
