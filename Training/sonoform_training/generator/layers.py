"""The generator's few kinds of layers: Linear, affine-free LayerNorm, ReLU, attention."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

OCTAVES = 5
"""What the configurations have where nothing else is said."""
CENTRE = (0.0, 0.0, 0.5)
"""The middle of the canonical frame, in which an object's longest side is 1."""


def fourier_width(octaves: int) -> int:
    """Features per coordinate."""
    return 1 + 2 * octaves


def fourier(x: Tensor, octaves: int) -> Tensor:
    """[..., D] -> [..., (1 + 2 octaves) D]: x, then sin(2^k pi x), cos(2^k pi x) for each k.

    Order along the last axis: the D coordinates themselves, then for k = 0: D sines, D cosines,
    then k = 1: D sines, D cosines, and so on.
    """
    features = [x]
    for octave in range(octaves):
        angle = x * (math.pi * 2**octave)
        features += [angle.sin(), angle.cos()]
    return torch.cat(features, dim=-1)


def normalise(x: Tensor) -> Tensor:
    """Affine-free LayerNorm over the last axis: (x - mean) / sqrt(variance + 1e-5)."""
    return nn.functional.layer_norm(x, x.shape[-1:])


class Attention(nn.Module):
    """Softmax attention of x [B, Q, W] to context [B, S, X], heads of W / heads channels each."""

    def __init__(self, width: int, heads: int, context_width: int | None = None) -> None:
        """Biases everywhere; scale 1 / sqrt(width / heads)."""
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(context_width or width, width)
        self.value = nn.Linear(context_width or width, width)
        self.output = nn.Linear(width, width)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """[B, Q, W], [B, S, X] -> [B, Q, W]; plain matmuls, faster here than the fused kernel."""
        return self.attend(x, self.key(context), self.value(context))

    def attend(self, x: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """The same with the context's keys and values [B, S, W] at hand."""
        batch, queries, width = x.shape
        shape = (batch, -1, self.heads, width // self.heads)
        q = self.query(x).view(shape).transpose(1, 2)
        k = keys.view(shape).transpose(1, 2)
        v = values.view(shape).transpose(1, 2)
        weights = (q @ k.transpose(2, 3) / math.sqrt(width // self.heads)).softmax(dim=-1)
        return self.output((weights @ v).transpose(1, 2).reshape(batch, queries, width))


class MLP(nn.Module):
    """Linear -> ReLU -> Linear."""

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        """Names of the weights: ``up`` and ``down``."""
        super().__init__()
        self.up = nn.Linear(inputs, hidden)
        self.down = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """[..., inputs] -> [..., outputs]."""
        return self.down(self.up(x).relu())


class Block(nn.Module):
    """Pre-norm transformer block: x += attention(normalise(x)); x += mlp(normalise(x))."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        """Self-attention, or cross-attention to a context of the same width (normalised too)."""
        super().__init__()
        self.attention = Attention(width, heads)
        self.mlp = MLP(width, hidden, width)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """[B, S, W] (, [B, X, W]) -> [B, S, W]."""
        h = normalise(x)
        x = x + self.attention(h, h if context is None else normalise(context))
        return x + self.mlp(normalise(x))
