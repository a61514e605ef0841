"""What the trainings share: arguments, averaged weights, the schedule, checkpoints that resume."""

from __future__ import annotations

import argparse
import copy
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

STEPS_A_REPORT = 250


def training_parser(
    description: str | None, *, batch: int, rate: float, initial: str, steps: int = 3000
) -> argparse.ArgumentParser:
    """The arguments of every training, with its own defaults and what ``--initial`` may be."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=os.environ.get("SONOFORM_DATA"))
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--initial", type=Path, help=initial)
    return parser


def parse_and_seed(parser: argparse.ArgumentParser, seed: int) -> argparse.Namespace:
    """Parses, and sets torch's threads and seed."""
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("--data or SONOFORM_DATA must name a folder")
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(seed)
    return arguments


def learning_rate(step: int, steps: int, peak: float, warmup: int = 200) -> float:
    """Linear warm-up, then a cosine to 2 % of the peak."""
    if step < warmup:
        return peak * (step + 1) / warmup
    share = (step - warmup) / max(1, steps - warmup)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, share))))


def initial_state(
    path: Path, of_pipeline: Callable[[Path], dict[str, torch.Tensor]]
) -> dict[str, torch.Tensor]:
    """What a training begins with: a checkpoint's average, or a pipeline folder's weights."""
    if path.is_dir():
        return of_pipeline(path)
    return torch.load(path, weights_only=True)["averaged"]


class Run:
    """A model in training with its optimiser, averaged copy and step, saved to one file."""

    def __init__(self, model: nn.Module, path: Path, decay: float = 0.998) -> None:
        """Resumes from ``path`` where it exists."""
        self.model, self.path, self.decay = model, path, decay
        matrices = [p for p in model.parameters() if p.ndim >= 2]
        others = [p for p in model.parameters() if p.ndim < 2]
        groups = [
            {"params": matrices, "weight_decay": 0.02},
            {"params": others, "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), fused=True)
        self.averaged = copy.deepcopy(model).eval().requires_grad_(False)
        self.step = 0
        if path.exists():
            state = torch.load(path, weights_only=True)
            model.load_state_dict(state["model"])
            self.averaged.load_state_dict(state["averaged"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step = state["step"]

    def update(self, loss: torch.Tensor, rate: float) -> None:
        """One optimiser step from a loss."""
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.step()
        decay = min(self.decay, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.averaged.parameters()), list(self.model.parameters()), 1 - decay
            )
        self.step += 1

    def train(
        self,
        steps: int,
        peak: float,
        loss: Callable[[], torch.Tensor],
        report: Callable[[], str],
    ) -> None:
        """Goes on to ``steps``; now and then a line with what ``report`` finds, and a checkpoint.

        ``loss`` draws a batch and gives its loss; either chooses its own precision.
        """
        start = time.monotonic()
        losses = []
        while self.step < steps:
            found = loss()
            self.update(found, learning_rate(self.step, steps, peak))
            losses.append(found.item())
            if self.step % STEPS_A_REPORT == 0:
                with torch.no_grad():
                    words = report()
                seconds = time.monotonic() - start
                print(f"{self.step} {seconds:.0f}s loss {np.mean(losses):.4f} {words}", flush=True)
                losses.clear()
                self.save()
        self.save()

    def save(self) -> None:
        """Whole or not at all."""
        temporary = self.path.with_suffix(".partial")
        torch.save(
            {
                "model": self.model.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
            },
            temporary,
        )
        os.replace(temporary, self.path)
