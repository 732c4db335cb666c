package hunyuan

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/weights"
)

// published are the networks as they are known to be: the settings, the shapes of their parts, and what follows.
var published = []struct {
	name, model, vision, vae string
	latents, side            int
	flow                     flow
	steps                    int // of 50
}{
	{"2mini-turbo", "dit_2mini_turbo/fast (guidance)", "dinov2_giant", "vae_turbo (with encoder)", 512, 1022, Stream{64, 1536, 1024, 16, 4, 8, 16, 256, true}, 50},
	{"2mini", "dit_2mini (no guidance)", "dinov2_giant", "vae_2.0/2mini/2.1 (with encoder)", 512, 1022, Stream{64, 1536, 1024, 16, 4, 8, 16, 256, false}, 49},
	{"2-turbo", "dit_2.0_turbo/fast (guidance)", "dinov2_giant", "vae_2.0/2mini/2.1 (with encoder)", 3072, 518, Stream{64, 1536, 1024, 16, 4, 16, 32, 256, true}, 50},
	{"2", "dit_2.0 (no guidance)", "dinov2_giant", "vae_2.0/2mini/2.1 (with encoder)", 3072, 518, Stream{64, 1536, 1024, 16, 4, 16, 32, 256, false}, 49},
	{"2mv", "dit_2.0 (no guidance)", "dinov2_giant", "vae_2.0/2mini/2.1 (with encoder)", 3072, 518, Stream{64, 1536, 1024, 16, 4, 16, 32, 256, false}, 49},
	{"2.1", "dit_2.1", "dinov2_large", "vae_2.0/2mini/2.1 (with encoder)", 4096, 518, nil, 49},
}

// TestPublished builds every network from the shapes that its parts have, with settings in the published form.
func TestPublished(t *testing.T) {
	data, err := os.ReadFile(golden.Reference(t, "hunyuan3d", "golden", "full_config_state_keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var shapes map[string]struct{ Keys map[string][]int64 }
	if err := json.Unmarshal(data, &shapes); err != nil {
		t.Fatal(err)
	}
	// All tensors lie at the beginning of one empty file.
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(empty, 64<<20); err != nil {
		t.Fatal(err)
	}
	for _, p := range published {
		t.Run(p.name, func(t *testing.T) {
			file := &weights.Checkpoint{Path: empty, Tensors: map[string]weights.Tensor{}}
			for prefix, part := range map[string]string{"model.": p.model, "conditioner.main_image_encoder.model.": p.vision, "vae.": p.vae} {
				if len(shapes[part].Keys) == 0 {
					t.Fatalf("no shapes of %s", part)
				}
				for name, shape := range shapes[part].Keys {
					tensor := weights.Tensor{Name: prefix + name, DType: weights.F16, Shape: shape, File: empty}
					tensor.Length = 2 * tensor.Count()
					file.Tensors[prefix+name] = tensor
				}
			}
			config, err := readConfig(filepath.Join("testdata", p.name+".yaml"))
			if err != nil {
				t.Fatal(err)
			}
			n, err := of(config, file)
			if err != nil {
				t.Fatal(err)
			}
			said := config.VAE.Params
			if strings.Contains(p.vae, "turbo") {
				var turbo VAEConfig
				if err := readYAML(filepath.Join("testdata", "vae-turbo.yaml"), &turbo); err != nil {
					t.Fatal(err)
				}
				said = turbo.Params
			}
			if err := n.decode(file.Under("vae."), said); err != nil {
				t.Fatal(err)
			}
			if err := n.check(); err != nil {
				t.Fatal(err)
			}
			if several := n.config.views() == 4; several != (p.name == "2mv") {
				t.Errorf("%d views", n.config.views())
			}
			n.agrees(t, p.flow, p.latents, p.side, p.steps, strings.Contains(p.vae, "turbo"))
		})
	}
}

func (n *Network) agrees(t *testing.T, f flow, latents, side, steps int, turbo bool) {
	t.Helper()
	if plain, ok := n.flow.(latent.Transformer); ok && f == nil {
		plain.Names = latent.TransformerNames{}
		f = latent.Transformer{Heads: 16, Width: 2048, Channels: 64, Layers: 21, Context: 1024, Experts: latent.Experts{Layers: 6, Count: 8, Top: 2}, Epsilon: 1e-6}
		if fmt.Sprint(plain) != fmt.Sprint(f) {
			t.Errorf("%+v", plain)
		}
	} else if fmt.Sprint(n.flow) != fmt.Sprint(f) {
		t.Errorf("%+v", n.flow)
	}
	if n.config.VAE.Params.Latents != latents || n.config.side() != side || len(n.config.Scheduler.steps(50)) != steps {
		t.Errorf("%d latents, %d pixels, %d steps", n.config.VAE.Params.Latents, n.config.side(), len(n.config.Scheduler.steps(50)))
	}
	want := latent.PointBlock{Heads: 16, Width: 1024, Ratio: 4}
	if turbo {
		want = latent.PointBlock{Heads: 8, Width: 512, Ratio: 1}
	}
	d := n.decoder
	if d.Point != want || d.Heads != 16 || d.Width != 1024 || d.Layers != 16 || d.Frequencies != 8 || d.Pi || (d.Names.Norm == "") != turbo {
		t.Errorf("%+v", d)
	}
}
