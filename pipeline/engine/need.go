package engine

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"orfeas/gpu"
	"orfeas/pipeline/engine/hunyuan"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// Rung is a way to build with a network: with which settings, on what, and what it asks for there.
type Rung struct {
	Options Options // complete
	On      onnx.Choice
	Need    gpu.Need
	Says    string // what is other than asked for, empty when nothing is
}

// Networked reports whether the engine says what its network asks of a device.
func (e Engine) Networked() bool { return e.need != nil }

// Ladder lists the ways to build with so many pictures of other sides, from what was asked for on the best device down to the
// least on the processor. It is nil for an engine without a network.
func (e Engine) Ladder(o Options, views int, best onnx.Choice) ([]Rung, error) {
	o, err := e.Complete(o)
	if err != nil || e.need == nil {
		return nil, err
	}
	places := []onnx.Choice{best}
	if best.Provider != onnx.CPU {
		places = append(places, onnx.Choice{Provider: onnx.CPU, Compute: onnx.F32})
	}
	ways := []Options{o}
	if e.less != nil {
		ways = append(ways, e.less(o)...)
	}
	var rungs []Rung
	for i, on := range places {
		for _, way := range ways {
			need, err := e.need(way, views, on.Compute)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name, err)
			}
			need.InTurn = true // see [Input.Member]
			r := Rung{way, on, need, e.changed(o, way)}
			if i > 0 && r.Says != "" {
				r.Says = "on the processor, which is slower, with " + r.Says
			} else if i > 0 {
				r.Says = "on the processor, which is slower"
			} else if r.Says != "" {
				r.Says = "with " + r.Says
			}
			rungs = append(rungs, r)
		}
	}
	return rungs, nil
}

// changed says which settings are other than asked for.
func (e Engine) changed(asked, now Options) string {
	said := ""
	for _, s := range e.Settings {
		if asked[s.Name] != now[s.Name] {
			if said != "" {
				said += " and "
			}
			said += fmt.Sprintf("%v %s instead of %v", now[s.Name], s.Name, asked[s.Name])
		}
	}
	return said
}

// lower lists o again and again with one number of it lowered to each of values that is below what it is.
func lower(o Options, name string, values ...float64) (out []Options) {
	for _, v := range values {
		if v < o[name].(float64) {
			less := Options{}
			for k, x := range o {
				less[k] = x
			}
			less[name] = v
			out = append(out, less)
		}
	}
	return out
}

// held is how many bytes the numbers of a checkpoint take to compute with.
func held(c *weights.Checkpoint, compute onnx.DType) uint64 {
	var n int64
	for _, t := range c.Tensors {
		n += t.Count()
	}
	if compute == onnx.F16 {
		return 2 * uint64(n)
	}
	return 4 * uint64(n)
}

func precision(compute onnx.DType) string {
	if compute == onnx.F16 {
		return "fp16"
	}
	return "fp32"
}

// needOfTripoSR goes by the grid; its samples are decoded in pieces of one size.
func needOfTripoSR(find func() (string, error)) func(Options, int, onnx.DType) (gpu.Need, error) {
	return func(o Options, _ int, compute onnx.DType) (gpu.Need, error) {
		path, err := find()
		if err != nil {
			return gpu.Need{}, err
		}
		c, err := weights.Open(path)
		if err != nil {
			return gpu.Need{}, err
		}
		return gpu.Need{Engine: "triposr", Resolution: int(o["resolution"].(float64)), Precision: precision(compute), Weights: held(c, compute)}, nil
	}
}

// needOfTripoSG goes by the latents, which are what is in memory for every block; 2048 of them count as a picture of 512².
// Of its three parts, which are in memory one after the other, the transformer is the largest.
func needOfTripoSG(find func() (string, error)) func(Options, int, onnx.DType) (gpu.Need, error) {
	return func(o Options, _ int, compute onnx.DType) (gpu.Need, error) {
		folder, err := find()
		if err != nil {
			return gpu.Need{}, err
		}
		c, err := weights.Open(filepath.Join(folder, "transformer", "diffusion_pytorch_model.safetensors"))
		if err != nil {
			return gpu.Need{}, err
		}
		side := int(math.Round(gpu.BaseResolution * math.Sqrt(o["latents"].(float64)/2048)))
		return gpu.Need{Engine: "triposg", Resolution: side, Steps: int(o["steps"].(float64)), Precision: precision(compute), Weights: held(c, compute)}, nil
	}
}

// needOfHunyuan is the same for all settings but the decoder's points: how many latents and tokens there are is the network's own.
// Of its parts the transformer is the largest that is in memory. One of several views has its 3072 latents there, and 1370 tokens
// of each picture: with pictures of all sides nearly twice as many as with the front alone. More points at a time than usual count
// as more of a picture.
func needOfHunyuan(v hunyuanVariant, find func() (string, error)) func(Options, int, onnx.DType) (gpu.Need, error) {
	return func(o Options, views int, compute onnx.DType) (gpu.Need, error) {
		folder, err := find()
		if err != nil {
			return gpu.Need{}, err
		}
		c, err := hunyuan.Transformer(folder)
		if err != nil {
			return gpu.Need{}, err
		}
		more, steps := 1.0, int(o["steps"].(float64))
		if v.views {
			const latents, tokens = 3072, 1370
			more = float64(latents+(1+views)*tokens) / (latents + tokens)
		}
		const perPoint = 3 * 8 << 10 // bytes in half precision: three layers as wide as the widest are there together, see [latent.Chunk]
		more += perPoint * max(0, o["chunk"].(float64)-latent.Chunk) / (gpu.BasePicture * gpu.StepFactor(steps))
		side := int(math.Round(gpu.BaseResolution * math.Sqrt(more)))
		return gpu.Need{Engine: v.name, Resolution: side, Steps: steps, Precision: precision(compute), Weights: held(c, compute)}, nil
	}
}

// network runs a network where the input says, or else on the best there is, and on the CPU when that has too little
// memory or fails.
func (in Input) network(ctx context.Context, run func(onnx.Options, onnx.DType) (*mesh.Mesh, error)) (*mesh.Mesh, error) {
	if in.On != nil {
		o := onnx.Options{Provider: in.On.Provider, Memory: in.On.Memory, Shelf: in.Shelf, Member: in.Member, Opening: in.Opening, StandIn: in.On.StandIn}
		return run(o, in.On.Compute)
	}
	best, err := onnx.Best(ctx)
	if err != nil {
		return nil, err
	}
	return stepDown(best, in.Step, run)
}
