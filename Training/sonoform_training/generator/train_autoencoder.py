"""Trains the shape autoencoder: ``python -m sonoform_training.generator.train_autoencoder``.

Writes ``autoencoder.pt`` into the same folder and resumes from it. Half of every batch is quantised
as discrete signals are (``language_model/codes.py``), half dithered: one decoder serves both.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..language_model.codes import CodeLayout
from ..warm_start import autoencoder_state
from .autoencoder import ShapeAutoencoder
from .dataset import colour_table, load_shards, recoloured
from .field import FieldConfig
from .training import Run, initial_state, parse_and_seed, training_parser

VALIDATION_SHAPES = 256
QUERIES_A_STEP = 320
FRONT_QUERIES = 64
# The flow's latents are never exact: the field learns to read slightly wrong ones.
ANCHOR_DITHER = 0.01
FEATURE_DITHER = 0.1


class Shapes:
    """The dataset in memory, served as batches with fresh colours."""

    def __init__(self, folder: Path, seed: int) -> None:
        """Loads every shard."""
        self.descriptions, self.arrays = load_shards(folder)
        self.random = random.Random(seed)
        self.numpy = np.random.default_rng(seed)

    def batch(self, index: np.ndarray, queries: int | None = None) -> dict[str, Tensor]:
        """cloud [B, P, 9], anchors [B, L, 3], queries [B, Q, 7], rgb [B, Q, 3]."""
        arrays = self.arrays
        # Every part in a colour of its own: where natural colours prevail, the field learns them by
        # heart and never looks at the latents for others (it did, with doors and windows).
        tables = [recoloured(self.random, self.descriptions[i], (1.0,)) for i in index]
        colours = np.stack([colour_table(description) for description in tables])
        rows = np.arange(len(index))[:, None]
        asked, parts = arrays["queries"][index], arrays["query_parts"][index]
        if queries is not None:
            kept = self.numpy.choice(asked.shape[1], queries, replace=False)
            asked, parts = asked[:, kept], parts[:, kept]
        cloud = arrays["cloud"][index].astype(np.float32)
        if queries is not None:
            front, front_parts = self.front_queries(cloud, arrays["cloud_parts"][index])
            asked = np.concatenate([asked, front], axis=1)
            parts = np.concatenate([parts, front_parts], axis=1)
        cloud = np.concatenate([cloud, colours[rows, arrays["cloud_parts"][index]]], axis=-1)
        return {
            "cloud": torch.from_numpy(cloud),
            "anchors": torch.from_numpy(arrays["anchors"][index]),
            "queries": torch.from_numpy(asked.astype(np.float32)),
            "rgb": torch.from_numpy(colours[rows, parts]),
            "part_weights": torch.from_numpy(part_weights(parts)),
        }

    def front_queries(self, cloud: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Queries [B, 64, 7] and their parts just off the surfaces that face the viewer.

        Painted details live there, and whether a wall has a window is decided by few points.
        """
        rank = self.numpy.random(parts.shape) + (cloud[..., 4] > -0.9)
        chosen = np.argpartition(rank, FRONT_QUERIES, axis=1)[:, :FRONT_QUERIES]
        rows = np.arange(len(cloud))[:, None]
        points, normals = cloud[rows, chosen, :3], cloud[rows, chosen, 3:]
        off = 0.01 * self.numpy.standard_normal((*chosen.shape, 1)).astype(np.float32)
        return np.concatenate([points + off * normals, off, normals], -1), parts[rows, chosen]


def part_weights(parts: np.ndarray) -> np.ndarray:
    """Parts of queries [B, Q] -> weights [B, Q, 1]: every part counts alike, up to 6-fold."""
    same = (parts[:, :, None] == np.arange(8)).astype(np.float32)
    counts = same.sum(1)
    shares = (parts.shape[1] / np.maximum(counts, 1)) / (counts > 0).sum(1, keepdims=True)
    return np.take_along_axis(shares.clip(0.3, 6), parts.astype(np.int64), 1)[..., None]


def quantised(anchors: Tensor, features: Tensor, layout: CodeLayout) -> Tensor:
    """Latents [B, L, 3 + F] as codes can say them; gradients pass as if nothing had happened."""
    lower, upper = torch.tensor(layout.lower), torch.tensor(layout.upper)
    step = (upper - lower) / (layout.positions - 1)
    places = lower + ((anchors - lower) / step).round() * step
    half = (layout.levels - 1) / 2
    coded = ((features + 1) * half).round() / half - 1
    return torch.cat([places, features + (coded - features).detach()], dim=-1)


def dithered(anchors: Tensor, features: Tensor) -> Tensor:
    """Latents [B, L, 3 + F] that are off as the flow's are."""
    return torch.cat(
        [
            anchors + torch.randn_like(anchors) * ANCHOR_DITHER,
            features + (torch.rand_like(features) * 2 - 1) * FEATURE_DITHER,
        ],
        dim=-1,
    )


def field_losses(model: ShapeAutoencoder, batch: dict[str, Tensor], signals: str) -> dict:
    """The parts of the loss, and ``miss``: how far p - s n is from the true closest point.

    ``signals``: "exact" latents, "discrete" ones, or "both" as in training.
    """
    anchors = batch["anchors"]
    features, raw = model.encoder(batch["cloud"], anchors)
    if signals == "exact":
        latents = torch.cat([anchors, features], dim=-1)
    elif signals == "discrete":
        latents = quantised(anchors, features, CodeLayout())
    else:
        half = len(anchors) // 2
        latents = torch.cat(
            [
                quantised(anchors[:half], features[:half], CodeLayout()),
                dithered(anchors[half:], features[half:]),
            ]
        )
    points, true_s, true_n = batch["queries"].split([3, 1, 3], dim=-1)
    s, n, rgb = model.field(latents, points)
    # What is far matters little; what is near is where the surface is read.
    weight = 0.05 / (true_s.abs() + 0.05)
    off = (rgb - batch["rgb"]).abs()
    miss = (s[..., None] * n - true_s * true_n).norm(dim=-1, keepdim=True)
    return {
        "closest": (weight * miss).mean() * 20,
        "distance": (weight * (s[..., None] - true_s).abs()).mean() * 20,
        "direction": (weight.sqrt() * (1 - (n * true_n).sum(-1, keepdim=True))).mean(),
        "rgb": (weight.sqrt() * batch["part_weights"] * (off + 3 * off.square())).mean() * 4,
        "saturation": (raw.abs() - 2).relu().square().mean(),
        "miss": miss.detach()[true_s.abs() < 0.1].mean(),
    }


def total(losses: dict[str, Tensor]) -> Tensor:
    """The training loss."""
    return (
        losses["closest"]
        + 0.5 * losses["distance"]
        + losses["direction"]
        + losses["rgb"]
        + losses["saturation"]
    )


def field_run(trained: ShapeAutoencoder, path: Path) -> Run:
    """A run from the averaged weights, in which the encoder no longer moves."""
    model = ShapeAutoencoder(FieldConfig())
    model.load_state_dict(trained.state_dict())
    model.encoder.requires_grad_(False)
    return Run(model, path)


def main() -> None:
    """The command."""
    parser = training_parser(
        __doc__, steps=10000, batch=16, rate=1.5e-3, initial="an autoencoder.pt or a pipeline"
    )
    parser.add_argument(
        "--field-only",
        action="store_true",
        help="keep the encoder, so that a trained flow stays valid; writes field.pt",
    )
    arguments = parse_and_seed(parser, seed=0)
    shapes = Shapes(arguments.data, seed=0)
    model = ShapeAutoencoder(FieldConfig())
    if arguments.initial:
        model.load_state_dict(initial_state(arguments.initial, autoencoder_state))
    run = Run(model, arguments.data / "autoencoder.pt")
    if arguments.field_only:
        run = field_run(run.averaged, arguments.data / "field.pt")
    count = len(shapes.descriptions) - VALIDATION_SHAPES
    checks = [np.arange(count + i, count + i + 64) for i in range(0, VALIDATION_SHAPES, 64)]

    def loss() -> Tensor:
        index = shapes.numpy.integers(count, size=arguments.batch)
        batch = shapes.batch(index, QUERIES_A_STEP)
        with torch.autocast("cpu", torch.bfloat16):
            return total(field_losses(run.model, batch, "both"))

    def report() -> str:
        words = []
        for signals in ("exact", "discrete"):
            with torch.autocast("cpu", torch.bfloat16):
                checked = [field_losses(run.averaged, shapes.batch(i), signals) for i in checks]
            means = {k: np.mean([c[k].item() for c in checked]) for k in checked[0]}
            words += [signals, *(f"{name} {value:.4f}" for name, value in means.items())]
        return " ".join(words)

    run.train(arguments.steps, arguments.rate, loss, report)


if __name__ == "__main__":
    main()
