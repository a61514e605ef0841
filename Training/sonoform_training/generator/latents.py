"""What the flow and the writer of codes learn: latents of freshly coloured shapes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .autoencoder import ShapeAutoencoder
from .conditions import ConditionEncoder
from .dataset import colour_table, recoloured
from .field import FieldConfig
from .train_autoencoder import VALIDATION_SHAPES, Shapes

REFRESH_STEPS, REFRESHED = 64, 256


class Latents:
    """Latents of freshly coloured shapes with their conditions, made on the fly in large chunks."""

    def __init__(self, shapes: Shapes, model: ShapeAutoencoder, chunk: int = 32) -> None:
        """The model only encodes."""
        self.shapes, self.model, self.chunk = shapes, model, chunk
        self.encoder = ConditionEncoder()

    @torch.no_grad()
    def draw(self, index: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        """Latents z [B, L, 3 + F], conditions [B, K, C] and slot weights [B, L] in new colours."""
        shapes, latents, conditions, weights = self.shapes, [], [], []
        for first in range(0, len(index), self.chunk):
            part = index[first : first + self.chunk]
            described = [recoloured(shapes.random, shapes.descriptions[i]) for i in part]
            table = np.stack([colour_table(description) for description in described])
            rows = np.arange(len(part))[:, None]
            cloud = shapes.arrays["cloud"][part].astype(np.float32)
            colours = table[rows, shapes.arrays["cloud_parts"][part]]
            cloud = torch.from_numpy(np.concatenate([cloud, colours], axis=-1))
            with torch.autocast("cpu", torch.bfloat16):
                places = torch.from_numpy(shapes.arrays["anchors"][part])
                latents.append(self.model.encode(cloud, places))
            conditions.append(self.encoder.encode(described))
            parts = torch.from_numpy(shapes.arrays["cloud_parts"][part].astype(np.int64))
            weights.append(slot_weights(cloud[..., :3], parts, places))
        return torch.cat(latents), torch.cat(conditions), torch.cat(weights)


def slot_weights(cloud: Tensor, parts: Tensor, anchors: Tensor) -> Tensor:
    """How much each slot counts, [B, L] of mean 1: a door's one anchor more than a wall's twelfth.

    From clouds [B, P, 3] with their parts [B, P] and anchors [B, L, 3]; the weight is the inverse
    root of the number of anchors on the same part.
    """
    owners = parts.gather(1, torch.cdist(anchors, cloud).argmin(-1))
    shared = (owners[:, :, None] == owners[:, None]).sum(-1)
    weights = shared.float().rsqrt()
    return weights / weights.mean(-1, keepdim=True)


class Pool:
    """Shapes in memory, a few of which are drawn again now and then, and others for validation.

    ``view`` says what is kept of latents, conditions and slot weights, each [n, ...].
    """

    def __init__(
        self,
        data: Path,
        size: int,
        seed: int,
        view: Callable[[tuple[Tensor, ...]], tuple[Tensor, ...]] = lambda drawn: drawn,
    ) -> None:
        """Loads ``autoencoder.pt`` in the folder ``data`` and draws ``size`` shapes."""
        self.shapes = Shapes(data, seed=seed)
        autoencoder = ShapeAutoencoder(FieldConfig())
        state = torch.load(data / "autoencoder.pt", weights_only=True)
        autoencoder.load_state_dict(state["averaged"])
        self.source, self.view = Latents(self.shapes, autoencoder.eval()), view
        self.count = len(self.shapes.descriptions) - VALIDATION_SHAPES
        self.kept = self.draw(size)
        validation = np.arange(self.count, self.count + VALIDATION_SHAPES)
        self.validation = view(self.source.draw(validation))

    def __len__(self) -> int:
        """The number of shapes in memory."""
        return len(self.kept[0])

    def draw(self, size: int) -> tuple[Tensor, ...]:
        """Shapes of training in new colours."""
        return self.view(self.source.draw(self.shapes.numpy.integers(self.count, size=size)))

    def refresh(self, step: int) -> None:
        """A steady trickle of new colourings, so that none is learned by heart."""
        if step % REFRESH_STEPS:
            return
        stale = torch.randperm(len(self))[:REFRESHED]
        for kept, new in zip(self.kept, self.draw(REFRESHED), strict=True):
            kept[stale] = new
