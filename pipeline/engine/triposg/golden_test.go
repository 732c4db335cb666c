package triposg

import (
	"testing"

	"orfeas/pipeline/engine/golden"
)

// kinds are the cases that are known, told by their tensors.
var kinds = []golden.Kind{
	{Name: "end to end", Needs: []string{"inputs:image_rgba", "inputs:noise", "expected:latents", "expected:grid_logits_17"}, Run: goldenEndToEnd},
	{Name: "prepare", Needs: []string{"inputs:wide.image_rgba", "expected:wide.prepared_rgb"}, Run: goldenPrepare},
	{Name: "positions", Needs: []string{"inputs:position_embeddings", "expected:interpolated"}, Run: goldenPositions},
	{Name: "image encoder", Needs: []string{"inputs:image_rgb", "expected:pixel_values", "expected:image_embeds"}, Run: goldenEncoder},
	{Name: "image encoder", Needs: []string{"inputs:pixel_values", "expected:last_hidden_state"}, Run: goldenEncoder},
	{Name: "transformer", Needs: []string{"inputs:hidden_states", "inputs:timestep", "inputs:encoder_hidden_states", "expected:sample"}, Run: goldenTransformer},
	{Name: "scheduler", Needs: []string{"inputs:model_output", "expected:shift1.n5.sigmas"}, Run: goldenScheduler},
	{Name: "loop", Needs: []string{"inputs:latents", "inputs:image_embeds", "weights:blocks.0.attn1.to_q.weight"}, Run: goldenLoop},
	{Name: "decoder", Needs: []string{"inputs:z", "inputs:sampled_points", "expected:sample"}, Run: goldenDecoder},
	{Name: "grid", Needs: []string{"inputs:z", "expected:grid_logits", "expected:valid"}, Run: goldenGrid},
}

// TestGolden runs every case of the reference.
func TestGolden(t *testing.T) {
	golden.Walk(t, "triposg", func(c golden.Case) bool {
		var source map[string]any
		return c.Says(t, "source", &source) && source["TripoSG"] != nil
	}, kinds)
}
