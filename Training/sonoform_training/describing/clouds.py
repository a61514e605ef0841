"""Clouds as the encoder reads them, and the training examples made of them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..descriptions import Description, is_held_out
from ..generator.dataset import colour_table, load_shards, recoloured
from ..generator.layers import CENTRE
from ..language import load_language
from .naming import full_description

POINTS = 1024
ANCHORS = 32
SPARSEST = 400
"""Points of the sparsest clouds in training."""


def framed(points: Tensor) -> tuple[Tensor, Tensor]:
    """Points [B, P, 3] anywhere -> on z = 0 with longest side 1, and what that side was [B]."""
    low, high = points.amin(1, keepdim=True), points.amax(1, keepdim=True)
    size = (high - low).amax(-1, keepdim=True).clamp(min=1e-6)
    base = torch.cat([(low[..., :2] + high[..., :2]) / 2, low[..., 2:]], dim=-1)
    return (points - base) / size, size[:, 0, 0]


def farthest_points(points: Tensor, count: int = ANCHORS) -> Tensor:
    """Points [B, P, 3] -> [B, count, 3].

    The first is farthest from (0, 0, 0.5), every other farthest from those chosen; of equals the
    first.
    """
    rows = torch.arange(len(points))
    chosen = (points - points.new_tensor(CENTRE)).square().sum(-1).argmax(1)
    distances = torch.full(points.shape[:2], torch.inf)
    anchors = []
    for _ in range(count):
        anchors.append(points[rows, chosen])
        distances = torch.minimum(distances, (points - anchors[-1][:, None]).square().sum(-1))
        chosen = distances.argmax(1)
    return torch.stack(anchors, dim=1)


class DescribedClouds:
    """The generator's dataset as clouds with descriptions, other colours and sizes each time."""

    VALIDATION = 256

    def __init__(self, folder: Path, seed: int) -> None:
        """Loads every shard."""
        self.descriptions, self.arrays = load_shards(folder)
        self.random = random.Random(seed)
        self.numpy = np.random.default_rng(seed)

    def __len__(self) -> int:
        """The number of shapes to train on; the last ``VALIDATION`` are kept."""
        return len(self.descriptions) - self.VALIDATION

    def appearance(self, description: Description) -> Description:
        """The same shape in other colours, another size and proportion."""
        language = load_language()
        coloured = recoloured(self.random, description, (0.0, 0.15, 0.4, 0.8))
        while True:
            size = self.random.choice([None, None, *language.sizes])
            proportion = self.random.choice([None, None, None, *language.proportions])
            result = replace(coloured, size=size, proportion=proportion)
            if not is_held_out(result):
                return result

    def batch(self, index: np.ndarray) -> tuple[Tensor, list[Description]]:
        """Clouds [B, POINTS, 9] in world units, and what is to be said of them."""
        seen = [self.appearance(self.descriptions[i]) for i in index]
        clouds = [self.cloud(i, one) for i, one in zip(index, seen, strict=True)]
        return torch.from_numpy(np.stack(clouds)), [full_description(d) for d in seen]

    def cloud(self, i: int, description: Description) -> np.ndarray:
        """The points [POINTS, 9] of a shape in an appearance, as some sensor could have seen it."""
        cloud, parts = self.arrays["cloud"][i], self.arrays["cloud_parts"][i]
        kept = self.drawn_points(len(cloud))
        points = cloud[kept].astype(np.float32)
        stretch = (np.array(description.stretch) * self.slack()).astype(np.float32)
        roughness = self.numpy.choice([0.0, 0.003, 0.01])
        points[:, :3] += roughness * self.numpy.standard_normal((POINTS, 3))
        points[:, :3] *= description.scale * stretch
        points[:, 3:] /= stretch
        points[:, 3:] /= np.linalg.norm(points[:, 3:], axis=1, keepdims=True)
        points[:, 3:] += self.numpy.choice([0.0, 0.1]) * self.numpy.standard_normal((POINTS, 3))
        if self.numpy.random() < 0.1:
            points[:, 3:] = 0  # a cloud without normals
        rgb = colour_table(description)[parts[kept]]
        rgb = rgb + self.numpy.choice([0.0, 0.02]) * self.numpy.standard_normal(rgb.shape)
        return np.concatenate([points, rgb.clip(0, 1)], axis=1).astype(np.float32)

    def drawn_points(self, count: int) -> np.ndarray:
        """Indices [POINTS] of points; those of a sparse cloud come again, as in the program."""
        sparse = self.numpy.random() < 0.5
        drawn = int(np.exp(self.numpy.uniform(np.log(SPARSEST), np.log(POINTS))))
        kept = self.numpy.choice(count, drawn if sparse else POINTS, replace=False)
        return kept[np.arange(POINTS) % len(kept)]

    def slack(self) -> np.ndarray:
        """Factors [3] on a shape's sides that change no word of its description.

        Without them an object is told by its exact proportions, and is taken for another when it is
        stretched in a way that it never was. The widest slack makes one side 1.35 times as long
        beside another, a word 1.6 times: no held-out proportion is shown under another name.
        """
        size = 0.04 * self.numpy.standard_normal()
        if self.numpy.random() < 0.25:
            size = self.numpy.uniform(-0.13, 0.13)
        widest = self.numpy.choice([0.0, 0.06, 0.15])
        return np.exp(size + self.numpy.uniform(-widest, widest, 3))
