package engine

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
)

// TestLoadedTogether: pictures of a batch, each with a seed and a resolution of its own, become the meshes that each becomes
// alone; every network that does not have the picture in it is loaded once. One that is stopped between them holds up nobody.
func TestLoadedTogether(t *testing.T) {
	const pictures = 4
	for _, tt := range []struct {
		name          string
		variant       hunyuanVariant
		shared, alone int // loads
	}{
		{"e2e_mini_turbo", hunyuanVariant{steps: 4, turbo: true}, 4, 1}, // DINOv2, its tokens, the steps, the latents; the points
		{"e2e_21_moe", hunyuanVariant{steps: 3}, 4, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := tinyHunyuan(t, tt.variant, tt.name, nil)
			input := func(i int) Input {
				return Input{Subject: painted(60+i, 60, annulus), SizeMM: 80, Faces: 30_000, Step: func(string, float64) {}, On: &onnx.Choice{Provider: onnx.CPU, Compute: onnx.F32},
					Options: []Options{{}, {}, {"seed": 7.0}, {"resolution": 64.0}}[i]}
			}
			b := &onnx.Batch{}
			var jobs sync.WaitGroup
			meshes, errs := make([]*mesh.Mesh, pictures), make([]error, pictures)
			for i := range pictures {
				in, member := input(i), b.Join()
				in.Member = member
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				if i == 1 {
					in.Step = func(text string, _ float64) {
						if strings.HasPrefix(text, "denoising 2") {
							stop()
						}
					}
				}
				jobs.Go(func() {
					defer member.Leave()
					member.Begin(ctx, nil)
					meshes[i], errs[i] = e.Build(ctx, in)
				})
			}
			jobs.Wait()
			for i := range pictures {
				if i == 1 {
					if !errors.Is(errs[i], context.Canceled) {
						t.Errorf("the one that was stopped: %v", errs[i])
					}
					continue
				}
				want, err := e.Build(t.Context(), input(i))
				if err != nil || errs[i] != nil || !reflect.DeepEqual(meshes[i], want) {
					t.Errorf("picture %d becomes another mesh (%v, %v)", i, errs[i], err)
				}
			}
			if want := tt.shared + tt.alone*(pictures-1); b.Loads() != want {
				t.Errorf("%d loads for %d pictures, of which one was stopped, not %d", b.Loads(), pictures, want)
			}
		})
	}
}
