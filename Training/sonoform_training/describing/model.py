"""Encoder and resampler together, and how the language model reads them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..generator.autoencoder import Encoder
from .clouds import farthest_points, framed
from .resampler import Resampler, ResamplerConfig


class Describer(nn.Module):
    """Clouds [B, P, 9] in world units -> vectors [B, M, W'] for the language model."""

    def __init__(self, config: ResamplerConfig) -> None:
        """Fresh weights; the encoder's come from a trained autoencoder (``adopt``)."""
        super().__init__()
        self.encoder = Encoder(config.features)
        self.resampler = Resampler(config)

    def adopt(self, autoencoder: dict[str, Tensor]) -> None:
        """Takes the encoder of an autoencoder's state."""
        prefix = "encoder."
        self.encoder.load_state_dict(
            {k.removeprefix(prefix): v for k, v in autoencoder.items() if k.startswith(prefix)}
        )

    def latents(self, cloud: Tensor) -> tuple[Tensor, Tensor]:
        """[B, P, 9] -> latents [B, L, 3 + F] and the longest sides [B]."""
        points, size = framed(cloud[..., :3])
        anchors = farthest_points(points)
        features = self.encoder(torch.cat([points, cloud[..., 3:]], dim=-1), anchors)[0]
        return torch.cat([anchors, features], dim=-1), size

    def forward(self, cloud: Tensor) -> Tensor:
        """See the class."""
        return self.resampler(*self.latents(cloud))
