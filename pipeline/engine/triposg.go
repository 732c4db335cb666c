package engine

import (
	"context"
	"errors"
	"fmt"

	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/engine/triposg"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/picture"
)

var tripoSG = tripoSGOf(kept("triposg"))

// tripoSGOf is the engine with the network in the folder that find names.
func tripoSGOf(find func() (string, error)) Engine {
	return Engine{
		Name:  "triposg",
		Title: "TripoSG",
		About: "A network that imagines the whole object in detail, without colours, from one picture. Needs weights of 7.9 GB and a GPU or much patience: without one it takes a quarter of an hour to hours.",
		Settings: []Setting{
			number("steps", "Steps", "in how many the shape comes out of the noise; more take longer and make it truer", "", 50, 5, 100, 1),
			number("guidance", "Guidance", "how strictly the picture is followed; up to 1 it is loosely, in half the time", "", 7, 0, 20, 0.5),
			number("resolution", "Resolution", "samples along each side of the space the object is in", "", 512, 64, 512, 32),
			number("latents", "Latents", "in how many pieces the network thinks of the shape; fewer are quicker and coarser", "", 2048, 512, 4096, 256),
			number("seed", "Seed", "the number of the noise it begins with; another makes another shape of the same picture", "", 42, 0, 9999, 1),
		},
		Presets: []Preset{
			{"fast", "Fast, a draft", Options{"steps": 20.0, "latents": 1024.0, "resolution": 256.0}},
			{"balanced", "Balanced", Options{"steps": 30.0, "resolution": 384.0}},
			{"fine", "Fine, as its authors have it", Options{"steps": 50.0, "resolution": 512.0}},
		},
		Ready: runnable(find),
		need:  needOfTripoSG(find),
		less:  func(o Options) []Options { return lower(o, "latents", 2048, 1024, 512) },
		build: func(ctx context.Context, in Input) (*mesh.Mesh, error) {
			folder, err := find()
			if err != nil {
				return nil, err
			}
			network, err := triposg.Open(folder)
			if err != nil {
				return nil, err
			}
			return in.latent(ctx, func(on latent.Device) (*mesh.Mesh, error) { return denoise(ctx, in, network.On(on)) })
		},
	}
}

// denoiseShare is the share of the time until the surface is looked for, with the settings of the authors.
const denoiseShare = 0.85

func denoise(ctx context.Context, in Input, n *triposg.Network) (*mesh.Mesh, error) {
	latents, err := n.Imagine(ctx, cutOut(in.Subject), triposg.Settings{
		Steps:    int(in.number("steps")),
		Guidance: in.number("guidance"),
		Seed:     uint64(in.number("seed")),
		Latents:  int(in.number("latents")),
	}, func(text string, f float64) { in.Step(text, denoiseShare*f) })
	if err != nil {
		return nil, err
	}
	in.Step("reading what came out", denoiseShare)
	field, err := n.Field(ctx, latents)
	if err != nil {
		return nil, err
	}
	defer field.Close()
	return latentSurface(ctx, in, field, int(in.number("resolution")), latent.Chunk)
}

// latent runs a network of latents as [Input.network] does. Where it sees nothing there is no subject.
func (in Input) latent(ctx context.Context, shape func(latent.Device) (*mesh.Mesh, error)) (*mesh.Mesh, error) {
	m, err := in.network(ctx, func(run onnx.Options, compute onnx.DType) (*mesh.Mesh, error) {
		return shape(latent.Device{Run: run, Compute: compute, Note: in.Note})
	})
	if errors.Is(err, latent.ErrNothing) {
		err = fmt.Errorf("%w: %w", picture.ErrNoSubject, err)
	}
	return m, err
}

// latentSurface is the surface of a field in the frame of models. Progress only goes on, also where it begins anew.
func latentSurface(ctx context.Context, in Input, field *latent.Field, samples, chunk int) (*mesh.Mesh, error) {
	most := 0.0
	m, err := field.Fit(ctx, samples, chunk, func(text string, f float64) {
		most = max(most, f)
		in.Step(text, denoiseShare+(1-denoiseShare)*most)
	})
	if err != nil {
		return nil, err
	}
	return toModel(m), nil
}
