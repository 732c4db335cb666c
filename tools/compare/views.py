"""Writes the golden case of several views, of which the test of pipeline/engine/hunyuan has a copy:

    views.py path/to/hy3dgen/shapegen/models/conditioner.py OUT

runs the official conditioner of Hunyuan3D-2mv, from its authors' repository, with small random weights on random pictures.
It needs torch, torchvision, transformers (5 or later) and safetensors.
"""
import importlib.util
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

source, out = sys.argv[1], pathlib.Path(sys.argv[2])
spec = importlib.util.spec_from_file_location("conditioner", source)
official = importlib.util.module_from_spec(spec)
spec.loader.exec_module(official)

torch.set_num_threads(1)
torch.manual_seed(6)
dinov2 = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=4, image_size=42, patch_size=14,
              layer_norm_eps=1e-6, use_swiglu_ffn=True)
config = {"main_image_encoder": {"type": "DinoImageEncoderMV", "kwargs": {"config": dinov2, "image_size": 56, "view_num": 4}}}
network = official.SingleImageEncoder(**config)
weights = network.state_dict()
for name, x in weights.items():
    x.copy_((1 + torch.randn(x.shape) * 0.1 if "norm" in name and name.endswith("weight") or "lambda" in name else torch.randn(x.shape) * 0.15).half())

# The published files have the names of transformers before its version 5, and gate and value in one tensor.
old = {"q_proj": "attention.query", "k_proj": "attention.key", "v_proj": "attention.value", "o_proj": "output.dense", "down_proj": "weights_out"}
published = {}
for name, x in weights.items():
    if "gate_proj" in name:
        published[name.replace("gate_proj", "weights_in")] = torch.cat([x, weights[name.replace("gate_proj", "up_proj")]])
    elif "up_proj" not in name:
        for new, former in old.items():
            name = name.replace(new, former)
        published[name] = x

image = torch.rand(1, 4, 3, 48, 48) * 2 - 1  # of the front, left, back and right, as the official processor leaves them
expected = {}
for name, sides in {"front": [0], "front_back": [0, 2], "front_right": [0, 3], "front_left_back": [0, 1, 2], "all": [0, 1, 2, 3]}.items():
    with torch.no_grad():
        expected[name] = network(image[:, sides], view_idxs=[sides])["main"]
        nothing = network.unconditional_embedding(1, view_idxs=[sides])["main"]
    assert nothing.shape == expected[name].shape and not nothing.any()

out.mkdir(parents=True, exist_ok=True)
save_file({"image": image[0].contiguous()}, out / "inputs.safetensors")
save_file({k: v[0].contiguous() for k, v in expected.items()}, out / "expected.safetensors")
save_file({k: v.half().contiguous() for k, v in published.items()}, out / "weights.safetensors")
(out / "manifest.json").write_text(json.dumps({
    "case": out.name,
    "producer": "the official SingleImageEncoder with DinoImageEncoderMV around the Dinov2Model of transformers, fp32 on the processor; weights stored as fp16",
    "config": {"conditioner": config},
    "tolerance": {"atol": 2e-4, "rtol": 2e-4},
    "notes": ["without a picture the official code has zeros, as many as tokens of all views, without the embedding of views"],
}, indent=1) + "\n")
