"""The input projector of shapes: latents on anchors -> vectors that stand where words do.

A Perceiver resampler (Alayrac et al. 2022, Flamingo):
    c = centre; a = latents[..., :3]
    t = token_in([fourier(a - c) (33), latents[..., 3:] (F), fourier(log2 size) (11)])     [B, L, W]
    t = blocks(t)                                                                   self-attention
    q = queries [M, W]; q = self_attention(cross_attention(q, t)) in turn, layer by layer
    vectors = out(normalise(q))                                                          [B, M, W']
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from ..generator.layers import CENTRE, OCTAVES, Block, fourier, fourier_width, normalise

TYPE = "perceiver_resampler"


@dataclass(frozen=True)
class ResamplerConfig:
    """The same names stand in ``config.json``."""

    features: int = 8
    width: int = 192
    heads: int = 3
    hidden: int = 384
    blocks: int = 2
    cross_attention_layers: int = 2
    queries: int = 20
    output_size: int = 256
    octaves: int = OCTAVES
    centre: tuple[float, float, float] = CENTRE

    def to_json(self) -> dict:
        """With the type, as ``config.json`` has it."""
        return {"type": TYPE, **asdict(self)}


class Resampler(nn.Module):
    """See the module's docstring for every formula."""

    def __init__(self, config: ResamplerConfig) -> None:
        """Fresh weights; the vectors begin small beside embeddings."""
        super().__init__()
        self.config = config
        width = config.width
        self.token_in = nn.Linear(4 * fourier_width(config.octaves) + config.features, width)
        self.blocks = nn.ModuleList(
            Block(width, config.heads, config.hidden) for _ in range(config.blocks)
        )
        self.queries = nn.Parameter(torch.randn(config.queries, width) * 0.5)
        layers = config.cross_attention_layers
        self.cross_attention = nn.ModuleList(
            Block(width, config.heads, config.hidden) for _ in range(layers)
        )
        self.self_attention = nn.ModuleList(
            Block(width, config.heads, config.hidden) for _ in range(layers)
        )
        self.out = nn.Linear(width, config.output_size)

    def forward(self, latents: Tensor, size: Tensor) -> Tensor:
        """Latents [B, L, 3 + F] and the longest sides [B] -> [B, M, W']."""
        anchors = latents[..., :3] - latents.new_tensor(self.config.centre)
        octaves = self.config.octaves
        sizes = fourier(size.log2()[:, None], octaves)[:, None].expand(-1, latents.shape[1], -1)
        x = self.token_in(torch.cat([fourier(anchors, octaves), latents[..., 3:], sizes], dim=-1))
        for block in self.blocks:
            x = block(x)
        q = self.queries.expand(len(latents), -1, -1)
        layers = zip(self.cross_attention, self.self_attention, strict=True)
        for cross_attention, self_attention in layers:
            q = self_attention(cross_attention(q, x))
        return self.out(normalise(q))
