package hunyuan

import (
	"context"
	"fmt"

	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// flow is a transformer of either kind.
type flow interface {
	Check() error
	Whole(g *onnx.Graph, n, m int, guide bool) onnx.Value
	Denoise(ctx context.Context, d latent.Device, from *weights.Checkpoint, tokens onnx.Tensor, x []float32, steps []latent.Step, guidance float64, done func(steps int)) error
}

// The constants of the networks, which no configuration changes.
const (
	epsilon     = 1e-6
	lastEpsilon = 1e-5
)

// tensors are asked for sizes; what is not there has none.
type tensors map[string]weights.Tensor

func (t tensors) size(name string, axis int) int {
	if shape := t[name].Shape; axis < len(shape) {
		return int(shape[axis])
	}
	return 0
}

func (t tensors) has(name string) bool { _, ok := t[name]; return ok }

// count is how many there are, from 0 on, of names with a verb for the number.
func (t tensors) count(name string) (n int) {
	for t.has(fmt.Sprintf(name, n)) {
		n++
	}
	return n
}

// flowOf knows the transformer by its tensors.
func flowOf(c *weights.Checkpoint, config Model) (flow, error) {
	t := tensors(c.Tensors)
	var f flow
	var err error
	switch {
	case t.has("latent_in.weight"):
		f, err = streamOf(c, config)
	case t.has("x_embedder.weight"):
		f, err = plainOf(c, config)
	default:
		return nil, fmt.Errorf("%w: %s has neither model.latent_in.weight nor model.x_embedder.weight, so it is no transformer of Hunyuan3D", weights.ErrMissing, c.Path)
	}
	if err != nil {
		return nil, err
	}
	if err := f.Check(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", weights.ErrOther, c.Path, err)
	}
	return f, nil
}

// streamOf is the transformer of 2.0 and 2mini.
func streamOf(c *weights.Checkpoint, config Model) (Stream, error) {
	t := tensors(c.Tensors)
	s := Stream{
		Channels: t.size("latent_in.weight", 1), Context: t.size("cond_in.weight", 1), Width: t.size("latent_in.weight", 0),
		Double: t.count("double_blocks.%d.img_mod.lin.weight"), Single: t.count("single_blocks.%d.linear1.weight"),
		Waves: t.size("time_in.in_layer.weight", 1), Distilled: t.has("guidance_in.in_layer.weight"),
	}
	s.Heads = s.Width / max(t.size("double_blocks.0.img_attn.norm.query_norm.scale", 0), 1)
	s.Ratio = t.size("double_blocks.0.img_mlp.0.weight", 0) / max(s.Width, 1)
	return s, agree(c.Path,
		disagreement{"in_channels", config.Channels, s.Channels}, disagreement{"context_in_dim", config.Context, s.Context},
		disagreement{"hidden_size", config.Width, s.Width}, disagreement{"num_heads", config.Heads, s.Heads},
		disagreement{"mlp_ratio", int(config.Ratio), s.Ratio}, disagreement{"depth", config.Depth, s.Double},
		disagreement{"depth_single_blocks", config.Single, s.Single}, disagreement{"guidance_embed", said(config.Distilled), is(s.Distilled)})
}

// plainOf is the transformer of 2.1.
func plainOf(c *weights.Checkpoint, config Model) (latent.Transformer, error) {
	t := tensors(c.Tensors)
	p := latent.Transformer{
		Width: t.size("x_embedder.weight", 0), Channels: t.size("x_embedder.weight", 1),
		Layers: t.count("blocks.%d.norm1.weight"), Context: t.size("blocks.0.attn2.to_k.weight", 1),
		Epsilon: epsilon,
		Names: latent.TransformerNames{
			Time: [2]string{"t_embedder.mlp.0", "t_embedder.mlp.2"},
			In:   "x_embedder", Norm: "final_layer.norm_final", Out: "final_layer.linear",
			QueryNorm: "q_norm.weight", KeyNorm: "k_norm.weight", Project: "out_proj",
			Feed: [2]string{"mlp.fc1", "mlp.fc2"},
		},
	}
	p.Heads = p.Width / max(t.size("blocks.0.attn1.q_norm.weight", 0), 1)
	if gate := fmt.Sprintf("blocks.%d.moe.gate.weight", p.Layers-1); t.has(gate) {
		p.Experts = latent.Experts{Count: t.size(gate, 0), Top: config.MoETop}
		for p.Experts.Layers < p.Layers && t.has(fmt.Sprintf("blocks.%d.moe.gate.weight", p.Layers-1-p.Experts.Layers)) {
			p.Experts.Layers++
		}
	}
	if t.has("blocks.0.attn1.to_q.bias") {
		return p, fmt.Errorf("%w: %s: attention with biases is not supported", weights.ErrOther, c.Path)
	}
	return p, agree(c.Path,
		disagreement{"in_channels", config.Channels, p.Channels}, disagreement{"context_dim", config.ContextPlain, p.Context},
		disagreement{"hidden_size", config.Width, p.Width}, disagreement{"num_heads", config.Heads, p.Heads},
		disagreement{"depth", config.Depth, p.Layers}, disagreement{"num_moe_layers", config.MoELayers, p.Experts.Layers},
		disagreement{"num_experts", config.MoECount, p.Experts.Count})
}

// decoderOf knows a decoder by its tensors.
func decoderOf(c *weights.Checkpoint, config VAE) (latent.Decoder, error) {
	const point, attention = "geo_decoder.cross_attn_decoder", ".attn.attention."
	t := tensors(c.Tensors)
	names := func() latent.BlockNames {
		return latent.BlockNames{Norm: "ln_1", Project: "attn.c_proj", Feed: [2]string{"mlp.c_fc", "mlp.c_proj"}}
	}
	self, cross := names(), names()
	self.Products, self.FeedNorm = []string{"attn.c_qkv"}, "ln_2"
	cross.LatentNorm, cross.Query, cross.Products, cross.FeedNorm = "ln_2", "attn.c_q", []string{"attn.c_kv"}, "ln_3"
	for block, n := range map[string]*latent.BlockNames{"transformer.resblocks.0": &self, point: &cross} {
		if t.has(block + attention + "q_norm.weight") {
			n.QueryNorm, n.KeyNorm = attention[1:]+"q_norm", attention[1:]+"k_norm"
		}
	}
	d := latent.Decoder{
		Width: t.size("post_kl.weight", 0), Channels: t.size("post_kl.weight", 1),
		Layers: t.count("transformer.resblocks.%d.ln_1.weight"), Heads: config.Heads,
		Point:       latent.PointBlock{Width: t.size("geo_decoder.output_proj.weight", 1)},
		Frequencies: (t.size("geo_decoder.query_proj.weight", 1)/3 - 1) / 2, Pi: config.Pi == nil || *config.Pi,
		Epsilon: epsilon, LastEpsilon: lastEpsilon, Sign: 1, Radius: Radius,
		Names: latent.DecoderNames{
			In: "post_kl", Blocks: "transformer.resblocks.%d", Self: self,
			Query: "geo_decoder.query_proj", Point: point, Cross: cross, Out: "geo_decoder.output_proj",
		},
	}
	if t.has("geo_decoder.ln_post.weight") {
		d.Names.Norm = "geo_decoder.ln_post"
	}
	if t.has("geo_decoder.latents_proj.weight") {
		d.Names.Shrink = "geo_decoder.latents_proj"
	}
	if head := t.size("transformer.resblocks.0"+attention+"q_norm.weight", 0); head > 0 {
		d.Heads = d.Width / head
	}
	d.Point.Ratio = t.size(point+".mlp.c_fc.weight", 0) / max(d.Point.Width, 1)
	d.Point.Heads = d.Point.Width / max(d.Width/max(d.Heads, 1), 1)
	err := agree(c.Path,
		disagreement{"embed_dim", config.Channels, d.Channels}, disagreement{"width", config.Width, d.Width},
		disagreement{"heads", config.Heads, d.Heads}, disagreement{"num_decoder_layers", config.Layers, d.Layers},
		disagreement{"num_freqs", config.Frequencies, d.Frequencies}, disagreement{"geo_decoder_mlp_expand_ratio", config.Expand, d.Point.Ratio},
		disagreement{"geo_decoder_downsample_ratio", config.Downsample, d.Width / max(d.Point.Width, 1)},
		disagreement{"geo_decoder_ln_post", said(config.LnPost), is(d.Names.Norm != "")})
	if err == nil && t.has("transformer.resblocks.0.attn.c_qkv.bias") {
		err = fmt.Errorf("%w: %s: attention with biases is not supported", weights.ErrOther, c.Path)
	}
	if err == nil {
		if err = d.Check(); err != nil {
			err = fmt.Errorf("%w: %s: decoder: %w", weights.ErrOther, c.Path, err)
		}
	}
	return d, err
}
