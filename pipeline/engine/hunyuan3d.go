package engine

import (
	"context"
	"fmt"

	"orfeas/pipeline/engine/hunyuan"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// The engines of the family Hunyuan3D.
var (
	hunyuanMiniTurbo = hunyuanOf(hunyuanVariant{
		name: "hunyuan3d-2mini-turbo", title: "Hunyuan3D 2mini turbo", size: "4.2 GB", steps: 5, turbo: true,
		about: "the quickest network of its family, in five steps",
	}, kept("hunyuan3d-2mini-turbo"))
	hunyuanMini = hunyuanOf(hunyuanVariant{
		name: "hunyuan3d-2mini", title: "Hunyuan3D 2mini", size: "3.8 GB", steps: 50,
		about: "the small network of its family",
	}, kept("hunyuan3d-2mini"))
	hunyuanTurbo = hunyuanOf(hunyuanVariant{
		name: "hunyuan3d-2-turbo", title: "Hunyuan3D 2.0 turbo", size: "5.3 GB", steps: 5, turbo: true,
		about: "a large network in five steps",
	}, kept("hunyuan3d-2-turbo"))
	hunyuanFull = hunyuanOf(hunyuanVariant{
		name: "hunyuan3d-2", title: "Hunyuan3D 2.0", size: "4.9 GB", steps: 50,
		about: "a large network",
	}, kept("hunyuan3d-2"))
	hunyuanViewsTurbo = hunyuanOf(hunyuanVariant{
		name: "hunyuan3d-2mv-turbo", title: "Hunyuan3D 2mv turbo", size: "5.3 GB", steps: 5, turbo: true, views: true,
		about: "a large network in five steps",
	}, kept("hunyuan3d-2mv-turbo"))
	hunyuanViews = hunyuanOf(hunyuanVariant{
		name: "hunyuan3d-2mv", title: "Hunyuan3D 2mv", size: "4.9 GB", steps: 50, views: true,
		about: "a large network",
	}, kept("hunyuan3d-2mv"))
	hunyuan21 = hunyuanOf(hunyuanVariant{
		name: "hunyuan3d-2.1", title: "Hunyuan3D 2.1", size: "7.4 GB", steps: 50,
		about: "the largest network here, for the finest detail",
	}, kept("hunyuan3d-2.1"))
)

// hunyuanVariant is what tells the networks of the family apart to a user. Everything else is read from their files.
type hunyuanVariant struct {
	name, title, about, size string
	steps                    float64 // its authors take
	turbo                    bool    // it has few steps, and a turbo decoder beside the standard one
	views                    bool    // it looks at other sides than the front too
}

// kept finds the folder of a network in the user's library.
func kept(network string) func() (string, error) {
	return func() (string, error) { return weights.Kept(network, ".") }
}

// The choices of a decoder.
var (
	turboDecoder    = Choice{string(hunyuan.Turbo), "Turbo, several times as fast"}
	standardDecoder = Choice{string(hunyuan.Standard), "Standard"}
)

// The choices of what points are compared with.
var (
	fullAttention = Choice{"all", "All of them, exact"}
	nearAttention = Choice{"near", "Those that matter most there, sooner and a little off"}
)

// hunyuanOf is the engine with the network in the folder that find names.
func hunyuanOf(v hunyuanVariant, find func() (string, error)) Engine {
	e := Engine{
		Name:  v.name,
		Title: v.title,
		About: fmt.Sprintf("Imagines the whole object in detail, without colours, from one picture: %s. Needs weights of %s, whose licence leaves out the EU, the UK and South Korea, and a GPU or much patience.", v.about, v.size),
		Settings: []Setting{
			number("steps", "Steps", "in how many the shape comes out of the noise; more take longer and make it truer", "", v.steps, 2, 100, 1),
			number("guidance", "Guidance", "how strictly the picture is followed", "", 5, 1, 20, 0.5),
			number("resolution", "Resolution", "cells along each side of the space the object is in", "", 384, 64, 512, 32),
			number("chunk", "Chunk", "points the decoder is asked about at a time; fewer take less memory", "", latent.Chunk, latent.LeastChunk, 131072, 1024),
			choice("attention", "Attention", "which parts of the shape a point is compared with", fullAttention, nearAttention),
			number("seed", "Seed", "the number of the noise it begins with; another makes another shape of the same picture", "", 42, 0, 9999, 1),
		},
		Presets: []Preset{
			{"fast", "Fast, a draft", Options{"steps": 20.0, "resolution": 192.0}},
			{"balanced", "Balanced", Options{"steps": 30.0, "resolution": 256.0}},
			{"fine", "Fine, as its authors have it", Options{"steps": 50.0, "resolution": 384.0}},
		},
		Views: v.views,
		Ready: runnable(find),
		need:  needOfHunyuan(v, find),
		less:  func(o Options) []Options { return lower(o, "chunk", latent.Chunk) },
	}
	if v.views {
		e.About = fmt.Sprintf("Imagines the whole object in detail, without colours, from a picture of its front and those there are of its left, back and right: %s. Needs weights of %s, whose licence leaves out the EU, the UK and South Korea, and a GPU or much patience.", v.about, v.size)
	}
	if v.turbo {
		e.Settings = append(e.Settings, choice("decoder", "Decoder", "the part that says whether a point is inside", turboDecoder, standardDecoder))
		e.Presets = []Preset{
			{"fast", "Fast, a draft", Options{"steps": 5.0, "resolution": 192.0}},
			{"balanced", "Balanced", Options{"steps": 5.0, "resolution": 256.0}},
			{"fine", "Fine, more than its authors take", Options{"steps": 8.0, "resolution": 384.0, "decoder": standardDecoder.Name}},
		}
	}
	e.build = func(ctx context.Context, in Input) (*mesh.Mesh, error) {
		kind := hunyuan.Standard
		if v.turbo {
			kind = hunyuan.Kind(in.choice("decoder"))
		}
		folder, err := find()
		if err != nil {
			return nil, err
		}
		network, err := hunyuan.Open(folder, kind)
		if err != nil {
			return nil, err
		}
		return in.latent(ctx, func(on latent.Device) (*mesh.Mesh, error) {
			return hunyuanShape(ctx, in, v.pictures(in), network.On(on))
		})
	}
	return e
}

// pictures are those of the input that the network looks at.
func (v hunyuanVariant) pictures(in Input) hunyuan.Pictures {
	out := hunyuan.Pictures{hunyuan.Front: cutOut(in.Subject)}
	if v.views {
		at := map[picture.Side]int{picture.Left: hunyuan.Left, picture.Back: hunyuan.Back, picture.Right: hunyuan.Right}
		for _, view := range in.Views {
			out[at[view.Side]] = cutOut(view.Subject)
		}
	}
	return out
}

func hunyuanShape(ctx context.Context, in Input, pictures hunyuan.Pictures, n *hunyuan.Network) (*mesh.Mesh, error) {
	latents, err := n.Imagine(ctx, pictures, hunyuan.Settings{
		Steps:    int(in.number("steps")),
		Guidance: in.number("guidance"),
		Seed:     uint64(in.number("seed")),
	}, func(text string, f float64) { in.Step(text, denoiseShare*f) })
	if err != nil {
		return nil, err
	}
	in.Step("reading what came out", denoiseShare)
	field, err := n.Field(ctx, latents, in.choice("attention") == nearAttention.Name)
	if err != nil {
		return nil, err
	}
	defer field.Close()
	return latentSurface(ctx, in, field, int(in.number("resolution"))+1, int(in.number("chunk")))
}
