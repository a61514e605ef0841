"""Trains the writer of discrete signals: ``python -m sonoform_training.generator.train_codes``.

Reads ``autoencoder.pt`` and the shards of ``--data``; writes ``codes.pt`` there, resumes from it.
The writer learns the codes of freshly coloured shapes under the conditions that the flow gets.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch

from ..language_model.codes import CodeLayout, CodeWriter
from ..warm_start import codes_state
from .autoencoder import ShapeAutoencoder
from .field import FieldConfig
from .train_autoencoder import VALIDATION_SHAPES, Shapes
from .train_flow import CONDITION_NOISE, REFRESH_STEPS, REFRESHED, Latents
from .training import Run, initial_state, learning_rate


def code_ids(latents: torch.Tensor, layout: CodeLayout) -> torch.Tensor:
    """Latents [B, L, 3 + F] -> ids [B, L * 5], a short integer each."""
    levels = layout.levels_of(latents[..., 3:])
    return layout.tokens(latents[..., :3], levels).to(torch.int16)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SONOFORM_DATA"))
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--pool", type=int, default=12000, help="shapes kept in memory")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--initial", type=Path, help="a codes.pt or a pipeline")
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("--data or SONOFORM_DATA must name a folder")
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(2)
    shapes, layout = Shapes(arguments.data, seed=2), CodeLayout()
    autoencoder = ShapeAutoencoder(FieldConfig())
    state = torch.load(arguments.data / "autoencoder.pt", weights_only=True)
    autoencoder.load_state_dict(state["averaged"])
    source = Latents(shapes, autoencoder.eval())
    count = len(shapes.descriptions) - VALIDATION_SHAPES

    def draw(index: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        latents, conditions, _ = source.draw(index)
        return code_ids(latents, layout), conditions

    start = time.monotonic()
    pool = draw(shapes.numpy.integers(count, size=arguments.pool))
    check = draw(np.arange(count, count + VALIDATION_SHAPES))
    print(f"{arguments.pool} shapes after {time.monotonic() - start:.0f}s", flush=True)
    writer = CodeWriter(layout)
    if arguments.initial:
        writer.load_state_dict(initial_state(arguments.initial, codes_state))
    run = Run(writer, arguments.data / "codes.pt", decay=0.999)
    losses = []
    while run.step < arguments.steps:
        if run.step % REFRESH_STEPS == 0:
            stale = torch.randperm(len(pool[0]))[:REFRESHED]
            fresh = draw(shapes.numpy.integers(count, size=REFRESHED))
            for kept, new in zip(pool, fresh, strict=True):
                kept[stale] = new
        index = torch.randint(len(pool[0]), (arguments.batch,))
        conditions = pool[1][index]
        conditions = conditions + CONDITION_NOISE * torch.randn_like(conditions)
        with torch.autocast("cpu", torch.bfloat16):
            loss = run.model.loss(conditions, pool[0][index].long())
        run.update(loss, learning_rate(run.step, arguments.steps, arguments.rate))
        losses.append(loss.item())
        if run.step % 250 == 0:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                checked = run.averaged.loss(check[1][:64], check[0][:64].long()).item()
            seconds = time.monotonic() - start
            mean = np.mean(losses)
            print(f"{run.step} {seconds:.0f}s loss {mean:.4f} validation {checked:.4f}", flush=True)
            losses.clear()
            run.save()
    run.save()


if __name__ == "__main__":
    main()
