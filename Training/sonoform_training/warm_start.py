"""Weights to begin a training with, read from an exported pipeline folder.

Checkpoints are large and stay outside the repository; the weights that ship do not. So every
training can go on from a pipeline (``Sources/Sonoform/Resources/built-in``, say) with a fresh
optimiser.
"""

from __future__ import annotations

import json
from pathlib import Path

from torch import Tensor

from .generator.generator import Generator
from .pipeline import component


def _state(folder: Path, prefix: str) -> dict[str, Tensor]:
    """A component's tensors in float32 under a module's name."""
    return _prefixed(component(folder)[1], prefix)


def _prefixed(weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": value for name, value in weights.items()}


def vocabulary(tokenizer: Path) -> list[str]:
    """The tokens of a tokenizer.json in the order of their ids."""
    known = json.loads(tokenizer.read_text())["model"]["vocab"]
    return sorted(known, key=known.__getitem__)


def stack_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``language_model.train_language_model.Stack``."""
    _, language = component(pipeline / "language_model")
    # Embeddings are tied in training; their scale was folded into the ones that are read.
    language["model.embed_tokens.weight"] = language["lm_head.weight"]
    state = _prefixed(language, "language_model.llama")
    for name in ("input_projector", "output_projector"):
        state |= _state(pipeline / name, name)
    return state


def autoencoder_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``generator.autoencoder.ShapeAutoencoder``.

    Its encoder is the describer's, which began as the autoencoder's and trained on: close enough
    to be led back by the field in a few steps.
    """
    field = Generator.load(pipeline / "modality_generator").field.state_dict()
    return _prefixed(field, "field") | _state(pipeline / "point_encoder", "encoder")


def flow_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``generator.flow.Flow``."""
    return Generator.load(pipeline / "modality_generator").flow.state_dict()


def codes_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``language_model.codes.CodeWriter``."""
    return _state(pipeline / "code_writer", "llama")


def describer_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``describing.model.Describer``."""
    encoder = _state(pipeline / "point_encoder", "encoder")
    return encoder | _state(pipeline / "point_projector", "resampler")
