"""Trains the flow on a trained autoencoder: ``python -m sonoform_training.generator.train_flow``.

Reads ``autoencoder.pt`` and the shards of ``--data``, writes ``flow.pt`` there and resumes from it.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..warm_start import flow_state
from .autoencoder import ShapeAutoencoder
from .conditions import ConditionEncoder
from .dataset import colour_table, recoloured
from .field import FieldConfig
from .flow import Flow, FlowConfig
from .train_autoencoder import VALIDATION_SHAPES, Shapes
from .training import Run, initial_state, learning_rate

# Conditions come from a language model one day and are never exact.
CONDITION_NOISE = 0.15
DROPPED = 0.1
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


def flow_loss(flow: Flow, latents: Tensor, conditions: Tensor, weights: Tensor) -> Tensor:
    """Squared error of the clean latents at random times, a tenth without conditions."""
    clean = (latents - flow.mean) / flow.std
    batch = len(clean)
    # Most times lie on the grid of the usual four steps, and most of those at its start, where the
    # conditions alone decide: a door that begins in the wrong colour keeps it.
    t = torch.rand(batch)
    t = torch.where(torch.rand(batch) < 0.5, (t * 4).floor() / 4, t)
    t = torch.where(torch.rand(batch) < 0.35, 0.0, t)
    conditions = conditions + CONDITION_NOISE * torch.randn_like(conditions)
    dropped = (torch.rand(batch) < DROPPED)[:, None, None]
    conditions = torch.where(dropped, flow.null_conditions, conditions)
    x = (1 - t)[:, None, None] * torch.randn_like(clean) + t[:, None, None] * clean
    return ((flow.clean(x, t, conditions) - clean).square().mean(-1) * weights).mean()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SONOFORM_DATA"))
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--pool", type=int, default=12000, help="latents kept in memory")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--initial", type=Path, help="a flow.pt or a pipeline")
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("--data or SONOFORM_DATA must name a folder")
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    shapes = Shapes(arguments.data, seed=1)
    autoencoder = ShapeAutoencoder(FieldConfig())
    state = torch.load(arguments.data / "autoencoder.pt", weights_only=True)
    autoencoder.load_state_dict(state["averaged"])
    source = Latents(shapes, autoencoder.eval())
    count = len(shapes.descriptions) - VALIDATION_SHAPES
    start = time.monotonic()
    pool = source.draw(shapes.numpy.integers(count, size=arguments.pool))
    check = source.draw(np.arange(count, count + VALIDATION_SHAPES))
    print(f"{arguments.pool} latents after {time.monotonic() - start:.0f}s", flush=True)
    flow = Flow(FlowConfig())
    if arguments.initial:
        flow.load_state_dict(initial_state(arguments.initial, flow_state))
    flow.mean.copy_(pool[0].mean((0, 1)))
    flow.std.copy_(pool[0].std((0, 1)))
    run = Run(flow, arguments.data / "flow.pt", decay=0.999)
    run.averaged.mean.copy_(flow.mean)
    run.averaged.std.copy_(flow.std)
    losses = []
    while run.step < arguments.steps:
        if run.step % REFRESH_STEPS == 0:
            # A steady trickle of new colourings, so that none is learned by heart.
            stale = torch.randperm(len(pool[0]))[:REFRESHED]
            fresh = source.draw(shapes.numpy.integers(count, size=REFRESHED))
            for kept, new in zip(pool, fresh, strict=True):
                kept[stale] = new
        index = torch.randint(len(pool[0]), (arguments.batch,))
        with torch.autocast("cpu", torch.bfloat16):
            loss = flow_loss(run.model, *(kept[index] for kept in pool))
        run.update(loss, learning_rate(run.step, arguments.steps, arguments.rate))
        losses.append(loss.item())
        if run.step % 250 == 0:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                noise = torch.randn_like(check[0])
                made = run.averaged.sample(noise, check[1], 4, 1.0)
            error = ((made - check[0]) / flow.std).square().mean((0, 1)).sqrt()
            report = f"latent error xyz {error[:3].mean():.4f} features {error[3:].mean():.4f}"
            seconds = time.monotonic() - start
            print(f"{run.step} {seconds:.0f}s loss {np.mean(losses):.4f} {report}", flush=True)
            losses.clear()
            run.save()
    run.save()


if __name__ == "__main__":
    main()
