// Package triposr is the network TripoSR (Tochilkin et al., "TripoSR: Fast 3D Object Reconstruction from a Single Image",
// arXiv 2403.02151; code and weights MIT): a picture goes through a vision transformer (DINO ViT-B/16), whose tokens
// steer a transformer over three planes of features; a small network, asked with the features at a point, says how
// dense that point is and of which colour.
//
// Its world is z up, y to the right in the picture, x toward the viewer, within ±[Config.Renderer].Radius.
package triposr

// Config are the sizes of the network, named as in its config.yaml.
type Config struct {
	ImageSize     int           `json:"cond_image_size"`
	ViT           ViT           `json:"vit"`
	Tokenizer     Tokenizer     `json:"tokenizer"`
	Backbone      Backbone      `json:"backbone"`
	PostProcessor PostProcessor `json:"post_processor"`
	Decoder       Decoder       `json:"decoder"`
	Renderer      Renderer      `json:"renderer"`
}

// ViT are the sizes of the image tokenizer; its table of positions is for pictures of Size.
type ViT struct {
	Hidden  int     `json:"hidden_size"`
	Layers  int     `json:"num_hidden_layers"`
	Heads   int     `json:"num_attention_heads"`
	MLP     int     `json:"intermediate_size"`
	Epsilon float64 `json:"layer_norm_eps"`
	Size    int     `json:"image_size"`
	Patch   int     `json:"patch_size"`
}

// Tokenizer are the sizes of the learned planes.
type Tokenizer struct {
	Plane    int `json:"plane_size"`
	Channels int `json:"num_channels"`
}

// Backbone are the sizes of the transformer over the planes.
type Backbone struct {
	Channels int `json:"in_channels"`
	Heads    int `json:"num_attention_heads"`
	HeadSize int `json:"attention_head_dim"`
	Layers   int `json:"num_layers"`
	Cross    int `json:"cross_attention_dim"`
	Groups   int `json:"norm_num_groups"`
}

// PostProcessor are the sizes of the upsampler, which doubles the planes' sides.
type PostProcessor struct {
	In  int `json:"in_channels"`
	Out int `json:"out_channels"`
}

// Decoder are the sizes of the network that is asked at points. It has one layer more than Hidden, the output.
type Decoder struct {
	In      int `json:"in_channels"`
	Neurons int `json:"n_neurons"`
	Hidden  int `json:"n_hidden_layers"`
}

// Renderer says where the world ends, what is added to the density before the exponential, and whether the features of
// the three planes are put one after the other, "concat", or their "mean" is taken.
type Renderer struct {
	Radius    float64 `json:"radius"`
	Bias      float64 `json:"density_bias"`
	Reduction string  `json:"feature_reduction"`
}

// Released is the network that Stability AI and Tripo AI gave away.
var Released = Config{
	ImageSize:     512,
	ViT:           ViT{Hidden: 768, Layers: 12, Heads: 12, MLP: 3072, Epsilon: 1e-12, Size: 224, Patch: 16},
	Tokenizer:     Tokenizer{Plane: 32, Channels: 1024},
	Backbone:      Backbone{Channels: 1024, Heads: 16, HeadSize: 64, Layers: 16, Cross: 768, Groups: 32},
	PostProcessor: PostProcessor{In: 1024, Out: 40},
	Decoder:       Decoder{In: 120, Neurons: 64, Hidden: 9},
	Renderer:      Renderer{Radius: 0.87, Bias: -1, Reduction: "concat"},
}
