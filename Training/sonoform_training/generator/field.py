"""The closest-surface-point field: from a shape's latents to any query point's surface point.

A latent is 3 coordinates of an anchor on the surface and F features in (-1, 1): z [B, L, 3 + F],
in the canonical frame (z up, the object stands on z = 0, a medium object's longest side is 1).

Trunk (once a shape), with c = centre (0, 0, 0.5) and a = z[..., :3]:
    h = token_in([fourier(a - c) (33), z[..., 3:] (F)])                       [B, L, W]
    h = blocks(h); h = normalise(h)                                           [B, L, W]
    anchor = anchor_in(h); keys = attention.key(h); values = attention.value(h)   [B, L, H] each
Head (for every query p [B, Q, 3]):
    the n = neighbours nearest anchors and one more, Euclidean distances d_1 <= ... <= d_(n + 1):
    w_j = max(0, 1 - d_j / max(d_(n + 1), 1e-6))^2 + least_weight, divided by their sum
    u_j = local(relu(anchor[j] + offset_in(fourier(offset_scale (p - a_j)))))            [H]
    x = sum_j w_j u_j                                                         [B, Q, H]
    x = x + attention(normalise(x) to keys, values)
    x = x + mlp(normalise(x))
    o = out(normalise(x))                                                     [B, Q, 7]
    distance  s = o[0] * distance_scale        signed, negative inside
    direction n = o[1:4] / max(|o[1:4]|, 1e-6)     the surface's outward normal at the closest point
    rgb       = sigmoid(o[4:7])      of the closest point
The closest surface point is p - s n.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .layers import CENTRE, MLP, OCTAVES, Attention, Block, fourier, fourier_width, normalise


@dataclass(frozen=True)
class FieldConfig:
    """Sizes of the field; the same names stand in ``config.json`` under "field"."""

    features: int = 8
    width: int = 192
    heads: int = 3
    blocks: int = 3
    hidden: int = 512
    head_width: int = 128
    head_heads: int = 2
    head_hidden: int = 256
    octaves: int = OCTAVES
    centre: tuple[float, float, float] = CENTRE
    offset_scale: float = 4.0
    distance_scale: float = 0.25
    neighbours: int = 3
    least_weight: float = 1e-4


@dataclass(frozen=True)
class FieldTokens:
    """What the trunk leaves for the head: anchors [B, L, 3]; anchor, keys, values [B, L, H]."""

    anchors: Tensor
    anchor: Tensor
    keys: Tensor
    values: Tensor


class Field(nn.Module):
    """The trunk and the head; see the module's docstring for every formula."""

    def __init__(self, config: FieldConfig) -> None:
        """Fresh weights."""
        super().__init__()
        self.config = config
        width, head = config.width, config.head_width
        self.token_in = nn.Linear(3 * fourier_width(config.octaves) + config.features, width)
        self.blocks = nn.ModuleList(
            Block(width, config.heads, config.hidden) for _ in range(config.blocks)
        )
        self.anchor_in = nn.Linear(width, head)
        self.offset_in = nn.Linear(3 * fourier_width(config.octaves), head)
        self.local = nn.Linear(head, head)
        self.attention = Attention(head, config.head_heads, context_width=width)
        self.mlp = MLP(head, config.head_hidden, head)
        self.out = nn.Linear(head, 7)

    def tokens(self, latents: Tensor) -> FieldTokens:
        """The trunk: latents [B, L, 3 + F] -> tokens."""
        anchors, features = latents[..., :3].float(), latents[..., 3:]
        places = fourier(anchors - anchors.new_tensor(self.config.centre), self.config.octaves)
        h = self.token_in(torch.cat([places, features.float()], dim=-1))
        for block in self.blocks:
            h = block(h)
        h = normalise(h)
        return FieldTokens(
            anchors, self.anchor_in(h), self.attention.key(h), self.attention.value(h)
        )

    def query(self, tokens: FieldTokens, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The head: points [B, Q, 3] -> distance [B, Q], direction [B, Q, 3], rgb [B, Q, 3]."""
        config = self.config
        rows = torch.arange(len(points), device=points.device)[:, None, None]
        with torch.autocast("cpu", enabled=False):
            # Direct differences: the |a|^2 - 2ab + |b|^2 expansion is too coarse up close.
            squares = (points[:, :, None] - tokens.anchors[:, None]).square().sum(-1)
            nearest, index = squares.topk(config.neighbours + 1, dim=-1, largest=False)
            distances = nearest.sqrt()
            reach = distances[..., -1:].clamp_min(1e-6)
            weights = (1 - distances[..., : config.neighbours] / reach).clamp_min(0).square()
            weights = weights + config.least_weight
            weights = weights / weights.sum(-1, keepdim=True)
            index = index[..., : config.neighbours]
            offsets = points[:, :, None] - tokens.anchors[rows, index]
            offsets = fourier(config.offset_scale * offsets, config.octaves)
        local = self.local((tokens.anchor[rows, index] + self.offset_in(offsets)).relu())
        x = (weights[..., None] * local).sum(2)
        x = x + self.attention.attend(normalise(x), tokens.keys, tokens.values)
        x = x + self.mlp(normalise(x))
        out = self.out(normalise(x)).float()
        distance = out[..., 0] * config.distance_scale
        direction = out[..., 1:4] / out[..., 1:4].norm(dim=-1, keepdim=True).clamp_min(1e-6)
        return distance, direction, out[..., 4:7].sigmoid()

    def forward(self, latents: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Trunk and head in one."""
        return self.query(self.tokens(latents), points)
