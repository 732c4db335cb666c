package hunyuan

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"go.yaml.in/yaml/v3"

	"orfeas/pipeline/engine/dino"
	"orfeas/pipeline/weights"
)

// Config is what config.yaml says, named as there.
type Config struct {
	Model       struct{ Params Model }
	VAE         VAEConfig
	Conditioner struct{ Params Conditioner }
	Processor   struct{ Params Processor } `json:"image_processor"`
	Scheduler   Scheduler
}

// Model are the settings of the transformer. Its sizes are known from its tensors, and have to be those.
type Model struct {
	Channels  int     `json:"in_channels"`
	Context   int     `json:"context_in_dim"`
	Width     int     `json:"hidden_size"`
	Ratio     float64 `json:"mlp_ratio"`
	Heads     int     `json:"num_heads"`
	Depth     int     `json:"depth"`
	Single    int     `json:"depth_single_blocks"`
	Distilled *bool   `json:"guidance_embed"`

	ContextPlain int `json:"context_dim"`
	MoELayers    int `json:"num_moe_layers"`
	MoECount     int `json:"num_experts"`
	MoETop       int `json:"moe_top_k"`
}

// VAEConfig is the config.yaml of a decoder, or that part of another one.
type VAEConfig struct{ Params VAE }

// VAE are the settings of the decoder. Scale is what the latents are larger by than it takes them.
type VAE struct {
	Latents     int     `json:"num_latents"`
	Channels    int     `json:"embed_dim"`
	Frequencies int     `json:"num_freqs"`
	Pi          *bool   `json:"include_pi"`
	Heads       int     `json:"heads"`
	Width       int     `json:"width"`
	Layers      int     `json:"num_decoder_layers"`
	Scale       float64 `json:"scale_factor"`
	Expand      int     `json:"geo_decoder_mlp_expand_ratio"`
	Downsample  int     `json:"geo_decoder_downsample_ratio"`
	LnPost      *bool   `json:"geo_decoder_ln_post"`
}

// Conditioner are the settings of the network that looks at the picture.
type Conditioner struct {
	Main struct {
		Type   string
		Kwargs struct {
			Config dino.Config
			Size   int `json:"image_size"`
			Views  int `json:"view_num"` // sides it knows, of an encoder of several views
		}
	} `json:"main_image_encoder"`
}

// What the official code takes for settings that are not there, and limits.
const (
	usualTop    = 2
	usualViews  = 4
	encoderType = "DinoImageEncoder"
	viewsType   = "DinoImageEncoderMV"
	maxConfig   = 1 << 20
	maxPatches  = 128
	maxLatents  = 1 << 16
)

// readYAML reads a file of settings into a struct with the tags of encoding/json.
func readYAML(path string, into any) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%w: %w", weights.ErrAbsent, err)
	}
	if info.Size() > maxConfig {
		return fmt.Errorf("%w: %s has %d bytes", weights.ErrOther, path, info.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var tree map[string]any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return fmt.Errorf("%w: %s: %w", weights.ErrCorrupt, path, err)
	}
	if data, err = json.Marshal(tree); err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", weights.ErrCorrupt, path, err)
	}
	return nil
}

// readConfig reads the settings of a network.
func readConfig(path string) (Config, error) {
	var c Config
	if err := readYAML(path, &c); err != nil {
		return c, err
	}
	if err := c.complete(); err != nil {
		return c, fmt.Errorf("%w: %s: %w", weights.ErrOther, path, err)
	}
	return c, nil
}

// complete fills in what is not there, and refuses sizes no network has and what this package does not do.
func (c *Config) complete() error {
	if p := &c.Processor.Params; p.Size == 0 {
		p.Size = usualSize
	}
	if p := &c.Processor.Params; p.Border == 0 {
		p.Border = usualBorder
	}
	if c.Model.Params.MoETop == 0 {
		c.Model.Params.MoETop = usualTop
	}
	p, look := c.Processor.Params, c.Conditioner.Params.Main
	if p.Size < 1 || p.Size > 4096 || !(p.Border >= 0 && p.Border < 0.9) {
		return fmt.Errorf("image_processor: pictures of %d pixels with a border of %g", p.Size, p.Border)
	}
	if look.Type != encoderType && look.Type != viewsType {
		return fmt.Errorf("conditioner: there is no %q", look.Type)
	}
	if views := look.Kwargs.Views; views < 0 || views > len(Pictures{}) {
		return fmt.Errorf("conditioner: %d views", views)
	}
	v := look.Kwargs.Config
	if err := v.Check(); err != nil {
		return fmt.Errorf("conditioner: %w", err)
	}
	if look.Kwargs.Size%v.Patch != 0 || look.Kwargs.Size < v.Patch || look.Kwargs.Size/v.Patch > maxPatches {
		return fmt.Errorf("conditioner: pictures of %d pixels in patches of %d", look.Kwargs.Size, v.Patch)
	}
	if err := c.Scheduler.complete(); err != nil {
		return fmt.Errorf("scheduler: %w", err)
	}
	return c.VAE.Params.check()
}

// check refuses what no decoder has.
func (v VAE) check() error {
	switch {
	case v.Latents < 1 || v.Latents > maxLatents:
		return fmt.Errorf("vae: %d latents", v.Latents)
	case !(v.Scale > 0 && v.Scale < 1000):
		return fmt.Errorf("vae: a scale_factor of %g", v.Scale)
	}
	return nil
}

// side is how many pixels DINOv2 is given along each side.
func (c Config) side() int { return c.Conditioner.Params.Main.Kwargs.Size }

func (c Config) vision() dino.Config { return c.Conditioner.Params.Main.Kwargs.Config }

// disagreement is a setting that has to be what the tensors say; one of 0 says nothing, and those of a flag are yes and no.
type disagreement struct {
	name      string
	said, has int
}

// The values of flags.
const (
	yes = -1
	no  = -2
)

func word(v int) string {
	switch v {
	case yes:
		return "true"
	case no:
		return "false"
	}
	return strconv.Itoa(v)
}

// agree compares settings with what is known from the tensors of a file.
func agree(file string, all ...disagreement) error {
	var errs []error
	for _, d := range all {
		if d.said != 0 && d.said != d.has {
			errs = append(errs, fmt.Errorf("%s is %s in config.yaml, and %s in %s", d.name, word(d.said), word(d.has), file))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", weights.ErrShape, err)
	}
	return nil
}

// said is a flag as a setting, which may not be there; is one that is known.
func said(b *bool) int {
	if b == nil {
		return 0
	}
	return is(*b)
}

func is(b bool) int {
	if b {
		return yes
	}
	return no
}
