package engine

import (
	"context"
	"errors"
	"fmt"
	"image"

	"orfeas/pipeline/engine/triposr"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

var tripoSR = tripoSROf(triposr.Released, func() (string, error) { return weights.Kept("triposr", "model.ckpt") })

// tripoSROf is the engine with a network of these sizes in the checkpoint that find names.
func tripoSROf(config triposr.Config, find func() (string, error)) Engine {
	return Engine{
		Name:  "triposr",
		Title: "TripoSR",
		About: "A network that imagines the whole object, with its colours, from one picture. Good for things and figures; needs weights of 1.7 GB, and a minute or two without a GPU.",
		Settings: []Setting{
			number("resolution", "Resolution", "samples along each side of the space the object is in", "", 256, 64, 512, 32),
			number("density", "Density", "how dense the surface is; less makes it fuller and can bring in haze, more makes thin parts thinner", "", 25, 5, 60, 1),
		},
		Colours: true,
		Ready:   runnable(find),
		need:    needOfTripoSR(find),
		less:    func(o Options) []Options { return lower(o, "resolution", 256, 128) },
		build: func(ctx context.Context, in Input) (*mesh.Mesh, error) {
			path, err := find()
			if err != nil {
				return nil, err
			}
			checkpoint, err := weights.Open(path)
			if err != nil {
				return nil, err
			}
			if err := triposr.New(checkpoint, config, onnx.Options{}, onnx.F32).Check(); err != nil {
				return nil, weights.OfAnother(checkpoint, err)
			}
			m, err := in.network(ctx, func(run onnx.Options, compute onnx.DType) (*mesh.Mesh, error) {
				return imagine(ctx, in, triposr.New(checkpoint, config, run, compute))
			})
			if errors.Is(err, triposr.ErrNothing) {
				err = fmt.Errorf("%w: %w", picture.ErrNoSubject, err)
			}
			return m, err
		},
	}
}

// runnable says what is missing to run the network that find looks for: its files or the runtime.
func runnable(find func() (string, error)) func() error {
	return func() error {
		if _, err := find(); err != nil {
			return err
		}
		_, err := onnx.Library()
		return err
	}
}

// stepDown runs a network on the best there is, and on the CPU when that has too little memory or fails.
func stepDown(best onnx.Choice, step func(string, float64), run func(onnx.Options, onnx.DType) (*mesh.Mesh, error)) (*mesh.Mesh, error) {
	m, err := run(onnx.Options{Provider: best.Provider}, best.Compute)
	if best.Provider != onnx.CPU && (errors.Is(err, onnx.ErrOutOfMemory) || errors.Is(err, onnx.ErrProvider)) {
		step(fmt.Sprintf("going on with the CPU, for with %s: %v", best.Provider, err), 0)
		return run(onnx.Options{}, onnx.F32)
	}
	return m, err
}

// lookShare is the share of the time that the transformers take.
const lookShare = 0.9

func imagine(ctx context.Context, in Input, n *triposr.Network) (*mesh.Mesh, error) {
	scene, err := n.Look(ctx, cutOut(in.Subject), func(text string, f float64) { in.Step(text, lookShare*f) })
	if err != nil {
		return nil, err
	}
	field, err := n.Field(scene)
	if err != nil {
		return nil, err
	}
	defer field.Close()
	resolution := int(in.number("resolution"))
	text := fmt.Sprintf("finding the surface in %d³ samples", resolution)
	m, err := field.Surface(ctx, resolution, in.number("density"), func(f float64) { in.Step(text, lookShare+(1-lookShare)*f) })
	if err != nil {
		return nil, err
	}
	triposr.Model(m)
	return toModel(m), nil
}

// cutOut is the subject with its matte as alpha.
func cutOut(s *picture.Subject) *image.NRGBA {
	out := image.NewNRGBA(s.Color.Rect)
	copy(out.Pix, s.Color.Pix)
	for i, v := range s.Matte.Pix {
		out.Pix[4*i+3] = v
	}
	return out
}
