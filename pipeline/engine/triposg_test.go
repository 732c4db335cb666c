package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// tinyFolder is the published layout of a small network of random numbers that lies in the reference.
func tinyFolder(t *testing.T) string {
	t.Helper()
	return golden.Reference(t, "triposg", "golden", "e2e_a", "model")
}

// tinySG is the engine with that network.
func tinySG(t *testing.T) Engine {
	t.Helper()
	folder := tinyFolder(t)
	e := tripoSGOf(func() (string, error) { return folder, nil })
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	// Numbers that suit it.
	for i, s := range e.Settings {
		if v, ok := map[string]float64{"resolution": 32, "latents": 32, "steps": 3}[s.Name]; ok {
			e.Settings[i].Default = v
		}
	}
	return e
}

// TestTripoSG holds the engine to the rules of all, with a network small enough for it.
func TestTripoSG(t *testing.T) {
	e := tinySG(t)
	survivesHostileSubjects(t, e)
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
	if all := strings.Join(texts, "\n"); !strings.Contains(all, "denoising 2/3") {
		t.Errorf("progress says\n%s", all)
	}
	for name, value := range map[string]float64{"seed": 43, "steps": 4, "guidance": 1, "latents": 33} {
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
}

// TestTripoSGRefuses files that are missing, of another network, or of other sizes than the settings beside them say.
func TestTripoSGRefuses(t *testing.T) {
	if _, err := onnx.Library(); err != nil {
		t.Skip(err)
	}
	from := tinyFolder(t)
	swap := func(file, old, new string) func(string) error {
		return func(folder string) error {
			path := filepath.Join(folder, file)
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, []byte(strings.Replace(string(data), old, new, 1)), 0o600)
		}
	}
	noNumbers := func(file string) func(string) error {
		return func(folder string) error {
			path := filepath.Join(folder, file)
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			body := data[8+binary.LittleEndian.Uint64(data):]
			for i := range body {
				body[i] = 0xff
			}
			return os.WriteFile(path, data, 0o600)
		}
	}
	tests := map[string]struct {
		spoil func(folder string) error
		want  error
		says  string
	}{
		"no decoder": {func(f string) error { return os.Remove(filepath.Join(f, "vae/diffusion_pytorch_model.safetensors")) }, os.ErrNotExist, "vae"},
		"another file": {func(f string) error {
			return copied(f+"/vae/diffusion_pytorch_model.safetensors", f+"/transformer/diffusion_pytorch_model.safetensors")
		}, weights.ErrMissing, "time_proj.linear_1.weight"},
		"more layers":    {swap("transformer/config.json", `"num_layers": 5`, `"num_layers": 6`), weights.ErrMissing, "blocks.5.norm1.weight"},
		"another width":  {swap("vae/config.json", `"width_decoder": 48`, `"width_decoder": 64`), weights.ErrShape, "post_quant.weight"},
		"no heads":       {swap("transformer/config.json", `"num_attention_heads": 4`, `"num_attention_heads": 0`), weights.ErrOther, "transformer"},
		"scribble":       {swap("transformer/config.json", `{`, `{"use_cross_attention_2": true,`), weights.ErrOther, "scribble"},
		"other latents":  {swap("vae/config.json", `"latent_channels": 16`, `"latent_channels": 8`), weights.ErrOther, "latents of 16 channels"},
		"no settings":    {swap("vae/config.json", `{`, ``), weights.ErrCorrupt, "vae"},
		"spoilt encoder": {noNumbers("image_encoder_dinov2/model.safetensors"), weights.ErrCorrupt, "image_encoder_dinov2"},
		"spoilt flow":    {noNumbers("transformer/diffusion_pytorch_model.safetensors"), weights.ErrCorrupt, "transformer"},
		"spoilt decoder": {noNumbers("vae/diffusion_pytorch_model.safetensors"), weights.ErrCorrupt, "vae"},
		"another scheme": {swap("scheduler/scheduler_config.json", `"use_dynamic_shifting": false`, `"use_dynamic_shifting": true`), weights.ErrOther, "scheduler"},
	}
	for name, tt := range tests {
		folder := t.TempDir()
		if err := os.CopyFS(folder, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		if err := tt.spoil(folder); err != nil {
			t.Fatal(err)
		}
		e := tripoSGOf(func() (string, error) { return folder, nil })
		_, err := e.Build(context.Background(), Input{Subject: painted(30, 30, disc), SizeMM: 80, Options: Options{"steps": 5.0, "latents": 512.0, "resolution": 64.0}, Step: func(string, float64) {}})
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func copied(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}
