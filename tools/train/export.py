"""Writes a trained network as .safetensors in F16, and a golden case:

    python export.py --net OUT/net.pt --to sculpt.safetensors --golden golden.safetensors --held DIR
    python export.py --small testdata/small.safetensors --golden testdata/small_golden.safetensors

The golden case is what this code makes, in F32, of the first held-out picture with the rounded weights.
"""
import argparse
import json
import struct

import numpy as np
import torch

from net import Sculpt
from train import PLANES, SEEN, SIDE

KINDS = {np.dtype(np.float16): 'F16', np.dtype(np.float32): 'F32', np.dtype(np.uint8): 'U8'}


def write(path, tensors, about):
    head, at = {'__metadata__': about}, 0
    for name, a in tensors.items():
        head[name] = {'dtype': KINDS[a.dtype], 'shape': list(a.shape), 'data_offsets': [at, at + a.nbytes]}
        at += a.nbytes
    text = json.dumps(head, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text)
        for a in tensors.values():
            f.write(np.ascontiguousarray(a).tobytes())


def rounded(net):
    """Rounds the weights to F16 in place and returns them; 1x1 convolutions of the attention become matrices."""
    out = {}
    with torch.no_grad():
        for name, p in net.state_dict().items():
            p.copy_(p.half().float())
            a = p.contiguous().numpy().astype(np.float16)
            if name.startswith('gaze.') and a.ndim == 4:
                a = a[:, :, 0, 0]
            out[name] = np.ascontiguousarray(a)
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--net')
    p.add_argument('--to')
    p.add_argument('--small')
    p.add_argument('--golden', required=True)
    p.add_argument('--held')
    p.add_argument('--about', default='')
    a = p.parse_args()
    if a.small:
        torch.manual_seed(1)
        net, side = Sculpt((8, 16, 24), (1, 1, 2)), 16
        with torch.no_grad():
            for q in net.parameters():
                q.add_(0.2 * torch.randn(q.shape) / max(q[0].numel(), 1) ** 0.5)
        view = torch.rand(1, 5, side, side).mul(255).byte()
    else:
        net, side = Sculpt(), SEEN
        net.load_state_dict(torch.load(a.net, weights_only=True))
        view = torch.from_numpy(np.fromfile(a.held + '/views.u8', np.uint8, PLANES * SIDE * SIDE).reshape(1, PLANES, SIDE, SIDE))
        view = torch.nn.functional.interpolate(view.float(), size=(side, side), mode='bilinear').round().byte()
    write(a.to or a.small, rounded(net), {'network': 'sculpt', 'about': a.about})
    with torch.no_grad():
        mid, half = net.eval()(view.float() / 255)
        mid2, half2 = net((view.float() / 255).flip(-1))
    write(a.golden, {'view': view[0].numpy(), 'mid': ((mid + mid2.flip(-1)) / 2)[0, 0].numpy(), 'half': ((half + half2.flip(-1)) / 2)[0, 0].numpy()}, {})


if __name__ == '__main__':
    main()
