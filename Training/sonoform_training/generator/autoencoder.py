"""The shape autoencoder: surface points -> latents on anchors -> field. Training only.

The encoder reads a cloud [B, P, 9] (xyz, normal, rgb) around given surface anchors [B, L, 3]:
each anchor pools its nearest points by a small MLP (maximum and mean), looks once at a few hundred
points of the whole cloud, talks to the other anchors, and is squeezed through tanh to F features.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .field import Field, FieldConfig
from .layers import CENTRE, MLP, OCTAVES, Block, fourier, fourier_width, normalise

POOLED_POINTS = 32
GLOBAL_POINTS = 256
# The few points that are the anchor's own: on a small window most of the pooled ones are wall.
OWN_POINTS = 4
OFFSET_SCALE = 4.0
FOURIER = fourier_width(OCTAVES)


class Encoder(nn.Module):
    """Cloud [B, P, 9], anchors [B, L, 3] -> features in (-1, 1) [B, L, F], and before tanh."""

    def __init__(self, features: int = 8, width: int = 192, heads: int = 3) -> None:
        """Fresh weights."""
        super().__init__()
        self.pool = MLP(3 * FOURIER + 6, 96, 128)
        self.anchor_in = nn.Linear(2 * 128 + 3 * FOURIER + 6, width)
        self.point_in = nn.Linear(3 * FOURIER + 6, width)
        self.cross_attention = Block(width, heads, 2 * width)
        self.blocks = nn.ModuleList(Block(width, heads, 2 * width) for _ in range(3))
        self.out = nn.Linear(width, features)
        # Large first outputs saturate tanh, and then the field never hears of the features.
        nn.init.normal_(self.out.weight, std=0.02)
        nn.init.zeros_(self.out.bias)

    def forward(self, cloud: Tensor, anchors: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        xyz, rest = cloud[..., :3], cloud[..., 3:]
        rows = torch.arange(cloud.shape[0])[:, None, None]
        nearest = torch.cdist(anchors, xyz).topk(POOLED_POINTS, dim=-1, largest=False).indices
        offsets = fourier(OFFSET_SCALE * (xyz[rows, nearest] - anchors[:, :, None]), OCTAVES)
        pooled = self.pool(torch.cat([offsets, rest[rows, nearest]], dim=-1))
        centre = anchors.new_tensor(CENTRE)
        own = rest[rows, nearest[:, :, :OWN_POINTS]].mean(2)
        x = self.anchor_in(
            torch.cat(
                [pooled.amax(2), pooled.mean(2), fourier(anchors - centre, OCTAVES), own], dim=-1
            )
        )
        few = cloud[:, :GLOBAL_POINTS]
        x = self.cross_attention(
            x,
            self.point_in(torch.cat([fourier(few[..., :3] - centre, OCTAVES), few[..., 3:]], -1)),
        )
        for block in self.blocks:
            x = block(x)
        raw = self.out(normalise(x)).float()
        return raw.tanh(), raw


class ShapeAutoencoder(nn.Module):
    """Encoder and field together."""

    def __init__(self, config: FieldConfig) -> None:
        """Fresh weights."""
        super().__init__()
        self.encoder = Encoder(config.features)
        self.field = Field(config)

    def encode(self, cloud: Tensor, anchors: Tensor) -> Tensor:
        """Cloud [B, P, 9], anchors [B, L, 3] -> latents [B, L, 3 + F]."""
        return torch.cat([anchors, self.encoder(cloud, anchors)[0]], dim=-1)
