"""The rectified flow from noise to a shape's normalised latents, under condition tokens.

Latents x [B, L, 3 + F] are normalised with the exported statistics: x = (z - mean) / std, per
channel. They are an ordered set: slot l stands for about the same place in every shape.
Conditions c [B, K, C] come from the output projector (or ``conditions.py`` in training).

The network predicts the clean latents; with t in [0, 1) (0 = noise, 1 = data):
    time = time_mlp(fourier(t))                                 [B, W]     fourier: 11 features
    tokens = [condition_in(c) + condition_positions [K, W]  ;  latent_in(x) + slots [L, W]] + time
    tokens = blocks(tokens)                                     [B, K + L, W]
    clean = out(normalise(tokens[:, K:]))                       [B, L, 3 + F]
    velocity v(x, t, c) = (clean - x) / (1 - t)
Guidance g: v = v(x, t, null) + g (v(x, t, c) - v(x, t, null)), with the learned null conditions
[K, C]; g = 1 needs the conditional evaluation only.
Sampling with n Euler steps from noise x_0 ~ N(0, 1) of the latents' shape, t_i = i / n:
    x <- x + v(x, t_i, c) / n          for i = 0 .. n-1
then z = x * std + mean, and the features z[..., 3:] are clamped to [-1, 1].
Training: x_t = (1 - t) noise + t data, squared error of the clean latents.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .layers import MLP, OCTAVES, Block, fourier, fourier_width, normalise


@dataclass(frozen=True)
class FlowConfig:
    """Sizes of the flow; the same names stand in ``config.json`` under "flow"."""

    latents: int = 32
    channels: int = 11
    conditions: int = 8
    condition_width: int = 192
    width: int = 256
    heads: int = 4
    blocks: int = 4
    hidden: int = 1024
    octaves: int = OCTAVES


class Flow(nn.Module):
    """The network and its sampler; see the module's docstring for every formula."""

    def __init__(self, config: FlowConfig) -> None:
        """Fresh weights; statistics mean 0 and std 1 until training sets them."""
        super().__init__()
        self.config = config
        width = config.width
        self.condition_in = nn.Linear(config.condition_width, width)
        self.condition_positions = nn.Parameter(torch.randn(config.conditions, width) * 0.5)
        self.latent_in = nn.Linear(config.channels, width)
        self.slots = nn.Parameter(torch.randn(config.latents, width) * 0.5)
        self.time_mlp = MLP(fourier_width(config.octaves), width, width)
        self.blocks = nn.ModuleList(
            Block(width, config.heads, config.hidden) for _ in range(config.blocks)
        )
        self.out = nn.Linear(width, config.channels)
        self.null_conditions = nn.Parameter(torch.zeros(config.conditions, config.condition_width))
        self.register_buffer("mean", torch.zeros(config.channels))
        self.register_buffer("std", torch.ones(config.channels))

    def clean(self, x: Tensor, t: Tensor, conditions: Tensor) -> Tensor:
        """x [B, L, 3 + F], t [B], conditions [B, K, C] -> predicted clean x [B, L, 3 + F]."""
        time = self.time_mlp(fourier(t[:, None], self.config.octaves))[:, None]
        tokens = torch.cat(
            [
                self.condition_in(conditions) + self.condition_positions,
                self.latent_in(x) + self.slots,
            ],
            dim=1,
        )
        tokens = tokens + time
        for block in self.blocks:
            tokens = block(tokens)
        return self.out(normalise(tokens[:, self.config.conditions :])).float()

    def velocity(self, x: Tensor, t: float, conditions: Tensor, guidance: float) -> Tensor:
        """Guided velocity at one time for the whole batch: [B, L, 3 + F]."""
        batch = x.shape[0]
        if guidance == 1:
            clean = self.clean(x, x.new_full((batch,), t), conditions)
        else:
            null = self.null_conditions.expand(batch, -1, -1)
            both = self.clean(
                torch.cat([x, x]), x.new_full((2 * batch,), t), torch.cat([conditions, null])
            )
            clean = both[batch:] + guidance * (both[:batch] - both[batch:])
        return (clean - x) / (1 - t)

    @torch.no_grad()
    def sample(self, noise: Tensor, conditions: Tensor, steps: int, guidance: float) -> Tensor:
        """noise [B, L, 3 + F], conditions [B, K, C] -> latents z [B, L, 3 + F]."""
        x = noise
        for step in range(steps):
            x = x + self.velocity(x, step / steps, conditions, guidance) / steps
        z = x * self.std + self.mean
        return torch.cat([z[..., :3], z[..., 3:].clamp(-1, 1)], dim=-1)
