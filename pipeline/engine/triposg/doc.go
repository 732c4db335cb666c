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
	"orfeas/pipeline/engine/latent"
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

// normEpsilon is that of the norms of layers, which no configuration changes.
const normEpsilon = 1e-5

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
	if c.Second {
		return errors.New("a second cross-attention, as that of TripoSG-scribble, is not supported")
	}
	return c.network().Check()
}

// network is the transformer with its constants.
func (c Transformer) network() latent.Transformer {
	return latent.Transformer{
		Heads: c.Heads, Width: c.Width, Channels: c.Channels, Layers: c.Layers, Context: c.Context,
		Epsilon: normEpsilon,
		Names: latent.TransformerNames{
			Time: [2]string{"time_proj.linear_1", "time_proj.linear_2"},
			In:   "proj_in", Norm: "norm_out", Out: "proj_out",
			QueryNorm: "norm_q.weight", KeyNorm: "norm_k.weight", Project: "to_out.0",
			Feed: [2]string{"ff.net.0.proj", "ff.net.2"},
		},
	}
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
	if v.Embedding != "frequency" {
		return fmt.Errorf("points embedded by %q", v.Embedding)
	}
	return v.network().Check()
}

// network is the decoder with its constants. The last block is the one that points go through.
func (v VAE) network() latent.Decoder {
	last := fmt.Sprintf("decoder.blocks.%d", v.Layers)
	return latent.Decoder{
		Channels: v.Channels, Heads: v.Heads, Width: v.Width, Layers: v.Layers,
		Point:       latent.PointBlock{Heads: v.Heads, Width: v.Width, Ratio: 4},
		Frequencies: v.Frequencies, Pi: v.Pi,
		Epsilon: normEpsilon, LastEpsilon: normEpsilon, Sign: -1, Radius: Radius,
		Names: latent.DecoderNames{
			In: "post_quant", Blocks: "decoder.blocks.%d",
			Self: latent.BlockNames{
				Norm: "norm1", Products: []string{"attn1.to_q", "attn1.to_k", "attn1.to_v"}, Project: "attn1.to_out.0",
				FeedNorm: "norm3", Feed: [2]string{"ff.net.0.proj", "ff.net.2"},
			},
			Query: "decoder.proj_query", Point: last,
			Cross: latent.BlockNames{
				Norm: "norm2", LatentNorm: "attn2.norm_cross", Query: "attn2.to_q",
				Products: []string{"attn2.to_k", "attn2.to_v"}, Project: "attn2.to_out.0",
				FeedNorm: "norm3", Feed: [2]string{"ff.net.0.proj", "ff.net.2"},
			},
			Norm: "decoder.norm_out", Out: "decoder.proj_out",
		},
	}
}
