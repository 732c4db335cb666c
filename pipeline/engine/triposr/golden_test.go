package triposr

import (
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/onnx"
)

// kinds are the cases that are known, told by their tensors.
var kinds = []golden.Kind{
	{Name: "end to end", Needs: []string{"inputs:rgba", "expected:scene_codes"}, Run: goldenEndToEnd},
	{Name: "preprocess", Needs: []string{"inputs:rgba", "expected:after_resize_foreground", "expected:cond_image"}, Run: goldenCondition},
	{Name: "positions", Needs: []string{"inputs:position_embeddings", "expected:pos_embed"}, Run: goldenPositions},
	{Name: "image tokenizer", Needs: []string{"inputs:images", "weights:model.embeddings.cls_token", "expected:encoder_hidden_states_B_Nt_C"}, Run: goldenTokens},
	{Name: "planes", Needs: []string{"weights:embeddings", "expected:tokens_B_C_T"}, Run: goldenPlanes},
	{Name: "backbone", Needs: []string{"inputs:hidden_states", "inputs:encoder_hidden_states", "weights:transformer_blocks.0.attn1.to_q.weight", "expected:output"}, Run: goldenBackbone},
	{Name: "upsampler", Needs: []string{"inputs:triplanes", "weights:upsample.weight"}, Run: goldenUpsampler},
	{Name: "decoder", Needs: []string{"inputs:triplane", "inputs:positions", "weights:layers.0.weight"}, Run: goldenDecoder},
	{Name: "resize", Needs: []string{"inputs:image", "expected:image"}, Run: goldenResize},
	{Name: "resize", Needs: []string{"inputs:image", "expected:rows"}, Run: goldenResize},
	{Name: "surface", Needs: []string{"inputs:density", "expected:vertices"}, Run: goldenSurface},
}

// TestGolden runs every case of the reference.
func TestGolden(t *testing.T) {
	golden.Walk(t, "triposr", func(c golden.Case) bool {
		var source map[string]any
		return c.Says(t, "source", &source) && source["TripoSR"] != nil
	}, kinds)
}

// batches pairs the i-th of every input, for all i.
func batches(inputs ...onnx.Tensor) [][]onnx.Tensor {
	out := make([][]onnx.Tensor, inputs[0].Shape[0])
	for i := range out {
		for _, x := range inputs {
			out[i] = append(out[i], golden.One(x, i))
		}
	}
	return out
}
