package engine

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"orfeas/gpu"
	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// tree is a part of a config.yaml.
type tree = map[string]any

// hunyuanFolder is the published layout of a small network of random numbers that lies in the reference. Its settings,
// which spoil may change, are JSON, which is YAML too.
func hunyuanFolder(t *testing.T, name string, spoil func(config tree)) string {
	t.Helper()
	c := golden.Open(t, golden.Reference(t, "hunyuan3d", "golden", name))
	var flat tree
	c.Config(t, &flat)
	config := tree{
		"model": tree{"params": flat["model"]}, "vae": tree{"params": flat["vae"]}, "conditioner": tree{"params": flat["conditioner"]},
		"image_processor": tree{"params": flat["image_processor"]},
		"scheduler":       tree{"target": "x." + flat["scheduler"].(string), "params": tree{"num_train_timesteps": 1000, "pcm_timesteps": 100}},
	}
	if spoil != nil {
		spoil(config)
	}
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "hunyuan3d-dit-v2-tiny")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "config.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := copied(c.Weights.Path, filepath.Join(folder, "model.fp16.safetensors")); err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(folder)
}

// tinyHunyuan is an engine with such a network, and numbers that suit it.
func tinyHunyuan(t *testing.T, v hunyuanVariant, name string, change func(config tree)) Engine {
	t.Helper()
	folder := hunyuanFolder(t, name, change)
	v.name, v.title = "tiny", "Tiny"
	e := hunyuanOf(v, func() (string, error) { return folder, nil })
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	for i, s := range e.Settings {
		if s.Name == "resolution" {
			e.Settings[i].Default = 24.0
		}
	}
	return e
}

// TestHunyuan3D holds the engines to the rules of all, with networks small enough for it.
func TestHunyuan3D(t *testing.T) {
	for _, tt := range []struct {
		name    string
		variant hunyuanVariant
		last    string
	}{
		{"e2e_mini_turbo", hunyuanVariant{steps: 4, turbo: true}, "denoising 4/4"},
		{"e2e_21_moe", hunyuanVariant{steps: 3}, "denoising 2/2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := tinyHunyuan(t, tt.variant, tt.name, nil)
			if tt.variant.turbo { // what differs in the other does not see the picture
				survivesHostileSubjects(t, e)
			}
			repeatsAndStops(t, e)

			var texts []string
			last := 0.0
			in := Input{Subject: painted(300, 300, annulus), SizeMM: 80, Faces: 30_000, Step: func(text string, f float64) { texts, last = append(texts, text), f }}
			m, err := e.Build(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			lo, hi := m.Bounds()
			if long := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2]); math.Abs(float64(long)-2) > 1e-5 || m.Volume() <= 0 || last != 1 {
				t.Errorf("longest side %g, volume %g, progress ends at %g", long, m.Volume(), last)
			}
			if all := strings.Join(texts, "\n"); !strings.Contains(all, tt.last) || !strings.Contains(all, "25³ samples") {
				t.Errorf("progress says\n%s", all)
			}
			for name, value := range map[string]float64{"seed": 43, "steps": 6, "guidance": 4, "resolution": 25} {
				for i, s := range e.Settings {
					if s.Name == name {
						e.Settings[i].Default = value
						other, err := e.Build(context.Background(), in)
						if err != nil || reflect.DeepEqual(m, other) {
							t.Errorf("with %s %g the mesh is the same (%v)", name, value, err)
						}
						e.Settings[i].Default = s.Default
					}
				}
			}
			in.Options = Options{"chunk": 1024.0}
			if other, err := e.Build(context.Background(), in); err != nil || !reflect.DeepEqual(m, other) {
				t.Errorf("in smaller pieces the mesh is another (%v)", err)
			}
			in.Options = Options{"attention": nearAttention.Name}
			near, err := e.Build(context.Background(), in)
			if err != nil || reflect.DeepEqual(m, near) {
				t.Errorf("with the latents that matter most the mesh is the same (%v)", err)
			}
			in.Options["chunk"] = 1024.0
			if other, err := e.Build(context.Background(), in); err != nil || !reflect.DeepEqual(near, other) {
				t.Errorf("with those in smaller pieces the mesh is another (%v)", err)
			}
		})
	}
}

// TestHunyuan3DViews: pictures of other sides make another shape, in whatever order they come; with the front alone it is that
// of the network with the front alone; and each side is told from the others.
func TestHunyuan3DViews(t *testing.T) {
	engine := func(encoder string, views int, v hunyuanVariant) Engine {
		v.steps, v.turbo = 3, true
		return tinyHunyuan(t, v, "e2e_mini_turbo", func(config tree) {
			main := under(config, "conditioner", "params", "main_image_encoder")
			main["type"] = encoder
			under(main, "kwargs")["view_num"] = views
		})
	}
	left, back, right := painted(200, 300, disc), painted(300, 300, annulus), painted(150, 300, disc)
	build := func(e Engine, views ...picture.View) (*mesh.Mesh, error) {
		return e.Build(t.Context(), Input{Subject: painted(300, 300, annulus), Views: views, SizeMM: 80, Faces: 30_000, Step: func(string, float64) {}})
	}
	several := engine("DinoImageEncoderMV", 4, hunyuanVariant{views: true})
	all := []picture.View{{Side: picture.Left, Subject: left}, {Side: picture.Back, Subject: back}, {Side: picture.Right, Subject: right}}
	made := map[string]*mesh.Mesh{}
	for name, views := range map[string][]picture.View{
		"front": nil, "left": all[:1], "back": all[1:2], "the left's as the right": {{Side: picture.Right, Subject: left}}, "two": all[:2], "all": all,
	} {
		m, err := build(several, views...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for other, o := range made {
			if reflect.DeepEqual(m, o) {
				t.Errorf("%s and %s are the same", name, other)
			}
		}
		made[name] = m
	}
	if m, err := build(several, all[2], all[0], all[1]); err != nil || !reflect.DeepEqual(m, made["all"]) {
		t.Errorf("in another order it is another (%v)", err)
	}
	one := engine("DinoImageEncoder", 0, hunyuanVariant{})
	front, err := build(one)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := build(one, all...); err != nil || !reflect.DeepEqual(m, front) {
		t.Errorf("an engine of one view looks at others (%v)", err)
	}
	if _, err := build(engine("DinoImageEncoder", 0, hunyuanVariant{views: true}), all...); err == nil || !strings.Contains(err.Error(), "does not look at the left") {
		t.Errorf("a network of one view: %v", err)
	}
	if _, err := build(engine("DinoImageEncoderMV", 2, hunyuanVariant{views: true}), all...); err == nil || !strings.Contains(err.Error(), "does not look at the back") {
		t.Errorf("a network of two views: %v", err)
	}
	side := func(e Engine, views int) int {
		rungs, err := e.Ladder(nil, views, onnx.Choice{Provider: onnx.CPU, Compute: onnx.F32})
		if err != nil || len(rungs) != 1 {
			t.Fatalf("%+v, %v", rungs, err)
		}
		return rungs[0].Need.Resolution
	}
	if a, b, c := side(several, 0), side(several, 1), side(several, 3); a != side(one, 0) || b <= a || c <= b || side(one, 3) != a {
		t.Errorf("with none, one and three of the other sides it asks for %d, %d and %d", a, b, c)
	}
	hidden := painted(50, 50, func(x, y float64) bool { return false })
	if _, err := build(several, picture.View{Side: picture.Back, Subject: hidden}); !errors.Is(err, latent.ErrNothing) || !strings.Contains(err.Error(), "the back") {
		t.Errorf("nothing at the back: %v", err)
	}
}

// TestHunyuan3DDecoders: the decoder in the network's own file and that of a folder beside it are both found, by their kind.
func TestHunyuan3DDecoders(t *testing.T) {
	folder := hunyuanFolder(t, "e2e_21_moe", nil)
	vae := golden.Open(t, golden.Reference(t, "hunyuan3d", "golden", "vae_turbo_tiny"))
	var params tree
	vae.Config(t, &params)
	write := func(params tree) {
		text, err := json.Marshal(tree{"target": "x.ShapeVAE", "params": params})
		if err != nil {
			t.Fatal(err)
		}
		beside := filepath.Join(folder, "hunyuan3d-vae-v2-tiny-turbo")
		if err := os.MkdirAll(beside, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.WriteFile(filepath.Join(beside, "config.yaml"), text, 0o600), copied(vae.Weights.Path, filepath.Join(beside, "model.fp16.safetensors"))); err != nil {
			t.Fatal(err)
		}
	}
	write(params)
	e := hunyuanOf(hunyuanVariant{steps: 5, turbo: true}, func() (string, error) { return folder, nil })
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	e.Settings[2].Default = 24.0
	shape := func(decoder string) (*mesh.Mesh, error) {
		return e.Build(context.Background(), Input{Subject: painted(60, 60, disc), SizeMM: 80, Options: Options{"decoder": decoder, "steps": 2.0}, Step: func(string, float64) {}})
	}
	rungs, err := e.Ladder(nil, 0, onnx.Choice{Provider: onnx.CUDA, Compute: onnx.F16})
	if err != nil || len(rungs) != 2 || rungs[0].Need.Weights == 0 || rungs[1].Need.Weights != 2*rungs[0].Need.Weights || rungs[1].Says == "" {
		t.Errorf("the ladder is %+v (%v)", rungs, err)
	}
	for _, steps := range []float64{2, 50} {
		usual, err1 := e.Ladder(Options{"steps": steps}, 0, onnx.Choice{Provider: onnx.CPU, Compute: onnx.F32})
		many, err2 := e.Ladder(Options{"steps": steps, "chunk": 131072.0}, 0, onnx.Choice{Provider: onnx.CPU, Compute: onnx.F32})
		if err1 != nil || err2 != nil || len(usual) != 1 || len(many) != 2 || many[1].Need != usual[0].Need {
			t.Fatalf("%+v and %+v (%v, %v)", usual, many, err1, err2)
		}
		const want = 3 * 16 << 10 * (131072 - latent.Chunk)
		if more := float64(gpu.Formula(many[0].Need) - gpu.Formula(usual[0].Need)); math.Abs(more/want-1) > 0.02 {
			t.Errorf("%g steps: 131072 points at a time take %.2f GB more, want %.2f", steps, more/(1<<30), want/float64(1<<30))
		}
	}
	standard, err1 := shape("standard")
	turbo, err2 := shape("turbo")
	if err1 != nil || err2 != nil || reflect.DeepEqual(standard, turbo) {
		t.Errorf("one decoder is taken for the other (%v, %v)", err1, err2)
	}
	params["geo_decoder_downsample_ratio"] = 4
	write(params)
	if _, err := shape("turbo"); !errors.Is(err, weights.ErrShape) || !strings.Contains(err.Error(), "geo_decoder_downsample_ratio is 4 in config.yaml, and 2 in") {
		t.Error(err)
	}
	if _, err := shape("standard"); err != nil {
		t.Errorf("with the other decoder: %v", err)
	}
}

// under returns a part of settings that may be changed.
func under(config tree, path ...string) tree {
	for _, name := range path {
		config = config[name].(tree)
	}
	return config
}

// TestHunyuan3DRefuses what is missing, of another network, or of other sizes than the settings beside it say.
func TestHunyuan3DRefuses(t *testing.T) {
	if _, err := onnx.Library(); err != nil {
		t.Skip(err)
	}
	const mini, moe = "e2e_mini_turbo", "e2e_21_moe"
	set := func(value any, path ...string) func(tree) {
		return func(c tree) { under(c, path[:len(path)-1]...)[path[len(path)-1]] = value }
	}
	file := func(folder string) string {
		return filepath.Join(folder, "hunyuan3d-dit-v2-tiny", "model.fp16.safetensors")
	}
	from := func(name string) func(string) error {
		return func(folder string) error {
			return copied(golden.Reference(t, "hunyuan3d", "golden", name, "weights.safetensors"), file(folder))
		}
	}
	// renamed gives the tensors whose names begin with a text another name of the same length.
	renamed := func(old, new string) func(string) error {
		return func(folder string) error {
			data, err := os.ReadFile(file(folder))
			if err != nil {
				return err
			}
			return os.WriteFile(file(folder), []byte(strings.ReplaceAll(string(data), `"`+old, `"`+new)), 0o600)
		}
	}
	noNumbers := func(prefix string) func(string) error {
		return func(folder string) error {
			c, err := weights.Open(file(folder))
			if err != nil {
				return err
			}
			data, err := os.ReadFile(file(folder))
			if err != nil {
				return err
			}
			for name, tensor := range c.Tensors {
				if strings.HasPrefix(name, prefix) {
					for i := range tensor.Length {
						data[tensor.Offset+i] = 0xff
					}
				}
			}
			return os.WriteFile(file(folder), data, 0o600)
		}
	}
	none := func(string) error { return nil }
	tests := map[string]struct {
		network string
		config  func(tree)
		spoil   func(folder string) error
		want    error
		says    string
	}{
		"no weights":              {mini, nil, func(f string) error { return os.Remove(file(f)) }, weights.ErrAbsent, "model.fp16.safetensors"},
		"no settings":             {mini, nil, func(f string) error { return os.Remove(filepath.Join(filepath.Dir(file(f)), "config.yaml")) }, weights.ErrAbsent, "config.yaml"},
		"no folder":               {mini, nil, func(f string) error { return os.RemoveAll(filepath.Dir(file(f))) }, weights.ErrAbsent, "hunyuan3d-dit-*"},
		"no decoder":              {mini, nil, renamed("vae.", "vea."), weights.ErrAbsent, "there is no turbo decoder"},
		"another decoder":         {moe, nil, renamed("vae.geo_decoder.ln_post", "vae.geo_decoder.nl_post"), weights.ErrAbsent, "there is no standard decoder"},
		"the other transformer":   {mini, nil, from(moe), weights.ErrShape, "depth is 2 in config.yaml, and 5 in"},
		"another file":            {mini, nil, from("vae_tiny"), weights.ErrMissing, "no transformer of Hunyuan3D"},
		"a distilled one":         {mini, set(false, "model", "params", "guidance_embed"), none, weights.ErrShape, "guidance_embed is false in config.yaml, and true in"},
		"another width":           {mini, set(128, "model", "params", "hidden_size"), none, weights.ErrShape, "hidden_size is 128 in config.yaml, and 64 in"},
		"other experts":           {moe, set(8, "model", "params", "num_experts"), none, weights.ErrShape, "num_experts is 8 in config.yaml, and 4 in"},
		"too many of them":        {moe, set(9, "model", "params", "moe_top_k"), none, weights.ErrOther, "9 of 4 experts"},
		"another decoder's width": {mini, set(32, "vae", "params", "width"), none, weights.ErrShape, "width is 32 in config.yaml, and 64 in"},
		"more layers of DINOv2": {mini, func(c tree) {
			under(c, "conditioner", "params", "main_image_encoder", "kwargs", "config")["num_hidden_layers"] = 3
		}, none, weights.ErrMissing, "encoder.layer.2.norm1.weight"},
		"a block too few":    {mini, func(c tree) { delete(under(c, "model", "params"), "depth") }, renamed("model.double_blocks.1.img_mlp.0", "model.double_blocks.9.img_mlp.0"), weights.ErrMissing, "double_blocks.1.img_mlp.0.weight"},
		"another encoder":    {mini, set("CLIPImageEncoder", "conditioner", "params", "main_image_encoder", "type"), none, weights.ErrOther, "CLIPImageEncoder"},
		"too many views":     {mini, set(5, "conditioner", "params", "main_image_encoder", "kwargs", "view_num"), none, weights.ErrOther, "5 views"},
		"another scheme":     {mini, set("x.DDIMScheduler", "scheduler", "target"), none, weights.ErrOther, "DDIMScheduler"},
		"no scale":           {mini, set(0, "vae", "params", "scale_factor"), none, weights.ErrOther, "scale_factor"},
		"endless latents":    {mini, set(1e9, "vae", "params", "num_latents"), none, weights.ErrOther, "latents"},
		"a huge picture":     {mini, set(1<<20, "image_processor", "params", "size"), none, weights.ErrOther, "image_processor"},
		"words for numbers":  {mini, set("many", "vae", "params", "num_latents"), none, weights.ErrCorrupt, "config.yaml"},
		"spoilt encoder":     {mini, nil, noNumbers("conditioner."), weights.ErrCorrupt, "image encoder"},
		"spoilt transformer": {mini, nil, noNumbers("model."), weights.ErrCorrupt, "transformer"},
		"spoilt latents":     {mini, nil, noNumbers("vae.transformer."), weights.ErrCorrupt, "decoder"},
		"spoilt points":      {mini, nil, noNumbers("vae.geo_decoder.output_proj"), weights.ErrCorrupt, "decoder"},
		"spoilt experts":     {moe, nil, noNumbers("model.blocks.4.moe."), weights.ErrCorrupt, "transformer"},
	}
	for name, tt := range tests {
		folder := hunyuanFolder(t, tt.network, tt.config)
		if err := tt.spoil(folder); err != nil {
			t.Fatal(err)
		}
		e := hunyuanOf(hunyuanVariant{steps: 5, turbo: tt.network == mini}, func() (string, error) { return folder, nil })
		_, err := e.Build(context.Background(), Input{Subject: painted(30, 30, disc), SizeMM: 80, Options: Options{"resolution": 64.0}, Step: func(string, float64) {}})
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && !strings.Contains(err.Error(), folder) {
			t.Errorf("%s: it does not say which file: %v", name, err)
		}
	}
}
