"""The network of sculpt: five planes of a subject (see engine.SculptView) become two sheets.

mid [1,H,W] is the depth half way between the first and the last surface, up to a constant; half [1,H,W] is half the
thickness, never negative. The unit is half the longer side of the subject. A U-Net of residual blocks whose bottom
looks at everything at once (attention); the thickness begins at that of the inflated silhouette.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

WIDTHS, DOWN, GROUPS, HEADS, SHARP = (32, 64, 128, 256), (1, 1, 2, 3), 8, 4, 10.0


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.first = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.norm = nn.GroupNorm(GROUPS, c)
        self.second = nn.Conv2d(c, c, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x):
        return x + self.second(F.relu(self.norm(self.first(x))))


class Gaze(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm, self.qkv, self.out = nn.GroupNorm(GROUPS, c), nn.Conv2d(c, 3 * c, 1), nn.Conv2d(c, c, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        b, c, h, w = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(b, 3, HEADS, c // HEADS, h * w).unbind(1)
        a = torch.softmax(q.transpose(-1, -2) @ k / (c // HEADS) ** 0.5, -1)  # for so few pixels faster than the fused one
        return x + self.out((v @ a.transpose(-1, -2)).reshape(b, c, h, w))


class Sculpt(nn.Module):
    def __init__(self, widths=WIDTHS, down=DOWN):
        super().__init__()
        self.stem = nn.Conv2d(7, widths[0], 2, stride=2)
        self.down = nn.ModuleList(nn.Sequential(*(Block(c) for _ in range(n))) for c, n in zip(widths, down))
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in zip(widths, widths[1:]))
        self.gaze = nn.ModuleList(Gaze(widths[-1]) for _ in range(down[-1]))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in zip(widths, widths[1:]))
        self.up = nn.ModuleList(Block(c) for c in widths[:-1])
        self.norm = nn.GroupNorm(GROUPS, widths[0])
        self.head = nn.Conv2d(widths[0], 8, 3, padding=1)
        nn.init.normal_(self.head.weight, std=0.01)

    def forward(self, planes):
        """planes [B,5,H,W], 0 to 1, H and W multiples of 16."""
        b, _, h, w = planes.shape
        y, x = torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w), indexing='ij')
        f = self.stem(torch.cat([planes, x.expand(b, 1, h, w), y.expand(b, 1, h, w)], 1))
        kept = []
        for i, blocks in enumerate(self.down):
            if i:
                f = self.shrink[i - 1](f)
            if i < len(self.down) - 1:
                f = blocks(f)
                kept.append(f)
            else:
                for block, gaze in zip(blocks, self.gaze):
                    f = gaze(block(f))
        for i in reversed(range(len(kept))):
            f = self.up[i](kept[i] + self.grow[i](f))
        mid, half = F.pixel_shuffle(self.head(F.relu(self.norm(f))), 2).split(1, 1)
        return mid, F.softplus(SHARP * (planes[:, 4:5] + half)) / SHARP
