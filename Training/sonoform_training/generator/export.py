"""Exports a trained generator: ``python -m sonoform_training.generator.export FROM TO``."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from .autoencoder import ShapeAutoencoder
from .field import FieldConfig
from .flow import Flow, FlowConfig
from .generator import Generator, SamplingConfig
from .readout import ReadoutConfig

# Candidates between two parts need more than two steps to reach either.
APPROACHES = 4


def load_checkpoints(folder: Path) -> Generator:
    """The averaged weights of ``flow.pt`` and ``field.pt`` (or ``autoencoder.pt``)."""
    autoencoder, flow = ShapeAutoencoder(FieldConfig()), Flow(FlowConfig())
    polished = "field.pt" if (folder / "field.pt").exists() else "autoencoder.pt"
    for name, module in ((polished, autoencoder), ("flow.pt", flow)):
        state = torch.load(folder / name, weights_only=True)
        module.load_state_dict(state["averaged"])
        module.eval().requires_grad_(False)
    return Generator(
        flow, autoencoder.field, ReadoutConfig(approaches=APPROACHES), SamplingConfig()
    )


def export_generator(checkpoint: str | Path, directory: str | Path) -> None:
    """Writes config.json and model.safetensors (bf16) of a checkpoint folder to ``directory``."""
    load_checkpoints(Path(checkpoint)).save(Path(directory), torch.bfloat16)


if __name__ == "__main__":
    export_generator(sys.argv[1], sys.argv[2])
