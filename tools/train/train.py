"""Trains the network of sculpt on what `views` rendered. One command, seeded, resumable:

    python train.py --data DIR --held DIR --out DIR --minutes 90

Every rank (--ranks, one thread each) goes its own way with its own batches, and every few steps (--apart) all meet at the
mean of their weights (local SGD, Stich 2019), so that a busy machine makes none wait long. The learning rate goes by
the clock, so that it reaches zero when the time is up. OUT/last.pt is there to go on from, OUT/net.pt is the averaged network, OUT/log.txt what happened.
"""
import argparse
import json
import os
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F

from net import Sculpt

SIDE, PLANES, UNKNOWN = 96, 5, -32768
SEEN = 64  # pixels a side that the network sees; it is used so, too: what it learns at one size is worth little at another
FALL = 0.9  # part of the time in which the learning rate goes to zero


class Examples:
    def __init__(self, folder):
        self.folder = folder
        self.open()

    def open(self):
        """Looks again how many there are: they may still be rendered."""
        read = lambda name, kind, *shape: np.memmap(os.path.join(self.folder, name), kind, 'r').__getitem__(slice(None))
        n = os.path.getsize(os.path.join(self.folder, 'depths.i16')) // (4 * SIDE * SIDE)
        n = min(n, os.path.getsize(os.path.join(self.folder, 'views.u8')) // (PLANES * SIDE * SIDE))
        self.n = max(n - 64, 0) if n % 1000 else n  # the last of a growing file may not be written yet
        cut = lambda a, *shape: a[:int(np.prod(shape)) * self.n].reshape(self.n, *shape)
        self.planes = cut(read('views.u8', np.uint8), PLANES, SIDE, SIDE)
        self.depths = cut(read('depths.i16', np.int16), 2, SIDE, SIDE)

    def batch(self, ids):
        planes = torch.from_numpy(self.planes[ids].astype(np.float32) / 255)
        raw = torch.from_numpy(self.depths[ids].astype(np.float32))
        known = (raw[:, :1] > UNKNOWN).float()
        return planes, raw / 8192 * known, known


def shrunk(planes, depths, known, side):
    if side == SIDE:
        return planes, depths, known
    small = lambda t: F.interpolate(t, size=(side, side), mode='bilinear', align_corners=False)
    weight = small(known)
    depths = small(depths) / weight.clamp(min=1e-3)
    known = (weight > 0.5).float()
    return small(planes), depths * known, known


def varied(planes, depths, known, g):
    """Mirrors, and changes colours: gain, gamma, mixed channels, grey, grain."""
    b = len(planes)
    r = lambda *s: torch.rand(*s, generator=g)
    flip = (r(b) < 0.5).view(-1, 1, 1, 1)
    planes, depths, known = (torch.where(flip, t.flip(-1), t) for t in (planes, depths, known))
    cover = planes[:, 3:4]
    rgb = planes[:, :3] / cover.clamp(min=1e-2)
    for i in range(b):
        if r(1) < 0.3:
            rgb[i] = rgb[i][torch.randperm(3, generator=g)]
    grey = (r(b) < 0.1).view(-1, 1, 1, 1)
    rgb = torch.where(grey, rgb.mean(1, keepdim=True).expand_as(rgb), rgb)
    rgb = rgb.clamp(1e-3, 1) ** torch.exp(0.3 * torch.randn(b, 1, 1, 1, generator=g))
    rgb = rgb * torch.exp(0.15 * torch.randn(b, 3, 1, 1, generator=g)) + 0.05 * torch.randn(b, 1, 1, 1, generator=g)
    rgb = rgb + 0.02 * r(b, 1, 1, 1) * torch.randn(rgb.shape, generator=g)
    return torch.cat([rgb.clamp(0, 1) * cover, planes[:, 3:]], 1), depths, known


def aligned(mid, depths, known):
    """Takes the constant out of mid that no picture shows: the means over the subject agree."""
    over = lambda t: (t * known).sum((1, 2, 3), keepdim=True) / known.sum((1, 2, 3), keepdim=True).clamp(min=1)
    return mid - over(mid - depths.mean(1, keepdim=True))


def loss_of(mid, half, depths, known):
    mid = aligned(mid, depths, known)
    front, back = depths[:, :1], depths[:, 1:]
    area = known.sum((1, 2, 3)).clamp(min=1)
    # Errors count by the size of the whole object, which may be deeper than it is wide.
    deep = ((back - (1 - known) * 9).amax((1, 2, 3)) - (front + (1 - known) * 9).amin((1, 2, 3))).clamp(min=2) / 2
    mean = lambda e, w, a: ((e * w).sum((1, 2, 3)) / a / deep).mean()
    first, last = mid - half, mid + half
    depth = mean((first - front).abs() + (last - back).abs() + 0.5 * (2 * half - (back - front)).abs(), known, area)
    slope = 0
    for axis in (2, 3):
        for step in (1, 4):
            n = known.shape[axis] - step
            d = lambda t: t.narrow(axis, step, n) - t.narrow(axis, 0, n)
            both = known.narrow(axis, step, n) * known.narrow(axis, 0, n)
            e = (d(first) - d(front)).abs() + (d(last) - d(back)).abs()
            slope = slope + mean(e.clamp(max=0.3 * step ** 0.5), both, area) / step ** 0.5
    # Of what is thin a small error is a large part: the share of the solid that is missed counts too.
    return depth + 0.5 * slope + (1 - iou(first, last, front, back, known)).mean()


def iou(first, last, front, back, known):
    """Intersection over union of what lies between two pairs of sheets, along the rays, for every picture."""
    inter = (torch.minimum(last, back) - torch.maximum(first, front)).clamp(min=0)
    union = (last - first) + (back - front) - inter
    return (inter * known).sum((1, 2, 3)) / (union * known).sum((1, 2, 3)).clamp(min=1e-3)


@torch.no_grad()
def judged(net, examples, n=256):
    """Means over held-out objects: error of both sheets, share of them within 0.1, IoU of what is between them; and the
    same for the inflated silhouette."""
    net.eval()
    sums = np.zeros(6)
    for start in range(0, n, 32):
        planes, depths, known = shrunk(*examples.batch(np.arange(start, min(start + 32, n))), SEEN)
        mid, half = net(planes.contiguous(memory_format=torch.channels_last))
        for k, (m, h) in enumerate(((mid, half), (torch.zeros_like(mid), planes[:, 4:5]))):
            m = aligned(m, depths, known)
            f, l = m - h, m + h
            front, back = depths[:, :1], depths[:, 1:]
            area = known.sum((1, 2, 3))
            over = lambda e: ((e * known).sum((1, 2, 3)) / area).sum().item()
            errors = (f - front).abs(), (l - back).abs()
            sums[3 * k:3 * k + 3] += over(sum(errors)) / 2, over(sum((e < 0.1).float() for e in errors)) / 2, iou(f, l, front, back, known).sum().item()
    net.train()
    return sums / n


def work(rank, args):
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    if args.ranks > 1:
        os.environ.setdefault('MASTER_ADDR', '127.0.0.1')
        os.environ.setdefault('MASTER_PORT', str(args.port))
        dist.init_process_group('gloo', rank=rank, world_size=args.ranks)
    net = Sculpt().to(memory_format=torch.channels_last)
    if args.warm:
        begin(net, stored(args.warm))
    params = list(net.parameters())
    decay = [p for p in params if p.ndim > 1]
    rest = [p for p in params if p.ndim <= 1]
    opt = torch.optim.AdamW([{'params': decay, 'weight_decay': 0.02}, {'params': rest, 'weight_decay': 0}], lr=args.rate, betas=(0.9, 0.98), fused=True)
    ema = {k: v.clone() for k, v in net.state_dict().items()}
    step, spent = 0, 0.0
    last = os.path.join(args.out, 'last.pt')
    if os.path.exists(last):
        state = torch.load(last, weights_only=True)
        net.load_state_dict(state['net'])
        opt.load_state_dict(state['opt'])
        ema, step, spent = state['ema'], state['step'], state['spent']
    data = Examples(args.data)
    held = Examples(args.held)
    g = torch.Generator().manual_seed(args.seed * 1000 + rank + 7919 * step)
    order, at = [], 0
    log = open(os.path.join(args.out, 'log.txt'), 'a') if rank == 0 else None

    def say(*words):
        print(*words, flush=True)
        print(*words, file=log, flush=True)
    if rank == 0:
        say('parameters', sum(p.numel() for p in params), 'examples', data.n, args)
    started, saved, shown, seen, mean = time.time(), time.time(), time.time(), 0, None
    done = spent / (60 * args.minutes)
    while done < 1:
        rate = args.rate * min(1, (step + 1) / 300, (1 - done) / FALL)
        for group in opt.param_groups:
            group['lr'] = rate
        if at + args.batch > len(order):
            data.open()
            order, at = np.random.default_rng([args.seed, rank, step]).permutation(data.n), 0
        planes, depths, known = varied(*shrunk(*data.batch(np.sort(order[at:at + args.batch])), SEEN), g)
        at += args.batch
        with torch.autocast('cpu', torch.bfloat16, torch.ops.mkldnn._is_mkldnn_bf16_supported()):
            mid, half = net(planes.contiguous(memory_format=torch.channels_last))
        loss = loss_of(mid.float(), half.float(), depths, known)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0, foreach=True)
        opt.step()
        step, seen = step + 1, seen + args.batch
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % args.apart:
            continue
        done = meet(params, (spent + time.time() - started) / (60 * args.minutes), args.ranks)
        if rank:
            continue
        with torch.no_grad():
            values = net.state_dict()
            torch._foreach_lerp_(list(ema.values()), [values[k] for k in ema], 1 - min(0.98, step / (step + 200)))
        if time.time() - shown > 60:
            say(f'{spent + time.time() - started:.0f} s, step {step}, rate {rate:.2e}, loss {mean:.4f}, {args.ranks * seen / (time.time() - shown):.1f}/s, of {data.n}')
            shown, seen = time.time(), 0
        if time.time() - saved > 60 * args.every:
            save(args, net, opt, ema, step, spent + time.time() - started)
            trial = Sculpt().to(memory_format=torch.channels_last)
            trial.load_state_dict(ema)
            say('held out: error, within 0.1, IoU', *judged(trial, held, args.judged).round(4), '(the last three inflated)')
            saved = time.time()
    if rank == 0:
        save(args, net, opt, ema, step, spent + time.time() - started)
        net.load_state_dict(ema)
        say('end, held out', *judged(net, held, held.n).round(4), 'steps', step)
    if args.ranks > 1:
        dist.barrier()


@torch.no_grad()
def meet(params, done, ranks):
    """Takes all ranks to the mean of their weights, and returns how much of the time is over by the first one's clock."""
    if ranks == 1:
        return done
    flat = torch.cat([p.reshape(-1) for p in params])
    dist.all_reduce(flat)
    flat /= ranks
    for p, v in zip(params, flat.split([p.numel() for p in params])):
        p.copy_(v.view(p.shape))
    t = torch.tensor([done])
    dist.broadcast(t, 0)
    return t.item()


def stored(path):
    """The weights of a network from a net.pt, or from what export.py wrote."""
    if not path.endswith('.safetensors'):
        return torch.load(path, weights_only=True)
    data = open(path, 'rb').read()
    n = int.from_bytes(data[:8], 'little')
    out = {}
    for name, t in json.loads(data[8:8 + n]).items():
        if name == '__metadata__':
            continue
        first, last = t['data_offsets']
        v = torch.from_numpy(np.frombuffer(data[8 + n + first:8 + n + last], np.float16).astype(np.float32)).reshape(t['shape'])
        out[name] = v[:, :, None, None] if name.startswith('gaze.') and v.ndim == 2 else v
    return out


def begin(net, values):
    """Takes over the weights of an earlier network. One with fewer residual blocks may lend them too: a new block adds nothing
    before it has learnt something."""
    missing, unknown = net.load_state_dict(values, strict=False)
    blocks = {name.rsplit('.', 2)[0] for name in missing}
    if unknown or any(name.startswith(b + '.') for b in blocks for name in values):
        raise ValueError('these are weights of another network')


def save(args, net, opt, ema, step, spent):
    for name, what in (('last.pt', {'net': net.state_dict(), 'opt': opt.state_dict(), 'ema': ema, 'step': step, 'spent': spent}), ('net.pt', ema)):
        path = os.path.join(args.out, name)
        torch.save(what, path + '.part')
        os.replace(path + '.part', path)


if __name__ == '__main__':
    p = argparse.ArgumentParser()
    p.add_argument('--data', required=True)
    p.add_argument('--held', required=True)
    p.add_argument('--out', required=True)
    p.add_argument('--minutes', type=float, default=90)
    p.add_argument('--warm', help='earlier weights to begin with, net.pt or .safetensors')
    p.add_argument('--batch', type=int, default=32, help='of every rank')
    p.add_argument('--rate', type=float, default=1.2e-3)
    p.add_argument('--apart', type=int, default=10, help='steps between meetings')
    p.add_argument('--judged', type=int, default=256, help='held-out examples a checkpoint is judged on')
    p.add_argument('--every', type=float, default=5, help='minutes between checkpoints')
    p.add_argument('--ranks', type=int, default=2)
    p.add_argument('--port', type=int, default=29517)
    p.add_argument('--seed', type=int, default=1)
    args = p.parse_args()
    os.makedirs(args.out, exist_ok=True)
    if args.ranks > 1:
        mp.spawn(work, (args,), args.ranks)
    else:
        work(0, args)
