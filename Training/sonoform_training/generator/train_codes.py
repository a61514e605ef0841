"""Trains the writer of discrete signals: ``python -m sonoform_training.generator.train_codes``.

Reads ``autoencoder.pt`` and the shards of ``--data``; writes ``codes.pt`` there, resumes from it.
The writer learns the codes of freshly coloured shapes under the conditions that the flow gets.
"""

from __future__ import annotations

import time

import torch

from ..language_model.codes import CodeLayout, CodeWriter
from ..warm_start import codes_state
from .latents import Pool
from .train_flow import CONDITION_NOISE
from .training import Run, initial_state, parse_and_seed, training_parser


def code_ids(latents: torch.Tensor, layout: CodeLayout) -> torch.Tensor:
    """Latents [B, L, 3 + F] -> ids [B, L * 5], a short integer each."""
    levels = layout.levels_of(latents[..., 3:])
    return layout.tokens(latents[..., :3], levels).to(torch.int16)


def main() -> None:
    """The command."""
    parser = training_parser(__doc__, batch=32, rate=2e-3, initial="a codes.pt or a pipeline")
    parser.add_argument("--pool", type=int, default=12000, help="shapes kept in memory")
    arguments = parse_and_seed(parser, seed=2)
    start = time.monotonic()
    layout = CodeLayout()
    pool = Pool(
        arguments.data, arguments.pool, 2, lambda drawn: (code_ids(drawn[0], layout), drawn[1])
    )
    check = pool.validation
    print(f"{len(pool)} shapes after {time.monotonic() - start:.0f}s", flush=True)
    writer = CodeWriter(layout)
    if arguments.initial:
        writer.load_state_dict(initial_state(arguments.initial, codes_state))
    run = Run(writer, arguments.data / "codes.pt", decay=0.999)

    def loss() -> torch.Tensor:
        pool.refresh(run.step)
        index = torch.randint(len(pool), (arguments.batch,))
        conditions = pool.kept[1][index]
        conditions = conditions + CONDITION_NOISE * torch.randn_like(conditions)
        with torch.autocast("cpu", torch.bfloat16):
            return run.model.loss(conditions, pool.kept[0][index].long())

    def report() -> str:
        with torch.autocast("cpu", torch.bfloat16):
            checked = run.averaged.loss(check[1][:64], check[0][:64].long()).item()
        return f"validation {checked:.4f}"

    run.train(arguments.steps, arguments.rate, loss, report)


if __name__ == "__main__":
    main()
