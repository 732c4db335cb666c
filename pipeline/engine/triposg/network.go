package triposg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"path/filepath"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// ErrNothing says that the network saw nothing in the picture.
var ErrNothing = errors.New("the network sees no object")

// Network is TripoSG in its published folder. Its three parts are in memory one after the other, never together.
type Network struct {
	config                   Config
	vision, transformer, vae *weights.Checkpoint
	run                      onnx.Options
	compute                  onnx.DType
}

// Open reads the settings and what is in the files of the folder, and builds all parts without running any, to know
// that every tensor is there in its shape. The error names all that are not.
func Open(folder string) (*Network, error) {
	config, err := readConfig(folder)
	if err != nil {
		return nil, err
	}
	n := &Network{config: config, compute: onnx.F32}
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

// On is the network on a device. compute is what the large parts compute in; points are always looked at in F32, for in
// F16 their coordinates would be off by parts of a sample.
func (n *Network) On(run onnx.Options, compute onnx.DType) *Network {
	other := *n
	other.run, other.compute = run, compute
	return &other
}

// check builds all parts, for one latent and one token, for how many there are has no say in the weights.
func (n *Network) check() error {
	c := n.config
	if _, err := c.Vision.Positions(n.vision, c.Processor.Side()); err != nil {
		return fmt.Errorf("image encoder: %w", err)
	}
	transformer, t := onnx.NewGraph(n.transformer, n.compute), c.Transformer
	h := t.enter(transformer, transformer.Input("latents", 1, t.Channels), transformer.Input("time", 1, t.Width))
	transformer.Output("out", t.flow(transformer, h, t.pairs(transformer, transformer.Input("tokens", 1, t.Context)), true))

	vae, v := onnx.NewGraph(n.vae, n.compute), c.VAE
	to := v.pair(vae, v.latents(vae, vae.Input("latents", 1, v.Channels)))
	vae.Output("out", v.ask(vae, vae.Input("points", onnx.Any, v.embedded()), to))

	for _, g := range []*onnx.Graph{n.visionGraph(make([]float32, n.tableSize())), transformer, vae} {
		if _, err := g.Model(); err != nil {
			return err
		}
	}
	return nil
}

// tableSize is how many numbers tell the positions of a picture's patches and of the class token.
func (n *Network) tableSize() int {
	side := n.config.Processor.Side() / n.config.Vision.Patch
	return (1 + side*side) * n.config.Vision.Hidden
}

func (n *Network) visionGraph(positions []float32) *onnx.Graph {
	g, side := onnx.NewGraph(n.vision, n.compute), n.config.Processor.Side()
	g.Output("tokens", n.config.Vision.Tokens(g, g.Input("image", 1, 3, side, side), positions))
	return g
}

// pairsGraph makes the keys and values of every block of m tokens, in turn.
func (n *Network) pairsGraph(m int) *onnx.Graph {
	g := onnx.NewGraph(n.transformer, n.compute)
	for i, p := range n.config.Transformer.pairs(g, g.Input("tokens", m, n.config.Transformer.Context)) {
		g.Output(fmt.Sprintf("keys%d", i), p.keys)
		g.Output(fmt.Sprintf("values%d", i), p.values)
	}
	return g
}

// stepGraph asks where so many latents flow with a picture of m tokens and, when it guides, also without: what is the
// same for both, up to the first look at the picture, is done once.
func (n *Network) stepGraph(latents, m int, guide bool) *onnx.Graph {
	g, c := onnx.NewGraph(n.transformer, n.compute), n.config.Transformer
	h := c.enter(g, g.Input("latents", latents, c.Channels), g.Input("time", 1, c.Width))
	pairs := make([]pair, c.Layers)
	for i := range pairs {
		pairs[i] = pair{
			g.Input(fmt.Sprintf("keys%d", i), m, c.Width),
			g.Input(fmt.Sprintf("values%d", i), m, c.Width),
		}
	}
	g.Output("flow", c.flow(g, h, pairs, guide))
	return g
}

func (n *Network) latentsGraph(latents int) *onnx.Graph {
	g, v := onnx.NewGraph(n.vae, n.compute), n.config.VAE
	p := v.pair(g, v.latents(g, g.Input("latents", latents, v.Channels)))
	g.Output("keys", p.keys)
	g.Output("values", p.values)
	return g
}

// pointsGraph answers points, any number of them.
func (n *Network) pointsGraph(keys, values []float32) *onnx.Graph {
	g, v := onnx.NewGraph(n.vae, onnx.F32), n.config.VAE
	m := len(keys) / v.Width
	to := pair{g.Const("keys", keys, m, v.Width), g.Const("values", values, m, v.Width)}
	g.Output("negative", v.ask(g, g.Input("points", onnx.Any, v.embedded()), to))
	return g
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
		return nil, ErrNothing
	}
	step("looking at the picture", 0)
	tokens, err := n.look(ctx, n.config.Processor.Pixels(ready))
	if err != nil {
		return nil, fmt.Errorf("image encoder: %w", err)
	}
	x := noise(s.Seed, s.Latents*n.config.Transformer.Channels)
	err = n.denoise(ctx, tokens, x, s, func(i int) {
		step(fmt.Sprintf("denoising %d/%d", min(i+1, s.Steps), s.Steps), lookShare+(1-lookShare)*float64(i)/float64(s.Steps))
	})
	if err != nil {
		return nil, fmt.Errorf("transformer: %w", err)
	}
	return x, nil
}

// look makes the tokens of pixels [3, side, side].
func (n *Network) look(ctx context.Context, pixels []float32) (onnx.Tensor, error) {
	side := n.config.Processor.Side()
	positions, err := n.config.Vision.Positions(n.vision, side)
	if err != nil {
		return onnx.Tensor{}, err
	}
	out, err := n.pass(ctx, n.visionGraph(positions), onnx.Tensor{Shape: []int{1, 3, side, side}, Data: pixels})
	if err != nil {
		return onnx.Tensor{}, err
	}
	return out[0], n.numbers(out[0].Data, n.vision)
}

// denoise takes x, which is noise, along the flow to latents. done is told how many steps are.
func (n *Network) denoise(ctx context.Context, tokens onnx.Tensor, x []float32, s Settings, done func(steps int)) error {
	c, m := n.config, tokens.Shape[0]
	done(0)
	pairs, err := n.pass(ctx, n.pairsGraph(m), tokens)
	if err != nil {
		return err
	}
	session, err := n.open(n.stepGraph(s.Latents, m, s.Guidance > 1))
	if err != nil {
		return err
	}
	defer session.Close()
	sigmas := c.Scheduler.sigmas(s.Steps)
	inputs := append(make([]onnx.Tensor, 2), pairs...)
	for i, sigma := range sigmas[:s.Steps] {
		inputs[0] = onnx.Tensor{Shape: []int{s.Latents, c.Transformer.Channels}, Data: x}
		inputs[1] = onnx.Tensor{Shape: []int{1, c.Transformer.Width}, Data: sinusoid(c.Scheduler.time(sigma), c.Transformer.Width)}
		out, err := session.Run(ctx, inputs...)
		if err != nil {
			return err
		}
		v := out[0].Data[:len(x)]
		if s.Guidance > 1 {
			guided(v, out[0].Data[len(x):], s.Guidance)
		}
		advance(x, v, sigma, sigmas[i+1])
		if err := n.numbers(x, n.transformer); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		done(i + 1)
	}
	return nil
}

// numbers checks that x, made with the tensors of a file, are finite. What is not comes from a device that cannot compute
// so large numbers, or, on the CPU, from damaged weights.
func (n *Network) numbers(x []float32, made *weights.Checkpoint) error {
	for _, v := range x {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			if n.run.Provider != onnx.CPU && n.run.Provider != "" {
				return fmt.Errorf("%w: what it computes are no numbers any more", onnx.ErrProvider)
			}
			return fmt.Errorf("%w: what is computed with %s are no numbers any more", weights.ErrCorrupt, made.Path)
		}
	}
	return nil
}

// Field opens the decoder over latents. It has to be closed.
func (n *Network) Field(ctx context.Context, latents []float32) (*Field, error) {
	count := len(latents) / n.config.VAE.Channels
	out, err := n.pass(ctx, n.latentsGraph(count), onnx.Tensor{Shape: []int{count, n.config.VAE.Channels}, Data: latents})
	if err == nil {
		err = cmp.Or(n.numbers(out[0].Data, n.vae), n.numbers(out[1].Data, n.vae))
	}
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	once := *n
	once.run.Shelf = nil // this part has the picture's latents in it
	session, err := once.open(n.pointsGraph(out[0].Data, out[1].Data))
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	return &Field{n.config.VAE, session}, nil
}

func (n *Network) open(g *onnx.Graph) (*onnx.Session, error) {
	m, err := g.Model()
	if err != nil {
		return nil, err
	}
	return onnx.Open(m, n.run)
}

// pass opens a part of the network, runs it once and lets it go.
func (n *Network) pass(ctx context.Context, g *onnx.Graph, inputs ...onnx.Tensor) ([]onnx.Tensor, error) {
	s, err := n.open(g)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Run(ctx, inputs...)
}
