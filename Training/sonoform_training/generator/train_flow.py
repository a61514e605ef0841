"""Trains the flow on a trained autoencoder: ``python -m sonoform_training.generator.train_flow``.

Reads ``autoencoder.pt`` and the shards of ``--data``, writes ``flow.pt`` there and resumes from it.
"""

from __future__ import annotations

import time

import torch
from torch import Tensor

from ..warm_start import flow_state
from .flow import Flow, FlowConfig
from .latents import Pool
from .training import Run, initial_state, parse_and_seed, training_parser

# Conditions come from a language model one day and are never exact.
CONDITION_NOISE = 0.15
DROPPED = 0.1


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
    parser = training_parser(__doc__, batch=64, rate=1e-3, initial="a flow.pt or a pipeline")
    parser.add_argument("--pool", type=int, default=12000, help="latents kept in memory")
    arguments = parse_and_seed(parser, seed=1)
    start = time.monotonic()
    pool = Pool(arguments.data, arguments.pool, seed=1)
    check = pool.validation
    print(f"{len(pool)} latents after {time.monotonic() - start:.0f}s", flush=True)
    flow = Flow(FlowConfig())
    if arguments.initial:
        flow.load_state_dict(initial_state(arguments.initial, flow_state))
    flow.mean.copy_(pool.kept[0].mean((0, 1)))
    flow.std.copy_(pool.kept[0].std((0, 1)))
    run = Run(flow, arguments.data / "flow.pt", decay=0.999)
    run.averaged.mean.copy_(flow.mean)
    run.averaged.std.copy_(flow.std)

    def loss() -> Tensor:
        pool.refresh(run.step)
        index = torch.randint(len(pool), (arguments.batch,))
        with torch.autocast("cpu", torch.bfloat16):
            return flow_loss(run.model, *(kept[index] for kept in pool.kept))

    def report() -> str:
        with torch.autocast("cpu", torch.bfloat16):
            made = run.averaged.sample(torch.randn_like(check[0]), check[1], 4, 1.0)
        error = ((made - check[0]) / flow.std).square().mean((0, 1)).sqrt()
        return f"latent error xyz {error[:3].mean():.4f} features {error[3:].mean():.4f}"

    run.train(arguments.steps, arguments.rate, loss, report)


if __name__ == "__main__":
    main()
